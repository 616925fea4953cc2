"""The statements of the SQL cookbook run, and return the results that the page shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.configuration.settings import Settings
from etl.warehouse.duck import query
from tests.cookbook import ARCHIVE, Recipe, output, read_archive, recipes


def test_there_are_twenty_five_recipes_with_outputs() -> None:
    all_recipes = list(recipes())
    assert [int(recipe.title.split(".")[0]) for recipe in all_recipes] == list(range(1, 26))
    assert all(recipe.output for recipe in all_recipes)


@pytest.mark.parametrize("recipe", recipes(), ids=lambda recipe: recipe.title)
def test_every_statement_runs_on_any_warehouse(world: Settings, recipe: Recipe) -> None:
    assert query(world.warehouse, recipe.sql).num_columns


@pytest.mark.archive
@pytest.mark.timeout(1200)
@pytest.mark.skipif(not ARCHIVE.is_dir(), reason="the corpora are not beside the project")
def test_the_outputs_in_the_cookbook_are_those_of_the_archive(tmp_path: Path) -> None:
    read_archive(tmp_path / "warehouse")
    wrong = [r.title for r in recipes() if output(tmp_path / "warehouse", r) != r.output]
    assert not wrong, "to update the outputs in the page, run: make cookbook"
