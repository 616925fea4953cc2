"""Articles that were taken down: `takedowns.jsonl` keeps them from coming back, without naming them.

Each line holds the moment, the reason, the ids of the articles (hashes of their canonical URLs), and hashes of the keys
of all addresses that they were read at.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from etl.errors import WarehouseError
from etl.urls import page_key


@dataclass(frozen=True)
class Takedowns:
    """All articles that were taken down."""

    article_ids: frozenset[str] = frozenset()
    address_hashes: frozenset[str] = frozenset()
    lines: tuple[tuple[frozenset[str], frozenset[str]], ...] = ()  # for each takedown: article ids, hashes of addresses

    def has_address(self, url: str) -> bool:
        """Whether a URL is one of an article that was taken down."""
        return bool(self.address_hashes) and address_hash(url) in self.address_hashes

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
        lines = tuple((frozenset(row["article_ids"]), frozenset(row["address_hashes"])) for row in rows)
        return Takedowns(
            frozenset().union(*(ids for ids, _ in lines)), frozenset().union(*(hashes for _, hashes in lines)), lines
        )
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
    with path.open("ab") as stream:
        stream.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
        stream.flush()
        os.fsync(stream.fileno())
