"""Hashes of the tables of a warehouse, by which two warehouses are compared."""

from __future__ import annotations

import hashlib

from etl.configuration.settings import Settings
from etl.warehouse.delta import Store
from etl.warehouse.duck import reading
from schemas import TABLES


def table_hashes(settings: Settings) -> dict[str, str]:
    """A hash of the rows of each table, whatever their order. `runs`, which holds times of day, is left out."""
    hashes = {}
    with reading(Store(settings.warehouse)) as connection:
        for name in TABLES.keys() - {"runs"}:
            rows = connection.execute(f"SELECT md5(t::VARCHAR) AS row_hash FROM {name} t ORDER BY row_hash").fetchall()
            hashes[name] = hashlib.sha256(str(rows).encode()).hexdigest()
    return hashes
