"""Delta tables on disk or S3: create, open, list files, replace and append rows. Only this module imports deltalake.

Each special case in this module fixes a failure that really occurred; docs/architecture.md describes them.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
from deltalake import ColumnProperties, CommitProperties, DeltaTable, WriterProperties, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError
from filelock import FileLock, Timeout

from etl.configuration.settings import refuse_snapshot
from etl.errors import MachineError, Retryable, WarehouseError
from etl.warehouse.delta_files import (
    TableDamage,
    adopt_files,
    find_damage,
    has_unrecorded_files,
    record_commit,
    remove_damage,
)
from etl.warehouse.delta_maintenance import TARGET_BYTES, Partition, partitions
from etl.warehouse.delta_schema import (
    TableUpgrade,
    conform,
    planned_upgrade,
    refuse_newer,
    upgrade,
    version_property,
)
from etl.warehouse.layout import DATA_FOLDER, WarehouseLayout
from schemas import RUNS, TABLES, Table

Where = Mapping[str, Sequence[str | date]]
Handle = DeltaTable  # an opened table: a write through it fails if its rows were replaced after it was opened

_MAX_COMMIT_RETRIES = 100
_COMPRESSION_LEVEL = 3
_STATISTICS_BYTES = 64  # longer text would bloat the transaction log
_MAX_ERROR_LENGTH = 300


@dataclass(frozen=True)
class TableCommit:
    """A commit to one table: the table's new version, the number of rows written, and the files added.

    `files` are `path:sha256`, with paths relative to the table's folder; empty on S3.
    """

    table: str
    version: int
    rows: int
    files: tuple[str, ...]


class Store:
    """The Delta tables in one folder or S3 prefix. `options` are the storage options of delta-rs."""

    def __init__(self, root: Path | str, options: dict[str, str] | None = None) -> None:
        self.root = str(root)
        self.options = options
        self.local = "://" not in self.root
        self.mended: list[TableDamage] = []
        self._layout = WarehouseLayout(Path(self.root))

    def location(self, table: Table) -> str:
        """Return the path or URL of a table's folder."""
        return str(self._layout.table(table.name)) if self.local else f"{self.root}/{DATA_FOLDER}/{table.name}"

    def open(self, table: Table, version: int | None = None) -> Handle:
        """Open a table and create it if it does not exist.

        Open it before you read the data from which new rows are made, and write through this handle: a writer that was
        suspended must not overwrite what others wrote in the meantime.
        """
        return self._existing(table, version) or self._create(table)

    def version(self, table: Table) -> int | None:
        """Return the table's current version, or null if the table does not exist."""
        handle = self._existing(table)
        return handle.version() if handle else None

    def identity(self, table: Table) -> tuple[str, int] | None:
        """Return the table's own id and its version; null if it does not exist.

        A table that was deleted and made again can reach the same version, but never the same id.
        """
        handle = self._existing(table)
        return (str(handle.metadata().id), handle.version()) if handle else None

    def files(self, table: Table, version: int | None = None) -> list[str]:
        """Return the absolute paths or URLs of the data files of a version (default: the current one), sorted.

        Raises WarehouseError if the table cannot be read, or if a newer version of Dateline wrote it.
        """
        handle = self._existing(table, version)
        uris = handle.file_uris() if handle else []
        return sorted(unquote(uri.removeprefix("file://")) if self.local else uri for uri in uris)

    def replace(self, table: Table, rows: pa.Table, where: Where, opened: Handle | None = None) -> TableCommit:
        """Replace all rows selected by `where` with `rows` in one transaction, which is durable on return.

        `where` maps unit columns to values; the rows with any combination of these values are replaced.
        Raises Retryable if another writer committed first. The rows may have been written all the same, so call plan()
        again to find out. Raises WarehouseError if the table cannot be written.
        """
        handle = opened or self.open(table)
        ordered = conform(_ordered(table, rows), handle)
        self._overwrite(table, handle, ordered, _predicate(where))
        return self._finish(table, handle, ordered.num_rows)

    def delete(self, table: Table, where: Where) -> None:
        """Delete the rows selected by `where`, none if one of its lists is empty. The caller is the only writer."""
        handle = self._existing(table)
        if handle is None or not all(where.values()):
            return
        version = handle.version()
        try:
            handle.delete(_predicate(where), writer_properties=_writer_properties(table))
        except (DeltaError, OSError) as error:
            raise WarehouseError(f"table {table.name} cannot be written: {_first_line(error)}") from None
        if handle.version() > version:
            self._finish(table, handle, 0)

    def rewrite(self, table: Table, rows: pa.RecordBatchReader, where: Where) -> None:
        """Replace all rows selected by `where` (empty: all) with rows that are read and written batch by batch.

        One transaction, which is durable on return. `rows` have the table's schema and order. The caller is the only
        writer. Raises WarehouseError.
        """
        handle = self.open(table)
        schema = conform(table.empty(), handle).schema
        batches = (batch for part in rows for batch in conform(pa.Table.from_batches([part]), handle).to_batches())
        self._overwrite(table, handle, pa.RecordBatchReader.from_batches(schema, batches), _predicate(where) or None)
        self._finish(table, handle, 0)

    def restore(self, table: Table, version: int) -> None:
        """Make an earlier version of a table the current one."""
        handle = self.open(table)
        handle.restore(version)
        self._finish(table, handle, 0)

    def partitions(self, table: Table) -> list[Partition]:
        """Return the months of a table with the number and size of their data files; empty if it does not exist."""
        handle = self._existing(table)
        return partitions(handle) if handle else []

    def _overwrite(
        self, table: Table, handle: Handle, rows: pa.Table | pa.RecordBatchReader, predicate: str | None
    ) -> None:
        try:
            write_deltalake(
                handle,
                rows,
                mode="overwrite",
                predicate=predicate,
                target_file_size=TARGET_BYTES,
                writer_properties=_writer_properties(table),
                commit_properties=CommitProperties(max_commit_retries=_MAX_COMMIT_RETRIES),
            )
        except CommitFailedError as error:
            raise Retryable(
                f"table {table.name}: another process changed these rows first; try again: {_first_line(error)}"
            ) from None
        except (DeltaError, OSError) as error:
            raise WarehouseError(f"table {table.name} cannot be written: {_first_line(error)}") from None

    def append(self, table: Table, rows: pa.Table) -> TableCommit:
        """Add rows in one transaction, which is durable on return. Raises WarehouseError."""
        handle = self.open(table)
        ordered = conform(_ordered(table, rows), handle)
        try:
            write_deltalake(handle, ordered, mode="append", writer_properties=_writer_properties(table))
        except (DeltaError, OSError) as error:
            raise WarehouseError(f"table {table.name} cannot be written: {_first_line(error)}") from None
        return self._finish(table, handle, ordered.num_rows)

    @contextlib.contextmanager
    def writing(self, wait: float = 0) -> Iterator[None]:
        """Hold the writer's lock, which lets one process at a time write to a warehouse.

        Raises Retryable if another process still holds it after `wait` seconds, WarehouseError for a snapshot or a
        folder that cannot be written.
        On S3 there is no lock: there the scheduler must allow only one writer (a pool with one slot).
        """
        if not self.local:
            yield
            return
        refuse_snapshot(Path(self.root))
        try:
            Path(self.root).mkdir(parents=True, exist_ok=True)
            lock = FileLock(self._layout.writer_lock)
            lock.acquire(timeout=wait)
        except Timeout:
            raise Retryable(
                f"{self.root}: another dateline process is writing here; try again when it is done, or use --wait"
            ) from None
        except OSError as error:
            raise WarehouseError(f"{self.root}: cannot be written: {error.strerror}; check its permissions") from None
        try:
            self.mend(log_only=True)  # a table with a damaged log could not be opened
            self.upgrade()
            self._adopt_files()
            yield
        finally:
            lock.release()

    def find_damage(self, again: bool = False, log_only: bool = False) -> list[TableDamage]:
        """Return the tables with files that are missing or not as they were written.

        Each file is read once by a process, unless `again`. On S3 nothing is checked: the service does that.
        """
        if not self.local:
            return []
        folders = [(table.name, Path(self.location(table))) for table in TABLES.values()]
        try:
            return [damage for name, path in folders if (damage := find_damage(name, path, again, log_only))]
        except (DeltaError, OSError) as error:
            raise MachineError(f"{self.root}: a table's files cannot be read: {_first_line(error)}") from None

    def mend(self, log_only: bool = False) -> None:
        """Move damaged files away, so that what was in them is computed again. The caller is the only writer.

        `mended` says what was moved.
        """
        while damages := self.find_damage(log_only=log_only):
            for damage in damages:
                remove_damage(damage, self._layout.table(damage.table), self._layout.damaged)
            self.mended += damages

    def _adopt_files(self) -> None:
        """Record the hashes of files that have none, so that later damage to them can be noticed."""
        folders = [Path(self.location(table)) for table in TABLES.values()]
        unrecorded = [folder for folder in folders if has_unrecorded_files(folder)]
        if not unrecorded:
            return
        lists = []
        if runs := self._existing(RUNS):
            with contextlib.suppress(DeltaError, OSError, pa.ArrowException):  # damaged: then they are not known
                lists = runs.to_pyarrow_table(columns=["files"])["files"].to_pylist()
        recorded = dict(file.rsplit(":", 1) for files in lists for file in files)
        for folder in unrecorded:
            adopt_files(folder, recorded)

    def planned_upgrades(self) -> list[TableUpgrade]:
        """Return what upgrade() would do. Raises WarehouseError for a table that a newer version of Dateline wrote."""
        existing = [(table, handle) for table in TABLES.values() if (handle := self._existing(table))]
        return [planned for table, handle in existing if (planned := planned_upgrade(table, handle))]

    def upgrade(self) -> list[TableUpgrade]:
        """Bring all tables to the current schema version, and return what was done. The caller is the only writer.

        All tables are opened before one is changed, so that nothing is done if one of them cannot be used.
        """
        planned = self.planned_upgrades()
        for step in planned:
            table = TABLES[step.table]
            handle = self.open(table)
            try:
                upgrade(table, handle)
                self._adopt_files()
            except (DeltaError, OSError) as error:
                raise WarehouseError(f"table {table.name} cannot be upgraded: {_first_line(error)}") from None
        return planned

    def _existing(self, table: Table, version: int | None = None) -> DeltaTable | None:
        try:
            handle = DeltaTable(self.location(table), version=version, storage_options=self.options)
        except TableNotFoundError:
            return None
        except DeltaError as error:
            raise WarehouseError(f"table {table.name} cannot be read: {_first_line(error)}") from None
        refuse_newer(handle)
        return handle

    def _create(self, table: Table) -> DeltaTable:
        try:
            handle = DeltaTable.create(
                self.location(table),
                schema=table.schema,
                mode="ignore",
                partition_by=["month"] if table.partitioned else None,
                description=table.description.splitlines()[0],
                configuration=version_property(),
                raise_if_key_not_exists=False,
                storage_options=self.options,
            )
            if self.local:
                adopt_files(Path(self.location(table)), {})
            return handle
        except (DeltaError, OSError) as error:
            raise WarehouseError(f"table {table.name} cannot be created: {_first_line(error)}") from None

    def _finish(self, table: Table, handle: DeltaTable, rows: int) -> TableCommit:
        """Make a commit durable, because delta-rs never calls fsync, and hash the files it added."""
        version = handle.version()
        if not self.local:
            return TableCommit(table.name, version, rows, ())
        root = Path(self.location(table))
        log = root / "_delta_log" / f"{version:020d}.json"
        sums = record_commit(root, version)
        paths = [root / name for name in sums]
        checkpoints = list(log.parent.glob(f"{version:020d}.checkpoint*.parquet"))
        for path in [*paths, log, *checkpoints]:
            sync(path)
        for folder in {root, *(path.parent for path in paths), log.parent}:
            sync(folder)
        return TableCommit(table.name, version, rows, tuple(f"{name}:{sha256}" for name, sha256 in sums.items()))


