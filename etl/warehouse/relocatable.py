"""Paths of data files in the published views: relative to a variable, so that a warehouse can be moved.

A view reads its files from the folder that the DuckDB variable `dateline_root` names, or, if it is not set, from the
folder where the warehouse was published. `dateline sql --safe` may read exactly the files that these views name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from etl.warehouse.layout import DATA_FOLDER

ROOT_VARIABLE = "dateline_root"
_FILE = re.compile(rf"'/({DATA_FOLDER}/(?:[^']|'')+)'")
_DEFAULT_ROOT = re.compile(rf"(coalesce\(getvariable\('{ROOT_VARIABLE}'\), )'(?:[^']|'')*'", re.IGNORECASE)


def quoted(text: str) -> str:
    """An SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def relocatable(sql: str, root: Path) -> str:
    """SQL over data files below `root`, with their paths relative to the variable."""
    literal_start = quoted(f"{root}/")[:-1]  # the opening quote and the root, without the closing quote
    return sql.replace(literal_start, f"coalesce(getvariable('{ROOT_VARIABLE}'), {quoted(str(root))}) || '/")


def set_root(root: Path) -> str:
    """The statement that tells a connection where the warehouse is."""
    return f"SET VARIABLE {ROOT_VARIABLE} = {quoted(str(root))}"


def named_files(views: Iterable[str]) -> list[str]:
    """The data files that views name, relative to the warehouse, in order."""
    return sorted({name.replace("''", "'") for sql in views for name in _FILE.findall(sql)})


def with_default_root(view: str, root: Path) -> str | None:
    """A view's SQL with another default root; null if it reads no data files."""
    moved, count = _DEFAULT_ROOT.subn(lambda match: match[1] + quoted(str(root)), view)
    return moved if count else None
