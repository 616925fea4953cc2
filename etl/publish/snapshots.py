"""A frozen copy of what is published: citable, checksummed, and left alone by whatever happens to the warehouse.

`warehouse/frozen/NAME/` holds the published file, the data files that its views name (as hard links where the disk can:
they cost nothing and outlive a vacuum), the topics' and sources' files, a manifest and checksums. It opens as a
warehouse does: dateline --warehouse warehouse/frozen/NAME sql ….
"""

from __future__ import annotations

import json
import os
import re
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from etl import __version__
from etl.configuration.settings import Settings
from etl.errors import InputError
from etl.warehouse.batches import file_sha256
from etl.warehouse.duck import data_files, published, published_path
from etl.warehouse.layout import MANIFEST, SUMS, WarehouseLayout
from etl.warehouse.relocatable import quoted, set_root, with_default_root

_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,63}")


@dataclass(frozen=True)
class Frozen:
    """A snapshot: its folder, how many files and bytes, and the hash of its manifest, by which it can be cited."""

    folder: Path
    files: int
    bytes: int
    sha256: str


def freeze(settings: Settings, name: str, as_of: datetime) -> Frozen:
    """Freezes what is published. The caller holds the writer's slot, and has seen that the topics' files are those that
    were published.

    Raises InputError where the name is taken or no name, WarehouseError where nothing is published.
    """
    if not _NAME.fullmatch(name):
        raise InputError(f"{name!r}: a snapshot's name holds letters, digits, '.', '-' and '_', at most 64")
    folder = settings.layout.snapshot(name)
    if folder.exists():
        raise InputError(f"{folder}: is there already; a snapshot is never changed; choose another name")
    building = folder.with_name(f".{name}.building")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    try:
        frozen = _fill(building, settings, folder, {"name": name, "frozen_at": as_of})
        building.replace(folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return frozen


def _fill(building: Path, settings: Settings, folder: Path, manifest: dict[str, object]) -> Frozen:
    source, snapshot = published_path(settings.warehouse).resolve(), WarehouseLayout(building)
    with published(settings.warehouse) as connection:
        data = data_files(connection)
        about = connection.sql("SELECT * FROM about").to_arrow_table().to_pylist()[0]
    for path in data:
        _link(settings.layout.file(path), snapshot.file(path))
    shutil.copyfile(source, snapshot.published)
    _point_views(snapshot.published, folder)
    for kind in ("topics", "sources"):
        shutil.copytree(settings.folder(kind), snapshot.config / kind)
    sealed = _seal(building, {**manifest, "made_by": f"Dateline {__version__}", "about": about})
    return Frozen(folder, *sealed)


def damaged(folder: Path) -> list[str]:
    """Files of a snapshot that are missing, or not as they were. Raises InputError where it is none."""
    if not (folder / SUMS).is_file():
        raise InputError(f"{folder}: is no snapshot; make one with: dateline freeze NAME")
    wrong, listed = [], {SUMS}
    for line in (folder / SUMS).read_text(encoding="utf-8").splitlines():
        sha256, _, name = line.partition("  ")
        path = folder / name
        listed.add(name)
        if not path.is_file() or file_sha256(path) != sha256:
            wrong.append(name)
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    manifest = folder / MANIFEST
    sealed = (
        {file["name"] for file in json.loads(manifest.read_text(encoding="utf-8"))["files"]}
        if manifest.is_file()
        else set()
    )
    return sorted({*wrong, *(there - listed), *(sealed - listed)})


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:  # another disk, or a file system without links
        shutil.copyfile(source, target)


def _point_views(file: Path, folder: Path) -> None:
    """The views' default root is the snapshot: who opens the file needs no variable."""
    with duckdb.connect(str(file)) as connection:
        connection.execute(set_root(file.parent))  # where it is while it is made
        views = connection.execute("SELECT view_name, sql FROM duckdb_views() WHERE NOT internal").fetchall()
        comments = connection.execute(
            "SELECT view_name, NULL, comment FROM duckdb_views() WHERE NOT internal AND comment IS NOT NULL UNION ALL "
            "SELECT c.table_name, c.column_name, c.comment FROM duckdb_columns() c "
            "JOIN duckdb_views() v ON v.view_name = c.table_name WHERE NOT v.internal AND c.comment IS NOT NULL"
        ).fetchall()
        for _, sql in views:
            if moved := with_default_root(sql, folder):
                connection.execute(moved.replace("CREATE VIEW", "CREATE OR REPLACE VIEW", 1))
        for view, column, comment in comments:
            of = f"COLUMN {view}.{column}" if column else f"VIEW {view}"
            connection.execute(f"COMMENT ON {of} IS {quoted(comment)}")
        connection.execute("CHECKPOINT")


def _seal(building: Path, manifest: dict[str, object]) -> tuple[int, int, str]:
    """Writes manifest and checksums; how many files and bytes, and the hash of the manifest."""
    paths = sorted(path for path in building.rglob("*") if path.is_file())
    files = [
        {"name": str(path.relative_to(building)), "bytes": path.stat().st_size, "sha256": file_sha256(path)}
        for path in paths
    ]
    text = json.dumps({**manifest, "files": files}, default=str, ensure_ascii=False, indent=1) + "\n"
    (building / MANIFEST).write_text(text, encoding="utf-8")
    sealed = file_sha256(building / MANIFEST)
    sums = [f"{file['sha256']}  {file['name']}\n" for file in files] + [f"{sealed}  {MANIFEST}\n"]
    (building / SUMS).write_text("".join(sums), encoding="utf-8")
    return len(files), sum(path.stat().st_size for path in paths), sealed
