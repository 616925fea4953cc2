"""DuckDB connections: views of the Delta tables' current files, and SQL over the published file.

Only this module and etl/publish import duckdb.
"""

from __future__ import annotations

import contextlib
import errno
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from etl.errors import DatelineError, InputError, MachineError, WarehouseError
from etl.warehouse.delta import Store
from etl.warehouse.layout import WarehouseLayout
from etl.warehouse.relocatable import named_files, quoted, set_root
from schemas import ARTICLES, RUNS, TABLES, Table
from schemas.views import view_sql

_ROWS_PER_FETCH = 500
_MACHINE_ERRNOS = (errno.EMFILE, errno.ENFILE, errno.ENOSPC, errno.EIO, errno.EACCES, errno.ENOMEM, errno.EDQUOT)

# Settings for untrusted SQL, besides those that restrict files: no temporary files, no extensions, no Python objects.
_SAFE_SETTINGS = (
    "temp_directory = ''", "autoinstall_known_extensions = false", "autoload_known_extensions = false",
    "python_enable_replacements = false",
)  # fmt: skip

# The latest row of every unit of every stage, if its state is `done`. A unit whose latest row is `begun` is left out:
# its write was not finished, so its tables may hold other rows than those of its last finished run. `failed` rows are
# skipped, because a failed unit wrote nothing.
_DONE = """
CREATE OR REPLACE TEMP VIEW done AS
SELECT * FROM runs WHERE state IN ('done', 'begun')
QUALIFY row_number() OVER (PARTITION BY stage, unit ORDER BY seq DESC) = 1 AND state = 'done'
"""


@contextlib.contextmanager
def reading(store: Store, tables: Sequence[Table] = tuple(TABLES.values())) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield an in-memory connection with a view of each table that reads exactly its current files.

    If `runs` is among the tables there is also a view `done` with the row of each unit whose latest run is finished. If
    `articles` is among them there are also the views `article_rows`, `article_versions` and `current_articles`.
    Raises WarehouseError if a data file is missing, damaged or of another version.
    """
    connection = duckdb.connect()
    try:
        connection.execute("SET TimeZone = 'UTC'")
        for table in tables:
            create_rows_view(connection, table.name, table, live_rows(table, store.files(table)), "TEMP")
        if RUNS in tables:
            connection.execute(_DONE)
        if ARTICLES in tables:
            connection.execute("CREATE TEMP VIEW article_rows AS SELECT * FROM articles")
            for name in ("article_versions", "current_articles"):
                connection.execute(f"CREATE TEMP VIEW {name} AS {view_sql(name)}")
        yield connection
    except (duckdb.IOException, duckdb.InvalidInputException) as error:
        raise _read_error(_first_line(error)) from None
    finally:
        connection.close()


def create_rows_view(
    connection: duckdb.DuckDBPyConnection, name: str, table: Table, rows: str, kind: str = "", condition: str = ""
) -> None:
    """Create a view of a table's rows (from live_rows()). Columns that no file has yet are null.

    `kind` is TEMP or empty, `condition` a WHERE clause or empty.
    """
    columns = ", ".join(column.name for column in table.columns)
    statement = f"CREATE {kind} VIEW {name} AS SELECT {columns} FROM ({{}}){condition}"
    try:
        connection.execute(statement.format(rows))
    except duckdb.BinderException:  # an older version wrote all files: none has a column that was added since then
        connection.execute(statement.format(f"{live_rows(table, [])} UNION ALL BY NAME {rows}"))


def live_rows(table: Table, files: Sequence[str]) -> str:
    """Return a SELECT of all columns in data files. Without files it has the table's columns and no rows."""
    if not files:
        columns = ", ".join(f"NULL::{sql_type(c.type)} AS {c.name}" for c in table.columns)
        return f"SELECT {columns} WHERE false"
    paths = ", ".join(quoted(file) for file in files)
    hive = str(table.partitioned).lower()
    return (
        f"SELECT * FROM read_parquet([{paths}], union_by_name = true, hive_partitioning = {hive}, "
        "hive_types_autocast = false)"
    )


def sql_type(kind: pa.DataType) -> str:
    """Return the DuckDB type of an Arrow type."""
    if pa.types.is_large_list(kind):
        return f"{sql_type(kind.value_type)}[]"
    if pa.types.is_struct(kind):
        return "STRUCT(" + ", ".join(f"{f.name} {sql_type(f.type)}" for f in kind) + ")"
    if pa.types.is_timestamp(kind):
        return "TIMESTAMPTZ"
    names = {"large_string": "VARCHAR", "int64": "BIGINT", "double": "DOUBLE", "bool": "BOOLEAN", "date32[day]": "DATE"}
    return names[str(kind)]


