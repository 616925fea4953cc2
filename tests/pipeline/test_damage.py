"""Only bytes that were written are published: damage to any file is noticed, and what is lost is computed again."""

from __future__ import annotations

import errno
import itertools
import os
import random
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from etl.configuration.settings import PACKAGED, Settings, find_settings
from etl.errors import MachineError, Retryable, WarehouseError
from etl.pipeline.api import RunReport, Warehouse
from etl.warehouse import checksums
from etl.warehouse.checksums import append_sums, read_sums
from etl.warehouse.delta import Store
from schemas import TABLES
from tests.conftest import copy_warehouse
from tests.warehouse.test_upgrade import VERSIONS, unpacked

_numbers = itertools.count()
FLIPS = int(os.environ.get("DATELINE_FLIPS", "3"))
PUBLISHED = (
    "SELECT * EXCLUDE (warc_file, warc_offset) FROM articles ORDER BY ALL",
    "SELECT * FROM quotes ORDER BY ALL",
    "SELECT * FROM topic_daily WHERE topic <> 'extra' ORDER BY ALL",
    "SELECT * FROM coverage ORDER BY ALL",
    "SELECT * FROM reprints ORDER BY ALL",
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    warehouse = unpacked(VERSIONS[-1], tmp_path_factory.mktemp("whole"))
    shutil.copytree(PACKAGED / "topics", warehouse.settings.config / "topics", dirs_exist_ok=True)
    assert not warehouse.run().failed
    return warehouse.settings


@pytest.fixture
def settings(whole: Settings, tmp_path: Path) -> Settings:
    return copy_warehouse(whole, tmp_path / "copy")


def published(settings: Settings) -> list[list[dict[str, object]]]:
    return [Warehouse(settings).query(sql).to_pylist() for sql in PUBLISHED]


def flip(path: Path, rng: random.Random) -> None:
    content = bytearray(path.read_bytes())
    content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    path.write_bytes(content)


def change_something(settings: Settings) -> None:
    """Change a topic, so that the next run has something to do and publishes."""
    topic = settings.folder("topics") / "extra.yaml"
    topic.write_text(f"title: Extra\nquery: harbour{next(_numbers)}\n", encoding="utf-8")


def run(settings: Settings) -> RunReport:
    checksums._verified.clear()  # as in a new process
    return Warehouse(settings).run()


def data_files(settings: Settings) -> list[Path]:
    store = Store(settings.warehouse)
    return [Path(file) for table in TABLES.values() for file in store.files(table)]


def log_files(settings: Settings) -> list[Path]:
    return sorted(settings.layout.root.glob("tables/*/_delta_log/*.json"))


# Log files are read before anything is done, so damage to them is found even if nothing else is to be done.
@pytest.mark.parametrize("files", [data_files, log_files])
def test_a_flipped_bit_in_a_table_is_never_published(
    settings: Settings, whole: Settings, files: Callable[[Settings], list[Path]]
) -> None:
    change_something(settings)
    run(settings)
    expected = published(settings)
    rng = random.Random(files.__name__)
    for _ in range(FLIPS):
        path = rng.choice(files(settings))
        flip(path, rng)
        change_something(settings)
        report = run(settings)
        assert any(path.name in line for line in report.mended), path
        assert (report.failed, report.published.held_back) == (0, ())
        assert published(settings) == expected, path
        assert (settings.layout.damaged).is_dir()


@pytest.mark.parametrize("table", TABLES)
def test_a_lost_file_or_table_is_computed_again(settings: Settings, whole: Settings, table: str) -> None:
    expected = published(settings)
    for path in Store(settings.warehouse).files(TABLES[table]):
        Path(path).unlink()
    change_something(settings)
    assert run(settings).failed == 0
    shutil.rmtree(settings.layout.table(table))
    assert run(settings).failed == 0
    assert published(settings) == expected


def test_a_damaged_edition_is_made_anew(settings: Settings) -> None:
    expected, rng = published(settings), random.Random(1)
    for _ in range(FLIPS):
        edition = settings.layout.published.resolve()
        flip(edition, rng)
        with pytest.raises(WarehouseError, match="is damaged; make it anew"):
            Warehouse(settings).freeze("name")
        report = run(settings)
        assert (report.published.new, settings.layout.published.resolve() != edition) == (True, True)
        assert published(settings) == expected
        assert not run(settings).published.new


def test_a_snapshot_is_not_made_of_damaged_files(settings: Settings) -> None:
    path = Path(Store(settings.warehouse).files(TABLES["articles"])[0])
    flip(path, random.Random(2))
    with pytest.raises(WarehouseError, match=f"{path.name}: is damaged"):
        Warehouse(settings).freeze("name")
    assert not settings.layout.snapshots()


def test_rows_copied_from_a_damaged_file_are_computed_again(settings: Settings) -> None:
    """Replacing a unit rewrites the file that it shares with others. The copies must not pass for what was written."""
    store = Store(settings.warehouse)
    table, folder = TABLES["entities"], settings.layout.table("entities")
    [path] = [Path(file) for file in store.files(table)]
    sums = read_sums(folder)
    append_sums(folder, {str(path.relative_to(folder)): "1" * 64})
    expected = published(settings)
    batches = [row["batch"] for row in Warehouse(settings).query("SELECT DISTINCT batch FROM batches").to_pylist()]
    store.replace(table, table.empty(), {"batch": batches[:1]})
    assert sums
    report = run(settings)
    assert any("entities" in line for line in report.mended)
    assert published(settings) == expected


def test_nothing_is_read_again_when_nothing_is_to_be_done(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(Store, "mend", lambda self, log_only=False: None if log_only else refuse())
    assert not Warehouse(settings).run().published.new


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("tables/quotes/**/*.parquet", "table quotes: 1 damaged files"),
        ("tables/stories/_delta_log/*.json", "table stories: 1 damaged files"),
        ("warc/*lakefront-ledger.warc.gz", "of .* records are damaged"),
        ("warc/*letters.warc.gz.index", "letters.warc.gz.index: is missing or damaged"),
        ("dateline-*.duckdb", "duckdb: is damaged; remedy: dateline run"),
        ("batches.jsonl", "batches.jsonl: 1 damaged lines"),
    ],
)
def test_verify_names_what_is_damaged_and_the_remedy(settings: Settings, pattern: str, message: str) -> None:
    """And what is damaged after another run is nothing that the run can make again."""
    assert not Warehouse(settings).verify()
    live = {*Store(settings.warehouse).files(TABLES["quotes"])} if "parquet" in pattern else None
    path = sorted(p for p in settings.layout.root.glob(pattern) if live is None or str(p) in live)[-1]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x80
    path.write_bytes(content)
    findings = Warehouse(settings).verify()
    assert [bool(re.search(message, f"{finding.what}; remedy: {finding.remedy}")) for finding in findings] == [True]
    change_something(settings)
    run(settings)
    assert all("warc" in finding.what or "batches.jsonl" in finding.what for finding in Warehouse(settings).verify())


