"""Names in a text: found by a tagger and the gazetteer, grouped, linked, each with the countries that it implies."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from etl.nlp.gazetteer.gazetteer import Gazetteer, GazetteerEntry
from etl.nlp.gazetteer.offices import AFTER_COUNTRY, BEFORE_COUNTRY, ENDS, NOT_IN_OFFICE
from etl.nlp.names.clusters import gather
from etl.nlp.names.linking import Evidence, Link, link
from etl.nlp.names.mentions import NameMention, TaggedName, find_mentions
from etl.text import Layout

_BY_OFFICE = 0.8  # confidence of a description by office
_REPORTED = ("PER", "ORG", "LOC", "NORP", "EVENT")
_SURE_OF_TYPE = 0.6  # from here on the tagger's type is believed against the gazetteer's
_LEAST_CONFIDENCE = 0.4  # a name of a tagger below it is reported only if it is linked


@dataclass(frozen=True)
class NamedEntity:
    """A name in a text (half-open, code points). `entry`: its row in the gazetteer; where it is not linked this is
    null, and `candidates` are the ids of the rows that it may be. `full`: the gazetteer's name, else the longest one in
    the text. `cluster`: a number that all mentions of one thing share."""

    start: int
    end: int
    text: str
    type: str
    entry: GazetteerEntry | None
    confidence: float
    paragraph: int
    sentence: int
    countries: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    full: str = ""
    cluster: int = 0


class NameIndex:
    """The names of one text in order, looked up by their places."""

    def __init__(self, names: Sequence[NamedEntity]) -> None:
        self._names = names
        self._starts = [name.start for name in names]

    def between(self, start: int, end: int) -> list[NamedEntity]:
        """Return the names that lie inside the span."""
        first, last = bisect_left(self._starts, start), bisect_left(self._starts, end)
        return [name for name in self._names[first:last] if name.end <= end]

    def around(self, start: int, end: int) -> tuple[int, int]:
        """Return the span, extended where it would cut a name at one of its ends."""
        for at in (bisect_right(self._starts, start) - 1, bisect_left(self._starts, end) - 1):
            if at >= 0 and self._starts[at] < end and self._names[at].end > start:
                start, end = min(start, self._starts[at]), max(end, self._names[at].end)
        return start, end


def find_names(
    text: str, layout: Layout, gazetteer: Gazetteer, tagged: Sequence[TaggedName] = (), day: date | None = None
) -> list[NamedEntity]:
    """Return all names of a text in order of their place. Spans do not overlap, except that a description by office
    holds the name of its country.

    `tagged`: the names that a tagger marked; `day`: the article's, for terms of office."""
    mentions, numbers = gather(text, find_mentions(text, tagged, gazetteer), day)
    groups: dict[int, list[NameMention]] = defaultdict(list)
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
    text: str, layout: Layout, mention: NameMention, number: int, meaning: Link, longest: str, day: date | None
) -> NamedEntity | None:
    """The name of a mention; null where it is not reported."""
    entry = meaning.entry
    kind = _kind(mention, entry)
    confidence = meaning.confidence if entry else max(meaning.confidence, mention.confidence)
    is_weak = not entry and mention.tagged and mention.confidence < _LEAST_CONFIDENCE
    if kind not in _REPORTED or not confidence or is_weak:
        return None
    return NamedEntity(
        mention.start,
        mention.end,
        text[mention.start : mention.end],
        kind,
        entry,
        round(confidence, 2),
        layout.paragraph_at(mention.start),
        layout.sentence_at(mention.start),
        entry.countries_on(day) if entry else meaning.countries,
        meaning.candidates,
        entry.name if entry else longest,
        number,
    )


def _kind(mention: NameMention, entry: GazetteerEntry | None) -> str:
    """The tagger's type, as a club may be a body in this text and a party a people; the gazetteer's where the tagger
    marked nothing or is not sure, and for states and peoples."""
    is_sure = mention.tagged and mention.type in _REPORTED and mention.confidence >= _SURE_OF_TYPE
    return mention.type if entry is None or (is_sure and not entry.state) else entry.type


def _descriptions(
    text: str, layout: Layout, names: Sequence[NamedEntity], gazetteer: Gazetteer, day: date | None
) -> Iterator[NamedEntity]:
    """Persons described by an office and a country on the article's day: "the Russian president", "the president of
    France"."""
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
        apposition = persons.get(end + 2, person) if text[end : end + 2] == ", " else person
        if person and apposition is person:  # not where another name follows: "the president of Georgia, Ann Lee,"
            yield NamedEntity(
                start, end, text[start:end], "OFFICE", person, _BY_OFFICE, layout.paragraph_at(start),
                layout.sentence_at(start), person.countries_on(day), (), person.name, -1,
            )  # fmt: skip


def _numbered(names: Sequence[NamedEntity]) -> list[NamedEntity]:
    """The names, where groups that are linked to one row are one. Numbers count from 0 in order of the first
    mention."""
    numbers: dict[tuple[object, bool], int] = {}
    numbered = []
    for name in names:
        key = (name.entry.id or name.entry.name, name.entry.type == "NORP") if name.entry else (name.cluster, False)
        numbered.append(replace(name, cluster=numbers.setdefault(key, len(numbers))))
    return numbered
