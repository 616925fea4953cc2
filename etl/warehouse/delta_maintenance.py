"""Maintenance of one Delta table on disk: which of its files are small, which nothing needs any more, a shorter log."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
from deltalake import DeltaTable

from etl.warehouse.checksums import read_sums, write_sums
from etl.warehouse.delta_files import adopt_files
from etl.warehouse.delta_schema import version_property

TARGET_BYTES = 128 << 20  # of a data file
_CHECKPOINT = re.compile(r"(\d{20})\.checkpoint(?:\..+)?\.parquet")
_ENTRY = re.compile(r"(\d{20})\.json")


@dataclass(frozen=True)
class Partition:
    """The live data files of one month of a table, or of a table without months (`month` is null)."""

    month: str | None
    files: int
    bytes: int

    @property
    def is_fragmented(self) -> bool:
        """Whether it has clearly more files than its size needs."""
        return self.files > 2 + self.bytes // TARGET_BYTES


def partitions(handle: DeltaTable) -> list[Partition]:
    """Return the partitions of a table's current version, by month."""
    actions = pa.table(handle.get_add_actions(flatten=True)).to_pylist()
    sizes: dict[str | None, list[int]] = defaultdict(list)
    for action in actions:
        sizes[action.get("partition.month")].append(action["size_bytes"])
    return [Partition(month, len(sizes[month]), sum(sizes[month])) for month in sorted(sizes, key=str)]


def remove_unneeded_files(folder: Path, needed: Collection[str], hours: int) -> int:
    """Delete data files that have not been part of the table for some hours; return their number of bytes.

    `needed` are files that must stay, relative to the folder. Leftovers of writes that were killed are deleted, too.
    """
    handle, freed = DeltaTable(folder), 0
    for uri in handle.vacuum(retention_hours=hours, dry_run=True, enforce_retention_duration=False, full=True):
        name = unquote(uri)
        if name not in needed and (folder / name).is_file():
            freed += (folder / name).stat().st_size
            (folder / name).unlink()
    sums = read_sums(folder)
    if gone := [name for name in sums if not (folder / name).exists()]:
        write_sums(folder, {name: sha256 for name, sha256 in sums.items() if name not in gone})
    return freed


def shorten_log(folder: Path) -> None:
    """Write a checkpoint of the current version, and delete what is older than the checkpoint before it.

    So the table can be read even if its newest checkpoint is damaged.
    """
    handle = DeltaTable(folder)
    earlier = [version for version in _versions(folder, _CHECKPOINT) if version < handle.version()]
    _write_checkpoint(folder, handle)
    if earlier:
        _delete_log_before(folder, max(earlier), max(earlier) + 1)


def forget_log(folder: Path) -> None:
    """Delete all of the log but the current version.

    Earlier entries hold the smallest and largest values of rows that were deleted, and by what values they were found.
    """
    handle = DeltaTable(folder)
    # One entry must stay: this one says nothing.
    handle.alter.set_table_properties(version_property(), raise_if_not_exists=False)
    adopt_files(folder, {})
    _write_checkpoint(folder, handle)
    _delete_log_before(folder, handle.version(), handle.version())


def _write_checkpoint(folder: Path, handle: DeltaTable) -> None:
    if handle.version() not in _versions(folder, _CHECKPOINT):
        handle.create_checkpoint()
        adopt_files(folder, {})


def _delete_log_before(folder: Path, first_checkpoint: int, first_entry: int) -> None:
    for path in (folder / "_delta_log").iterdir():
        checkpoint, entry = _CHECKPOINT.fullmatch(path.name), _ENTRY.fullmatch(path.name)
        if (checkpoint and int(checkpoint[1]) < first_checkpoint) or (entry and int(entry[1]) < first_entry):
            path.unlink()


def _versions(folder: Path, pattern: re.Pattern[str]) -> set[int]:
    return {int(match[1]) for path in (folder / "_delta_log").iterdir() if (match := pattern.fullmatch(path.name))}
