"""Views that others build on stay as they are, or get a new version."""

from __future__ import annotations

import hashlib

import duckdb
import pytest

from etl.configuration.settings import Settings
from etl.warehouse.duck import published_path, query
from schemas.dictionary import described
from schemas.stable import stable_views

# For each version, the fingerprint of the listing in stable.yaml. If the listing lost or changed something, give it a
# new version and add a line here; if it only gained columns, replace the fingerprint of its version.
FINGERPRINTS = {1: "7a606ad63a55"}
NOT_IN_THE_DICTIONARY = {"about", "topics", "sources"}


@pytest.mark.parametrize("view", stable_views().views)
def test_the_published_file_has_every_listed_column_with_its_type(world: Settings, view: str) -> None:
    with duckdb.connect(str(published_path(world.warehouse)), read_only=True) as connection:
        types = {str(name): str(kind) for name, kind, *_ in connection.execute(f"DESCRIBE {view}").fetchall()}
    assert stable_views().views[view].items() <= types.items()


def test_a_listing_that_changed_has_a_new_version() -> None:
    listing = "".join(f"{v}.{c}:{t};" for v, columns in stable_views().views.items() for c, t in columns.items())
    assert FINGERPRINTS[stable_views().version] == hashlib.sha256(listing.encode()).hexdigest()[:12]


def test_the_published_file_gives_the_version_of_its_views(world: Settings) -> None:
    about = query(world.warehouse, "SELECT views_version FROM about").to_pylist()
    assert about == [{"views_version": stable_views().version}]


def test_the_dictionary_marks_the_listed_views_as_stable() -> None:
    assert {item.name for item in described() if item.stable} == set(stable_views().views) - NOT_IN_THE_DICTIONARY
