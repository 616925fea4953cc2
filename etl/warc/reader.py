"""Reading WARC (ISO 28500) and ARC files. Damaged records are skipped and reported; all others are read."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import mmap
import os
import zlib
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, BinaryIO

from dateutil.parser import isoparse
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from etl.warc import INDEX_ENDING
from etl.warc.content_encoding import decoded_body

TEXT_TYPE = "application/vnd.dateline.text+json"  # a resource record that holds one imported text
KIND_HEADER = "Dateline-Kind"  # on a response that is not a page: feed, robots, redirect, …
LISTED_HEADER = "Dateline-Listed"  # on a page: the date of publication that its feed or sitemap gave
PAYLOAD_LIMIT = 32 * 2**20  # bytes of a record's payload that are read
SINGLE_MEMBER_GZIP = "ERROR: non-chunked gzip file detected"  # warcio's message for a file compressed as a whole
_INDEX_SUM = "index_sha256"
_PAGE_TYPES = ("response", "resource", "conversion")
_GZIP_MAGIC = b"\x1f\x8b\x08"
# What warcio was seen to raise on damaged input.
_DAMAGE_ERRORS = (
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

    `listed` is the date (ISO 8601) that the listing gave, if a feed or sitemap led to the page. `complete` is false if
    the payload is longer than PAYLOAD_LIMIT; then it holds the first PAYLOAD_LIMIT bytes.
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
    """Bytes that could not be read as a record, up to the next readable record or the end of the file."""

    offset: int
    length: int
    reason: str


def read_warc(path: Path) -> Iterator[Record | Damage]:
    """Yield all page and text records of a file in order, and its damaged stretches.

    Other records (warcinfo, request, metadata, revisit, and fetched feeds and robots.txt) are skipped.
    Raises OSError if the file cannot be opened.
    """
    for item in _read(path):
        if isinstance(item, Damage):
            yield item
        elif item.page is not None:
            yield item.page


@dataclass(frozen=True)
class _AnyRecord:
    """A record of any type; `page` is null if it is not a page or text."""

    offset: int
    type: str
    url: str
    page: Record | None


def _read(path: Path) -> Iterator[_AnyRecord | Damage]:
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
    """Return the path of a WARC file's side index: JSON lines, one per record."""
    return path.with_name(path.name + INDEX_ENDING)


def read_index(path: Path) -> list[IndexEntry]:
    """Return the side index of a WARC file, in order; empty if it has none or a damaged one. Raises OSError.

    Its last line holds the SHA-256 of the lines before it; indexes that older versions wrote lack this line.
    """
    try:
        lines = index_path(path).read_bytes().splitlines(keepends=True)
        if lines and (last := json.loads(lines[-1])).keys() == {_INDEX_SUM}:
            *lines, _ = lines
            if hashlib.sha256(b"".join(lines)).hexdigest() != last[_INDEX_SUM]:
                return []
        return [IndexEntry(**json.loads(line)) for line in lines]
    except FileNotFoundError:
        return []
    except (ValueError, TypeError, AttributeError):
        return []


@dataclass(frozen=True)
class Scan:
    """What a WARC file holds: its readable records of all types, the day of each page or text, and its damage."""

    index: list[IndexEntry]
    days: list[date]
    damage: list[Damage]


def scan(path: Path) -> Scan:
    """Read a WARC file once, from beginning to end. Raises OSError if it cannot be opened."""
    starts: list[tuple[int, _AnyRecord | None]] = []
    result = Scan([], [], [])
    for item in _read(path):
        if isinstance(item, Damage):
            result.damage.append(item)
            starts.append((item.offset, None))
            continue
        starts.append((item.offset, replace(item, page=None)))  # without the page, so that one is in memory at a time
        if item.page is not None:
            result.days.append(item.page.date.date())
    ends = [offset for offset, _ in starts[1:]] + [path.stat().st_size]
    with path.open("rb") as stream:
        for (offset, record), end in zip(starts, ends, strict=True):
            if record is not None:
                stream.seek(offset)
                sha256 = hashlib.sha256(stream.read(end - offset)).hexdigest()
                result.index.append(IndexEntry(offset, end - offset, sha256, record.type, record.url))
    return result


