"""Views that others build on stay as they are, or have a new version."""

from __future__ import annotations

import hashlib

import duckdb
import pytest

from etl.configuration.settings import Settings
from etl.warehouse.duck import published_path, query
from schemas.dictionary import described
from schemas.stable import stable_views

# Version -> the listing's fingerprint. A listing that lost or changed something gets a new version and a new line here;
# one that only gained columns gets a new fingerprint in its line.
FINGERPRINTS = {1: "92ef5456ff9a"}


@pytest.mark.parametrize("view", stable_views().views)
def test_every_listed_column_is_there_with_its_type(world: Settings, view: str) -> None:
    with duckdb.connect(str(published_path(world.warehouse)), read_only=True) as connection:
        there = {str(name): str(kind) for name, kind, *_ in connection.execute(f"DESCRIBE {view}").fetchall()}
    assert stable_views().views[view].items() <= there.items()


def test_a_changed_listing_has_a_version() -> None:
    listed = "".join(f"{v}.{c}:{t};" for v, columns in stable_views().views.items() for c, t in columns.items())
    assert FINGERPRINTS[stable_views().version] == hashlib.sha256(listed.encode()).hexdigest()[:12]


def test_the_file_and_the_dictionary_say_the_version(world: Settings) -> None:
    about = query(world.warehouse, "SELECT views_version FROM about").to_pylist()
    assert about == [{"views_version": stable_views().version}]
    assert {item.name for item in described() if item.stable} == set(stable_views().views) - {
        "about",
        "topics",
        "sources",
    }
