"""The tables on disk or S3: create, read, replace. The only place that imports deltalake.

Every rule here mends something that was seen to break; docs/architecture.md says what.
"""

from __future__ import annotations

import contextlib
import json
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
from etl.errors import Retryable, WarehouseError
from etl.warehouse.batches import file_sha256
from etl.warehouse.layout import DATA_FOLDER, WarehouseLayout
from schemas import Table

Where = Mapping[str, Sequence[str | date]]
Handle = DeltaTable  # an opened table: what was seen when it was opened decides what a write may replace


@dataclass(frozen=True)
class Committed:
    """What one commit left: the table's version, its rows, and `name:sha256` of the files it added."""

    table: str
    version: int
    rows: int
    files: tuple[str, ...]


class Store:
    """The Delta tables below one folder or S3 prefix."""

    def __init__(self, root: Path | str, options: dict[str, str] | None = None) -> None:
        self.root = str(root)
        self.options = options
        self.local = "://" not in self.root
        self._layout = WarehouseLayout(Path(self.root))

    def location(self, table: Table) -> str:
        return str(self._layout.table(table.name)) if self.local else f"{self.root}/{DATA_FOLDER}/{table.name}"

    def open(self, table: Table, version: int | None = None) -> Handle:
        """A handle on the table, made if missing. Open it before reading what the rows are made from, and write
        through it: a writer that was stopped and woke up must lose to what was written meanwhile."""
        try:
            return DeltaTable(self.location(table), version=version, storage_options=self.options)
        except TableNotFoundError:
            return self._create(table)
        except DeltaError as error:
            raise WarehouseError(f"table {table.name} cannot be opened: {_first_line(error)}") from None

    def version(self, table: Table) -> int | None:
        """The table's current version; null if it does not exist."""
        handle = self._existing(table)
        return handle.version() if handle else None

    def files(self, table: Table, version: int | None = None) -> list[str]:
        """The live data files of a version, absolute, in a fixed order."""
        handle = self._existing(table, version)
        uris = handle.file_uris() if handle else []
        return sorted(unquote(uri.removeprefix("file://")) if self.local else uri for uri in uris)

    def replace(self, table: Table, rows: pa.Table, where: Where, opened: Handle | None = None) -> Committed:
        """Puts `rows` in place of all rows that `where` names, in one transaction; durable on return.

        `where`: unit column -> its values; the rows of their product are replaced.
        Raises Retryable if the commit lost a race: it may have landed, so ask plan() again.
        """
        handle = opened or self.open(table)
        ordered = _ordered(table, rows)
        try:
            write_deltalake(
                handle,
                ordered,
                mode="overwrite",
                predicate=_predicate(where),
                writer_properties=_writer_properties(table),
                commit_properties=CommitProperties(max_commit_retries=100),
            )
        except CommitFailedError as error:
            raise Retryable(f"table {table.name}: the commit lost a race: {_first_line(error)}") from None
        except (DeltaError, OSError) as error:
            raise WarehouseError(f"table {table.name} cannot be written: {_first_line(error)}") from None
        return self._finish(table, handle, ordered.num_rows)

    def append(self, table: Table, rows: pa.Table) -> Committed:
        """Adds rows in one transaction; durable on return."""
        handle = self.open(table)
        ordered = _ordered(table, rows)
        try:
            write_deltalake(handle, ordered, mode="append", writer_properties=_writer_properties(table))
        except (DeltaError, OSError) as error:
            raise WarehouseError(f"table {table.name} cannot be written: {_first_line(error)}") from None
        return self._finish(table, handle, ordered.num_rows)

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """The writer's slot: one writer a warehouse. Raises Retryable if another process has it.

        On S3 the slot is the scheduler's (a pool with one place).
        """
        if not self.local:
            yield
            return
        refuse_snapshot(Path(self.root))
        try:
            Path(self.root).mkdir(parents=True, exist_ok=True)
            lock = FileLock(self._layout.writer_lock)
            lock.acquire(timeout=0)
        except Timeout:
            raise Retryable(
                f"{self.root}: another dateline process is writing here; try again when it is done"
            ) from None
        except OSError as error:
            raise WarehouseError(f"{self.root}: cannot be written: {error.strerror}; check its permissions") from None
        try:
            yield
        finally:
            lock.release()

    def _existing(self, table: Table, version: int | None = None) -> DeltaTable | None:
        try:
            return DeltaTable(self.location(table), version=version, storage_options=self.options)
        except TableNotFoundError:
            return None
        except DeltaError as error:
            raise WarehouseError(f"table {table.name} cannot be read: {_first_line(error)}") from None

    def _create(self, table: Table) -> DeltaTable:
        try:
            return DeltaTable.create(
                self.location(table),
                schema=table.schema,
                mode="ignore",
                partition_by=["month"] if table.partitioned else None,
                description=table.description.splitlines()[0],
                storage_options=self.options,
            )
        except (DeltaError, OSError) as error:
            raise WarehouseError(f"table {table.name} cannot be made: {_first_line(error)}") from None

    def _finish(self, table: Table, handle: DeltaTable, rows: int) -> Committed:
        """Makes a commit durable (delta-rs never calls fsync) and hashes the files that it added."""
        version = handle.version()
        if not self.local:
            return Committed(table.name, version, rows, ())
        root = Path(self.location(table))
        log = root / "_delta_log" / f"{version:020d}.json"
        added = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines() if line.startswith('{"add"')]
        paths = [root / unquote(action["add"]["path"]) for action in added]
        checkpoints = list(log.parent.glob(f"{version:020d}.checkpoint*.parquet"))
        for path in [*paths, log, *checkpoints]:
            sync(path)
        for folder in {root, *(path.parent for path in paths), log.parent}:
            sync(folder)
        files = tuple(f"{path.relative_to(root)}:{file_sha256(path)}" for path in paths)
        return Committed(table.name, version, rows, files)


def _ordered(table: Table, rows: pa.Table) -> pa.Table:
    """Checked, sorted by key, in one chunk (rows in several chunks were seen to lose their order)."""
    keys = [name for name in ("month", *table.key) if name in rows.schema.names]
    return table.check(rows).sort_by([(key, "ascending") for key in dict.fromkeys(keys)]).combine_chunks()


def _predicate(where: Where) -> str:
    """Bounds first: conflicts are judged by files' minima and maxima, and long lists are not pruned."""
    clauses = []
    for column, values in where.items():
        # Sorted before they are quoted: 'a' goes before 'a b', but "'a'" after "'a b'".
        literals = [f"'{value.replace(chr(39), chr(39) * 2)}'" for value in sorted(map(str, values))]
        clauses.append(
            f"{column} >= {literals[0]} AND {column} <= {literals[-1]} AND {column} IN ({', '.join(literals)})"
        )
    return " AND ".join(clauses)


def _writer_properties(table: Table) -> WriterProperties:
    plain = ColumnProperties(dictionary_enabled=False, statistics_enabled="NONE")
    return WriterProperties(
        compression="ZSTD",
        compression_level=3,
        statistics_truncate_length=64,
        column_properties=dict.fromkeys(table.text, plain) or None,
    )


def sync(path: Path) -> None:
    """Makes a file, or a folder's entries, durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _first_line(error: Any) -> str:
    return str(error).strip().splitlines()[0][:300]