def test_verify_checks_the_files_of_a_snapshot(settings: Settings) -> None:
    folder = Warehouse(settings).freeze("kept").folder
    snapshot = Warehouse(find_settings(warehouse=folder))
    assert not snapshot.verify()
    path = next(folder.glob("tables/quotes/**/*.parquet"))
    content = path.read_bytes()
    path.unlink()  # a hard link: the warehouse's own file must not change
    path.write_bytes(content[:-1])
    for warehouse in (snapshot, Warehouse(settings)):
        assert [problem.what for problem in warehouse.verify()] == [f"{path}: is missing or damaged"]


def test_a_second_writer_waits(settings: Settings) -> None:
    with Store(settings.warehouse).writing():
        started = time.monotonic()
        with pytest.raises(Retryable, match="another dateline process is writing here"):
            Warehouse(settings, wait=0.5).run()
        assert time.monotonic() - started > 0.4
    assert not Warehouse(settings, wait=0.5).run().failed


def test_a_table_is_not_given_up_because_it_cannot_be_read_now(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_many_open_files(_: Path) -> str:
        raise OSError(errno.EMFILE, "Too many open files")

    change_something(settings)
    with monkeypatch.context() as patch:
        patch.setattr(checksums, "file_sha256", too_many_open_files)
        with pytest.raises(MachineError, match=r"a table's files cannot be read: .*Too many open files"):
            run(settings)
    assert not settings.layout.damaged.exists()
    assert run(settings).mended == []
