"""Removes records from a WARC file. All other records keep their offsets, because tables name records by them."""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from etl.errors import InputError
from etl.warc.reader import IndexEntry, write_index

_EMPTY = (
    b"WARC/1.0\r\nWARC-Type: metadata\r\nWARC-Date: 1970-01-01T00:00:00Z\r\nContent-Type: text/plain\r\n"
    b"Content-Length: %d\r\n\r\n%s\r\n\r\n"
)
_GZIP_MAGIC = b"\x1f\x8b"
_HAS_COMMENT = 16  # flag of a gzip member (RFC 1952)


def remove_records(
    path: Path, index: Sequence[IndexEntry], offsets: Collection[int], bodies: Mapping[int, bytes]
) -> None:
    """Replace the records at these offsets by empty ones of the same length.

    The file and its index are each replaced in one step; `index` is the one from before. `bodies` are new contents of
    metadata records by their offset; they must be shorter than the old ones. Raises InputError for an ARC file, whose
    records cannot be replaced in this way.
    """
    if path.name.endswith((".arc", ".arc.gz")):
        raise InputError(f"{path}: records cannot be removed from an ARC file; convert it to WARC and import that")
    new = path.with_name(f".{path.name}.new")
    shutil.copyfile(path, new)
    entries = []
    with new.open("r+b") as stream:
        for entry in index:
            if entry.offset in offsets or entry.offset in bodies:
                stream.seek(entry.offset)
                record = _replaced(stream.read(entry.length), bodies.get(entry.offset))
                stream.seek(entry.offset)
                stream.write(record)
                url = entry.url if entry.offset in bodies else ""
                entry = replace(entry, sha256=hashlib.sha256(record).hexdigest(), type="metadata", url=url)
            entries.append(entry)
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(path)
    write_index(path, entries)


def _replaced(old: bytes, body: bytes | None) -> bytes:
    """Return a record as long as another: with the same head and another body, or empty."""
    return _padded(_EMPTY, b"", len(old), old.startswith(_GZIP_MAGIC)) if body is None else _with_body(old, body)


def _with_body(old: bytes, body: bytes) -> bytes:
    """Return a record with its own head and another body, as long as the old record."""
    is_compressed = old.startswith(_GZIP_MAGIC)
    record = zlib.decompressobj(31).decompress(old) if is_compressed else old
    head = record.partition(b"\r\n\r\n")[0]
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith((b"content-length:", b"warc-block-"))]
    form = b"\r\n".join(lines).replace(b"%", b"%%") + b"\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n"
    return _padded(form, body, len(old), is_compressed)


def _padded(form: bytes, body: bytes, length: int, is_compressed: bool) -> bytes:
    """Return a record of exactly `length` bytes: padded with spaces, or with a comment in the head of the gzip member.

    `form` is the record with places for the length of the body and the body.
    """
    if not is_compressed:
        padding = length - len(form % (0, body))
        while len(record := form % (len(body) + padding, body + b" " * padding)) > length:
            padding -= 1
        return record + b"\n" * (length - len(record))
    record = form % (len(body), body)
    compressor = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    data = compressor.compress(record) + compressor.flush()
    comment = length - 10 - len(data) - 8
    if comment < 0:
        raise InputError("a record is too short to be replaced")
    head = struct.pack("<2sBBIBB", _GZIP_MAGIC, zlib.DEFLATED, _HAS_COMMENT if comment else 0, 0, 0, 255)
    if comment:
        head += b" " * (comment - 1) + b"\0"
    return head + data + struct.pack("<II", zlib.crc32(record), len(record))