def write_index(path: Path, entries: Iterable[IndexEntry]) -> None:
    """Write the side index of a WARC file, in one step."""
    content = "".join(json.dumps(vars(entry), ensure_ascii=False) + "\n" for entry in entries).encode()
    last_line = json.dumps({_INDEX_SUM: hashlib.sha256(content).hexdigest()}).encode() + b"\n"
    new = index_path(path).with_name(f".{index_path(path).name}.new")
    with new.open("wb") as stream:
        stream.write(content + last_line)
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(index_path(path))


def changed_records(path: Path, entries: Iterable[IndexEntry]) -> list[IndexEntry]:
    """Return the records of an index whose bytes are no longer in the file as they were written."""
    with path.open("rb") as stream:
        return [entry for entry in entries if not is_intact(entry, stream)]


def read_intact_records(path: Path, entries: Iterable[IndexEntry]) -> Iterator[Record | Damage]:
    """Yield what read_warc() yields, but only of records that are as they were written.

    Each record is found by the index, so that a changed one does no harm to others. It is reported as damage, and so
    are bytes between the records.
    """
    end = 0
    with path.open("rb") as stream:
        for entry in entries:
            if entry.offset > end:
                yield Damage(end, entry.offset - end, "bytes that were no record when the file was written")
            end = entry.offset + entry.length
            if is_intact(entry, stream):
                stream.seek(entry.offset)
                raw = next(ArchiveIterator(io.BytesIO(stream.read(entry.length)), arc2warc=True))
                if page := _page_record(raw, entry.offset):
                    yield page
            elif entry.type in _PAGE_TYPES:
                yield Damage(entry.offset, entry.length, "the record has changed since it was written")


def is_intact(entry: IndexEntry, records: BinaryIO) -> bool:
    """Whether a record's bytes are in a file as the index says."""
    records.seek(entry.offset)
    return hashlib.sha256(records.read(entry.length)).hexdigest() == entry.sha256


@dataclass(frozen=True)
class StoredResponse:
    """An archived response: what a later revisit refers to, and the body without content encoding."""

    url: str
    record_id: str
    date: str
    payload_digest: str
    content_type: str
    body: bytes


def read_stored_response(path: Path, offset: int) -> StoredResponse | None:
    """Return the response record at an offset, or None if there is none that can be read."""
    try:
        with path.open("rb") as stream:
            stream.seek(offset)
            raw = next(ArchiveIterator(stream), None)
            if raw is None or raw.rec_type != "response" or raw.http_headers is None:
                return None
            head = raw.rec_headers.get_header
            return StoredResponse(
                url=(head("WARC-Target-URI") or "").strip("<>"),
                record_id=head("WARC-Record-ID") or "",
                date=head("WARC-Date") or "",
                payload_digest=head("WARC-Payload-Digest") or "",
                content_type=raw.http_headers.get_header("Content-Type") or "",
                body=_decoded(raw.raw_stream.read(), raw.http_headers),
            )
    except (OSError, *_DAMAGE_ERRORS):
        return None


def read_metadata(path: Path, content_type: str) -> bytes | None:
    """Return the block of the file's last metadata record of this type; None if there is none that can be read."""
    block = None
    offsets = [entry.offset for entry in read_index(path) if entry.type == "metadata"] or [0]
    for offset in offsets:  # with an index directly, so that damage before the record does no harm
        with contextlib.suppress(*_DAMAGE_ERRORS), path.open("rb") as stream:
            stream.seek(offset)
            for raw in ArchiveIterator(stream):
                if raw.rec_type == "metadata" and raw.rec_headers.get_header("Content-Type") == content_type:
                    block = raw.raw_stream.read()
    return block


def _read_from(stream: BinaryIO, start: int) -> Generator[_AnyRecord, None, tuple[int, str | None]]:
    """Yield records from `start`; return the offset where reading stopped, and why (None at the end of the file)."""
    stream.seek(start)
    archive = ArchiveIterator(stream, arc2warc=True)
    position, last_offset = start, None
    try:
        while True:
            warnings = io.StringIO()  # warcio prints its warnings
            with contextlib.redirect_stderr(warnings), contextlib.redirect_stdout(warnings):
                archive.read_to_end()
                position = max(archive.offset, start)
                raw = next(archive, None)
                page = _page_record(raw, archive.offset) if raw is not None else None
            if raw is None:
                return _end(stream, last_offset, position)
            last_offset = archive.offset
            url = (raw.rec_headers.get_header("WARC-Target-URI") or "").strip("<>")
            yield _AnyRecord(archive.offset, raw.rec_type, url, page)
    except _DAMAGE_ERRORS as error:
        lines = str(error).strip().splitlines()
        return position, lines[0] if lines else type(error).__name__


