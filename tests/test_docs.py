"""The SQL statements in the documentation run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from etl.configuration.settings import Settings
from etl.warehouse.duck import query

ROOT = Path(__file__).parents[1]
STATEMENTS = [
    (page.name, statement)
    for page in (ROOT / "README.md", ROOT / "docs" / "topics.md", ROOT / "docs" / "operating.md")
    for block in re.findall(r"```sql\n(.*?)```", page.read_text(encoding="utf-8"), re.S)
    for statement in block.split(";\n")
    if statement.strip()
]


@pytest.mark.parametrize(("page", "statement"), STATEMENTS)
def test_a_statement_in_the_documentation_runs(world: Settings, page: str, statement: str) -> None:
    assert query(world.warehouse, statement).num_columns, page