def _ordered(table: Table, rows: pa.Table) -> pa.Table:
    """Check rows and sort them by their key. They are put into one chunk: rows in several chunks lost their order."""
    keys = [name for name in ("month", *table.key) if name in rows.schema.names]
    return table.check(rows).sort_by([(key, "ascending") for key in dict.fromkeys(keys)]).combine_chunks()


def _predicate(where: Where) -> str:
    """Return the SQL condition for `where`: for each column its bounds and then the list of values.

    The bounds are needed because delta-rs detects conflicts by the minima and maxima of files, and does not skip files
    by a long list.
    """
    clauses = []
    for column, values in where.items():
        # Sorted before they are quoted: a comes before a b, but 'a' with its quotes comes after 'a b'.
        literals = [f"'{value.replace(chr(39), chr(39) * 2)}'" for value in sorted(map(str, values))]
        clauses.append(
            f"{column} >= {literals[0]} AND {column} <= {literals[-1]} AND {column} IN ({', '.join(literals)})"
        )
    return " AND ".join(clauses)


def _writer_properties(table: Table) -> WriterProperties:
    unindexed = ColumnProperties(dictionary_enabled=False, statistics_enabled="NONE")
    return WriterProperties(
        compression="ZSTD",
        compression_level=_COMPRESSION_LEVEL,
        statistics_truncate_length=_STATISTICS_BYTES,
        column_properties=dict.fromkeys(table.text, unindexed) or None,
    )


def sync(path: Path) -> None:
    """Flush a file, or the entries of a folder, to the disk (fsync)."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _first_line(error: Any) -> str:
    return str(error).strip().splitlines()[0][:_MAX_ERROR_LENGTH]
