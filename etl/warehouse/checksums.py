"""The SHA-256 of every file of a table as it was written: `_SHA256SUMS` in the table's folder.

The file has the form of sha256sum(1), and lines are only added to it: a file's last line counts. Neither delta-rs nor
DuckDB verifies the checksums inside Parquet files.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from etl.warehouse.batches import file_sha256
from etl.warehouse.layout import replace_file

NAME = "_SHA256SUMS"  # Delta ignores names that begin with an underscore
DAMAGED = "0" * 64  # in place of the hash of a file into which rows of a damaged file were copied
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")

# Files that this process has verified, so that each is read once for an edition: path, inode, time of change, size.
_verified: set[tuple[str, int, int, int]] = set()


def read_sums(folder: Path) -> dict[str, str]:
    """Return the hashes by file name, relative to the folder. Lines that are damaged or cut off are skipped."""
    try:
        lines = (folder / NAME).read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return {}
    return {match[2]: match[1] for line in lines if (match := _LINE.fullmatch(line))}


def append_sums(folder: Path, sums: Mapping[str, str]) -> None:
    """Add hashes of files. They are durable on return."""
    if not sums:
        return
    with (folder / NAME).open("ab+") as stream:
        if stream.tell():
            stream.seek(-1, os.SEEK_END)
            if stream.read(1) != b"\n":  # after a line that a killed process left incomplete
                stream.write(b"\n")
        stream.write(_lines(sums))
        stream.flush()
        os.fsync(stream.fileno())


def write_sums(folder: Path, sums: Mapping[str, str]) -> None:
    """Replace all hashes in one step."""
    replace_file(folder / NAME, _lines(sums))


def _lines(sums: Mapping[str, str]) -> bytes:
    return "".join(f"{sha256}  {name}\n" for name, sha256 in sums.items()).encode()


def changed_files(folder: Path, names: Iterable[str], again: bool = False) -> list[str]:
    """Return the files that are missing or not as they were written. Nothing is known of files without a hash.

    Files that this process has verified before are not read a second time, except with `again`. Raises OSError.
    """
    sums, changed = read_sums(folder), []
    for name in names:
        try:
            status = (folder / name).stat()
        except FileNotFoundError:
            changed.append(name)
            continue
        key = (str(folder / name), status.st_ino, status.st_mtime_ns, status.st_size)
        if name not in sums or (key in _verified and not again and sums[name] != DAMAGED):
            continue
        if file_sha256(folder / name) == sums.get(name):
            _verified.add(key)
        else:
            _verified.discard(key)
            changed.append(name)
    return changed
