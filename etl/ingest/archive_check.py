"""Compares WARC files with what was written: whether a file is intact, damaged, another file, or missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from etl.warc.reader import (
    IndexEntry,
    changed_records,
    read_index,
    scan,
    write_index,
)
from etl.warehouse.batches import file_sha256
from schemas import BatchRow

Condition = Literal["intact", "damaged", "another file", "missing"]


@dataclass(frozen=True)
class Problem:
    """Something that is not as it was written, and what restores it."""

    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.what}; {self.remedy}"


@dataclass(frozen=True)
class ArchiveCheck:
    """What became of a WARC file since it was written.

    `sha256` is that of the file as it is (empty if it is missing); `changed` are its records that have changed. A file
    is `another file` if none of its records is as it was written, or if it has no index that could tell.
    """

    row: BatchRow
    path: Path
    condition: Condition
    sha256: str = ""
    changed: Sequence[IndexEntry] = ()
    records: int = 0

    @property
    def checked_row(self) -> BatchRow:
        """The row as it should be after this check."""
        written = self.row.file_sha256 or self.sha256 or None
        return replace(
            self.row, file_sha256=written, damaged_sha256=self.sha256 if self.condition == "damaged" else None
        )

    @property
    def problem(self) -> Problem | None:
        """What is wrong and what to do; null for an intact file."""
        if self.condition == "intact":
            return None
        if self.condition == "missing":
            return Problem(f"{self.path}: is missing", "put it back, or import the same file again")
        if self.condition == "another file":
            return Problem(f"{self.path}: is not the file that was registered", "put that file back")
        what = f"{len(self.changed):,} of {self.records:,} records are damaged, the others are used"
        return Problem(f"{self.path}: {what}", "put back an undamaged copy, or import it again, then: dateline run")


def check_archive(path: Path, row: BatchRow) -> ArchiveCheck:
    """Compare a WARC file with its row and its side index. Raises OSError if the file cannot be read."""
    if not path.exists():
        return ArchiveCheck(row, path, "missing")
    sha256, index = file_sha256(path), read_index(path)
    if sha256 == row.file_sha256 or (row.file_sha256 is None and _is_as_an_older_version_wrote_it(path, row, sha256)):
        return ArchiveCheck(row, path, "intact", sha256)
    changed = changed_records(path, index)
    if len(changed) == len(index):
        return ArchiveCheck(row, path, "another file", sha256)
    return ArchiveCheck(row, path, "damaged", sha256, changed, len(index))


def ensure_index(path: Path) -> None:
    """Write the side index of an intact file that has none or a damaged one."""
    if not read_index(path):
        write_index(path, scan(path).index)


def _is_as_an_older_version_wrote_it(path: Path, row: BatchRow, sha256: str) -> bool:
    """Whether a file is as it was written, for a row without `file_sha256`.

    Such a row has the hash of the imported file. Texts, and files compressed as a whole, were stored in another form:
    of them the row has only the numbers of bytes and records.
    """
    if sha256 == row.sha256:
        return True
    contents = scan(path)
    n_records, lost_bytes = len(contents.days), sum(damage.length for damage in contents.damage)
    return (path.stat().st_size, n_records, lost_bytes) == (row.bytes, row.records, row.lost_bytes)
