"""Maintenance deletes only what nothing needs, and changes nothing that is published."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from etl.configuration.settings import Retention, Settings
from etl.demo.show import NOW
from etl.pipeline.api import Warehouse
from etl.publish.edition_file import is_open
from evaluation.torture.trials import copy_of, make_base

ROWS = ("SELECT * FROM articles ORDER BY ALL", "SELECT * FROM topic_daily WHERE topic <> 'extra' ORDER BY ALL")
_numbers = itertools.count()


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = make_base(tmp_path_factory.mktemp("base"))
    assert not Warehouse(settings).run(as_of=NOW).failed
    return settings


@pytest.fixture
def settings(base: Settings, tmp_path: Path) -> Settings:
    settings = copy_of(base.config.parents[1], tmp_path / "copy")
    return settings.model_copy(update={"retention": Retention(replaced_files_hours=0, editions=1)})


def published(settings: Settings) -> list[list[dict[str, object]]]:
    return [Warehouse(settings).query(sql).to_pylist() for sql in ROWS]


def rematch(settings: Settings, times: int) -> None:
    """Change a topic and run, several times: each leaves files behind."""
    for _ in range(times):
        change_topic(settings)
        assert not Warehouse(settings).run(as_of=NOW).failed


def change_topic(settings: Settings) -> None:
    (settings.config / "topics" / "extra.yaml").write_text(f"title: Extra\nquery: harbour OR word{next(_numbers)}\n")


def data_files(settings: Settings) -> set[Path]:
    return {path for path in (settings.warehouse / "tables").rglob("*.parquet") if path.parent.name != "_delta_log"}


def test_replaced_files_and_old_log_entries_are_deleted_and_the_published_rows_stay(settings: Settings) -> None:
    rematch(settings, 1)
    before, files = published(settings), data_files(settings)
    result = Warehouse(settings).maintain(as_of=NOW)
    assert {compaction.table for compaction in result.compacted} == {"runs"}
    assert result.freed["replaced files"] > 0
    assert len(data_files(settings)) < len(files)
    assert published(settings) == before
    rematch(settings, 1)
    Warehouse(settings).maintain(as_of=NOW)
    logs = list((settings.warehouse / "tables" / "runs" / "_delta_log").glob("*.json"))
    assert len(logs) < 10
    assert Warehouse(settings).verify() == []
    again = Warehouse(settings).maintain(as_of=NOW)
    assert (again.compacted, sum(again.freed.values())) == ((), 0)
    assert not Warehouse(settings).run(as_of=NOW).stages


def test_files_that_were_just_replaced_are_kept_for_steps_that_still_read_them(settings: Settings) -> None:
    rematch(settings, 1)
    files = data_files(settings)
    patient = settings.model_copy(update={"retention": Retention(replaced_files_hours=24)})
    assert Warehouse(patient).maintain(as_of=NOW).freed["replaced files"] == 0
    assert files <= data_files(settings)


def test_a_reader_keeps_its_edition_and_the_files_that_it_names(settings: Settings) -> None:
    edition = settings.layout.published.resolve()
    code = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True); print('open', flush=True); "
        "sys.stdin.readline(); print(c.execute('SELECT count(*) FROM mentions').fetchall())"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(edition)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "open\n"
        rematch(settings, 1)
        Warehouse(settings).maintain(as_of=NOW)
        assert edition.exists()
        answer, _ = reader.communicate("\n")
    assert answer.startswith("[(")
    Warehouse(settings).maintain(as_of=NOW)
    assert not edition.exists()


def test_an_edition_that_this_process_reads_is_open_too(settings: Settings) -> None:
    edition = settings.layout.published.resolve()
    assert not is_open(edition)
    with duckdb.connect(str(edition), read_only=True):
        assert is_open(edition)


def test_nothing_is_published_while_units_are_stale(settings: Settings) -> None:
    rematch(settings, 1)
    before = published(settings)
    change_topic(settings)
    edition = settings.layout.published.resolve()
    assert Warehouse(settings).maintain(as_of=NOW).compacted
    assert settings.layout.published.resolve() == edition
    assert published(settings) == before


def test_leftovers_are_deleted_after_their_time(settings: Settings) -> None:
    old, new = settings.layout.run_staging("night-1"), settings.layout.run_staging("night-2")
    for folder in (old, new, settings.layout.damaged):
        folder.mkdir(parents=True)
        (folder / "file").write_text("x")
    (settings.layout.damaged / "older").write_text("x")
    long_ago = time.time() - 100 * 86_400
    os.utime(old, (long_ago, long_ago))
    os.utime(settings.layout.damaged / "older", (long_ago, long_ago))
    freed = Warehouse(settings).maintain(as_of=NOW).freed
    assert (freed["unfinished runs"], freed["damaged files"]) == (1, 1)
    assert not old.exists()
    assert (new / "file").exists()
    assert (settings.layout.damaged / "file").exists()


def test_the_journal_of_batches_keeps_one_line_for_each(settings: Settings) -> None:
    journal = settings.layout.batch_journal
    lines = journal.read_bytes()
    journal.write_bytes(lines * 3)
    Warehouse(settings).maintain(as_of=NOW)
    assert sorted(journal.read_bytes().splitlines()) == sorted(lines.splitlines())
