"""The stable interface of the published file: views, columns and types that users can rely on, and its version."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Stable:
    """The version, and for each view its columns with their DuckDB types."""

    version: int
    views: dict[str, dict[str, str]]


@lru_cache(maxsize=1)
def stable_views() -> Stable:
    """Return the contents of stable.yaml."""
    contents = yaml.safe_load((Path(__file__).parent / "stable.yaml").read_text(encoding="utf-8"))
    return Stable(contents["version"], contents["views"])
