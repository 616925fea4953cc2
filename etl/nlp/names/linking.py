"""Linking: the row of the gazetteer that a name means, by its aliases, its context and the other names of the text;
null when unsure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from etl.nlp.gazetteer.gazetteer import Alias, GazetteerEntry
from etl.nlp.gazetteer.offices import title_fits
from etl.nlp.languages.words import language_words, words_of_all_languages
from etl.nlp.names.clusters import is_same_middle
from etl.nlp.names.mentions import NameMention, compatible
from etl.nlp.vocabulary.shared_words import countries_of_regions, regions_named_like_states
from etl.text import fold, spaceless

_SURE, _BY_CONTEXT, _UNLINKED = 0.95, 0.7, 0.3  # confidences
_BEFORE = re.compile(r"([\w'’.-]+) $")
_AFTER = re.compile(r"^ ([\w'’-]+)")
# ", Idaho": the region in which a town lies.
_REGION = re.compile(r", ([A-Z][\w.]*(?: [A-Z]\w+){0,2})(?=[,.;:)\n]|$)")
_ALSO_STATES = regions_named_like_states()
_NO_PART_OF_A_NAME = frozenset(words_of_all_languages("words_beside_names"))
_GENERIC = language_words("en").word_set("generic_words_of_places")


@dataclass(frozen=True)
class Link:
    """What a group of mentions means. `entry`: its row in the gazetteer, null when unsure; then `candidates` are the
    ids of the rows that it may be, and `countries` are those that its own words name ("Bank of China"). Confidence 0:
    it is no name."""

    entry: GazetteerEntry | None
    confidence: float
    candidates: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()


class Evidence:
    """How often the text names each row and each country without ambiguity."""

    def __init__(self, mentions: Sequence[NameMention], day: date | None) -> None:
        self._counts: Counter[object] = Counter()
        for mention in mentions:
            sure = {alias.entry for alias in mention.aliases if not alias.ambiguous}
            if len(sure) == 1:
                [entry] = sure
                self._counts.update([entry.id or entry.name, *entry.countries_on(day)])

    def row(self, entry: GazetteerEntry) -> int:
        """Return the number of mentions of the row."""
        return self._counts[entry.id or entry.name]

    def support(self, entry: GazetteerEntry) -> int:
        """Return the number of mentions of the row and of its countries."""
        return self.row(entry) + sum(self._counts[code] for code in entry.countries)


def link(text: str, group: Sequence[NameMention], evidence: Evidence, day: date | None) -> Link:
    """Return what the mentions of one group mean; all mean the same."""
    if elsewhere := _lies_elsewhere(text, group):
        return Link(None, _UNLINKED, _ids(group), (elsewhere,))
    if group[0].type == "PER":
        return _person(text, group, evidence, day)
    sure = _rows(group)
    if len(sure) == 1:
        return Link(next(iter(sure)), _SURE)
    if best := _best(text, group, evidence, day):
        return Link(best, _BY_CONTEXT)
    return Link(None, _UNLINKED, _ids(group), _inner_countries(text, group))


def _person(text: str, group: Sequence[NameMention], evidence: Evidence, day: date | None) -> Link:
    """What the mentions of a person mean. The full name decides for the surname: "Ivan Lavrov" is not the minister, so
    "Lavrov" is not in the same text."""
    in_full = [m for m in group if " " in text[m.start : m.end] or spaceless(text[m.start])]
    rows = _rows(in_full or group) or _rows_with_same_ends(text, in_full)
    if len(rows) == 1 and (in_full or any(m.tagged or not _is_of_other_person(text, m) for m in group)):
        return Link(next(iter(rows)), _SURE)
    if best := _best(text, in_full or group, evidence, day):
        return Link(best, _BY_CONTEXT)
    return Link(None, _UNLINKED if in_full or any(m.tagged for m in group) else 0.0, _ids(in_full or group))


def _rows(group: Sequence[NameMention]) -> set[GazetteerEntry]:
    """The rows that the mentions name without ambiguity."""
    return {alias.entry for mention in group for alias in mention.aliases if not alias.ambiguous}


def _rows_with_same_ends(text: str, in_full: Sequence[NameMention]) -> set[GazetteerEntry]:
    """Rows of which the name holds an alias, and whose own name has the same first and last words: "Vladimir V.
    Putin"."""
    rows = set()
    for mention in in_full:
        words = fold(text[mention.start : mention.end]).split()
        for alias in mention.inner:
            row_words = fold(alias.entry.name).split()
            same_ends = len(row_words) > 1 and (row_words[0], row_words[-1]) == (words[0], words[-1])
            if alias.entry.type == "PER" and same_ends:
                middles = _without_dots(row_words[1:-1]), _without_dots(words[1:-1])
                rows.update([alias.entry] if is_same_middle(*middles) else [])
    return rows


