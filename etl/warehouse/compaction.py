"""Merges the small files of the tables into few large ones, sorted by key, and keeps of `runs` only what counts.

Every night adds a file or two to each table, and every query opens all of them.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from etl.errors import MachineError
from etl.warehouse.delta import Store
from etl.warehouse.delta_maintenance import Partition
from etl.warehouse.duck import create_rows_view, live_rows
from etl.warehouse.relocatable import quoted
from schemas import RUNS, Table

_ROWS_PER_BATCH = 10_000
_MEMORY = "1GiB"  # what does not fit is written to the spill folder

# Of `runs`: the latest row of each unit, and if it failed or was interrupted also the latest row that is done. The
# hashes in `files` are in the table's _SHA256SUMS, too.
_LATEST_RUNS = """
SELECT * REPLACE ([] AS files) FROM runs
QUALIFY row_number() OVER (PARTITION BY stage, unit ORDER BY seq DESC) = 1
     OR row_number() OVER (PARTITION BY stage, unit, state = 'failed' ORDER BY seq DESC) = 1 AND state <> 'failed'
"""


@dataclass(frozen=True)
class Compaction:
    """What was merged: the number of a table's live data files before and after."""

    table: str
    files_before: int
    files_after: int


def compact(store: Store, table: Table, spill: Path) -> Compaction | None:
    """Merge the files of the months that have too many; null if there are none. The caller is the only writer.

    `spill` is a folder for data that does not fit into memory. Raises MachineError if the rows that were written are
    not those that were read; the table is then as it was before.
    """
    before = store.partitions(table)
    fragmented = [partition for partition in before if partition.is_fragmented]
    if not fragmented:
        return None
    for partition in fragmented:
        _rewrite(store, table, partition, spill)
    n_after = sum(partition.files for partition in store.partitions(table))
    return Compaction(table.name, sum(partition.files for partition in before), n_after)


def _rewrite(store: Store, table: Table, partition: Partition, spill: Path) -> None:
    where = {"month": [partition.month]} if partition.month else {}
    version = store.version(table)
    with _rows(store, table, partition, spill) as connection:
        expected = _fingerprint(connection)
        sort = ", ".join(dict.fromkeys((*(("month",) if table.partitioned else ()), *table.key)))
        result = connection.sql(f"SELECT * FROM kept ORDER BY {sort}")
        batches = (batch for part in _batches(result) for batch in _in_schema(part, table).to_batches())
        store.rewrite(table, pa.RecordBatchReader.from_batches(table.schema, batches), where)
    with _rows(store, table, partition, spill) as connection:
        if _fingerprint(connection) != expected:
            store.restore(table, version or 0)
            raise MachineError(f"table {table.name}: rows have changed while they were rewritten; nothing was kept")


@contextlib.contextmanager
def _rows(store: Store, table: Table, partition: Partition, spill: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection with a view `kept` of the rows of a partition that are kept."""
    marker = f"/month={partition.month}/"
    files = [file for file in store.files(table) if partition.month is None or marker in file]
    spill.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect()
    try:
        connection.execute(f"SET TimeZone = 'UTC'; SET memory_limit = '{_MEMORY}'; SET arrow_large_buffer_size = true")
        connection.execute(f"SET temp_directory = {quoted(str(spill))}")
        create_rows_view(connection, table.name, table, live_rows(table, files), "TEMP")
        kept = _LATEST_RUNS if table is RUNS else f"SELECT * FROM {table.name}"
        connection.execute(f"CREATE TEMP VIEW kept AS {kept}")
        yield connection
    finally:
        connection.close()
        shutil.rmtree(spill, ignore_errors=True)


def _batches(result: duckdb.DuckDBPyRelation) -> Iterator[pa.RecordBatch]:
    yield from result.to_arrow_reader(_ROWS_PER_BATCH)


def _fingerprint(connection: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    """Return the number of rows, and a sum over their contents that does not depend on their order."""
    [row] = connection.execute("SELECT count(*), coalesce(sum(hash(kept)::HUGEINT), 0) FROM kept").fetchall()
    return row[0], row[1]


def _in_schema(batch: pa.RecordBatch, table: Table) -> pa.Table:
    return table.check(pa.Table.from_batches([batch]).select(table.schema.names).cast(table.schema))
