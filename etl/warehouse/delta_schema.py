"""The schema version of Delta tables: older tables get the columns that they lack, newer ones are refused.

The version is a property of each table (schemas.SCHEMA_VERSION; 1 where it is missing). Adding columns changes no data
file: where a file lacks a column, its value is null.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote

import pyarrow as pa
from deltalake import DeltaTable, Schema

from etl.errors import WarehouseError
from schemas import SCHEMA_VERSION, Table

VERSION_PROPERTY = "dateline.schema"


@dataclass(frozen=True)
class TableUpgrade:
    """What brings a table to the current schema version: `columns` are added; of others nulls become allowed."""

    table: str
    version: int
    columns: tuple[str, ...]
    made_nullable: tuple[str, ...]


def refuse_newer(handle: DeltaTable) -> None:
    """Raise WarehouseError if a newer version of Dateline wrote a table."""
    if _version(handle) > SCHEMA_VERSION:
        raise WarehouseError(
            f"{_place(handle)}: was written by a newer Dateline (schema version {_version(handle)}; this one knows "
            f"{SCHEMA_VERSION}); install that version, or restore a backup"
        )


def planned_upgrade(table: Table, handle: DeltaTable) -> TableUpgrade | None:
    """Return what upgrade() would do; null if the table has the current schema version.

    Raises WarehouseError if a column has another type than in this version.
    """
    if _version(handle) == SCHEMA_VERSION:
        return None
    stored = {field.name: field for field in pa.schema(handle.schema().to_arrow())}
    for column in table.columns:
        if column.name in stored and _plain_type(stored[column.name].type) != _plain_type(column.type):
            raise WarehouseError(f"{_place(handle)}: column {column.name} has another type than this Dateline writes")
    names = {column.name for column in table.columns}
    return TableUpgrade(
        table.name, _version(handle), tuple(column.name for column in table.columns if column.name not in stored),
        tuple(name for name, field in stored.items() if name not in names and not field.nullable),
    )  # fmt: skip


def upgrade(table: Table, handle: DeltaTable) -> TableUpgrade | None:
    """Bring a table to the current schema version; return what was done. If it is interrupted, call it again."""
    planned = planned_upgrade(table, handle)
    if planned is None:
        return None
    if planned.columns:
        added = pa.schema([pa.field(c.name, c.type) for c in table.columns if c.name in planned.columns])
        handle.alter.add_columns(list(Schema.from_arrow(added).fields))
    for name in planned.made_nullable:
        handle.alter.drop_column_not_null(name)
    handle.alter.set_table_properties(version_property(), raise_if_not_exists=False)
    return planned


def version_property() -> dict[str, str]:
    """Return the property that says that a table has the current schema version."""
    return {VERSION_PROPERTY: str(SCHEMA_VERSION)}


def conform(rows: pa.Table, handle: DeltaTable) -> pa.Table:
    """Return rows with the columns of the stored table, in its order; columns that are no longer written are null."""
    fields = list(pa.schema(handle.schema().to_arrow()))
    columns = [rows[f.name] if f.name in rows.schema.names else pa.nulls(len(rows), f.type) for f in fields]
    schema = pa.schema([rows.schema.field(f.name) if f.name in rows.schema.names else f for f in fields])
    return pa.Table.from_arrays(columns, schema=schema)


def _place(handle: DeltaTable) -> str:
    """Return a table's path or URL as a user writes it."""
    return unquote(handle.table_uri.removeprefix("file://")).rstrip("/")


def _version(handle: DeltaTable) -> int:
    return int(handle.metadata().configuration.get(VERSION_PROPERTY, "1"))


def _plain_type(kind: pa.DataType) -> str:
    """Return a type's name without what Delta does not store: large or not, and whether items may be null."""
    return str(kind).replace("large_", "").replace(" not null", "").replace("item: ", "").replace("element: ", "")
