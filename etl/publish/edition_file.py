"""The file of an edition on disk: whether it is as it was written."""

from __future__ import annotations

from pathlib import Path

from etl.errors import WarehouseError
from etl.warehouse.batches import file_sha256
from etl.warehouse.delta import sync
from etl.warehouse.layout import WarehouseLayout


def record_edition(path: Path) -> None:
    """Make an edition durable and write its SHA-256 beside it."""
    sync(path)
    checksum = WarehouseLayout.edition_checksum(path)
    checksum.write_text(f"{file_sha256(path)}  {path.name}\n", encoding="utf-8")
    sync(checksum)
    sync(path.parent)


def is_intact_edition(link: Path) -> bool:
    """Whether the edition that a link names is as it was written; false if that is not known."""
    return _is_as_written(link.resolve()) is True


def is_damaged_edition(path: Path) -> bool:
    """Whether an edition is not as it was written; false if that is not known."""
    return _is_as_written(path) is False


def refuse_damaged_edition(link: Path) -> None:
    """Raise WarehouseError if the current edition is damaged."""
    if link.exists() and is_damaged_edition(link.resolve()):
        raise WarehouseError(f"{link}: is damaged; make it anew with: dateline run")


def _is_as_written(path: Path) -> bool | None:
    """Compare an edition with its SHA-256; null if an older version of Dateline wrote it without one."""
    checksum = WarehouseLayout.edition_checksum(path)
    try:
        return checksum.read_text(encoding="utf-8", errors="replace").split(" ")[0] == file_sha256(path)
    except FileNotFoundError:
        return None
