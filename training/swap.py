"""Training texts again with other names in them: persons of many peoples, organisations and places of the gazetteer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from random import Random

import yaml

from evaluation.name_sets import Mark, Marked

ROOT = Path(__file__).resolve().parents[1]
_CHANCES = {"PER": 0.7, "ORG": 0.5, "LOC": 0.4}


@dataclass(frozen=True)
class Supply:
    """Names to take from."""

    peoples: list[dict[str, object]]
    organisations: list[str]
    places: list[str]


@lru_cache(maxsize=1)
def supply() -> Supply:
    """The names of training/world_names.yaml and of config/gazetteer."""
    peoples = yaml.safe_load((Path(__file__).parent / "world_names.yaml").read_text(encoding="utf-8"))
    gazetteer = ROOT / "config" / "gazetteer"
    rows = {
        name: yaml.load((gazetteer / f"{name}.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)
        for name in ("organisations", "places", "countries")
    }
    organisations = [w for row in rows["organisations"] for w in row["aliases"].get("en", []) if w[0].isupper()]
    places = [row["name"] for row in [*rows["places"], *rows["countries"]] if row["name"][0].isupper()]
    return Supply(peoples, organisations, places)


def swapped(marked: Marked, random: Random) -> Marked | None:
    """The text with some of its names replaced; null where none was."""
    text, marks, at = "", [], 0
    changed = False
    for mark in marked.marks:
        text += marked.text[at : mark.start]
        name = marked.text[mark.start : mark.end]
        [label] = mark.labels if len(mark.labels) == 1 else [None]
        if label in _CHANCES and random.random() < _CHANCES[label] and (label != "PER" or " " in name):
            name, changed = _another(label, random), True
        marks.append(Mark(len(text), len(text) + len(name), mark.labels, mark.title))
        text += name
        at = mark.end
    return replace(marked, text=text + marked.text[at:], marks=marks) if changed else None


def _another(label: str, random: Random) -> str:
    names = supply()
    if label == "ORG":
        return random.choice(names.organisations)
    if label == "LOC":
        return random.choice(names.places)
    people = random.choice(names.peoples)
    given, family = random.choice(people["given"]), random.choice(people["family"])  # type: ignore[arg-type]
    return f"{family} {given}" if people.get("order") == "family" else f"{given} {family}"
