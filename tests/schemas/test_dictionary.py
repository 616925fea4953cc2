from __future__ import annotations

import dataclasses
import typing
from pathlib import Path
from typing import Literal, get_args

import pytest

from etl.configuration.settings import Settings
from etl.warehouse.duck import query
from schemas import TABLES
from schemas.dictionary import described, markdown
from schemas.values import FETCH_KINDS, LISTING_KINDS

DOCS = Path(__file__).parents[2] / "docs"
CLOSED_SETS = [(table.name, column) for table in TABLES.values() for column in table.columns if column.meanings]


def test_the_data_dictionary_is_up_to_date() -> None:
    assert (DOCS / "data-dictionary.md").read_text(encoding="utf-8") == markdown(), "run: make docs"


def test_every_table_and_column_is_described_in_sentences() -> None:
    for table in TABLES.values():
        assert table.description.endswith("."), table.name
        for column in table.columns:
            assert column.sentence.endswith("."), f"{table.name}.{column.name}"
            assert column.description.endswith("."), f"{table.name}.{column.name}"


def test_every_column_with_a_closed_set_explains_all_its_values() -> None:
    """The values of the Literal type and the keys of the meanings are the same."""
    for table in TABLES.values():
        hints = typing.get_type_hints(table.record)
        for column, field in zip(table.columns, dataclasses.fields(table.record), strict=True):
            literals = [kind for kind in (hints[field.name], *get_args(hints[field.name])) if _is_literal(kind)]
            values = {value for literal in literals for value in get_args(literal)}
            assert not literals or values == set(column.meanings), f"{table.name}.{column.name}"


def _is_literal(kind: object) -> bool:
    return typing.get_origin(kind) is Literal


@pytest.mark.parametrize(("table", "column"), CLOSED_SETS, ids=lambda part: getattr(part, "name", part))
def test_the_sample_world_has_only_values_that_are_explained(world: Settings, table: str, column: typing.Any) -> None:
    rows = query(world.warehouse, f"SELECT DISTINCT {column.name} AS value FROM {table}").to_pylist()
    assert {row["value"] for row in rows} - {None} <= set(column.meanings)


def test_every_listing_is_a_kind_of_fetch() -> None:
    assert set(LISTING_KINDS) < set(FETCH_KINDS)


def test_long_texts_are_wrapped_for_the_terminal_and_nothing_is_left_out() -> None:
    for item in described():
        text = " ".join(line.strip() for _, _, line in item.lines())
        for column in item.columns:
            assert column.sentence in text, f"{item.name}.{column.name}"
            assert all(meaning in text for meaning in column.meanings.values()), f"{item.name}.{column.name}"
        assert max(len(line) for _, _, line in item.lines()) <= 100


def test_unit_columns_come_first() -> None:
    """Only the first 32 leaf columns have statistics, by which the rows of a unit are found."""
    for table in TABLES.values():
        assert all(table.schema.names.index(column) < 10 for column in table.unit), table.name
