"""Reading and writing WARC (ISO 28500), and reading ARC. Damage costs the damaged records only, and is reported."""

from __future__ import annotations

import contextlib
import hashlib
import io
import mmap
import os
import uuid
import zlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from dateutil.parser import isoparse
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

TEXT_TYPE = "application/vnd.dateline.text+json"  # a resource record that holds one imported text
_KIND = "Dateline-Kind"  # header of a response that is no page: feed, robots
PAYLOAD_LIMIT = 32 * 2**20
WHOLE_GZIP = "ERROR: non-chunked gzip file detected"  # warcio's words for a WARC compressed as one piece
_GZIP_MAGIC = b"\x1f\x8b\x08"
# What warcio is seen to raise on damaged input.
_BROKEN = (
    ArchiveLoadFailed,
    zlib.error,
    EOFError,
    ValueError,
    KeyError,
    IndexError,
    AttributeError,
    TypeError,
    OverflowError,
)


@dataclass(frozen=True)
class Record:
    """A response, resource or conversion record; `payload` is without transfer and content encodings.

    `complete` is false where the payload is longer than PAYLOAD_LIMIT: then it holds the first PAYLOAD_LIMIT bytes.
    """

    offset: int
    type: str
    url: str
    date: datetime
    status: int | None
    content_type: str
    payload: bytes
    complete: bool = True


@dataclass(frozen=True)
class Damage:
    """Bytes that could not be read as a record; `length` until the next readable one or the end of the file."""

    offset: int
    length: int
    reason: str


def read_warc(path: Path) -> Iterator[Record | Damage]:
    """All page and text records of a file in order, and its damaged stretches.

    Other records (warcinfo, request, metadata, revisit, and fetched feeds and robots.txt) are passed over.
    Raises OSError if the file cannot be opened.
    """
    size = path.stat().st_size
    with path.open("rb") as stream:
        start = 0
        while start < size:
            position, reason = yield from _read_from(stream, start)
            if reason is None:
                return
            start = _next_record_start(stream, position + 1, size)
            yield Damage(position, start - position, reason)


def read_metadata(path: Path, content_type: str) -> bytes | None:
    """The block of the file's last metadata record of this type; null where it has none or cannot be read."""
    found = None
    try:
        with path.open("rb") as stream:
            for raw in ArchiveIterator(stream):
                if raw.rec_type == "metadata" and raw.rec_headers.get_header("Content-Type") == content_type:
                    found = raw.raw_stream.read()
    except _BROKEN:
        return None
    return found


def _read_from(stream: BinaryIO, start: int) -> Generator[Record, None, tuple[int, str | None]]:
    """Records from `start`; returns the offset where reading stopped, and why (None: the file's end)."""
    stream.seek(start)
    archive = ArchiveIterator(stream, arc2warc=True)
    position, last = start, None
    try:
        while True:
            doubts = io.StringIO()  # warcio prints them
            with contextlib.redirect_stderr(doubts), contextlib.redirect_stdout(doubts):
                archive.read_to_end()
                position = max(archive.offset, start)
                raw = next(archive, None)
                record = _record(raw, archive.offset) if raw is not None else None
            if raw is None:
                return _end(stream, last, position)
            last = archive.offset
            if record is not None:
                yield record
    except _BROKEN as error:
        said = str(error).strip().splitlines()
        return position, said[0] if said else type(error).__name__


def _end(stream: BinaryIO, last: int | None, position: int) -> tuple[int, str | None]:
    """warcio ends without a word where a file stops inside a record's head: look whether anything is left.

    `last`: offset of the last record read. A packed one is unpacked again, as its end is not known otherwise.
    """
    if last is not None:
        stream.seek(last)
        data = stream.read(len(_GZIP_MAGIC))
        if data == _GZIP_MAGIC:
            position = _member_end(stream, last)
    stream.seek(position)
    left = stream.read(PAYLOAD_LIMIT).strip(b"\r\n\x00 ")
    return position, "file ends inside a record" if left else None


def _member_end(stream: BinaryIO, start: int) -> int:
    """Where a gzip member ends; the file's end where it is not whole."""
    stream.seek(start)
    unpacker = zlib.decompressobj(31)
    while not unpacker.eof and (piece := stream.read(2**20)):
        unpacker.decompress(piece)
    return stream.tell() - len(unpacker.unused_data)


