"""Finds possible mistakes in a gazetteer.

These are duplicate rows, aliases that stand for several rows, rows without a Q-id, and rows that differ from Wikidata.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from etl.nlp.gazetteer.gazetteer import Alias, GazetteerEntry
from etl.text import fold

_QID = re.compile(r"Q[1-9]\d*")
KINDS = ("duplicate", "shared alias", "ambiguous alias", "no Q-id", "wikidata")


@dataclass(frozen=True)
class Doubt:
    """One doubtful point: its kind (of KINDS), the row's id, and what is doubtful."""

    kind: str
    id: str
    what: str


def doubts(aliases: Iterable[Alias]) -> list[Doubt]:
    """Return all doubts that need no network."""
    aliases = list(aliases)
    entries = list(dict.fromkeys(alias.entry for alias in aliases))
    return [*_duplicates(entries), *_shared(aliases), *_ambiguous(aliases), *_without_qid(entries)]


def _duplicates(entries: Iterable[GazetteerEntry]) -> Iterator[Doubt]:
    ids: dict[tuple[str | None, str], GazetteerEntry] = {}
    names: dict[tuple[str, str], GazetteerEntry] = {}
    for entry in entries:
        other = ids.setdefault((entry.id, entry.type), entry)
        if other is not entry and entry.id and other.name != entry.name:
            yield Doubt("duplicate", entry.id, f"is the id of {other.name} and of {entry.name}")
        other = names.setdefault((fold(entry.name), entry.type), entry)
        if other is not entry and other.id != entry.id:
            yield Doubt("duplicate", entry.id or entry.name, f"{entry.name} is the name of {other.id}, too")


def _shared(aliases: Iterable[Alias]) -> Iterator[Doubt]:
    """The same words for two rows, ambiguous in neither: they alone never link to either of them."""
    rows: dict[str, dict[str, GazetteerEntry]] = defaultdict(dict)
    for alias in aliases:
        if not alias.ambiguous:
            rows[alias.written].setdefault(alias.entry.id or alias.entry.name, alias.entry)
    for written, entries in rows.items():
        if len(entries) > 1:
            names = ", ".join(f"{entry.name} ({id_})" for id_, entry in entries.items())
            yield Doubt("shared alias", next(iter(entries)), f"'{written}' stands for {names}")


def _ambiguous(aliases: Iterable[Alias]) -> Iterator[Doubt]:
    rows: dict[str, dict[str, GazetteerEntry]] = defaultdict(dict)
    for alias in aliases:
        if alias.ambiguous:
            rows[alias.written].setdefault(alias.entry.id or alias.entry.name, alias.entry)
    for written, entries in rows.items():
        names = ", ".join(entry.name for entry in entries.values())
        yield Doubt("ambiguous alias", next(iter(entries)), f"'{written}' needs other evidence: {names}")


def _without_qid(entries: Iterable[GazetteerEntry]) -> Iterator[Doubt]:
    for entry in entries:
        if not _QID.fullmatch(entry.id or ""):
            yield Doubt("no Q-id", entry.id or entry.name, f"{entry.name} ({entry.type})")


def qids(aliases: Iterable[Alias]) -> dict[str, GazetteerEntry]:
    """Return the rows that have a Q-id, by it."""
    return {a.entry.id: a.entry for a in aliases if a.entry.id and _QID.fullmatch(a.entry.id)}


def differences(rows: Mapping[str, GazetteerEntry], aliases: Iterable[Alias], items: Mapping[str, Any]) -> list[Doubt]:
    """Return doubts about rows of which no name is one of Wikidata's. `items`: the `entities` of an answer to
    wbgetentities, with labels and aliases in English."""
    names: dict[str, set[str]] = defaultdict(set)
    for alias in aliases:
        names[alias.entry.id or ""].update((fold(alias.written), fold(alias.entry.name)))
    different = []
    for id_, entry in rows.items():
        item = items.get(id_)
        if item is None:
            continue
        if "missing" in item:
            different.append(Doubt("wikidata", id_, f"{entry.name}: Wikidata has no such item"))
            continue
        label = item.get("labels", {}).get("en", {}).get("value", "")
        names_there = {fold(label), *(fold(a["value"]) for a in item.get("aliases", {}).get("en", []))}
        if not names_there & names[id_]:
            different.append(
                Doubt("wikidata", id_, f"{entry.name}: Wikidata calls it '{label or 'nothing in English'}'")
            )
    return different
