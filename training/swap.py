"""Additional training texts, made by replacing names.

The new names are persons' names from many peoples, and organisations and places from the gazetteer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

from evaluation.corpora import PROJECT
from evaluation.marked_texts import MarkedName, MarkedText

_PROBABILITIES = {"PER": 0.7, "ORG": 0.5, "LOC": 0.4}  # that a name of the type is replaced


@dataclass(frozen=True)
class NameSupply:
    """Names to choose from. Each people is a row of personal_names.yaml."""

    peoples: list[dict[str, Any]]
    organisations: list[str]
    places: list[str]


@lru_cache(maxsize=1)
def name_supply() -> NameSupply:
    """The names of training/personal_names.yaml and of config/gazetteer."""
    peoples = yaml.safe_load((Path(__file__).parent / "personal_names.yaml").read_text(encoding="utf-8"))
    gazetteer = PROJECT / "config" / "gazetteer"
    rows = {
        name: yaml.load((gazetteer / f"{name}.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)
        for name in ("organisations", "places", "countries")
    }
    organisations = [w for row in rows["organisations"] for w in row["aliases"].get("en", []) if w[0].isupper()]
    places = [row["name"] for row in [*rows["places"], *rows["countries"]] if row["name"][0].isupper()]
    return NameSupply(peoples, organisations, places)


def swapped(marked: MarkedText, random: Random) -> MarkedText | None:
    """The text with some of its names replaced; null where none is."""
    text, names, at = "", [], 0
    changed = False
    for marked_name in marked.names:
        text += marked.text[at : marked_name.start]
        name = marked.text[marked_name.start : marked_name.end]
        [label] = marked_name.labels if len(marked_name.labels) == 1 else [""]
        if label in _PROBABILITIES and random.random() < _PROBABILITIES[label] and (label != "PER" or " " in name):
            name, changed = _another_name(label, random), True
        names.append(MarkedName(len(text), len(text) + len(name), marked_name.labels, marked_name.title))
        text += name
        at = marked_name.end
    return replace(marked, text=text + marked.text[at:], names=names) if changed else None


def _another_name(label: str, random: Random) -> str:
    supply = name_supply()
    if label == "ORG":
        return random.choice(supply.organisations)
    if label == "LOC":
        return random.choice(supply.places)
    people = random.choice(supply.peoples)
    given_name, family_name = random.choice(people["given"]), random.choice(people["family"])
    return f"{family_name} {given_name}" if people.get("order") == "family" else f"{given_name} {family_name}"
