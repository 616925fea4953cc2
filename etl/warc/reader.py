"""Reading WARC (ISO 28500) and ARC. Damage costs the damaged records only, and is reported."""

from __future__ import annotations

import contextlib
import io
import json
import mmap
import zlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from dateutil.parser import isoparse
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

TEXT_TYPE = "application/vnd.dateline.text+json"  # a resource record that holds one imported text
KIND = "Dateline-Kind"  # header of a response that is no page: feed, robots, redirect, …
LISTED = "Dateline-Listed"  # header of a page: the date of publication that its feed or sitemap gave
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

    `listed` is the date that the feed or sitemap gave, where one led to the page (ISO 8601).

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
    listed: str | None = None


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
    indexed = [entry.offset for entry in read_index(path)]
    with path.open("rb") as stream:
        start = 0
        while start < size:
            position, reason = yield from _read_from(stream, start)
            if reason is None:
                return
            start = next((offset for offset in indexed if position < offset < size), None) or _next_record_start(
                stream, position + 1, size
            )
            yield Damage(position, start - position, reason)


@dataclass(frozen=True)
class IndexEntry:
    """Where a record lies in its file, in bytes, and the SHA-256 of these bytes (hexadecimal)."""

    offset: int
    length: int
    sha256: str
    type: str
    url: str


def index_path(path: Path) -> Path:
    """The side index of a WARC file: JSON lines, one a record."""
    return path.with_name(path.name + ".index")


def read_index(path: Path) -> list[IndexEntry]:
    """The side index of a WARC file, in order; empty where it has none that can be read."""
    try:
        with index_path(path).open(encoding="utf-8") as lines:
            return [IndexEntry(**json.loads(line)) for line in lines]
    except (OSError, ValueError, TypeError):
        return []


@dataclass(frozen=True)
class Stored:
    """A response as it was archived: what a later revisit refers to, and its body without content encoding."""

    url: str
    record_id: str
    date: str
    payload_digest: str
    content_type: str
    body: bytes


def read_stored(path: Path, offset: int) -> Stored | None:
    """The response record at an offset; null where there is none that can be read."""
    try:
        with path.open("rb") as stream:
            stream.seek(offset)
            raw = next(ArchiveIterator(stream), None)
            if raw is None or raw.rec_type != "response" or raw.http_headers is None:
                return None
            head = raw.rec_headers.get_header
            return Stored(
                url=(head("WARC-Target-URI") or "").strip("<>"),
                record_id=head("WARC-Record-ID") or "",
                date=head("WARC-Date") or "",
                payload_digest=head("WARC-Payload-Digest") or "",
                content_type=raw.http_headers.get_header("Content-Type") or "",
                body=raw.content_stream().read(),
            )
    except (OSError, *_BROKEN):
        return None


def read_metadata(path: Path, content_type: str) -> bytes | None:
    """The block of the file's last metadata record of this type; null where it has none or cannot be read."""
    found = None
    offsets = [entry.offset for entry in read_index(path) if entry.type == "metadata"] or [0]
    for offset in offsets:  # straight to it where there is an index: damage before it does no harm
        with contextlib.suppress(*_BROKEN), path.open("rb") as stream:
            stream.seek(offset)
            for raw in ArchiveIterator(stream):
                if raw.rec_type == "metadata" and raw.rec_headers.get_header("Content-Type") == content_type:
                    found = raw.raw_stream.read()
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
    if raw.rec_type not in ("response", "resource", "conversion") or raw.rec_headers.get_header(KIND):
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
        listed=raw.rec_headers.get_header(LISTED),
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
