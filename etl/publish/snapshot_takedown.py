"""Removes articles from a snapshot: the one reason why a snapshot is changed. Its manifest says so afterwards."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.publish.edition import build_views_and_marts
from etl.publish.snapshots import write_manifest
from etl.warehouse.batches import file_sha256
from etl.warehouse.layout import DATA_FOLDER, WarehouseLayout
from etl.warehouse.relocatable import quoted, set_root
from schemas import TABLES

_INPUTS = ("topics", "sources", "shown_units", "about")


def remove_from_snapshot(folder: Path, article_ids: Sequence[str], reason: str, taken_down_at: datetime) -> bool:
    """Remove articles and all that was found in them from a snapshot; return whether it had any of them.

    Its marts are made anew by the current version of Dateline. If it is interrupted, call it again.
    """
    layout = WarehouseLayout(folder)
    changed = [path for path in sorted((folder / DATA_FOLDER).rglob("*.parquet")) if _remove_rows(path, article_ids)]
    if not changed and not _names_any(layout.published, article_ids):
        return False
    _rebuild(layout, article_ids)
    manifest = json.loads(layout.manifest.read_text(encoding="utf-8"))
    del manifest["files"]
    note = {"article_ids": sorted(article_ids), "reason": reason, "taken_down_at": taken_down_at}
    manifest["taken_down"] = [*manifest.get("taken_down", []), note]
    sums = {str(path.relative_to(folder)): file_sha256(path) for path in (folder / DATA_FOLDER).rglob("*.parquet")}
    write_manifest(folder, manifest, sums)
    return True


def _remove_rows(path: Path, article_ids: Sequence[str]) -> bool:
    """Write a data file anew without the rows of some articles; return whether it had any.

    The new file is another file on disk, so that tables that share the old one are not changed.
    """
    rows = pq.ParquetFile(path).read()
    if "article_id" not in rows.schema.names:
        return False
    is_gone = pc.is_in(rows["article_id"], value_set=pa.array(article_ids, rows.schema.field("article_id").type))
    if not pc.any(is_gone).as_py():
        return False
    new = path.with_name(f".{path.name}.new")
    pq.write_table(rows.filter(pc.invert(is_gone)), new, compression="zstd")
    new.replace(path)
    return True


def _names_any(published: Path, article_ids: Sequence[str]) -> bool:
    with duckdb.connect(str(published), read_only=True) as connection:
        sql = "SELECT count(*) FROM story_ids WHERE list_contains($ids, article_id)"
        [(n,)] = connection.execute(sql, {"ids": list(article_ids)}).fetchall()
    return bool(n)


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
