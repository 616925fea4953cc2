"""Rows for tests: a record with defaults, so that a test names only what it is about."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime
from typing import Any

from etl.warehouse.delta import Store
from etl.warehouse.duck import reading
from schemas import TABLES, Table

_DEFAULTS: dict[type, Any] = {
    str: "", int: 0, float: 0.0, bool: False, date: date(2025, 9, 1),
    datetime: datetime(2025, 9, 1, 12, tzinfo=UTC), list: [],
}  # fmt: skip


def row(table: Table, **given: Any) -> Any:
    """A record of a table: given values, else null where that is allowed, else something empty."""
    values = {c.name: None if c.nullable else _DEFAULTS[c.python] for c in table.columns}
    unknown = given.keys() - values.keys()
    assert not unknown, f"{table.name} has no {unknown}"
    fields = {field.name for field in dataclasses.fields(table.record)}
    assert fields == values.keys()
    return table.record(**(values | given))


def content_hash(store: Store, name: str) -> str:
    """Hash of a table's rows, whatever their order in the files."""
    with reading(store) as connection:
        found = connection.execute(
            f"SELECT count(*), md5(string_agg(h, '' ORDER BY h)) FROM (SELECT md5(t::VARCHAR) AS h FROM {name} t)"
        ).fetchone()
    return str(found)


DERIVED = tuple(name for name in TABLES if name not in ("runs", "fetches"))
