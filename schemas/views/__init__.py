"""The SQL of views, one a file: the file's name is the view's, its first comment the description."""

from __future__ import annotations

from pathlib import Path


def view_sql(name: str) -> str:
    """The SELECT of a view."""
    return (Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8").strip()


def description(sql: str) -> str:
    """The comment that an SQL file begins with, in one line."""
    lines = []
    for line in sql.splitlines():
        if not line.startswith("--"):
            break
        lines.append(line.removeprefix("--").strip())
    return " ".join(lines)