def _without_dots(words: Sequence[str]) -> list[str]:
    return [word.strip(".") for word in words]


def _best(text: str, group: Sequence[NameMention], evidence: Evidence, day: date | None) -> GazetteerEntry | None:
    """The row that the text supports best, or none if two are supported alike: Georgia the country, Georgia the
    state."""
    likely = [a.entry for m in group for a in m.aliases if _is_supported(text, m, a, evidence, day)]
    ranked = Counter({entry: 1 + evidence.support(entry) for entry in likely}).most_common(2)
    if ranked and (len(ranked) == 1 or ranked[0][1] > ranked[1][1]):
        return ranked[0][0]
    return None


def _is_supported(text: str, mention: NameMention, alias: Alias, evidence: Evidence, day: date | None) -> bool:
    """Is there evidence besides the alias that the mention means its row?"""
    entry = alias.entry
    in_longer_name = _is_inside_longer_name(text, mention) and not mention.tagged
    if entry.type == "PER":
        return (evidence.row(entry) > 0 and not in_longer_name) or title_fits(text, mention.start, entry.offices, day)
    if in_longer_name and entry.type == "LOC":
        return False
    # Jordan the country or Jordan the player: that a tagger took it for a place is evidence enough.
    if mention.tagged and mention.type == entry.type and len({a.entry for a in mention.aliases}) == 1:
        return True
    return evidence.support(entry) > 0


def _lies_elsewhere(text: str, group: Sequence[NameMention]) -> str | None:
    """The country of a place that is a namesake of the gazetteer's: "Moscow, Idaho". It holds for all mentions in the
    text."""
    for mention in group:
        after = _REGION.match(text, mention.end) if mention.type in ("LOC", "ORG") and mention.aliases else None
        region = countries_of_regions().get(after[1]) if after else None
        rows = [alias.entry for alias in mention.aliases]
        if not after or not region or any(entry.type != "LOC" or region in entry.countries for entry in rows):
            continue
        if after[1] in _ALSO_STATES and any(entry.state for entry in rows):
            continue
        return region
    return None


def _inner_countries(text: str, group: Sequence[NameMention]) -> tuple[str, ...]:
    """The one country that the words of an unlinked body name, or those of a place if its other words are generic; for
    an event, all countries in the order of the text."""
    codes: dict[tuple[str, ...], None] = {}
    for mention in group:
        rows = [a.entry for a in mention.inner if not a.ambiguous and a.entry.type in ("LOC", "NORP", "ORG")]
        if mention.type == "LOC" and not _has_only_generic_words(text, mention):
            rows = []
        if mention.type != "PER":
            codes.update(dict.fromkeys(entry.countries for entry in rows if entry.countries))
    if group[0].type == "EVENT":
        return tuple(dict.fromkeys(code for countries in codes for code in countries))
    return next(iter(codes)) if len(codes) == 1 else ()


def _has_only_generic_words(text: str, mention: NameMention) -> bool:
    """Are all words of the name generic, besides those of the gazetteer?"""
    words = fold(text[mention.start : mention.end]).split()
    known = {word for alias in mention.inner for word in fold(alias.written).split()}
    return all(word in _GENERIC or word in known for word in words)


def _ids(group: Sequence[NameMention]) -> tuple[str, ...]:
    """The ids of the rows that the mentions may mean, at most eight."""
    ids = dict.fromkeys(a.entry.id or a.entry.name for m in group for a in m.aliases if compatible(m.type, a))
    return tuple(ids)[:8]


def _is_of_other_person(text: str, mention: NameMention) -> bool:
    """Does a capitalised word before a surname that no tagger marked make it another person's: "Иван Лавров"? Only
    Cyrillic words count, as other nouns are written small there."""
    before = _BEFORE.search(text[max(0, mention.start - 40) : mention.start])
    word = before[1] if before else ""
    return (
        len(word) > 3 and "\u0400" <= word[0] <= "\u04ff" and word.istitle() and word.lower() not in _NO_PART_OF_A_NAME
    )


def _is_inside_longer_name(text: str, mention: NameMention) -> bool:
    """Does a capitalised word of the same sentence stand beside it, as in "Zhang Li" or "Jordan Ellery"?"""
    after = _AFTER.match(text[mention.end : mention.end + 40])
    if after and after[1][0].isupper():
        return True
    before = _BEFORE.search(text[max(0, mention.start - 40) : mention.start])
    word = before[1] if before else ""
    if not word[:1].isupper() or (word.endswith(".") and len(word) > 2):
        return False
    return word.rstrip(".").lower() not in _NO_PART_OF_A_NAME
