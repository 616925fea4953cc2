"""The DuckDB side: the live tables as views of a connection, and SQL over them. Imports duckdb, as publish/ does."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from etl.errors import InputError, WarehouseError
from etl.warehouse.delta import Store
from etl.warehouse.layout import WarehouseLayout
from etl.warehouse.relocatable import named_files, quoted, set_root
from schemas import ARTICLES, RUNS, TABLES, Table
from schemas.views import view_sql

_TOGETHER = 500  # rows of a result that is read piece by piece

# What a statement of somebody who is not trusted must not use, beside files.
_CLOSED = (
    "temp_directory = ''", "autoinstall_known_extensions = false", "autoload_known_extensions = false",
    "python_enable_replacements = false",
)  # fmt: skip

# For every unit of every stage its latest row, if that one is done. A unit whose writing was begun and never finished
# is not: its tables may hold other rows than the run before wrote. A failed unit wrote nothing.
_DONE = """
CREATE OR REPLACE TEMP VIEW done AS
SELECT * FROM runs WHERE state IN ('done', 'begun')
QUALIFY row_number() OVER (PARTITION BY stage, unit ORDER BY seq DESC) = 1 AND state = 'done'
"""


class _OtherVersion(Exception):
    """A table's files have other columns."""


@contextlib.contextmanager
def reading(store: Store, tables: Sequence[Table] = tuple(TABLES.values())) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory connection with a view for each table on exactly its live files.

    With `runs` comes `done`, the latest finished row of each unit; with `articles` come the views of versions.
    """
    connection = duckdb.connect()
    try:
        connection.execute("SET TimeZone = 'UTC'")
        for table in tables:
            try:
                connection.execute(f"CREATE TEMP VIEW {table.name} AS {live_rows(table, store.files(table))}")
            except duckdb.BinderException:  # a column that its files lack
                raise _OtherVersion(table.name) from None
        if RUNS in tables:
            connection.execute(_DONE)
        if ARTICLES in tables:
            connection.execute("CREATE TEMP VIEW article_rows AS SELECT * FROM articles")
            for name in ("article_versions", "current_articles"):
                connection.execute(f"CREATE TEMP VIEW {name} AS {view_sql(name)}")
        yield connection
    except _OtherVersion as error:
        raise WarehouseError(
            f"{store.root}/tables/{error}: written by another version of Dateline; delete this folder, then: dateline "
            "run (it is made again from the WARC files)"
        ) from None
    except (duckdb.IOException, duckdb.InvalidInputException) as error:
        raise WarehouseError(
            f"a data file cannot be read: {_first_line(error)}; put it back, or delete its table's folder under "
            f"{store.root}/tables and run: dateline run"
        ) from None
    finally:
        connection.close()


def live_rows(table: Table, files: Sequence[str]) -> str:
    """A SELECT of a table's rows from these files; of no rows, with the right types, where there are none."""
    if not files:
        columns = ", ".join(f"NULL::{sql_type(c.type)} AS {c.name}" for c in table.columns)
        return f"SELECT {columns} WHERE false"
    listed = ", ".join(quoted(file) for file in files)
    columns = ", ".join(column.name for column in table.columns)
    hive = str(table.partitioned).lower()
    return (
        f"SELECT {columns} FROM read_parquet([{listed}], union_by_name = true, "
        f"hive_partitioning = {hive}, hive_types_autocast = false)"
    )


def sql_type(kind: pa.DataType) -> str:
    """The DuckDB type of an Arrow type."""
    if pa.types.is_large_list(kind):
        return f"{sql_type(kind.value_type)}[]"
    if pa.types.is_struct(kind):
        return "STRUCT(" + ", ".join(f"{f.name} {sql_type(f.type)}" for f in kind) + ")"
    if pa.types.is_timestamp(kind):
        return "TIMESTAMPTZ"
    names = {"large_string": "VARCHAR", "int64": "BIGINT", "double": "DOUBLE", "bool": "BOOLEAN", "date32[day]": "DATE"}
    return names[str(kind)]


