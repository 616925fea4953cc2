"""What others may build on: views, columns and types of the published file, with a version (stable.yaml)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Stable:
    """The version, and view -> column -> DuckDB type."""

    version: int
    views: dict[str, dict[str, str]]


@lru_cache(maxsize=1)
def stable_views() -> Stable:
    """The listing, read from its file."""
    read = yaml.safe_load((Path(__file__).parent / "stable.yaml").read_text(encoding="utf-8"))
    return Stable(read["version"], read["views"])
