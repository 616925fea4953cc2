"""The cookbook's statements run, and give what the page says."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.configuration.settings import Settings
from etl.warehouse.duck import query
from tests.cookbook import ARCHIVE, Recipe, output, read_archive, recipes


def test_there_are_twenty_five_with_outputs() -> None:
    found = list(recipes())
    assert [int(recipe.title.split(".")[0]) for recipe in found] == list(range(1, 26))
    assert all(recipe.output for recipe in found)


@pytest.mark.parametrize("recipe", recipes(), ids=lambda recipe: recipe.title)
def test_every_statement_runs_on_any_warehouse(world: Settings, recipe: Recipe) -> None:
    assert query(world.warehouse, recipe.sql).num_columns


@pytest.mark.archive
@pytest.mark.timeout(1200)
@pytest.mark.skipif(not ARCHIVE.is_dir(), reason="the corpora are not beside the project")
def test_outputs_are_those_of_the_archive(tmp_path: Path) -> None:
    read_archive(tmp_path / "warehouse")
    wrong = [r.title for r in recipes() if output(tmp_path / "warehouse", r) != r.output]
    assert not wrong, "make cookbook writes the page's outputs anew"
