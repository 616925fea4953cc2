"""Record classes: one declaration is the Python type, the Arrow schema, the column's sentence and its check.

A table is a frozen dataclass whose fields are `Annotated[type, "what the column holds"]`, wrapped in a `Table`.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Any

import pyarrow as pa

_SCALARS: dict[type, pa.DataType] = {
    str: pa.large_string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
    date: pa.date32(),
    datetime: pa.timestamp("us", tz="UTC"),
}


class RecordError(ValueError):
    """A row does not fit its record class: names the table, the column and the first wrong value."""


@dataclasses.dataclass(frozen=True)
class Column:
    """One column: its Arrow type, whether it may be null, and the sentence of the data dictionary."""

    name: str
    type: pa.DataType
    nullable: bool
    python: type
    description: str


@dataclasses.dataclass(frozen=True)
class Table:
    """A table of the warehouse.

    `unit` are the columns that name the unit of work a row belongs to: a unit's rows are replaced together.
    `key` identifies a row. `text` are long columns, written without statistics or dictionary.
    """

    name: str
    record: type
    unit: tuple[str, ...]
    key: tuple[str, ...]
    text: tuple[str, ...] = ()
    partitioned: bool = True

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        hints = typing.get_type_hints(self.record, include_extras=True)
        return tuple(_column(f.name, hints[f.name]) for f in dataclasses.fields(self.record))

    @cached_property
    def schema(self) -> pa.Schema:
        return pa.schema([pa.field(c.name, c.type, c.nullable) for c in self.columns])

    @property
    def description(self) -> str:
        return (self.record.__doc__ or "").strip()

    def from_records(self, rows: Sequence[Any]) -> pa.Table:
        """Records -> Arrow table in this table's schema. Raises RecordError on a value of another type."""
        arrays = []
        for column in self.columns:
            values = [getattr(row, column.name) for row in rows]
            self._check_types(column, values)
            arrays.append(pa.array([_plain(v) for v in values], column.type))
        return self.check(pa.Table.from_arrays(arrays, schema=self.schema))

    def empty(self) -> pa.Table:
        return self.schema.empty_table()

    def check(self, rows: pa.Table) -> pa.Table:
        """The same rows, if they have exactly this schema and no null where none is allowed, nested lists included."""
        if rows.schema.names != self.schema.names:
            raise RecordError(f"{self.name}: columns {rows.schema.names} are not {self.schema.names}")
        for column in self.columns:
            values = rows[column.name]
            if values.type != column.type:
                raise RecordError(f"{self.name}.{column.name}: is {values.type}, should be {column.type}")
            if not column.nullable and values.null_count:
                raise RecordError(f"{self.name}.{column.name}: null in a column that is never null")
            if pa.types.is_large_list(column.type) and _nested_nulls(values):
                raise RecordError(f"{self.name}.{column.name}: null inside a list")
        return rows

    def _check_types(self, column: Column, values: Iterable[Any]) -> None:
        for value in values:
            wrong = value is None if not column.nullable else False
            if wrong or (value is not None and type(value) is not column.python):
                raise RecordError(f"{self.name}.{column.name}: {value!r} is not {column.python.__name__}")


def _column(name: str, hint: Any) -> Column:
    described, description = typing.get_args(hint)
    nullable = isinstance(described, types.UnionType)
    if nullable:
        (described,) = (a for a in typing.get_args(described) if a is not type(None))
    python = typing.get_origin(described) or described
    return Column(name, _arrow(described), nullable, python, description)


def _arrow(kind: Any) -> pa.DataType:
    if typing.get_origin(kind) is list:
        (item,) = typing.get_args(kind)
        return pa.large_list(pa.field("item", _arrow(item), nullable=False))
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return pa.struct([pa.field(f.name, _arrow(hints[f.name]), nullable=False) for f in dataclasses.fields(kind)])
    return _SCALARS[kind]


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [dataclasses.asdict(v) if dataclasses.is_dataclass(v) and not isinstance(v, type) else v for v in value]
    return value


def _nested_nulls(values: pa.ChunkedArray) -> bool:
    items = values.combine_chunks().flatten()
    if items.null_count:
        return True
    return pa.types.is_struct(items.type) and any(child.null_count for child in items.flatten())
