"""Batch: one WARC file and the rows that come from it."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Container
from dataclasses import dataclass
from datetime import date
from pathlib import Path

_NAME_LENGTH = 50


@dataclass(frozen=True)
class Batch:
    """A WARC file of the warehouse; `warc_file` is relative to the warehouse."""

    id: str
    source: str
    warc_file: str
    sha256: str


def source_name(name: str) -> str:
    """A name as part of a batch id: ASCII lower case, digits and hyphens."""
    if not re.search("[A-Za-z0-9]", name):  # a name in another script: told apart by its hash
        return f"archive-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_NAME_LENGTH].strip("-") or "archive"


def batch_id(day: date, source: str, taken: Container[str]) -> str:
    """`YYYYMMDD-source`, or `YYYYMMDD-source-001` and so on where that is taken."""
    first = f"{day:%Y%m%d}-{source}"
    if first not in taken:
        return first
    return next(name for n in range(1, 1_000_000) if (name := f"{first}-{n:03d}") not in taken)


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
