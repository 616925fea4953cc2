"""Keeps a warehouse small: merges files, deletes what nothing needs any more, and shortens logs."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from etl.configuration.settings import Settings
from etl.engine.stage import has_stale_units
from etl.ingest.batch_journal import shorten_batch_journal
from etl.pipeline.replaced_files import remove_replaced_files, table_folders
from etl.pipeline.run import publish_all
from etl.pipeline.stages import all_stages
from etl.pipeline.takedown import remove_what_came_back
from etl.publish.edition_file import remove_old_editions
from etl.text import readable_bytes
from etl.warehouse.compaction import Compaction, compact
from etl.warehouse.delta import Store
from etl.warehouse.delta_maintenance import shorten_log
from schemas import TABLES

_SECONDS_PER_DAY = 86_400


@dataclass(frozen=True)
class Maintenance:
    """What maintenance did. `freed` has the number of bytes that were deleted of each kind of file.

    `mended` has a line for each table in which damaged files were found: the next run computes them again. `problems`
    has one for each WARC file that still holds a page that was taken down.
    """

    compacted: tuple[Compaction, ...]
    freed: dict[str, int]
    mended: tuple[str, ...]
    problems: tuple[str, ...]

    @property
    def lines(self) -> list[str]:
        """What was done, in lines for people."""
        merged = [f"table {c.table}: {c.files_before:,} files merged to {c.files_after:,}" for c in self.compacted]
        deleted = [f"{what}: {readable_bytes(size)} deleted" for what, size in self.freed.items() if size]
        return [*merged, *deleted] or ["nothing to do"]


def maintain(settings: Settings, as_of: datetime) -> Maintenance:
    """Merge small files of the tables, publish them if all is up to date, and delete what `retention` allows.

    Pages that were taken down and came back are removed from WARC files. Files are verified before they are read. Files
    that an edition names are kept, and editions that a reader has open. It can be interrupted and repeated. The caller
    holds the writer's lock.
    """
    store, layout = Store(settings.warehouse), settings.layout
    store.mend()
    problems = remove_what_came_back(settings, store)
    results = [compact(store, table, layout.compaction_spill) for table in TABLES.values()]
    if any(results) and layout.published.exists() and not has_stale_units(all_stages(), settings, store):
        publish_all(settings, as_of)
    freed = {
        "editions": remove_old_editions(layout, settings.retention.editions),
        "unfinished runs": _remove_old(layout.staging, settings.retention.unfinished_runs_days),
        "damaged files": _remove_old(layout.damaged, settings.retention.damaged_files_days),
        "replaced files": remove_replaced_files(layout, settings.retention.replaced_files_hours),
    }
    for folder in table_folders(layout):
        shorten_log(folder)
    shorten_batch_journal(layout.batch_journal)
    mended = tuple(damage.message for damage in store.mended)
    return Maintenance(tuple(result for result in results if result), freed, mended, problems)


def _remove_old(folder: Path, days: int) -> int:
    """Delete what lies in a folder and has not changed for some days; return the number of bytes."""
    limit, freed = time.time() - days * _SECONDS_PER_DAY, 0
    for path in folder.glob("*"):
        if path.stat().st_mtime >= limit:
            continue
        files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
        freed += sum(file.stat().st_size for file in files)
        path.unlink() if path.is_file() else shutil.rmtree(path, ignore_errors=True)
    return freed