def _end(stream: BinaryIO, last_offset: int | None, position: int) -> tuple[int, str | None]:
    """Return the end of the file and None, or where an incomplete record begins and why.

    Needed because warcio stops silently if a file ends inside a record's head. `last_offset` is the offset of the last
    record; a compressed record is decompressed again, because its end is not known otherwise.
    """
    if last_offset is not None:
        stream.seek(last_offset)
        data = stream.read(len(_GZIP_MAGIC))
        if data == _GZIP_MAGIC:
            position = _member_end(stream, last_offset)
    stream.seek(position)
    remainder = stream.read(PAYLOAD_LIMIT).strip(b"\r\n\x00 ")
    return position, "file ends inside a record" if remainder else None


def _member_end(stream: BinaryIO, start: int) -> int:
    """Return where a gzip member ends, or the file's end if the member is incomplete."""
    stream.seek(start)
    decompressor = zlib.decompressobj(31)
    while not decompressor.eof and (piece := stream.read(2**20)):
        decompressor.decompress(piece)
    return stream.tell() - len(decompressor.unused_data)


def _page_record(raw: Any, offset: int) -> Record | None:
    """Return warcio's record as a page or text; None for any other record. Raises EOFError if it is cut off."""
    if raw.rec_type is None:
        raise EOFError("record is cut off inside its header")
    block = _read_block(raw.raw_stream)
    if raw.rec_type not in _PAGE_TYPES or raw.rec_headers.get_header(KIND_HEADER):
        return None
    http = raw.http_headers
    payload = _decoded(block, http) if http else block[:PAYLOAD_LIMIT]
    status = http.get_statuscode() if http else ""
    return Record(
        offset=offset,
        type=raw.rec_type,
        url=(raw.rec_headers.get_header("WARC-Target-URI") or "").strip("<>"),
        date=_parse_warc_date(raw.rec_headers.get_header("WARC-Date")),
        status=int(status) if status.isdigit() else None,
        content_type=(http and http.get_header("Content-Type")) or raw.rec_headers.get_header("Content-Type") or "",
        payload=payload,
        complete=len(payload) < PAYLOAD_LIMIT,
        listed=raw.rec_headers.get_header(LISTED_HEADER),
    )


def _decoded(block: bytes, http: Any) -> bytes:
    """Return the body of a response without its encodings; `http` are its headers."""
    transfer_encoding, content_encoding = map(http.get_header, ("Transfer-Encoding", "Content-Encoding"))
    return decoded_body(block, transfer_encoding or "", content_encoding or "", PAYLOAD_LIMIT)


def _read_block(stream: Any) -> bytes:
    """Return a record's block, at most PAYLOAD_LIMIT bytes. Raises EOFError if the file ends before the block does."""
    pieces, length = [], 0
    while length < PAYLOAD_LIMIT and (piece := stream.read(min(2**20, PAYLOAD_LIMIT - length))):
        pieces.append(piece)
        length += len(piece)
    missing = getattr(stream, "limit", 0)
    if length < PAYLOAD_LIMIT and missing > 0:
        raise EOFError(f"record is cut off: {missing:,} bytes of its block are missing")
    return b"".join(pieces)


def _next_record_start(stream: BinaryIO, start: int, size: int) -> int:
    """Return where the next record begins: a gzip member that holds one, or a version line; `size` if there is none."""
    with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        is_compressed = data[: len(_GZIP_MAGIC)] == _GZIP_MAGIC
        needle = _GZIP_MAGIC if is_compressed else b"\nWARC/"
        position = start
        while (position := data.find(needle, position)) != -1:
            if not is_compressed:
                return position + 1
            with contextlib.suppress(zlib.error):
                head = zlib.decompressobj(31).decompress(data[position : position + 4096], 512)
                if head.startswith(b"WARC/") or b" text/html " in head.split(b"\n", 1)[0]:
                    return position
            position += 1
    return size


def _parse_warc_date(value: str | None) -> datetime:
    """Return a WARC date in UTC. Raises ValueError if it is missing or impossible: the record is then damaged."""
    if not value:
        raise ValueError("record without WARC-Date")
    parsed: datetime = isoparse(value)
    if not 1970 < parsed.year < 2200:
        raise ValueError(f"WARC-Date {value} cannot be the date of a capture")
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
