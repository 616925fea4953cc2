"""Snapshots of the published data.

A snapshot can be cited, has checksums, and stays the same even if the warehouse changes.

`warehouse/frozen/NAME/` holds the published file, the data files that its views read, the topic and source files of the
configuration, a manifest and checksums. The data files are hard links if the file system allows it: they use no extra
space, and remain when Delta's vacuum deletes old files. A snapshot can be queried like a warehouse: dateline
--warehouse warehouse/frozen/NAME sql ….
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from etl import __version__
from etl.configuration.settings import Settings
from etl.errors import InputError, WarehouseError
from etl.warehouse.batches import file_sha256
from etl.warehouse.checksums import read_sums
from etl.warehouse.duck import data_files, published, published_path
from etl.warehouse.layout import DATA_FOLDER, MANIFEST, SUMS, WarehouseLayout
from etl.warehouse.relocatable import quoted, set_root, with_default_root
from schemas import TABLES

_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,63}")


@dataclass(frozen=True)
class Snapshot:
    """A snapshot's folder, its number of files and bytes, and the SHA-256 of its manifest, for citing it."""

    folder: Path
    files: int
    bytes: int
    sha256: str


def freeze(settings: Settings, name: str, as_of: datetime) -> Snapshot:
    """Make a snapshot of what is published.

    The caller holds the writer's lock, and has checked that the topics have not changed since they were published.
    Raises InputError if the name is not allowed or already used, WarehouseError if nothing is published.
    """
    folder = settings.layout.snapshot(checked_name(name))
    if folder.exists():
        raise InputError(f"{folder}: already exists, and snapshots are never changed; choose another name")
    building = folder.with_name(f".{name}.building")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    try:
        snapshot = _build(building, settings, folder, {"name": name, "frozen_at": as_of})
        building.replace(folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return snapshot


def checked_name(name: str) -> str:
    """Return the name of a snapshot. Raises InputError if it is not allowed, such as a path to another folder."""
    if not _NAME.fullmatch(name):
        raise InputError(
            f"{name!r}: a snapshot's name begins with a letter or digit and contains only letters, digits, "
            "'.', '-' and '_' (at most 64 characters)"
        )
    return name


def _build(building: Path, settings: Settings, folder: Path, manifest: dict[str, object]) -> Snapshot:
    """Write a snapshot to `building`. It will be moved to `folder`, where its views must find their data files."""
    source, layout = published_path(settings.warehouse).resolve(), WarehouseLayout(building)
    with published(settings.warehouse) as connection:
        files = data_files(connection)
        about = connection.sql("SELECT * FROM about").to_arrow_table().to_pylist()[0]
    for file in files:
        _link_or_copy(settings.layout.file(file), layout.file(file))
    shutil.copyfile(source, layout.published)
    _set_default_root(layout.published, folder)
    for kind in ("topics", "sources"):
        shutil.copytree(settings.folder(kind), layout.config_folder(kind))
    manifest = {**manifest, "made_by": f"Dateline {__version__}", "about": about}
    return Snapshot(folder, *write_manifest(building, manifest, _sums_in_warehouse(settings.layout)))


def _sums_in_warehouse(warehouse: WarehouseLayout) -> dict[str, str]:
    """Return the hashes of all data files as they were written, by their path below the warehouse."""
    sums: dict[str, str] = {}
    for table in TABLES:
        folder = warehouse.table(table)
        sums |= {str((folder / name).relative_to(warehouse.root)): sha256 for name, sha256 in read_sums(folder).items()}
    return sums


def damaged(folder: Path) -> list[str]:
    """Return the files of a snapshot that are missing, changed or added. Raises InputError if it is not a snapshot."""
    layout = WarehouseLayout(folder)
    if not layout.checksums.is_file():
        raise InputError(f"{folder}: is not a snapshot; make one with: dateline freeze NAME")
    wrong, in_sums = [], {SUMS}
    for line in layout.checksums.read_text(encoding="utf-8").splitlines():
        sha256, _, name = line.partition("  ")
        path = layout.file(name)
        in_sums.add(name)
        if not path.is_file() or file_sha256(path) != sha256:
            wrong.append(name)
    on_disk = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    in_manifest = (
        {file["name"] for file in json.loads(layout.manifest.read_text(encoding="utf-8"))["files"]}
        if layout.manifest.is_file()
        else set()
    )
    return sorted({*wrong, *(on_disk - in_sums), *(in_manifest - in_sums)})


def _link_or_copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:  # another disk, or a file system without links
        shutil.copyfile(source, target)


def _set_default_root(file: Path, folder: Path) -> None:
    """Make the views of a copied published file read their data from `folder` by default.

    Then the file can be opened without setting the DuckDB variable that names the warehouse.
    """
    with duckdb.connect(str(file)) as connection:
        connection.execute(set_root(file.parent))  # the snapshot is still in its temporary folder
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
            target = f"COLUMN {view}.{column}" if column else f"VIEW {view}"
            connection.execute(f"COMMENT ON {target} IS {quoted(comment)}")
        connection.execute("CHECKPOINT")


def write_manifest(building: Path, manifest: dict[str, object], written: Mapping[str, str]) -> tuple[int, int, str]:
    """Write the manifest and the checksums of a snapshot.

    Return the number of files and bytes, and the manifest's SHA-256. `written` are the hashes of data files as they
    were written. Raises WarehouseError if a file has another.
    """
    names = (MANIFEST, SUMS)
    paths = sorted(path for path in building.rglob("*") if path.is_file() and path.name not in names)
    files = [
        {"name": str(path.relative_to(building)), "bytes": path.stat().st_size, "sha256": file_sha256(path)}
        for path in paths
    ]
    for file in files:
        name = str(file["name"])
        if name.startswith(f"{DATA_FOLDER}/") and written.get(name) != file["sha256"]:
            raise WarehouseError(f"{name}: is damaged; it is computed again by: dateline run")
    text = json.dumps({**manifest, "files": files}, default=str, ensure_ascii=False, indent=1) + "\n"
    layout = WarehouseLayout(building)
    layout.manifest.write_text(text, encoding="utf-8")
    manifest_sha256 = file_sha256(layout.manifest)
    sums = [f"{file['sha256']}  {file['name']}\n" for file in files] + [f"{manifest_sha256}  {MANIFEST}\n"]
    layout.checksums.write_text("".join(sums), encoding="utf-8")
    return len(files), sum(path.stat().st_size for path in paths), manifest_sha256
