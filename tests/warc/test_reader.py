"""Reading WARC files: only damaged records are lost, and the loss is counted."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.warc.reader import Damage, Record, read_warc
from etl.warc.writer import WarcFile

DATE = datetime(2025, 9, 3, 6, tzinfo=UTC)
BODIES = [b"<p>one</p>" * 40, b"\x00\xff" * 300, "двое 中国".encode() * 50]


def write(path: Path, bodies: list[bytes] = BODIES) -> list[int]:
    with WarcFile(path) as warc:
        return [
            warc.response(f"https://a.example/{n}", DATE, "200 OK", [("Content-Type", "text/html")], body)
            for n, body in enumerate(bodies)
        ]


def test_written_records_are_read_back(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    offsets = write(path)
    records = list(read_warc(path))
    assert [r.payload for r in records if isinstance(r, Record)] == BODIES
    assert [r.offset for r in records] == offsets
    first = records[0]
    assert isinstance(first, Record)
    assert (first.url, first.date, first.status, first.content_type) == ("https://a.example/0", DATE, 200, "text/html")


def test_the_same_pages_give_the_same_file(tmp_path: Path) -> None:
    write(tmp_path / "a.warc.gz")
    write(tmp_path / "b.warc.gz")
    assert (tmp_path / "a.warc.gz").read_bytes() == (tmp_path / "b.warc.gz").read_bytes()


def test_a_file_that_is_not_finished_is_named_open_and_removed_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), WarcFile(tmp_path / "a.warc.gz"):
        assert (tmp_path / "a.warc.gz.open").exists()
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("cut", [40, 60, 200, 300])
@pytest.mark.parametrize("compressed", [True, False], ids=["gzip", "plain"])
def test_a_truncated_file_loses_only_its_last_record(tmp_path: Path, compressed: bool, cut: int) -> None:
    path = tmp_path / ("a.warc.gz" if compressed else "a.warc")
    offsets = write(tmp_path / "complete.warc.gz")
    data = (tmp_path / "complete.warc.gz").read_bytes()
    data = data if compressed else gzip.decompress(data)
    path.write_bytes(data[: len(data) - cut])
    *records, damage = read_warc(path)
    assert [r.payload for r in records if isinstance(r, Record)] == BODIES[:2]
    assert isinstance(damage, Damage)
    assert damage.offset + damage.length == path.stat().st_size
    assert not compressed or damage.offset == offsets[2]


def test_a_flipped_byte_loses_one_record(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    offsets = write(path)
    data = bytearray(path.read_bytes())
    data[offsets[1] + 200] ^= 0xFF
    path.write_bytes(data)
    first, damage, last = read_warc(path)
    assert isinstance(first, Record) and isinstance(last, Record)
    assert damage == Damage(offsets[1], offsets[2] - offsets[1], damage.reason)  # type: ignore[union-attr]


def test_a_file_that_is_not_an_archive_is_all_damage(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(b"hello world\n" * 20)
    assert [type(item) for item in read_warc(path)] == [Damage]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=8), st.floats(0.1, 1))
def test_reading_damaged_files_always_ends(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[float, int]], length: float
) -> None:
    path = tmp_path_factory.mktemp("w") / "a.warc.gz"
    write(path)
    data = bytearray(path.read_bytes())
    for position, value in changes:
        data[int(position * (len(data) - 1))] = value
    path.write_bytes(data[: int(length * len(data))])
    items = list(read_warc(path))
    assert sum(item.length for item in items if isinstance(item, Damage)) <= path.stat().st_size


@pytest.mark.corpora
def test_odd_and_damaged_files_of_other_tools_are_read(corpora: Path) -> None:
    records = damages = 0
    for path in sorted((corpora / "wire" / "warc").iterdir()):
        items = list(read_warc(path))
        records += sum(isinstance(item, Record) for item in items)
        damages += sum(isinstance(item, Damage) for item in items)
        assert all(item.offset >= 0 for item in items), path.name
    assert records > 1000 and damages > 0
