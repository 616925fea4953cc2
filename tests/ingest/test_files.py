"""A user's files become batches: each file once, with every row counted."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from etl.errors import InputError
from etl.ingest.files import Imported, Incoming, complete_days, import_files, importable_files
from etl.warc.reader import TEXT_TYPE, Record, read_warc
from etl.warc.writer import WarcFile
from etl.warehouse.batches import batch_id, source_name
from etl.warehouse.delta import Store
from etl.warehouse.duck import reading

NOW = datetime(2026, 1, 2, tzinfo=UTC)
ROWS = [
    {"id": "a", "title": "T", "text": "One.", "date": "2025-09-03", "language": "en"},
    {"url": "https://x.example/1", "text": "Two."},
]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "warehouse")


def run_import(store: Store, *incoming: Incoming) -> list[Imported | InputError]:
    return list(import_files(incoming, store, Path(store.root), NOW))


def records(store: Store, imported: Imported) -> list[Record]:
    (path,) = (Path(store.root) / "warc").glob(f"{imported.batch}.*[!x]")
    return [item for item in read_warc(path) if isinstance(item, Record)]


def write_texts(folder: Path, name: str) -> Path:
    path = folder / name
    lines = "".join(json.dumps(row) + "\n" for row in ROWS)
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(lines.encode()))
    elif name.endswith(".csv"):
        path.write_text('id,url,Headline,Body,extra\na,,T,"One,\nmore.",x\n,https://x.example/1,,Two.,\n')
    elif name.endswith(".parquet"):
        pq.write_table(pa.Table.from_pylist([{"url": None, **ROWS[0]}, {"id": None, **ROWS[1]}]), path)
    else:
        path.write_text("\ufeff" + lines)
    return path


@pytest.mark.parametrize("name", ["my texts.jsonl", "my.jsonl.gz", "my.csv", "my.parquet"])
def test_texts_become_resource_records(tmp_path: Path, store: Store, name: str) -> None:
    (imported,) = run_import(store, Incoming(write_texts(tmp_path, name)))
    assert isinstance(imported, Imported)
    first, second = records(store, imported)
    source = imported.batch.removeprefix("20260102-")
    assert (first.type, first.content_type, first.url) == ("resource", TEXT_TYPE, f"urn:dateline:{source}:a")
    assert second.url == "https://x.example/1"
    assert json.loads(first.payload)["text"].startswith("One")


def test_a_bad_line_is_stored_with_its_error_and_the_others_are_imported(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "One."}\n{"text": \n[1]\n{"text": "Two."}\n')
    (imported,) = run_import(store, Incoming(path))
    assert isinstance(imported, Imported) and imported.records == 4
    assert [json.loads(r.payload).get("error", "")[:22] for r in records(store, imported)].count("") == 2


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "id,body_text\n1,x\n", "no column 'text'"),
        ("a.jsonl", "", "no rows"),
        ("a.jsonl", "not json\n", "line 1 is not JSON"),
        ("a.parquet", "PAR1 no", "not Parquet"),
        ("a.warc.gz", "hello world", "nothing to import"),
        ("a.jsonl.gz", "not gzip", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_is_an_error_and_the_others_are_imported(
    tmp_path: Path, store: Store, name: str, content: str, message: str
) -> None:
    (tmp_path / name).write_text(content)
    good = write_texts(tmp_path, "good.jsonl")
    error, imported = run_import(store, Incoming(tmp_path / name), Incoming(good))
    assert isinstance(error, InputError) and message in str(error) and str(tmp_path / name) in str(error)
    assert isinstance(imported, Imported)
    names = {path.name for path in (Path(store.root) / "warc").iterdir()}
    assert names == {f"{imported.batch}.warc.gz", f"{imported.batch}.warc.gz.index"}


def test_the_same_file_twice_is_one_batch(tmp_path: Path, store: Store) -> None:
    path = write_texts(tmp_path, "a.jsonl")
    first, second = run_import(store, Incoming(path), Incoming(path))
    (third,) = run_import(store, Incoming(path))
    assert isinstance(first, Imported) and isinstance(second, Imported) and isinstance(third, Imported)
    assert [r.already_imported for r in (first, second, third)] == [False, True, True]
    assert first.batch == third.batch


def test_declaring_an_imported_file_complete_changes_only_its_row(tmp_path: Path, store: Store) -> None:
    path = write_texts(tmp_path, "a.jsonl")
    days = (date(2025, 9, 1), date(2025, 9, 30))
    run_import(store, Incoming(path))
    run_import(store, Incoming(path, complete=days))
    with reading(store) as connection:
        assert connection.execute("SELECT complete_from, complete_to FROM batches").fetchall() == [days]


def test_a_truncated_archive_is_imported_and_its_loss_is_counted(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "a.warc.gz"
    with WarcFile(path) as warc:
        for n in range(3):
            warc.response(f"https://x.example/{n}", NOW, "200 OK", [("Content-Type", "text/html")], b"<p>x</p>" * 99)
    path.write_bytes(path.read_bytes()[:-90])
    (imported,) = run_import(store, Incoming(path))
    assert isinstance(imported, Imported)
    assert (imported.records, len(imported.notes)) == (2, 1) and imported.lost_bytes > 0


def test_an_archive_compressed_as_a_whole_is_stored_uncompressed(tmp_path: Path, store: Store) -> None:
    with WarcFile(tmp_path / "b.warc.gz") as warc:
        for n in range(3):
            warc.response(f"https://x.example/{n}", NOW, "200 OK", [("Content-Type", "text/html")], b"<p>x</p>" * 99)
    path = tmp_path / "a.warc.gz"
    path.write_bytes(gzip.compress(gzip.decompress((tmp_path / "b.warc.gz").read_bytes())))
    (imported,) = run_import(store, Incoming(path))
    assert isinstance(imported, Imported) and imported.lost_bytes == 0
    assert [r.url for r in records(store, imported)] == [f"https://x.example/{n}" for n in range(3)]


def test_folders_are_searched_and_other_paths_are_refused(tmp_path: Path) -> None:
    write_texts(tmp_path, "a.jsonl")
    (tmp_path / "notes.txt").write_text("x")
    assert importable_files([tmp_path]) == [tmp_path / "a.jsonl"]
    for path, message in ((tmp_path / "none", "no such file"), (tmp_path / "notes.txt", "unknown kind of file")):
        with pytest.raises(InputError, match=message):
            importable_files([path])


def test_batch_ids_are_ascii_unique_and_at_most_64_bytes() -> None:
    assert source_name("CC-NEWS 2025 Ω (москва)") == "cc-news-2025"
    assert source_name("中国") != source_name("россия")
    day = date(2025, 9, 3)
    assert batch_id(day, "s", ()) == "20250903-s"
    assert batch_id(day, "s", {"20250903-s", "20250903-s-001"}) == "20250903-s-002"
    assert len(batch_id(day, source_name("x" * 99), {f"20250903-{'x' * 50}"})) <= 64


def test_complete_days_need_a_first_and_a_last_day_in_order() -> None:
    assert complete_days("2025-09-01", "2025-09-03") == (date(2025, 9, 1), date(2025, 9, 3))
    assert complete_days(None, None) is None
    for days in (("2025-09-01", None), ("2025-09-03", "2025-09-01"), ("1.9.2025", "2025-09-03")):
        with pytest.raises(InputError):
            complete_days(*days)
