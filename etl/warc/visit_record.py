"""The record of a visit: one row for each request, stored as a metadata record in the WARC file of the visit."""

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
    """A finished visit: its `as_of`, and its requests in order."""

    as_of: datetime
    rows: list[Fetch]


_VISIT = TypeAdapter(Visit)


def visit_to_json(visit: Visit) -> bytes:
    """Return the block of the metadata record."""
    return _VISIT.dump_json(visit)


def read_visit(path: Path) -> Visit | None:
    """Return the visit that wrote a WARC file, or None for any other file."""
    block = read_metadata(path, VISIT_TYPE)
    if block is None:
        return None
    visit = _VISIT.validate_json(block)
    rows = [row if row.page_keys else replace(row, page_keys=row_page_keys(row)) for row in visit.rows]
    return replace(visit, rows=rows)


def row_page_keys(row: Fetch) -> list[str]:
    """Return the keys of a page's address and of the address that gave the answer; none for other rows."""
    return list(dict.fromkeys(page_key(url) for url in (row.url, *row.redirects[-1:]))) if row.kind == "page" else []


def failed_listings(rows: Sequence[Fetch]) -> list[Fetch]:
    """Return the listings of a visit that could not be read. They make a visit a failed one."""
    return [row for row in rows if row.kind in LISTING_KINDS and row.outcome not in ("ok", "not_modified")]


def visit_error(rows: Sequence[Fetch]) -> str | None:
    """Return in one line what kept a visit from reading its source, or None."""
    failed = failed_listings(rows)
    return f"{failed[0].url}: {failed[0].outcome}: {failed[0].detail}" if failed else None
