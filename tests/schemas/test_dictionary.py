from __future__ import annotations

from pathlib import Path
from typing import get_args

from schemas import REASONS, TABLES, Reason
from schemas.dictionary import markdown

DOCS = Path(__file__).parents[2] / "docs"


def test_the_data_dictionary_is_up_to_date() -> None:
    assert (DOCS / "data-dictionary.md").read_text(encoding="utf-8") == markdown(), "run: make docs"


def test_every_column_has_a_sentence() -> None:
    for table in TABLES.values():
        assert table.description.endswith("."), table.name
        for column in table.columns:
            assert column.description.endswith("."), f"{table.name}.{column.name}"


def test_every_reason_for_a_reject_is_explained() -> None:
    assert set(REASONS) == set(get_args(Reason))
    assert all(sentence.endswith(".") for sentence in REASONS.values())


def test_unit_columns_come_first() -> None:
    """Only the first 32 leaf columns have statistics, and units are found by them."""
    for table in TABLES.values():
        assert all(table.schema.names.index(column) < 10 for column in table.unit), table.name
