"""The file of an edition on disk: whether it is as it was written."""

from __future__ import annotations

import fcntl
import struct
from pathlib import Path

import duckdb

from etl.errors import WarehouseError
from etl.warehouse.batches import file_sha256
from etl.warehouse.delta import sync
from etl.warehouse.duck import data_files
from etl.warehouse.layout import WarehouseLayout

# A write lock on a whole file, as the system's struct flock: type, whence, start, length, process.
_WRITE_LOCK = struct.pack("hhqqi", fcntl.F_WRLCK, 0, 0, 0, 0)


def record_edition(path: Path) -> None:
    """Make an edition durable and write its SHA-256 beside it."""
    sync(path)
    checksum = WarehouseLayout.edition_checksum(path)
    checksum.write_text(f"{file_sha256(path)}  {path.name}\n", encoding="utf-8")
    sync(checksum)
    sync(path.parent)


def is_intact_edition(link: Path) -> bool:
    """Whether the edition that a link names is as it was written; false if that is not known."""
    return _is_as_written(link.resolve()) is True


def is_damaged_edition(path: Path) -> bool:
    """Whether an edition is not as it was written; false if that is not known."""
    return _is_as_written(path) is False


def refuse_damaged_edition(link: Path) -> None:
    """Raise WarehouseError if the current edition is damaged."""
    if link.exists() and is_damaged_edition(link.resolve()):
        raise WarehouseError(f"{link}: is damaged; make it anew with: dateline run")


def is_open(path: Path) -> bool:
    """Whether a reader has an edition open: DuckDB holds a lock on a file while it reads it.

    The lock is tried as one of an open file description where the system has these, because a process does not notice
    its own locks of the older kind. Closing the file releases those of this process, but not of others.
    """
    with path.open("rb+") as file:
        try:
            if hasattr(fcntl, "F_OFD_SETLK"):
                fcntl.fcntl(file, fcntl.F_OFD_SETLK, _WRITE_LOCK)
            else:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


def files_of_edition(path: Path) -> list[str]:
    """Return the data files that an edition reads, relative to the warehouse; none if it cannot be opened."""
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            return data_files(connection)
    except duckdb.Error:
        return []


def remove_all_but_the_current(layout: WarehouseLayout) -> None:
    """Delete all earlier editions, also those that a reader has open."""
    for _, path in layout.editions():
        if path != layout.published.resolve():
            _delete(path)


def remove_old_editions(layout: WarehouseLayout, kept: int) -> int:
    """Delete damaged editions, and all but the newest that no reader has open; return their number of bytes."""
    freed, current = 0, layout.published.resolve()
    editions = [edition for _, edition in layout.editions() if edition != current]
    old = {*editions[: max(0, len(editions) - (kept - 1))], *(path for path in editions if is_damaged_edition(path))}
    for path in old:
        if not is_open(path):
            freed += path.stat().st_size
            _delete(path)
    return freed


def _delete(edition: Path) -> None:
    edition.unlink()
    WarehouseLayout.edition_checksum(edition).unlink(missing_ok=True)


def _is_as_written(path: Path) -> bool | None:
    """Compare an edition with its SHA-256; null if an older version of Dateline wrote it without one."""
    checksum = WarehouseLayout.edition_checksum(path)
    try:
        return checksum.read_text(encoding="utf-8", errors="replace").split(" ")[0] == file_sha256(path)
    except FileNotFoundError:
        return None
