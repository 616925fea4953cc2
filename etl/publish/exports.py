"""The marts as Parquet files, for dashboards that read files: `exports/latest/<mart>.parquet`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow.parquet as pq

from etl.warehouse import published
from schemas.marts import MARTS

_KEPT = 2  # exports kept, the newest included: a dashboard may still read the one before


def export_marts(warehouse: Path) -> Path:
    """Writes every mart of the published file, in its order, and points `exports/latest` at the new folder.

    All files of a folder are of one edition. Raises WarehouseError where nothing is published.
    """
    exports = warehouse / "exports"
    with published(warehouse) as connection:
        ((stamp,),) = connection.execute("SELECT stamp FROM about").fetchall()
        target = exports / str(stamp)
        if not target.exists():
            building = exports / f".{stamp}"
            shutil.rmtree(building, ignore_errors=True)
            building.mkdir(parents=True)
            for mart in MARTS:
                table = connection.sql(f"SELECT * FROM {mart}").to_arrow_table()
                pq.write_table(table, building / f"{mart}.parquet", compression="zstd")
            building.replace(target)
    link, new = exports / "latest", exports / ".latest"
    new.unlink(missing_ok=True)
    new.symlink_to(target.name)
    new.replace(link)
    folders = [path for path in exports.iterdir() if path.is_dir() and not path.is_symlink() and path != target]
    for old in sorted(folders, key=lambda path: path.stat().st_mtime)[: -(_KEPT - 1)]:
        shutil.rmtree(old)
    return link