def _record(raw: Any, offset: int) -> Record | None:
    if raw.rec_type is None:
        raise EOFError("record is cut off inside its head")
    body = _read_whole(raw.raw_stream)
    if raw.rec_type not in ("response", "resource", "conversion") or raw.rec_headers.get_header(_KIND):
        return None
    raw.raw_stream = io.BytesIO(body)
    payload = raw.content_stream().read(PAYLOAD_LIMIT) if raw.http_headers else body[:PAYLOAD_LIMIT]
    http = raw.http_headers
    status = http.get_statuscode() if http else ""
    return Record(
        offset=offset,
        type=raw.rec_type,
        url=(raw.rec_headers.get_header("WARC-Target-URI") or "").strip("<>"),
        date=_utc(raw.rec_headers.get_header("WARC-Date")),
        status=int(status) if status.isdigit() else None,
        content_type=(http and http.get_header("Content-Type")) or raw.rec_headers.get_header("Content-Type") or "",
        payload=payload,
        complete=len(payload) < PAYLOAD_LIMIT,
    )


def _read_whole(stream: Any) -> bytes:
    """A record's block, at most PAYLOAD_LIMIT bytes of it. Raises EOFError if the file ends before the block."""
    pieces, length = [], 0
    while length < PAYLOAD_LIMIT and (piece := stream.read(min(2**20, PAYLOAD_LIMIT - length))):
        pieces.append(piece)
        length += len(piece)
    missing = getattr(stream, "limit", 0)
    if length < PAYLOAD_LIMIT and missing > 0:
        raise EOFError(f"record is cut off: {missing:,} bytes of its block are missing")
    return b"".join(pieces)


def _next_record_start(stream: BinaryIO, start: int, size: int) -> int:
    """Where the next whole record begins: a gzip member that holds one, or a version line; `size` if there is none."""
    with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        compressed = data[: len(_GZIP_MAGIC)] == _GZIP_MAGIC
        needle = _GZIP_MAGIC if compressed else b"\nWARC/"
        position = start
        while (position := data.find(needle, position)) != -1:
            if not compressed:
                return position + 1
            with contextlib.suppress(zlib.error):
                head = zlib.decompressobj(31).decompress(data[position : position + 4096], 512)
                if head.startswith(b"WARC/") or b" text/html " in head.split(b"\n", 1)[0]:
                    return position
            position += 1
    return size


def _utc(value: str | None) -> datetime:
    """A WARC date. Raises ValueError (the record is then damaged) where there is none."""
    if not value:
        raise ValueError("record without WARC-Date")
    parsed: datetime = isoparse(value)
    if not 1970 < parsed.year < 2200:
        raise ValueError(f"WARC-Date {value} is no date of a capture")
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)


class WarcFile:
    """A WARC file being written: `.open` until it is closed without an error, then under its own name."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._open = path.with_name(path.name + ".open")
        self._stream = self._open.open("wb")
        self._writer = WARCWriter(self._stream, gzip=True)

    def __enter__(self) -> WarcFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._stream.close()
        if error is None:
            self._open.replace(self._path)
        else:
            self._open.unlink()

    def response(
        self, url: str, date: datetime, status: str, headers: list[tuple[str, str]], body: bytes, kind: str = "page"
    ) -> int:
        """Writes a response record; returns its offset. `kind` other than page: not read as an article's page."""
        http = StatusAndHeaders(status, headers, protocol="HTTP/1.1")
        own = {} if kind == "page" else {_KIND: kind}
        return self._write(url, "response", date, body, own, http_headers=http)

    def resource(self, url: str, date: datetime, content_type: str, body: bytes) -> int:
        """Writes a resource record; returns its offset."""
        return self._write(url, "resource", date, body, {}, warc_content_type=content_type)

    def metadata(self, url: str, date: datetime, content_type: str, body: bytes) -> int:
        """Writes a metadata record; returns its offset."""
        return self._write(url, "metadata", date, body, {}, warc_content_type=content_type)

    def _write(self, url: str, kind: str, date: datetime, body: bytes, own: dict[str, str], **more: Any) -> int:
        offset = self._stream.tell()
        stamp = date.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        # Named by its content: the same pages give the same file, byte for byte.
        name = uuid.uuid5(uuid.NAMESPACE_URL, f"{url} {stamp} {hashlib.sha256(body).hexdigest()}")
        headers = {"WARC-Date": stamp, "WARC-Record-ID": f"<urn:uuid:{name}>", **own}
        record = self._writer.create_warc_record(
            url, kind, payload=io.BytesIO(body), length=len(body), warc_headers_dict=headers, **more
        )
        self._writer.write_record(record)
        return offset
