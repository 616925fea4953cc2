"""Writing WARC files: records survive a killed writer, and other tools read them."""

from __future__ import annotations

import io
import os
from contextlib import redirect_stdout
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator as FastwarcReader
from fastwarc.warc import WarcRecordType
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.cli import main as warcio

from etl.warc.reader import Damage, Record, index_path, read_index, read_metadata, read_stored_response, read_warc
from etl.warc.writer import HttpMessage, WarcFile, record_id

DATE = datetime(2025, 9, 3, 6, tzinfo=UTC)
PAGE = [("Content-Type", "text/html")]


def write(path: Path, pages: int = 3) -> None:
    with WarcFile(path, journal=True) as warc:
        warc.info(DATE, {"software": "test"})
        for number in range(pages):
            add(warc, number)
        warc.metadata("https://a.example/0", DATE, "application/x-visit", b"{}")


def add(warc: WarcFile, number: int) -> None:
    url, body = f"https://a.example/{number}", f"<p>page {number}</p>".encode() * 40
    warc.response(url, DATE, "200 OK", PAGE, body)
    request = HttpMessage(f"GET /{number} HTTP/1.1", [("Host", "a.example")])
    warc.request(url, DATE, request, record_id(url, "response", DATE, body))
    warc.checkpoint(f"page {number}".encode())


def urls(path: Path) -> list[str]:
    return [item.url[-1] for item in read_warc(path) if isinstance(item, Record)]


def test_warcio_and_fastwarc_read_the_file_and_find_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    write(path)
    original = read_stored_response(path, read_index(path)[1].offset)
    assert original is not None
    with WarcFile(tmp_path / "b.warc.gz", journal=True) as warc:
        warc.revisit(original.url, DATE, "304 Not Modified", [], original)
        warc.revisit(original.url, DATE, "200 OK", PAGE, original)
        warc.response(
            original.url, DATE, "200 OK", PAGE, b"", kind="too-large", extra_headers={"WARC-Truncated": "length"}
        )
    for name, kinds in (("a", "warcinfo response request response request response request metadata"),
                        ("b", "revisit revisit response")):  # fmt: skip
        output = io.StringIO()
        with redirect_stdout(output), pytest.raises(SystemExit) as end:
            warcio(["check", "-v", str(tmp_path / f"{name}.warc.gz")])
        assert end.value.code == 0
        assert "fail" not in output.getvalue() and "digest pass" in output.getvalue()
        with (tmp_path / f"{name}.warc.gz").open("rb") as stream:
            records = [(str(r.record_type), r.verify_block_digest()) for r in FastwarcReader(stream, parse_http=False)]
        assert records == [(kind, True) for kind in kinds.split()]
    with path.open("rb") as stream:
        pages = [r.reader.read() for r in FastwarcReader(stream, record_types=WarcRecordType.response)]
    assert pages[1] == b"<p>page 1</p>" * 40


def test_a_request_record_names_its_response(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    write(path, 1)
    with path.open("rb") as stream:
        headers = [dict(record.headers) for record in FastwarcReader(stream)]
    assert headers[2]["WARC-Concurrent-To"] == headers[1]["WARC-Record-ID"]


def test_the_index_has_the_offset_of_each_record(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    write(path)
    index = read_index(path)
    assert [entry.type for entry in index].count("response") == 3
    assert index[0].offset == 0
    assert sum(entry.length for entry in index) == path.stat().st_size
    stored = read_stored_response(path, index[1].offset)
    assert stored is not None
    assert (stored.url, stored.body) == ("https://a.example/0", b"<p>page 0</p>" * 40)


def test_a_damaged_index_is_not_used_and_one_of_an_older_version_is(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    write(path)
    index, lines = read_index(path), index_path(path).read_bytes().splitlines(keepends=True)
    index_path(path).write_bytes(b"".join(lines).replace(b"a.example/1", b"a.example/7", 1))
    assert read_index(path) == []
    index_path(path).write_bytes(b"".join(lines[:-1]))
    assert read_index(path) == index


@settings(max_examples=150, deadline=None)
@given(st.floats(0, 1, exclude_max=True), st.integers(1, 255))
def test_with_its_index_a_damaged_file_loses_only_the_damaged_record(
    tmp_path_factory: pytest.TempPathFactory, fraction: float, bits: int
) -> None:
    path = tmp_path_factory.mktemp("w") / "a.warc.gz"
    write(path, 6)
    data = bytearray(path.read_bytes())
    position = int(fraction * len(data))
    data[position] ^= bits
    path.write_bytes(data)
    damaged = next(entry for entry in read_index(path) if entry.offset <= position < entry.offset + entry.length)
    others = [e.url[-1] for e in read_index(path) if e.type == "response" and e != damaged]
    assert [url for url in urls(path) if url in others] == others
    if damaged.type != "metadata":
        assert read_metadata(path, "application/x-visit") == b"{}"


def test_another_writer_continues_the_file_of_a_killed_one(tmp_path: Path) -> None:
    """Records before the last checkpoint are kept, byte for byte; later ones are written again."""
    path, undisturbed = tmp_path / "a.warc.gz", tmp_path / "undisturbed.warc.gz"
    write(undisturbed)
    with pytest.raises(KeyboardInterrupt), WarcFile(path, journal=True) as warc:
        warc.info(DATE, {"software": "test"})
        add(warc, 0)
        add(warc, 1)
        warc.response("https://a.example/2", DATE, "200 OK", PAGE, b"half")
        raise KeyboardInterrupt
    assert not path.exists()
    with WarcFile(path, journal=True) as warc:
        assert warc.notes == [b"page 0", b"page 1"]
        add(warc, 2)
        warc.metadata("https://a.example/0", DATE, "application/x-visit", b"{}")
    assert path.read_bytes() == undisturbed.read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith("a.")) == ["a.warc.gz", "a.warc.gz.index"]
    assert index_path(path).read_text() == index_path(undisturbed).read_text()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 4000), st.integers(0, 3000))
def test_a_file_that_lost_its_end_can_be_continued(
    tmp_path_factory: pytest.TempPathFactory, file_length: int, journal_length: int
) -> None:
    """After a power failure the ends of the file and of its journal may be missing."""
    path = tmp_path_factory.mktemp("w") / "a.warc.gz"
    with pytest.raises(KeyboardInterrupt), WarcFile(path, journal=True) as warc:
        for number in range(6):
            add(warc, number)
        raise KeyboardInterrupt
    for name, length in ((".open", file_length), (".journal", journal_length)):
        os.truncate(f"{path}{name}", min(length, Path(f"{path}{name}").stat().st_size))
    with WarcFile(path, journal=True) as warc:
        numbers = [int(note.split()[1]) for note in warc.notes]
        assert numbers == list(range(len(numbers)))
        for number in range(len(numbers), 6):
            add(warc, number)
    assert urls(path) == list("012345")
    assert not any(isinstance(item, Damage) for item in read_warc(path))


def test_line_breaks_in_headers_do_not_break_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    with WarcFile(path) as warc:
        warc.response("https://a.example/1", DATE, "200 O\r\nK", [("X", "a\r\nWARC-Type: b"), ("Y", "é中")], b"body")
    (record,) = read_warc(path)
    assert isinstance(record, Record)
    assert record.payload == b"body"