def published_path(warehouse: Path) -> Path:
    """Return the path of a warehouse's published file. Raises WarehouseError if nothing is published."""
    path = WarehouseLayout(warehouse).published
    if not path.exists():
        raise WarehouseError(f"{path}: nothing is published yet; run: dateline import PATH, then: dateline run")
    return path


@contextlib.contextmanager
def published(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a read-only connection to the published file. Raises WarehouseError."""
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
    """Execute a statement on the published file and return its result.

    `marts` are the marts that the statement reads; a file published by an older version may lack some. Raises
    InputError for a mistake in the statement, WarehouseError if a mart is missing or a data file cannot be read.
    """
    with published(warehouse) as connection:
        tables = "SELECT table_name FROM duckdb_tables()"
        existing = {name for (name,) in connection.execute(tables).fetchall()} if marts else set()
        for mart in marts:
            if mart not in existing:
                raise WarehouseError(f"{published_path(warehouse)}: has no table {mart} yet; run: dateline run")
        try:
            result = connection.sql(sql, params=dict(parameters) if parameters else None)
            return result.to_arrow_table() if result is not None else pa.table({})
        except duckdb.Error as error:
            raise _query_error(error, published_path(warehouse)) from None


def published_rows(warehouse: Path, sql: str, parameters: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Execute a statement on the published file and yield its rows, without reading them all into memory.

    Raises WarehouseError.
    """
    with published(warehouse) as connection:
        try:
            result = connection.execute(sql, dict(parameters))
            while rows := result.fetchmany(_ROWS_PER_FETCH):
                yield from rows
        except duckdb.Error as error:  # a missing data file, or a column that an older version did not publish
            raise WarehouseError(f"{published_path(warehouse)}: {_first_line(error)}; run: dateline run") from None


def data_files(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the data files that the published views read, relative to the warehouse."""
    views = connection.execute("SELECT sql FROM duckdb_views() WHERE NOT internal").fetchall()
    return named_files(sql for (sql,) in views)


def answer_select(warehouse: Path, sql: str, seconds: float, memory_mib: int, threads: int, rows: int) -> pa.Table:
    """Execute one untrusted SELECT on the published file and return the first `rows` rows of its result.

    The statement can read only the warehouse's data files, cannot change settings, and is stopped after `seconds`.
    Call this in a separate process. Raises InputError.
    """
    with published(warehouse) as connection:
        try:
            statements = duckdb.extract_statements(sql)
        except duckdb.Error as error:
            raise InputError(_statement_error(error)) from None
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise InputError("SQL: only one SELECT statement is allowed")
        layout = WarehouseLayout(warehouse)
        files = ", ".join(quoted(str(layout.file(name))) for name in data_files(connection))
        for setting in (*_SAFE_SETTINGS, f"memory_limit = '{memory_mib}MiB'", f"threads = {threads}",
                        f"allowed_paths = [{files}]",
                        "enable_external_access = false", "lock_configuration = true"):  # fmt: skip
            connection.execute(f"SET {setting}")
        timer = threading.Timer(seconds, connection.interrupt)
        timer.daemon = True
        timer.start()
        try:
            return connection.sql(statements[0].query).limit(rows).to_arrow_table()
        except duckdb.InterruptException:
            raise InputError(f"the statement took more than {seconds:g} seconds; ask for less data") from None
        except duckdb.OutOfMemoryException:
            raise InputError(f"the statement needs more than {memory_mib} MiB of memory; ask for less data") from None
        except duckdb.Error as error:
            raise InputError(_statement_error(error)) from None
        finally:
            timer.cancel()


def _query_error(error: duckdb.Error, published: Path) -> DatelineError:
    """Return what a statement's error means: a file that cannot be read, or a mistake in the statement."""
    message = _first_line(error)
    if "Corrupt database" in message or isinstance(error, duckdb.FatalException | duckdb.InternalException):
        return WarehouseError(f"{published}: is damaged ({message}); make it anew with: dateline run")
    if isinstance(error, duckdb.IOException):
        return _read_error(message)
    return InputError(_statement_error(error))


def _read_error(message: str) -> DatelineError:
    """Return the error for a data file that cannot be read: the machine's fault, or a lost or damaged file."""
    if any(os.strerror(number) in message for number in _MACHINE_ERRNOS):
        return MachineError(f"a data file cannot be read: {message}")
    return WarehouseError(f"a data file cannot be read: {message}; what was in it is computed again by: dateline run")


def _statement_error(error: Exception) -> str:
    """Return DuckDB's message as one line, without the caret (^) that points at the place of the mistake."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip(" ^")]
    return f"SQL: {'; '.join(lines)}"


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
