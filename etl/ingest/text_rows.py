"""Rows of texts that a user brings: reading JSON lines, and the names that columns may have."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

JSON_LINES_ENDINGS = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz")
# Our field -> the names that a column may have, the preferred name first. Case does not matter.
COLUMN_NAMES = {
    "id": ("id", "article_id"),
    "url": ("url", "link"),
    "title": ("title", "headline"),
    "text": ("text", "body", "content"),
    "date": ("published_date", "date", "published_at", "published"),
    "language": ("language", "lang"),
    "outlet": ("outlet", "publisher", "publication"),
}


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be read: its line number from 1, why, and the line as it stands in the file."""

    line: int
    detail: str
    raw: str


def read_json_lines(lines: Iterable[str]) -> Iterator[tuple[int, Mapping[str, Any] | BadRow]]:
    """Yield each line's number, from 1, and its object. Empty lines are skipped."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield number, BadRow(number, f"line {number} is not JSON: {error}", line)
            continue
        yield number, row if isinstance(row, dict) else BadRow(number, f"line {number} is not an object {{…}}", line)


def text_fields(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row's values under our field names; rows of one file may have different columns."""
    lower = {str(name).strip().lower(): value for name, value in row.items()}
    return {field: lower[name] for field, names in COLUMN_NAMES.items() for name in reversed(names) if name in lower}
