"""The record of a visit: one row a request, kept as a metadata record in the WARC file that the visit wrote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter

from etl.urls import page_key
from etl.warc.reader import read_metadata
from schemas import Fetch
from schemas.values import LISTING_KINDS

VISIT_TYPE = "application/vnd.dateline.visit+json"


@dataclass(frozen=True)
class Visit:
    """A visit that was made: for which moment, and its requests in order."""

    as_of: datetime
    rows: list[Fetch]


_VISIT = TypeAdapter(Visit)


def visit_block(visit: Visit) -> bytes:
    """The block of the metadata record."""
    return _VISIT.dump_json(visit)


def recorded_visit(path: Path) -> Visit | None:
    """The visit that wrote a WARC file; null for any other file."""
    block = read_metadata(path, VISIT_TYPE)
    if block is None:
        return None
    made = _VISIT.validate_json(block)
    return replace(made, rows=[row if row.page_keys else replace(row, page_keys=keys_of(row)) for row in made.rows])


def keys_of(row: Fetch) -> list[str]:
    """The keys of a page's address and of the one that gave the answer; of other rows none."""
    return list(dict.fromkeys(page_key(url) for url in (row.url, *row.redirects[-1:]))) if row.kind == "page" else []


def failed_listings(rows: Sequence[Fetch]) -> list[Fetch]:
    """The listings of a visit that gave none: while there are any, the visit says nothing about what is missing."""
    return [row for row in rows if row.kind in LISTING_KINDS and row.outcome not in ("ok", "not_modified")]


def failure(rows: Sequence[Fetch]) -> str | None:
    """What kept a visit from reading its source, in one line; null if nothing did."""
    failed = failed_listings(rows)
    return f"{failed[0].url}: {failed[0].outcome}: {failed[0].detail}" if failed else None
