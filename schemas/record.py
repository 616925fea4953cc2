"""Record classes: one declaration of a table gives its Python type, its Arrow schema, its documentation and its
validation.

A table is a frozen dataclass wrapped in a `Table`. Its fields are `Annotated[type, "what the column holds"]`. A column
with a closed set of values has a third part: a mapping from each value to its meaning (see `schemas.values`). The type
of such a column is a `Literal` of strings. Where the allowed values come from a data file, which a type checker cannot
read, it is `str`.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
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
    """A row does not fit its record class. The message names the table, the column and the first wrong value."""


@dataclasses.dataclass(frozen=True)
class Column:
    """A column: its Arrow type, whether it may be null, its Python type, and what it holds.

    `meanings` maps each value of a closed set to its meaning; it is empty for all other columns.
    """

    name: str
    type: pa.DataType
    nullable: bool
    python: type
    sentence: str
    meanings: Mapping[str, str]

    @property
    def description(self) -> str:
        """The sentence, followed by the values of a closed set with their meanings."""
        if not self.meanings:
            return self.sentence
        return f"{self.sentence} Values: {'; '.join(f'{value}: {means}' for value, means in self.meanings.items())}."


@dataclasses.dataclass(frozen=True)
class Table:
    """A table of the warehouse.

    `unit`: the columns that name the unit of work that a row belongs to; the rows of a unit are replaced together.
    `key`: the columns that identify a row. `text`: columns of long texts, written without statistics or dictionary.
    `stage`: the stage that writes the table; only rows of its finished units are published. `rows_view`: the published
    view of these rows, if the view with the table's own name (schemas/views/<name>.sql) shows something else; without
    it the rows are published under the table's name. `exported`: whether `dateline export` offers the table.
    """

    name: str
    record: type
    unit: tuple[str, ...]
    key: tuple[str, ...]
    text: tuple[str, ...] = ()
    partitioned: bool = True
    stage: str | None = None
    rows_view: str | None = None
    exported: bool = True

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The columns in the order of the record's fields."""
        hints = typing.get_type_hints(self.record, include_extras=True)
        return tuple(_column(f.name, hints[f.name]) for f in dataclasses.fields(self.record))

    @cached_property
    def schema(self) -> pa.Schema:
        """The Arrow schema."""
        return pa.schema([pa.field(c.name, c.type, c.nullable) for c in self.columns])

    @property
    def description(self) -> str:
        """What a row is: the docstring of the record class."""
        return " ".join((self.record.__doc__ or "").split())

    def from_records(self, rows: Sequence[Any]) -> pa.Table:
        """Return records as an Arrow table in this table's schema. Raises RecordError on a value of another type."""
        arrays = []
        for column in self.columns:
            values = [getattr(row, column.name) for row in rows]
            self._check_types(column, values)
            arrays.append(pa.array([_plain(v) for v in values], column.type))
        return self.check(pa.Table.from_arrays(arrays, schema=self.schema))

    def empty(self) -> pa.Table:
        """Return an Arrow table of no rows in this table's schema."""
        return self.schema.empty_table()

    def check(self, rows: pa.Table) -> pa.Table:
        """Return the same rows.

        Raises RecordError if they do not have exactly this schema, or if there is a null inside a list or in a column
        that may not be null.
        """
        if rows.schema.names != self.schema.names:
            raise RecordError(f"{self.name}: the columns are {rows.schema.names}, but should be {self.schema.names}")
        for column in self.columns:
            values = rows[column.name]
            if values.type != column.type:
                raise RecordError(f"{self.name}.{column.name}: the type is {values.type}, but should be {column.type}")
            if not column.nullable and values.null_count:
                raise RecordError(f"{self.name}.{column.name}: null in a column that may not be null")
            if pa.types.is_large_list(column.type) and _has_nested_null(values):
                raise RecordError(f"{self.name}.{column.name}: null inside a list")
        return rows

    def _check_types(self, column: Column, values: Iterable[Any]) -> None:
        for value in values:
            is_forbidden_null = value is None if not column.nullable else False
            if is_forbidden_null or (value is not None and type(value) is not column.python):
                raise RecordError(f"{self.name}.{column.name}: {value!r} is not {column.python.__name__}")


def _column(name: str, hint: Any) -> Column:
    annotated, sentence, *rest = typing.get_args(hint)
    nullable = typing.get_origin(annotated) in (types.UnionType, typing.Union)
    if nullable:
        (annotated,) = (a for a in typing.get_args(annotated) if a is not type(None))
    python = str if _is_literal(annotated) else typing.get_origin(annotated) or annotated
    return Column(name, _arrow(annotated), nullable, python, sentence, rest[0] if rest else {})


def _is_literal(kind: Any) -> bool:
    return typing.get_origin(kind) is typing.Literal


def _arrow(kind: Any) -> pa.DataType:
    if typing.get_origin(kind) is list:
        (item,) = typing.get_args(kind)
        return pa.large_list(pa.field("item", _arrow(item), nullable=False))
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return pa.struct([pa.field(f.name, _arrow(hints[f.name]), nullable=False) for f in dataclasses.fields(kind)])
    if _is_literal(kind):  # of strings
        return _SCALARS[str]
    return _SCALARS[kind]


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [dataclasses.asdict(v) if dataclasses.is_dataclass(v) and not isinstance(v, type) else v for v in value]
    return value


def _has_nested_null(values: pa.ChunkedArray) -> bool:
    items = values.combine_chunks().flatten()
    if items.null_count:
        return True
    return pa.types.is_struct(items.type) and any(child.null_count for child in items.flatten())
