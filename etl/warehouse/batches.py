"""Batch: one WARC file and the rows made from it. Its id is unique and names the day and the source."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Container
from dataclasses import dataclass
from datetime import date
from pathlib import Path

_MAX_NAME_LENGTH = 50


@dataclass(frozen=True)
class Batch:
    """A WARC file in the warehouse. `warc_file` is its path relative to the warehouse.

    `file_sha256` is the hash of the file as it was last checked: as it was written, or damaged.
    """

    id: str
    source: str
    warc_file: str
    file_sha256: str | None
    is_damaged: bool


def source_name(name: str) -> str:
    """Return a source's name as it stands in batch ids: lower-case ASCII letters, digits and hyphens, at most 50."""
    if not re.search("[A-Za-z0-9]", name):  # in another script: a hash keeps such names distinct
        return f"archive-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_name).strip("-")[:_MAX_NAME_LENGTH].strip("-") or "archive"


def batch_id(day: date, source: str, taken: Container[str]) -> str:
    """Return `YYYYMMDD-source`, or the first of `YYYYMMDD-source-001`, `-002`, … that is not in `taken`."""
    plain_id = f"{day:%Y%m%d}-{source}"
    if plain_id not in taken:
        return plain_id
    return next(name for n in range(1, 1_000_000) if (name := f"{plain_id}-{n:03d}") not in taken)


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
