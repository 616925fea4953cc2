"""Removes articles from a snapshot: the one reason why a snapshot is changed. Its manifest says so afterwards."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.errors import WarehouseError
from etl.publish.edition import build_views_and_marts
from etl.publish.snapshots import damaged, write_manifest
from etl.warehouse.batches import file_sha256
from etl.warehouse.layout import DATA_FOLDER, MANIFEST, WarehouseLayout, replace_file
from etl.warehouse.relocatable import quoted, set_root
from schemas import TABLES

_INPUTS = ("topics", "sources", "shown_units", "about")


def remove_from_snapshot(
    folder: Path, article_ids: Sequence[str], urls: Sequence[str], reason: str, taken_down_at: datetime
) -> bool:
    """Remove articles and all that was found in them from a snapshot; return whether it had any of them.

    Rows of requests and rejects with these URLs are removed, too. Its marts are made anew by the current version of
    Dateline. The manifest is written first and its checksum last: if it is interrupted, call it again. Raises
    WarehouseError if the snapshot is damaged, because it could not be known afterwards what was.
    """
    layout, changed = WarehouseLayout(folder), damaged(folder)
    manifest = _read_manifest(layout)
    notes = manifest.setdefault("taken_down", [])
    is_interrupted = MANIFEST in changed and any({*article_ids} <= {*note["article_ids"]} for note in notes)
    if not is_interrupted:
        if not any(_rows_to_remove(path, article_ids, urls) is not None for path in _data_files(folder)):
            return False
        if changed:
            raise WarehouseError(f"{folder / changed[0]}: is damaged; restore the snapshot and repeat the takedown")
        at = taken_down_at.isoformat(timespec="seconds")
        notes.append({"article_ids": sorted(article_ids), "reason": reason, "taken_down_at": at})
        replace_file(layout.manifest, json.dumps(manifest, ensure_ascii=False, indent=1).encode())
    for path in _data_files(folder):
        _remove_rows(path, article_ids, urls)
    _rebuild(layout, article_ids)
    del manifest["files"]
    sums = {str(path.relative_to(folder)): file_sha256(path) for path in _data_files(folder)}
    write_manifest(folder, manifest, sums)
    return True


def _read_manifest(layout: WarehouseLayout) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads(layout.manifest.read_text(encoding="utf-8"))
        return manifest
    except ValueError:
        raise WarehouseError(f"{layout.manifest}: is damaged; restore the snapshot and repeat the takedown") from None


def _data_files(folder: Path) -> list[Path]:
    return sorted((folder / DATA_FOLDER).rglob("[!.]*.parquet"))


def _rows_to_remove(path: Path, article_ids: Sequence[str], urls: Sequence[str]) -> pa.ChunkedArray | None:
    """Return for each row of a data file whether it is removed; null if none is."""
    file = pq.ParquetFile(path)
    column, values = ("article_id", article_ids) if "article_id" in file.schema_arrow.names else ("url", urls)
    if column not in file.schema_arrow.names:
        return None
    cells = file.read([column])[column]
    is_removed = pc.is_in(cells, value_set=pa.array(values, cells.type))
    return is_removed if pc.any(is_removed).as_py() else None


def _remove_rows(path: Path, article_ids: Sequence[str], urls: Sequence[str]) -> None:
    """Write a data file anew without some rows, if it has any of them.

    The new file is another file on disk, so that tables that share the old one are not changed.
    """
    is_removed = _rows_to_remove(path, article_ids, urls)
    if is_removed is not None:
        new = path.with_name(f".{path.name}.new")
        pq.write_table(pq.ParquetFile(path).read().filter(pc.invert(is_removed)), new, compression="zstd")
        new.replace(path)


def _rebuild(layout: WarehouseLayout, article_ids: Sequence[str]) -> None:
    """Make the published file anew from the data files: the bytes of deleted rows would stay in the old file."""
    new = layout.published.with_suffix(".building")
    new.unlink(missing_ok=True)
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH {quoted(str(layout.published))} AS old (READ_ONLY)")
        connection.execute(f"ATTACH {quoted(str(new))} AS published (STORAGE_VERSION 'v1.0.0')")
        connection.execute(f"USE published; SET TimeZone = 'UTC'; {set_root(layout.root)}")
        for name in _INPUTS:
            connection.execute(f"CREATE TABLE {name} AS FROM old.{name}")
        rows_views = [table.rows_view or table.name for table in TABLES.values()]
        views = connection.execute("SELECT view_name, sql FROM duckdb_views() WHERE database_name = 'old'").fetchall()
        for name, sql in views:
            if name in rows_views:
                connection.execute(sql)
        for name in ("story_ids", "story_changes"):
            sql = f"FROM old.{name} WHERE NOT list_contains($ids, article_id) AND NOT list_contains($ids, story_id)"
            before = connection.execute(sql, {"ids": list(article_ids)}).to_arrow_table()
            connection.register(f"{name}_before", before)
        connection.execute("SET VARIABLE published_at = (SELECT published_at FROM about)")
        build_views_and_marts(connection)
        connection.execute("UPDATE about SET n_articles = (SELECT count(*) FROM current_articles)")
        connection.execute("CHECKPOINT published; USE memory; DETACH published")
    new.replace(layout.published)
