"""Writing: what is kept survives its writer, and other tools read it."""

from __future__ import annotations

import io
import os
from contextlib import redirect_stdout
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator as OtherReader
from fastwarc.warc import WarcRecordType
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.cli import main as warcio

from etl.warc.reader import Damage, Record, index_path, read_index, read_metadata, read_stored, read_warc
from etl.warc.writer import Message, WarcFile, record_id

WHEN = datetime(2025, 9, 3, 6, tzinfo=UTC)
PAGE = [("Content-Type", "text/html")]


def write(path: Path, pages: int = 3) -> None:
    with WarcFile(path, journal=True) as warc:
        warc.info(WHEN, {"software": "test"})
        for number in range(pages):
            add(warc, number)
        warc.metadata("https://a.example/0", WHEN, "application/x-visit", b"{}")


def add(warc: WarcFile, number: int) -> None:
    url, body = f"https://a.example/{number}", f"<p>page {number}</p>".encode() * 40
    warc.response(url, WHEN, "200 OK", PAGE, body)
    asked = Message(f"GET /{number} HTTP/1.1", [("Host", "a.example")])
    warc.request(url, WHEN, asked, record_id(url, "response", WHEN, body))
    warc.keep(f"page {number}".encode())


def urls(path: Path) -> list[str]:
    return [item.url[-1] for item in read_warc(path) if isinstance(item, Record)]


def test_other_readers_read_it_and_find_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    write(path)
    before = read_stored(path, read_index(path)[1].offset)
    assert before is not None
    with WarcFile(tmp_path / "b.warc.gz", journal=True) as warc:
        warc.revisit(before.url, WHEN, "304 Not Modified", [], before)
        warc.revisit(before.url, WHEN, "200 OK", PAGE, before)
        warc.response(before.url, WHEN, "200 OK", PAGE, b"", kind="too-large", more={"WARC-Truncated": "length"})
    for name, kinds in (("a", "warcinfo response request response request response request metadata"),
                        ("b", "revisit revisit response")):  # fmt: skip
        said = io.StringIO()
        with redirect_stdout(said), pytest.raises(SystemExit) as ended:
            warcio(["check", "-v", str(tmp_path / f"{name}.warc.gz")])
        assert ended.value.code == 0
        assert "fail" not in said.getvalue() and "digest pass" in said.getvalue()
        with (tmp_path / f"{name}.warc.gz").open("rb") as stream:
            read = [(str(r.record_type), r.verify_block_digest()) for r in OtherReader(stream, parse_http=False)]
        assert read == [(kind, True) for kind in kinds.split()]
    with path.open("rb") as stream:
        pages = [r.reader.read() for r in OtherReader(stream, record_types=WarcRecordType.response)]
    assert pages[1] == b"<p>page 1</p>" * 40


def test_a_request_names_its_response(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    write(path, 1)
    with path.open("rb") as stream:
        headers = [dict(record.headers) for record in OtherReader(stream)]
    assert headers[2]["WARC-Concurrent-To"] == headers[1]["WARC-Record-ID"]


def test_the_index_says_where_each_record_lies(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    write(path)
    index = read_index(path)
    assert [entry.type for entry in index].count("response") == 3
    assert index[0].offset == 0
    assert sum(entry.length for entry in index) == path.stat().st_size
    stored = read_stored(path, index[1].offset)
    assert stored is not None
    assert (stored.url, stored.body) == ("https://a.example/0", b"<p>page 0</p>" * 40)


@settings(max_examples=150, deadline=None)
@given(st.floats(0, 1, exclude_max=True), st.integers(1, 255))
def test_with_its_index_a_damaged_file_loses_only_the_damaged_record(
    tmp_path_factory: pytest.TempPathFactory, where: float, bits: int
) -> None:
    path = tmp_path_factory.mktemp("w") / "a.warc.gz"
    write(path, 6)
    data = bytearray(path.read_bytes())
    position = int(where * len(data))
    data[position] ^= bits
    path.write_bytes(data)
    hit = next(entry for entry in read_index(path) if entry.offset <= position < entry.offset + entry.length)
    others = [e.url[-1] for e in read_index(path) if e.type == "response" and e != hit]
    assert [url for url in urls(path) if url in others] == others
    if hit.type != "metadata":
        assert read_metadata(path, "application/x-visit") == b"{}"


def test_a_killed_writer_is_followed_by_another(tmp_path: Path) -> None:
    """What was kept is there, byte for byte; what was begun is written again."""
    path, whole = tmp_path / "a.warc.gz", tmp_path / "whole.warc.gz"
    write(whole)
    with pytest.raises(KeyboardInterrupt), WarcFile(path, journal=True) as warc:
        warc.info(WHEN, {"software": "test"})
        add(warc, 0)
        add(warc, 1)
        warc.response("https://a.example/2", WHEN, "200 OK", PAGE, b"half")
        raise KeyboardInterrupt
    assert not path.exists()
    with WarcFile(path, journal=True) as warc:
        assert warc.notes == [b"page 0", b"page 1"]
        add(warc, 2)
        warc.metadata("https://a.example/0", WHEN, "application/x-visit", b"{}")
    assert path.read_bytes() == whole.read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith("a.")) == ["a.warc.gz", "a.warc.gz.index"]
    assert index_path(path).read_text() == index_path(whole).read_text()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 4000), st.integers(0, 3000))
def test_whatever_was_torn_off_what_is_left_is_whole(
    tmp_path_factory: pytest.TempPathFactory, records: int, journal: int
) -> None:
    """A machine that lost its power may have lost the ends of both files."""
    path = tmp_path_factory.mktemp("w") / "a.warc.gz"
    with pytest.raises(KeyboardInterrupt), WarcFile(path, journal=True) as warc:
        for number in range(6):
            add(warc, number)
        raise KeyboardInterrupt
    for name, length in ((".open", records), (".journal", journal)):
        os.truncate(f"{path}{name}", min(length, Path(f"{path}{name}").stat().st_size))
    with WarcFile(path, journal=True) as warc:
        kept = [int(note.split()[1]) for note in warc.notes]
        assert kept == list(range(len(kept)))
        for number in range(len(kept), 6):
            add(warc, number)
    assert urls(path) == list("012345")
    assert not any(isinstance(item, Damage) for item in read_warc(path))


def test_headers_cannot_break_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    with WarcFile(path) as warc:
        warc.response("https://a.example/1", WHEN, "200 O\r\nK", [("X", "a\r\nWARC-Type: b"), ("Y", "é中")], b"body")
    (record,) = read_warc(path)
    assert isinstance(record, Record)
    assert record.payload == b"body"
