"""How much of the disk a warehouse uses, and when the disk will be full if it grows as it did."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from etl.configuration.settings import Settings
from etl.warehouse.delta import Store
from etl.warehouse.duck import reading
from schemas import BATCHES, FETCHES

_DAYS = 30  # the growth of so many days is taken for that of the days to come
_FEWEST_DAYS = 7  # of visits; from fewer nothing is forecast

# Bytes of the WARC files of visits in the last days before the newest, and the number of these days.
_GROWTH = f"""
WITH visits AS (
    SELECT any_value(b.bytes) AS bytes, min(f.requested_at)::DATE AS day
    FROM batches b JOIN fetches f USING (batch) GROUP BY batch
),
recent AS (SELECT * FROM visits WHERE day > (SELECT max(day) FROM visits) - {_DAYS})
SELECT coalesce(sum(bytes), 0)::BIGINT, count(DISTINCT day), coalesce(max(day) - min(day) + 1, 0) FROM recent
"""


@dataclass(frozen=True)
class DiskUse:
    """Bytes of a warehouse's files by folder, and of free space on its disk.

    Data files that a snapshot shares with the tables count once. `bytes_per_day` is how much the warehouse grew a day
    in the last month of visits, tables and editions included in proportion; null if there were too few visits.
    """

    folders: dict[str, int]
    free: int
    bytes_per_day: int | None

    @property
    def total(self) -> int:
        """Bytes of all files of the warehouse."""
        return sum(self.folders.values())

    @property
    def days_left(self) -> int | None:
        """The number of days until the disk is full; null if that is not known."""
        return self.free // self.bytes_per_day if self.bytes_per_day else None


def disk_use(settings: Settings, store: Store) -> DiskUse:
    """Measure a warehouse on disk, and forecast its growth."""
    root = settings.warehouse
    counted: set[int] = set()
    folders: dict[str, int] = {}
    for path in sorted(root.iterdir(), key=lambda path: path.name != "tables") if root.is_dir() else ():
        name = path.name if path.is_dir() and not path.is_symlink() else "editions"
        size = sum(_bytes_once(entry, counted) for entry in _files(path))
        folders[name] = folders.get(name, 0) + size
    existing = next(folder for folder in (root, *root.parents) if folder.exists())
    free = shutil.disk_usage(existing).free
    return DiskUse({name: size for name, size in folders.items() if size}, free, _growth(store, folders))


def _growth(store: Store, folders: dict[str, int]) -> int | None:
    with reading(store, [BATCHES, FETCHES]) as connection:
        [(new_bytes, visited_days, days)] = connection.execute(_GROWTH).fetchall()
    in_archive = folders.get("warc", 0)
    if visited_days < _FEWEST_DAYS or not in_archive:
        return None
    growing = sum(folders.get(name, 0) for name in ("warc", "tables", "editions"))
    return int(new_bytes / days * growing / in_archive)


def _files(path: Path) -> Iterator[os.stat_result]:
    if path.is_symlink():
        return
    if path.is_file():
        yield path.stat()
        return
    for folder, _, names in os.walk(path):
        for name in names:
            try:
                yield os.lstat(os.path.join(folder, name))  # noqa: PTH118 - pathlib is slow for many thousand files
            except FileNotFoundError:  # deleted in the meantime
                continue


def _bytes_once(status: os.stat_result, counted: set[int]) -> int:
    if status.st_nlink > 1 and status.st_ino in counted:
        return 0
    counted.add(status.st_ino)
    return status.st_size