def published_path(warehouse: Path) -> Path:
    """The published file of a warehouse. Raises WarehouseError where there is none."""
    path = WarehouseLayout(warehouse).published
    if not path.exists():
        raise WarehouseError(f"{path}: nothing is published yet; run: dateline import PATH, then: dateline run")
    return path


@contextlib.contextmanager
def published(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to the published file. Raises WarehouseError."""
    path = published_path(warehouse)
    try:
        connection = duckdb.connect(str(path.resolve()), read_only=True)
    except duckdb.Error as error:
        raise WarehouseError(f"{path}: cannot be opened: {_first_line(error)}") from None
    try:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(set_root(warehouse))
        yield connection
    finally:
        connection.close()


def query(
    warehouse: Path, sql: str, parameters: Mapping[str, Any] | None = None, marts: Sequence[str] = ()
) -> pa.Table:
    """The result of a statement over the published file. `marts`: those that it reads, which a file published by an
    older version may lack. Raises InputError where the statement is wrong, WarehouseError where a mart is not there."""
    with published(warehouse) as connection:
        tables = "SELECT table_name FROM duckdb_tables()"
        there = {name for (name,) in connection.execute(tables).fetchall()} if marts else set()
        for mart in marts:
            if mart not in there:
                raise WarehouseError(f"{published_path(warehouse)}: has no table {mart} yet; run: dateline run")
        try:
            result = connection.sql(sql, params=dict(parameters) if parameters else None)
            return result.to_arrow_table() if result is not None else pa.table({})
        except duckdb.IOException as error:
            raise WarehouseError(f"a data file cannot be read: {_first_line(error)}") from None
        except duckdb.Error as error:
            raise InputError(_statement_error(error)) from None


def published_rows(warehouse: Path, sql: str, parameters: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    """The rows of a statement over the published file, some at a time. Raises WarehouseError."""
    with published(warehouse) as connection:
        try:
            found = connection.execute(sql, dict(parameters))
            while rows := found.fetchmany(_TOGETHER):
                yield from rows
        except duckdb.Error as error:  # a data file that is gone, or a column that an older version did not publish
            raise WarehouseError(f"{published_path(warehouse)}: {_first_line(error)}; run: dateline run") from None


def data_files(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The data files that the published views name, below the warehouse."""
    views = connection.execute("SELECT sql FROM duckdb_views() WHERE NOT internal").fetchall()
    return named_files(sql for (sql,) in views)


def answer_select(warehouse: Path, sql: str, seconds: float, memory_mib: int, threads: int, rows: int) -> pa.Table:
    """The first rows of one SELECT of somebody who is not trusted. For a process of its own: DuckDB's settings are
    closed here, and a timer stops the statement. Raises InputError."""
    with published(warehouse) as connection:
        try:
            statements = duckdb.extract_statements(sql)
        except duckdb.Error as error:
            raise InputError(_statement_error(error)) from None
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise InputError("SQL: one SELECT is allowed, and nothing else")
        layout = WarehouseLayout(warehouse)
        files = ", ".join(quoted(str(layout.file(name))) for name in data_files(connection))
        for setting in (*_CLOSED, f"memory_limit = '{memory_mib}MiB'", f"threads = {threads}",
                        f"allowed_paths = [{files}]",
                        "enable_external_access = false", "lock_configuration = true"):  # fmt: skip
            connection.execute(f"SET {setting}")
        timer = threading.Timer(seconds, connection.interrupt)
        timer.daemon = True
        timer.start()
        try:
            return connection.sql(statements[0].query).limit(rows).to_arrow_table()
        except duckdb.InterruptException:
            raise InputError(f"the statement took more than {seconds:g} seconds; ask for less") from None
        except duckdb.OutOfMemoryException:
            raise InputError(f"the statement needs more than {memory_mib} MiB of memory; ask for less") from None
        except duckdb.Error as error:
            raise InputError(_statement_error(error)) from None
        finally:
            timer.cancel()


def _statement_error(error: Exception) -> str:
    """DuckDB's message in one line, with its pointer to the place as words."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip(" ^")]
    return f"SQL: {'; '.join(lines)}"


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
