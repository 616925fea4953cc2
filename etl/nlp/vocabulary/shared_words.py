"""Word lists for all languages, read from the YAML files beside this module."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from etl.nlp.languages.words import WordLists, read_word_lists

_FOLDER = Path(__file__).parent


def given_names() -> WordLists:
    """Given names that nearly always are a woman's (`women`) or a man's (`men`)."""
    return read_word_lists(_FOLDER / "given_names.yaml")


@cache
def countries_of_regions() -> dict[str, str]:
    """Region -> its country, ISO alpha-3."""
    regions = read_word_lists(_FOLDER / "regions.yaml").table("regions")
    return {name: country for country, names in regions.items() for name in names}


def regions_named_like_states() -> frozenset[str]:
    """Regions whose names stand in lists of states and governments, too."""
    return read_word_lists(_FOLDER / "regions.yaml").word_set("named_like_states")
