"""WARC files that change after they were written cost only the records that changed, and never without a word."""

from __future__ import annotations

import gzip
import json
import random
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import etl
from etl.configuration.settings import Settings
from etl.ingest.archive_check import check_archive
from etl.ingest.batch_journal import append_batches, read_batch_journal
from etl.ingest.registry import read_batches
from etl.pipeline.api import RunReport, Warehouse
from etl.warc.reader import index_path, read_index
from etl.warc.writer import WarcFile
from etl.warehouse.delta import Store
from etl.warehouse.duck import reading
from schemas import BATCHES, BatchRow
from tests.conftest import copy_warehouse

PAGE = (
    "<html><head><title>Harbour {n}</title><meta property='article:published_time' content='2025-09-03'></head>"
    "<body><article><h1>Harbour {n}</h1><p>{text}</p><p>{text} It was the second time.</p></article></body>"
)
TEXT = "The harbour of the town will be closed to large ships from October, the port authority said on Wednesday {n}."


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A warehouse with a compressed archive, an uncompressed one, and texts; brought up to date."""
    folder = tmp_path_factory.mktemp("archives")
    compressed = folder / "one.warc.gz"
    with WarcFile(compressed) as warc:
        for n in range(20):
            body = PAGE.format(n=n, text=TEXT.format(n=f"{n}. " + random.Random(n).randbytes(300).hex())).encode()
            warc.response(
                f"https://paper.example/{n}", datetime(2025, 9, 4, tzinfo=UTC), "200 OK",
                [("Content-Type", "text/html; charset=utf-8")], body,
            )  # fmt: skip
    (folder / "two.warc").write_bytes(
        gzip.decompress(compressed.read_bytes()).replace(b"paper.example", b"organ.example")
    )
    rows = [{"id": n, "text": f"{TEXT.format(n=n)} {TEXT.format(n=n)}", "date": "2025-09-03"} for n in range(20)]
    (folder / "three.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (folder / "config").mkdir()
    warehouse = etl.open_warehouse(folder / "warehouse", config=folder / "config", workers=1)
    files = [folder / name for name in ("one.warc.gz", "two.warc", "three.jsonl")]
    assert not warehouse.import_files(files, complete=(date(2025, 9, 1), date(2025, 9, 5))).errors
    assert not warehouse.run().failed
    assert n_articles(warehouse.settings) == 60
    return warehouse.settings


@pytest.fixture
def settings(imported: Settings, tmp_path: Path) -> Settings:
    return copy_warehouse(imported, tmp_path / "copy")


def n_articles(settings: Settings) -> int:
    with reading(Store(settings.warehouse)) as connection:
        [(n,)] = connection.execute("SELECT count(*) FROM articles").fetchall()
        return int(n)


def rebuild(settings: Settings) -> RunReport:
    """Run with the tables of extraction gone, so that every archive is read again."""
    for name in ("articles", "rejects"):
        shutil.rmtree(settings.layout.table(name))
    return Warehouse(settings).run()


def archive(settings: Settings, source: str) -> tuple[Path, BatchRow]:
    [row] = [row for row in read_batches(Store(settings.warehouse)) if row.source == source]
    return settings.layout.file(row.warc_file), row


def flip(path: Path, seed: int) -> None:
    content = bytearray(path.read_bytes())
    rng = random.Random(seed)
    content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    path.write_bytes(content)


@pytest.mark.parametrize("source", ["one", "two", "three"])
def test_an_archive_is_intact_until_it_changes(settings: Settings, source: str) -> None:
    path, row = archive(settings, source)
    assert check_archive(path, row).condition == "intact"
    assert len(read_index(path)) == 20
    for seed in range(50):
        before = path.read_bytes()
        flip(path, seed)
        check = check_archive(path, row)
        assert (check.condition, len(check.changed) <= 1) == ("damaged", True), seed
        path.write_bytes(before)


@pytest.mark.parametrize(("source", "seed"), [("one", 1), ("two", 2), ("two", 3), ("three", 4)])
def test_a_flipped_bit_costs_at_most_one_record_until_the_file_is_put_back(
    settings: Settings, source: str, seed: int
) -> None:
    path, _ = archive(settings, source)
    before = path.read_bytes()
    flip(path, seed)
    report = rebuild(settings)
    assert [f"{path}: 1 of 20 records are damaged" in line for line in report.damaged] == [True]
    assert (report.failed, n_articles(settings)) == (0, 59)
    with reading(Store(settings.warehouse)) as connection:
        reasons = connection.execute("SELECT reason FROM rejects").fetchall()
    assert reasons == [("damaged",)]
    assert Warehouse(settings).run().damaged, "it is said again until the file is mended"
    path.write_bytes(before)
    report = Warehouse(settings).run()
    assert (report.damaged, report.failed, n_articles(settings)) == ([], 0, 60)


def cut(path: Path, other: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def swap(path: Path, other: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(other.read_bytes())
    other.write_bytes(content)


def remove(path: Path, other: Path) -> None:
    path.unlink()


@pytest.mark.parametrize(
    ("change", "message", "failed", "left"),
    [
        (cut, "of 20 records are damaged", 0, None),
        (swap, "is not the file that was registered", 2, 20),
        (remove, "is missing; put it back", 1, 40),
    ],
)
def test_an_archive_that_is_cut_swapped_or_lost_is_not_taken_for_the_whole(
    settings: Settings, change: Callable[[Path, Path], None], message: str, failed: int, left: int | None
) -> None:
    change(archive(settings, "one")[0], archive(settings, "three")[0])
    report = rebuild(settings)
    assert message in report.damaged[0]
    assert report.failed == failed
    assert left in (None, n_articles(settings))


def test_an_undamaged_copy_can_be_imported_again(settings: Settings, imported: Settings) -> None:
    path, row = archive(settings, "three")
    flip(path, 7)
    rebuild(settings)
    original = imported.warehouse.parent / "three.jsonl"
    report = Warehouse(settings).import_files(original, source="three", as_of=row.added_at)
    assert [(file.already_imported, file.batch) for file in report.imported] == [(False, row.batch)]
    report_of_run = Warehouse(settings).run()
    assert (report_of_run.damaged, n_articles(settings)) == ([], 60)


def test_a_lost_table_of_batches_is_restored_with_the_declared_days(settings: Settings) -> None:
    rows = read_batches(Store(settings.warehouse))
    published = Warehouse(settings).query("SELECT * FROM coverage ORDER BY ALL").to_pylist()
    shutil.rmtree(settings.layout.table(BATCHES.name))
    report = Warehouse(settings).run()
    assert len(report.registered) == 3
    assert sorted(read_batches(Store(settings.warehouse)), key=str) == sorted(rows, key=str)
    assert (report.published.new, report.failed) == (True, 0)
    assert Warehouse(settings).query("SELECT * FROM coverage ORDER BY ALL").to_pylist() == published


def test_a_damaged_index_is_made_again_from_an_intact_file(settings: Settings) -> None:
    path, _ = archive(settings, "one")
    before = read_index(path)
    index_path(path).write_bytes(b"x" + index_path(path).read_bytes())
    report = rebuild(settings)
    assert (report.damaged, n_articles(settings), read_index(path)) == ([], 60, before)


def test_the_journal_skips_lines_that_are_damaged_or_cut_off(settings: Settings, tmp_path: Path) -> None:
    rows = read_batches(Store(settings.warehouse))
    path = tmp_path / "batches.jsonl"
    append_batches(path, rows[:2])
    content = path.read_bytes()
    path.write_bytes(content[:40] + b"!" + content[41:-20])
    append_batches(path, rows[2:])
    kept, damaged = read_batch_journal(path)
    assert (kept, damaged) == ({rows[2].batch: rows[2]}, 2)
