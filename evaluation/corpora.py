"""Where the corpora lie: public data sets in ../shared/corpora, outside the repository."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
CORPORA = PROJECT.parent / "shared" / "corpora"
ABSENT = f"the corpora are missing: they are expected beside the project, in {CORPORA}"


def need_corpora() -> None:
    """Exit with one line where the corpora are absent."""
    if not CORPORA.is_dir():
        sys.exit(f"error: {ABSENT}")


def read_lines(path: Path) -> list[str]:
    """The lines of a gzipped text in UTF-8, without their ends; the last is empty where the file ends with one."""
    return gzip.decompress(path.read_bytes()).decode("utf-8").split("\n")


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a gzipped file of JSON lines."""
    for line in read_lines(path):
        if line.strip():
            yield json.loads(line)
