"""Word lists for all languages, read from the YAML files beside this module."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from etl.nlp.languages.words import WordLists, read_word_lists

_FOLDER = Path(__file__).parent


def given_names() -> WordLists:
    """Return given names that are nearly always a woman's (`women`) or a man's (`men`)."""
    return read_word_lists(_FOLDER / "given_names.yaml")


@cache
def countries_of_regions() -> dict[str, str]:
    """Return the country (ISO alpha-3) of each region."""
    regions = read_word_lists(_FOLDER / "regions.yaml").table("regions")
    return {name: country for country, names in regions.items() for name in names}


def regions_named_like_states() -> frozenset[str]:
    """Return the regions whose names also stand in lists of countries and governments."""
    return read_word_lists(_FOLDER / "regions.yaml").word_set("named_like_states")
