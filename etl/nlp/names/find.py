"""Names in a text: found by a tagger and the gazetteer, gathered, linked, each with the countries that it carries."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from etl.nlp.gazetteer.gazetteer import Entry, Gazetteer
from etl.nlp.gazetteer.offices import AFTER_COUNTRY, BEFORE_COUNTRY, ENDS, NOT_IN_OFFICE
from etl.nlp.names.clusters import gather
from etl.nlp.names.linking import Evidence, Link, link
from etl.nlp.names.mentions import Mention, Tagged, find_mentions
from etl.text import Layout

_BY_OFFICE = 0.8
_REPORTED = ("PER", "ORG", "LOC", "NORP", "EVENT")
_TOLD = 0.6  # from here on the tagger's type is believed against the gazetteer's
_LEAST = 0.4  # a tagger's names below it are not reported, unless the gazetteer knows them


@dataclass(frozen=True)
class Name:
    """A name in a text (half-open, code points). `entry` is null where it is not linked, then `candidates` are ids
    that it may be; `full`: the gazetteer's name, else the longest in the text; `cluster`: mentions of one thing have
    one number."""

    start: int
    end: int
    text: str
    type: str
    entry: Entry | None
    confidence: float
    paragraph: int
    sentence: int
    countries: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    full: str = ""
    cluster: int = 0


class Names:
    """The names of one text in order, found by place without going through all of them."""

    def __init__(self, names: Sequence[Name]) -> None:
        self._names = names
        self._starts = [name.start for name in names]

    def between(self, start: int, end: int) -> list[Name]:
        """Names that lie inside the span."""
        first, last = bisect_left(self._starts, start), bisect_left(self._starts, end)
        return [name for name in self._names[first:last] if name.end <= end]

    def around(self, start: int, end: int) -> tuple[int, int]:
        """The span without names cut at its ends: as much more as they take."""
        for at in (bisect_right(self._starts, start) - 1, bisect_left(self._starts, end) - 1):
            if at >= 0 and self._starts[at] < end and self._names[at].end > start:
                start, end = min(start, self._starts[at]), max(end, self._names[at].end)
        return start, end


def find_names(
    text: str, layout: Layout, gazetteer: Gazetteer, tagged: Sequence[Tagged] = (), day: date | None = None
) -> list[Name]:
    """All names of a text in order of their place. Spans do not overlap, but for descriptions, which hold a country.

    `tagged`: names that a tagger marked; `day`: of the article, for offices and their terms.
    """
    mentions, numbers = gather(text, find_mentions(text, tagged, gazetteer), day)
    groups: dict[int, list[Mention]] = defaultdict(list)
    for mention, number in zip(mentions, numbers, strict=True):
        groups[number].append(mention)
    evidence = Evidence(mentions, day)
    links = {number: link(text, group, evidence, day) for number, group in groups.items()}
    longest = {number: max((text[m.start : m.end] for m in group), key=len) for number, group in groups.items()}
    names = [
        name
        for mention, number in zip(mentions, numbers, strict=True)
        if (name := _name(text, layout, mention, number, links[number], longest[number], day))
    ]
    described = list(_descriptions(text, layout, names, gazetteer, day))
    return _numbered(sorted([*names, *described], key=lambda name: (name.start, -name.end)))


def _name(
    text: str, layout: Layout, mention: Mention, number: int, found: Link, longest: str, day: date | None
) -> Name | None:
    entry = found.entry
    kind = _kind(mention, entry)
    confidence = found.confidence if entry else max(found.confidence, mention.confidence)
    if kind not in _REPORTED or not confidence or (not entry and mention.tagged and mention.confidence < _LEAST):
        return None
    return Name(
        mention.start,
        mention.end,
        text[mention.start : mention.end],
        kind,
        entry,
        round(confidence, 2),
        layout.paragraph_at(mention.start),
        layout.sentence_at(mention.start),
        entry.countries_on(day) if entry else found.countries,
        found.candidates,
        entry.name if entry else longest,
        number,
    )


def _kind(mention: Mention, entry: Entry | None) -> str:
    """The tagger's type: in the text a club may be a body and a party a people. The gazetteer's where the tagger said
    nothing or is not sure, and for states and peoples."""
    told = mention.tagged and mention.type in _REPORTED and mention.confidence >= _TOLD
    return mention.type if entry is None or (told and not entry.state) else entry.type


def _descriptions(
    text: str, layout: Layout, names: Sequence[Name], gazetteer: Gazetteer, day: date | None
) -> Iterator[Name]:
    """Persons by office, country and the article's day: "the Russian president", "the president of France"."""
    if day is None:
        return
    persons = {name.start: name.entry for name in names if name.type == "PER"}
    for name in names:
        if name.type not in ("NORP", "LOC") or len(name.countries) != 1:
            continue
        if after := AFTER_COUNTRY.match(text, name.end):
            start, end, phrase = name.start, after.end(), after[1]
        elif before := BEFORE_COUNTRY.search(text[max(0, name.start - 40) : name.start]):
            start, end, phrase = max(0, name.start - 40) + before.start(), name.end, before[1]
            if not ENDS.match(text, end):
                continue
        else:
            continue
        if NOT_IN_OFFICE.search(text[max(0, start - 20) : start]):
            continue
        person = gazetteer.holders.on(name.countries[0], phrase, day)
        named = persons.get(end + 2, person) if text[end : end + 2] == ", " else person
        if person and named is person:  # "the president of Georgia, Salome Zourabichvili," is whom it names
            yield Name(
                start, end, text[start:end], "OFFICE", person, _BY_OFFICE, layout.paragraph_at(start),
                layout.sentence_at(start), person.countries_on(day), (), person.name, -1,
            )  # fmt: skip


def _numbered(names: Sequence[Name]) -> list[Name]:
    """Groups that are linked to one row are one; numbers count from 0 in order of the first mention."""
    numbers: dict[tuple[object, bool], int] = {}
    found = []
    for name in names:
        key = (name.entry.id or name.entry.name, name.entry.type == "NORP") if name.entry else (name.cluster, False)
        found.append(replace(name, cluster=numbers.setdefault(key, len(numbers))))
    return found
