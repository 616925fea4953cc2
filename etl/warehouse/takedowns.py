"""Articles that were taken down: `takedowns.jsonl` keeps them from coming back, without naming them.

Each line holds the moment, the reason, the ids of the articles (hashes of their canonical URLs), and hashes of the keys
of all addresses that they were read at.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from etl.errors import WarehouseError
from etl.urls import page_key
from etl.warehouse.layout import replace_file


@dataclass(frozen=True)
class Takedowns:
    """All articles that were taken down. `lines`: for each takedown the ids of articles and the hashes of addresses."""

    lines: tuple[tuple[frozenset[str], frozenset[str]], ...] = ()

    @cached_property
    def article_ids(self) -> frozenset[str]:
        """The ids of all articles."""
        return frozenset().union(*(ids for ids, _ in self.lines))

    @cached_property
    def _address_hashes(self) -> frozenset[str]:
        return frozenset().union(*(hashes for _, hashes in self.lines))

    def has_address(self, url: str) -> bool:
        """Whether a URL is one of an article that was taken down."""
        return bool(self.lines) and address_hash(url) in self._address_hashes

    def articles_of(self, subject: str) -> frozenset[str]:
        """Return the ids of the articles that were taken down together with a URL or an id."""
        named = (ids for ids, hashes in self.lines if subject in ids or address_hash(subject) in hashes)
        return frozenset().union(*named)


def address_hash(url: str) -> str:
    """Return the hash by which the addresses of a page are remembered; all addresses of one page have the same."""
    return hashlib.sha256(page_key(url).encode()).hexdigest()


def read_takedowns(path: Path) -> Takedowns:
    """Return what a warehouse's file holds. Raises WarehouseError if it is damaged."""
    if not path.exists():
        return Takedowns()
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        return Takedowns(tuple((frozenset(row["article_ids"]), frozenset(row["address_hashes"])) for row in rows))
    except (ValueError, KeyError, TypeError):
        raise WarehouseError(f"{path}: is damaged; restore it from a backup") from None


def add_takedown(
    path: Path, article_ids: Iterable[str], urls: Iterable[str], reason: str, taken_down_at: datetime
) -> None:
    """Remember articles. The line is durable on return."""
    row = {
        "taken_down_at": taken_down_at.isoformat(timespec="seconds"), "reason": reason,
        "article_ids": sorted(set(article_ids)), "address_hashes": sorted({address_hash(url) for url in urls}),
    }  # fmt: skip
    before = path.read_bytes() if path.exists() else b""
    replace_file(path, before + json.dumps(row, ensure_ascii=False).encode() + b"\n")
