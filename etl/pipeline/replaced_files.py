"""Deletes data files that are no longer part of a table and that no edition names."""

from __future__ import annotations

from pathlib import Path

from etl.publish.edition_file import files_of_edition
from etl.warehouse.delta_maintenance import remove_unneeded_files
from etl.warehouse.layout import DATA_FOLDER, WarehouseLayout
from schemas import TABLES


def table_folders(layout: WarehouseLayout) -> list[Path]:
    """Return the folders of all tables that exist."""
    return [layout.table(name) for name in TABLES if layout.table(name).is_dir()]


def remove_replaced_files(layout: WarehouseLayout, hours: int) -> int:
    """Delete data files that were replaced some hours ago; return their number of bytes.

    The caller is the only writer.
    """
    named = {name for _, edition in layout.editions() for name in files_of_edition(edition)}
    freed = 0
    for folder in table_folders(layout):
        prefix = f"{DATA_FOLDER}/{folder.name}/"
        needed = {name.removeprefix(prefix) for name in named if name.startswith(prefix)}
        freed += remove_unneeded_files(folder, needed, hours)
    return freed
