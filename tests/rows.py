"""Records with defaults, so that a test names only the columns that it is about; and hashes of tables."""

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


def row(table: Table, **columns: Any) -> Any:
    """A record of a table. A column that is not given is null where the table allows it, else empty or a default."""
    values = {c.name: None if c.nullable else _DEFAULTS[c.python] for c in table.columns}
    unknown = columns.keys() - values.keys()
    assert not unknown, f"{table.name} has no columns {unknown}"
    fields = {field.name for field in dataclasses.fields(table.record)}
    assert fields == values.keys()
    return table.record(**(values | columns))


def content_hash(store: Store, name: str) -> str:
    """A hash of the rows of a table, whatever their order in the files."""
    with reading(store) as connection:
        count_and_hash = connection.execute(
            f"SELECT count(*), md5(string_agg(h, '' ORDER BY h)) FROM (SELECT md5(t::VARCHAR) AS h FROM {name} t)"
        ).fetchone()
    return str(count_and_hash)


DERIVED = tuple(name for name in TABLES if name not in ("runs", "fetches"))
