"""The whole pipeline on the sample world: the same tables in one process, in several, and after being killed."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pytest

from etl.configuration.settings import Settings, find_settings
from etl.demo.show import NOW
from etl.engine.stage import plan
from etl.ingest.files import Incoming, import_files
from etl.pipeline.run import publish_all, run_stages
from etl.pipeline.stages import all_stages
from etl.warehouse.delta import Store, TableCommit
from etl.warehouse.duck import query, reading
from schemas import TABLES, Table
from tests.conftest import copy_warehouse
from tests.rows import DERIVED, content_hash

NOUNS = "mayor pilot grocer teacher priest baker sailor captain fisher keeper doctor painter".split()


def hashes(settings: Settings) -> dict[str, str]:
    store = Store(settings.warehouse)
    return {name: content_hash(store, name) for name in DERIVED}


def bring_up_to_date(settings: Settings) -> None:
    with Store(settings.warehouse).writing():
        run_stages(settings)
        publish_all(settings, NOW)


def test_every_record_becomes_an_article_or_a_reject(world: Settings) -> None:
    counts = query(world.warehouse, "SELECT (SELECT sum(records) FROM batches) AS records, "
                                    "(SELECT count(*) FROM article_versions) AS articles, "
                                    "(SELECT count(*) FROM rejects) AS rejects").to_pylist()[0]  # fmt: skip
    assert counts["records"] == counts["articles"] + counts["rejects"]


def test_a_second_run_changes_nothing(world: Settings, tmp_path: Path) -> None:
    settings = copy_warehouse(world, tmp_path / "copy")
    store = Store(settings.warehouse)
    before = {name: store.version(table) for name, table in TABLES.items()}, hashes(settings)
    bring_up_to_date(settings)
    assert ({name: store.version(table) for name, table in TABLES.items()}, hashes(settings)) == before
    assert (settings.warehouse / "dateline.duckdb").readlink().name == "dateline-1.duckdb"


def test_a_pool_of_processes_gives_the_same_tables_as_one_process(
    imported_world: Settings, world: Settings, tmp_path: Path
) -> None:
    copy = copy_warehouse(imported_world, tmp_path / "copy")
    bring_up_to_date(copy.model_copy(update={"workers": 2}))
    assert hashes(copy) == hashes(world)


def test_if_a_topic_changes_only_its_units_are_stale(world: Settings, tmp_path: Path) -> None:
    settings = copy_warehouse(world, tmp_path / "copy")
    topics = settings.config / "topics"
    topics.mkdir()
    for path in world.folder("topics").glob("*.yaml"):
        (topics / path.name).write_bytes(path.read_bytes())
    korea = topics / "korea-nuclear.yaml"
    korea.write_text(korea.read_text().replace("within: sentence", "within: article"))
    store = Store(settings.warehouse)
    stale = {
        (stage.name, unit.keys.get("topic"))
        for stage in all_stages()
        for job in plan(stage, settings, store)
        for unit in job.units
    }
    assert stale == {("match", "korea-nuclear")}


def test_copies_of_agency_texts_are_recognised(world: Settings) -> None:
    """The sample world has ten copies of five originals and no others."""
    rows = query(world.warehouse, "SELECT f.outlet AS first_in, count(*) AS n FROM stories s "
                                  "JOIN articles f ON f.article_id = s.copy_of GROUP BY ALL").to_pylist()  # fmt: skip
    assert rows == [{"first_in": "northline.example", "n": 10}]


def test_an_earlier_original_that_arrives_later_changes_the_story_id_and_the_change_is_recorded(tmp_path: Path) -> None:
    settings = find_settings(warehouse=tmp_path / "warehouse", workers=1).model_copy(update={"annotator": "gazetteer"})
    sentences = [f"The {noun} of Port Kelling was told on day {n} that no boat leaves." for n, noun in enumerate(NOUNS)]

    def add(**days: str) -> None:
        store = Store(settings.warehouse)
        for name, day in days.items():
            row = {"url": f"https://{name}.example/ferry", "text": "\n".join(sentences), "published_date": day}
            (tmp_path / f"{name}.jsonl").write_text(json.dumps(row | {"title": name, "language": "en"}))
            with store.writing():
                list(import_files([Incoming(tmp_path / f"{name}.jsonl", None, None)], store, settings.warehouse, NOW))
        bring_up_to_date(settings)

    changes = "SELECT b.outlet AS outlet, s.outlet AS before, a.outlet AS now FROM story_changes c " \
        "JOIN articles b USING (article_id) JOIN articles s ON s.article_id = c.story_id_before " \
        "JOIN articles a ON a.article_id = c.story_id"  # fmt: skip
    add(paper="2025-08-04", another="2025-08-05")
    assert query(settings.warehouse, changes).to_pylist() == []
    add(wire="2025-08-03", fourth="2025-08-30")
    expected = [
        {"outlet": f"{name}.example", "before": "paper.example", "now": "wire.example"} for name in ("another", "paper")
    ]
    assert query(settings.warehouse, f"{changes} ORDER BY 1").to_pylist() == expected
    reprints = query(settings.warehouse, "SELECT first_day::VARCHAR AS day, similarity FROM reprints").to_pylist()
    assert reprints == [{"day": "2025-08-03", "similarity": 1.0}]


def test_corrected_articles_have_two_versions_and_the_day_of_the_first(world: Settings) -> None:
    rows = query(world.warehouse, "SELECT n_versions, published_date::VARCHAR AS day, text LIKE '%38 billion%' AS old "
                                  "FROM articles WHERE n_versions > 1 ORDER BY day").to_pylist()  # fmt: skip
    assert [(r["n_versions"], r["day"], r["old"]) for r in rows] == [(2, "2025-09-04", True), (2, "2025-09-16", False)]
    text = query(world.warehouse, "SELECT text FROM articles WHERE n_versions > 1 ORDER BY published_date").to_pylist()[
        0
    ]
    assert text["text"].startswith("(Corrects capacity in paragraph two to 35 billion")


def test_index_pages_and_pages_behind_a_paywall_are_rejected(world: Settings) -> None:
    rows = query(world.warehouse, "SELECT reason, count(*) AS n FROM rejects GROUP BY ALL ORDER BY reason").to_pylist()
    assert {r["reason"]: r["n"] for r in rows} == {"index_page": 3, "paywall": 1}


def test_units_whose_rows_are_missing_are_held_back(world: Settings, tmp_path: Path) -> None:
    settings = copy_warehouse(world, tmp_path / "copy")
    store = Store(settings.warehouse)
    with reading(store) as connection:
        (batch,) = connection.execute("SELECT min(batch) FROM entities").fetchone() or ("",)
    table = TABLES["entities"]
    store.replace(table, table.empty(), {"batch": [batch]})
    published = publish_all(settings, NOW)
    assert any(line.startswith(f"annotate {batch}: entities holds 0 rows, not ") for line in published.held_back)
    assert query(settings.warehouse, f"SELECT count(*) AS n FROM quotes WHERE batch = '{batch}'").to_pylist() == [
        {"n": 0}
    ]
    bring_up_to_date(settings)
    assert hashes(settings) == hashes(world)
    assert query(settings.warehouse, "SELECT units_held_back AS n FROM about").to_pylist() == [{"n": 0}]


def test_days_of_a_failed_batch_are_unobserved_and_not_zero(imported_world: Settings, tmp_path: Path) -> None:
    """If a batch's WARC file is missing its articles are unknown, so its source was not observed on that day."""
    settings = copy_warehouse(imported_world, tmp_path / "copy")
    (warc_file,) = (settings.warehouse / "warc").glob("20250919-northline.warc.gz")
    warc_file.rename(tmp_path / "removed")
    bring_up_to_date(settings)
    sql = "SELECT DISTINCT status FROM coverage WHERE source = 'northline' AND day = '2025-09-19'"
    assert query(settings.warehouse, sql).to_pylist() == [{"status": "unobserved"}]
    (tmp_path / "removed").rename(warc_file)
    bring_up_to_date(settings)
    assert query(settings.warehouse, "SELECT units_held_back AS n FROM about").to_pylist() == [{"n": 0}]


