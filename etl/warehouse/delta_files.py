"""The files of a Delta table on disk: their hashes, which of them are damaged, and how a table goes on without them.

Damaged files are moved away. Rows that were in them are missing from the table then; stages notice that a unit has
fewer rows than it wrote, and compute it again.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from deltalake import DeltaTable

from etl.warehouse.batches import file_sha256
from etl.warehouse.checksums import DAMAGED, append_sums, changed_files, read_sums

_LOG = "_delta_log"
_LAST_CHECKPOINT = f"{_LOG}/_last_checkpoint"
_FILES_NAMED = 3
_LOG_FILE = re.compile(r"(\d{20})\.(?:json|checkpoint(?:\..+)?\.parquet)")


@dataclass(frozen=True)
class TableDamage:
    """Files of a table that are not as they were written, relative to its folder.

    `log` are files of the transaction log. `whole`: without them the log cannot be read, so the table must be made
    again.
    """

    table: str
    data: tuple[str, ...]
    log: tuple[str, ...]
    whole: bool

    @property
    def files(self) -> tuple[str, ...]:
        """All of them."""
        return self.data + self.log

    @property
    def message(self) -> str:
        """What is damaged and what becomes of it, in one line."""
        files = ", ".join(self.files[:_FILES_NAMED]) + (", …" if len(self.files) > _FILES_NAMED else "")
        lost = "the whole table" if self.whole else "the rows in them" if self.data else "nothing"
        return f"table {self.table}: {len(self.files):,} damaged files ({files}); {lost} must be computed again"


def find_damage(table: str, folder: Path, again: bool = False, log_only: bool = False) -> TableDamage | None:
    """Return what is damaged in a table's folder; null if nothing is, or if there is no table.

    Data files are not looked at if the log is damaged, or with `log_only`. Files that this process has verified before
    are not read again, except with `again`. Raises OSError or DeltaError if a file cannot be read: that is a fault of
    the machine, for which no table is given up.
    """
    log_files = _log_files(folder)
    if not log_files:
        return None
    damaged_log = changed_files(folder, log_files, again)
    if not _last_checkpoint_is_right(folder, log_files):
        damaged_log.append(_LAST_CHECKPOINT)
    whole = not _is_readable_without(damaged_log, log_files)
    data: list[str] = []
    if not whole and not damaged_log and not log_only:
        data = changed_files(folder, live_files(DeltaTable(folder)), again)
    if not data and not damaged_log and not whole:
        return None
    return TableDamage(table, tuple(data), tuple(damaged_log), whole)


def remove_damage(damage: TableDamage, folder: Path, away: Path) -> None:
    """Move damaged files to the folder `away`, and let the table go on without them. Repeating it is harmless."""
    away.mkdir(parents=True, exist_ok=True)
    if damage.whole:
        shutil.move(folder, _free_name(away / damage.table))
        return
    for name in damage.files:
        if (folder / name).exists():
            shutil.move(folder / name, _free_name(away / f"{damage.table}-{Path(name).name}"))
    if any("checkpoint" in name for name in damage.log):
        (folder / _LAST_CHECKPOINT).unlink(missing_ok=True)
    if damage.data:
        handle = DeltaTable(folder)
        handle.repair()
        record_commit(folder, handle.version())


def live_files(handle: DeltaTable) -> list[str]:
    """Return the data files of a table's current version, relative to its folder."""
    root = unquote(handle.table_uri.removeprefix("file://")).rstrip("/") + "/"
    return [unquote(uri.removeprefix("file://")).removeprefix(root) for uri in handle.file_uris()]


def record_commit(folder: Path, version: int) -> dict[str, str]:
    """Hash the files that a commit added, its log entry among them; return the hashes of the data files by name.

    If one of the files that the commit replaced was damaged, its rows may have been copied: the new files are recorded
    as damaged, too.
    """
    entry = f"{_LOG}/{version:020d}.json"
    actions = [json.loads(line) for line in (folder / entry).read_text(encoding="utf-8").splitlines()]
    added = [unquote(action["add"]["path"]) for action in actions if "add" in action]
    removed = [unquote(action["remove"]["path"]) for action in actions if "remove" in action]
    sums = read_sums(folder)
    was_damaged = changed_files(folder, [name for name in removed if name in sums and (folder / name).exists()])
    data = {name: DAMAGED if was_damaged else file_sha256(folder / name) for name in added}
    log = [entry, *(name for name in _log_files(folder) if name.startswith(f"{_LOG}/{version:020d}.checkpoint"))]
    append_sums(folder, {**data, **{name: file_sha256(folder / name) for name in log}})
    return data


def adopt_files(folder: Path, recorded: dict[str, str]) -> None:
    """Record the hashes of files that have none: an older version wrote them, or a process was killed in a commit.

    `recorded` are hashes of data files that are known from elsewhere (the table `runs`); others are computed now.
    """
    sums = read_sums(folder)
    names = [name for name in _log_files(folder) if name not in sums]
    if not names and sums:
        return
    names += [name for name in live_files(DeltaTable(folder)) if name not in sums]
    existing = [name for name in names if (folder / name).exists()]
    append_sums(folder, {name: recorded.get(name) or file_sha256(folder / name) for name in existing})


def has_unrecorded_files(folder: Path) -> bool:
    """Whether a table's log has entries whose files are not recorded yet."""
    sums = read_sums(folder)
    return any(name not in sums for name in _log_files(folder))


def _log_files(folder: Path) -> list[str]:
    names = sorted(path.name for path in (folder / _LOG).glob("*")) if (folder / _LOG).is_dir() else []
    return [f"{_LOG}/{name}" for name in names if _LOG_FILE.fullmatch(name)]


def _is_readable_without(damaged: list[str], log_files: list[str]) -> bool:
    """Whether the current version can be read from the other log files.

    It takes a checkpoint and all entries after it, or all entries from the first.
    """
    intact = [Path(name).name for name in log_files if name not in damaged]
    entries = {int(name[:20]) for name in intact if name.endswith(".json")}
    starts = [-1, *(int(name[:20]) for name in intact if ".checkpoint" in name)]
    newest = max(int(Path(name).name[:20]) for name in log_files)
    return any(set(range(start + 1, newest + 1)) <= entries for start in starts)


def _last_checkpoint_is_right(folder: Path, log_files: list[str]) -> bool:
    """Whether the pointer to the newest checkpoint, which changes with each of them, names one that exists."""
    path = folder / _LAST_CHECKPOINT
    if not path.exists():
        return True
    try:
        version = int(json.loads(path.read_bytes())["version"])
    except (ValueError, KeyError, TypeError):
        return False
    return any(name.startswith(f"{_LOG}/{version:020d}.checkpoint") for name in log_files)


def _free_name(path: Path) -> Path:
    numbers = (path.with_name(f"{path.name}.{n}") for n in range(1, 1_000_000))
    return path if not path.exists() else next(name for name in numbers if not name.exists())
