"""The statements of docs/sql-cookbook.md, and their outputs on the Kremlin archive.

python -m tests.cookbook [WAREHOUSE] (make cookbook) writes the outputs into the page again. Without a warehouse it
imports the archive first.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from etl.cli.output import table_text
from etl.warehouse.duck import query
from evaluation.corpora import CORPORA, PROJECT

COOKBOOK = PROJECT / "docs" / "sql-cookbook.md"
ARCHIVE = CORPORA / "kremlin"
_RECIPE = re.compile(r"^### (\d+\. [^\n]+)\n.*?```sql\n(.*?)```\n(?:\n```text\n(.*?)```\n)?", re.S | re.M)


@dataclass(frozen=True)
class Recipe:
    """A question, its SQL, and the output that the page shows."""

    title: str
    sql: str
    output: str


def recipes() -> Iterator[Recipe]:
    """The recipes of the page, in order."""
    for match in _RECIPE.finditer(COOKBOOK.read_text(encoding="utf-8")):
        yield Recipe(match[1], match[2], match[3] or "")


def output(warehouse: Path, recipe: Recipe) -> str:
    """The output of a recipe on a warehouse, as the page shows it."""
    table = query(warehouse, recipe.sql)
    return table_text(table.column_names, zip(*(column.to_pylist() for column in table.columns), strict=True)) + "\n"


def write(warehouse: Path) -> None:
    """Write the outputs on a warehouse into the page."""
    page = COOKBOOK.read_text(encoding="utf-8")
    for recipe in recipes():
        shown = f"```sql\n{recipe.sql}```\n\n```text\n{output(warehouse, recipe)}```\n"
        old = f"```sql\n{recipe.sql}```\n" + (f"\n```text\n{recipe.output}```\n" if recipe.output else "")
        page = page.replace(old, shown, 1)
    COOKBOOK.write_text(page, encoding="utf-8")


def read_archive(warehouse: Path) -> None:
    """Import the archive and bring it up to date. Takes four minutes."""
    for arguments in (["import", *map(str, sorted(ARCHIVE.glob("*.warc.gz")))], ["run"]):
        command = [sys.executable, "-m", "etl.cli", "--warehouse", str(warehouse), *arguments]
        subprocess.run(command, check=True, cwd=PROJECT, capture_output=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        write(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            read_archive(Path(folder) / "warehouse")
            write(Path(folder) / "warehouse")