def test_a_unit_whose_write_was_interrupted_is_computed_again_even_if_its_inputs_changed_back(
    world: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows of a changed configuration are written, the run dies before it notes this, and the change is reverted."""
    settings = copy_warehouse(world, tmp_path / "copy")
    source = settings.config / "sources" / "northline.yaml"
    before = source.read_text()
    source.write_text(before.replace("CAN", "ZZZ"))
    append, calls = Store.append, []

    def interrupt_second_call(self: Store, table: Table, rows: pa.Table) -> TableCommit:
        calls.append(table.name)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return append(self, table, rows)

    monkeypatch.setattr(Store, "append", interrupt_second_call)
    with pytest.raises(KeyboardInterrupt):
        bring_up_to_date(settings)
    monkeypatch.undo()
    source.write_text(before)
    bring_up_to_date(settings)
    assert hashes(settings) == hashes(world)


KILLS = int(os.environ.get("DATELINE_KILLS", "10"))


@pytest.mark.timeout(1800)
def test_a_run_that_is_killed_at_any_time_and_repeated_gives_the_same_tables(
    imported_world: Settings, world: Settings, tmp_path: Path
) -> None:
    """`dateline run` is killed (SIGKILL) after random times, until KILLS runs were killed while they worked."""
    undisturbed, rng = hashes(world), random.Random(5)
    rounds = kills = attempts = 0
    unfinished: set[str] = set()  # stages that had stale units after a kill
    while kills < KILLS:
        rounds += 1
        settings = copy_warehouse(imported_world, tmp_path / f"round{rounds}")
        finished = False
        while not finished and kills < KILLS:
            attempts += 1
            finished, was_killed = _run_and_kill(settings, rng.uniform(0.05, 8.0))
            kills += was_killed
            unfinished |= {stage.name for stage in all_stages() if plan(stage, settings, Store(settings.warehouse))}
        bring_up_to_date(settings)
        assert hashes(settings) == undisturbed, f"after {kills} kills"
        assert query(settings.warehouse, "SELECT units_held_back AS n FROM about").to_pylist() == [{"n": 0}]
    assert len(unfinished) > 1, "no run got beyond the first stage before it was killed"
    print(f"\n{kills} of {attempts} runs were killed while they worked ({kills / attempts:.0%}), in {rounds} rounds")
    print(f"stages that had stale units after a kill: {', '.join(sorted(unfinished))}")


def _run_and_kill(settings: Settings, seconds: float) -> tuple[bool, bool]:
    """Kill a run some seconds after it began its work; return whether it finished before, and whether it was killed."""
    staging = settings.warehouse / "staging" / "local"
    before = _names_in(staging)
    command = [sys.executable, "-m", "etl.cli", "--config", str(settings.config), "--workers", "1", "run"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    while process.poll() is None and not _names_in(staging) - before:
        time.sleep(0.005)
    deadline = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    if process.poll() is not None:
        assert process.returncode == 0
        return True, False
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return False, True


def _names_in(folder: Path) -> set[str]:
    """Return the names in a folder, which another process may create and delete."""
    try:
        return {entry.name for entry in folder.iterdir()}
    except FileNotFoundError:
        return set()
