"""The SQL of the views, one file per view: the file is named after the view, its first comment describes the view."""

from __future__ import annotations

from itertools import takewhile
from pathlib import Path


def view_sql(name: str) -> str:
    """Return the SELECT of a view."""
    return (Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8").strip()


def description(sql: str) -> str:
    """Return the comment at the beginning of an SQL file as one line."""
    comment = takewhile(lambda line: line.startswith("--"), sql.splitlines())
    return " ".join(line.removeprefix("--").strip() for line in comment)
