"""What a name means: the gazetteer's row, by alias, context and what else the text names; null when unsure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from etl.nlp.gazetteer.gazetteer import Alias, GazetteerEntry
from etl.nlp.gazetteer.offices import title_fits
from etl.nlp.languages.registry import words_of_all_languages
from etl.nlp.languages.words import language_words
from etl.nlp.names.clusters import same_middle
from etl.nlp.names.mentions import NameMention, compatible
from etl.nlp.vocabulary.shared_words import countries_of_regions, regions_named_like_states
from etl.text import fold, spaceless

_SURE, _BY_CONTEXT, _UNLINKED = 0.95, 0.7, 0.3
_BEFORE = re.compile(r"([\w'’.-]+) $")
_AFTER = re.compile(r"^ ([\w'’-]+)")
# ", Idaho": a region that a town lies in.
_REGION = re.compile(r", ([A-Z][\w.]*(?: [A-Z]\w+){0,2})(?=[,.;:)\n]|$)")
# Regions whose names stand in lists of states and governments, too: "Kyiv, Washington, and Brussels".
_ALSO_STATES = regions_named_like_states()
# Capitalised words that may stand before a surname without being part of the name.
_NO_PART_OF_A_NAME = frozenset(words_of_all_languages("words_beside_names"))
_GENERIC = language_words("en").word_set("generic_words_of_places")


@dataclass(frozen=True)
class Link:
    """What a group of mentions means. `entry`: null when unsure, then `candidates` are the ids that it may be;
    `countries`: what its words say where they are no row of the gazetteer ("Bank of China"); confidence 0: no name."""

    entry: GazetteerEntry | None
    confidence: float
    candidates: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()


class Evidence:
    """How often the text names, beyond doubt, each row and each country."""

    def __init__(self, mentions: Sequence[NameMention], day: date | None) -> None:
        self._counts: Counter[object] = Counter()
        for mention in mentions:
            sure = {alias.entry for alias in mention.aliases if not alias.ambiguous}
            if len(sure) == 1:
                [entry] = sure
                self._counts.update([entry.id or entry.name, *entry.countries_on(day)])

    def row(self, entry: GazetteerEntry) -> int:
        """Mentions of the row."""
        return self._counts[entry.id or entry.name]

    def support(self, entry: GazetteerEntry) -> int:
        """Mentions of the row and of its countries."""
        return self.row(entry) + sum(self._counts[code] for code in entry.countries)


def link(text: str, group: Sequence[NameMention], evidence: Evidence, day: date | None) -> Link:
    """What the mentions of one group mean, all of them alike."""
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
    """A person named in full decides for the surnames: "Ivan Lavrov" is not the minister, and so "Lavrov" is not."""
    whole = [m for m in group if " " in text[m.start : m.end] or spaceless(text[m.start])]
    rows = _rows(whole or group) or _same_ends(text, whole)
    if len(rows) == 1 and (whole or any(m.tagged or not _other_person(text, m) for m in group)):
        return Link(next(iter(rows)), _SURE)
    if best := _best(text, whole or group, evidence, day):
        return Link(best, _BY_CONTEXT)
    return Link(None, _UNLINKED if whole or any(m.tagged for m in group) else 0.0, _ids(whole or group))


def _rows(group: Sequence[NameMention]) -> set[GazetteerEntry]:
    return {alias.entry for mention in group for alias in mention.aliases if not alias.ambiguous}


def _same_ends(text: str, whole: Sequence[NameMention]) -> set[GazetteerEntry]:
    """Rows of a surname inside whose first and last words are the name's: "Vladimir V. Putin"."""
    found = set()
    for mention in whole:
        words = fold(text[mention.start : mention.end]).split()
        for alias in mention.inner:
            own = fold(alias.entry.name).split()
            if alias.entry.type == "PER" and len(own) > 1 and (own[0], own[-1]) == (words[0], words[-1]):
                found.update([alias.entry] if same_middle(_plain(own[1:-1]), _plain(words[1:-1])) else [])
    return found


def _plain(words: Sequence[str]) -> list[str]:
    return [word.strip(".") for word in words]


def _best(text: str, group: Sequence[NameMention], evidence: Evidence, day: date | None) -> GazetteerEntry | None:
    """The better supported of several rows, or none: Georgia the country, Georgia the state."""
    likely = [a.entry for m in group for a in m.aliases if _supported(text, m, a, evidence, day)]
    ranked = Counter({entry: 1 + evidence.support(entry) for entry in likely}).most_common(2)
    if ranked and (len(ranked) == 1 or ranked[0][1] > ranked[1][1]):
        return ranked[0][0]
    return None


def _supported(text: str, mention: NameMention, alias: Alias, evidence: Evidence, day: date | None) -> bool:
    entry = alias.entry
    longer = _inside_longer_name(text, mention) and not mention.tagged
    if entry.type == "PER":
        return (evidence.row(entry) > 0 and not longer) or title_fits(text, mention.start, entry.offices, day)
    if longer and entry.type == "LOC":
        return False
    # Jordan the river's land or Jordan the player: that a tagger took it for a place is evidence enough.
    if mention.tagged and mention.type == entry.type and len({a.entry for a in mention.aliases}) == 1:
        return True
    return evidence.support(entry) > 0


def _lies_elsewhere(text: str, group: Sequence[NameMention]) -> str | None:
    """The country of a town that is not the gazetteer's: "Moscow, Idaho"; all mentions of it in the text are."""
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
    """The one country that an unlinked body's or event's own words name; of a place only if the rest is generic."""
    codes: dict[tuple[str, ...], None] = {}
    for mention in group:
        sure = {a.entry for a in mention.inner if not a.ambiguous and a.entry.type in ("LOC", "NORP", "ORG")}
        if mention.type == "LOC" and not _only_generic(text, mention):
            sure = set()
        if mention.type != "PER":
            codes.update(dict.fromkeys(entry.countries for entry in sure if entry.countries))
    if group[0].type == "EVENT":
        return tuple(dict.fromkeys(code for countries in codes for code in countries))
    return next(iter(codes)) if len(codes) == 1 else ()


def _only_generic(text: str, mention: NameMention) -> bool:
    words = fold(text[mention.start : mention.end]).split()
    known = {word for alias in mention.inner for word in fold(alias.written).split()}
    return all(word in _GENERIC or word in known for word in words)


def _ids(group: Sequence[NameMention]) -> tuple[str, ...]:
    found = dict.fromkeys(a.entry.id or a.entry.name for m in group for a in m.aliases if compatible(m.type, a))
    return tuple(found)[:8]


def _other_person(text: str, mention: NameMention) -> bool:
    """Is a surname that no tagger marked another's: "Иван Лавров"? Asked in Cyrillic alone, where nouns are small."""
    before = _BEFORE.search(text[max(0, mention.start - 40) : mention.start])
    word = before[1] if before else ""
    return (
        len(word) > 3 and "\u0400" <= word[0] <= "\u04ff" and word.istitle() and word.lower() not in _NO_PART_OF_A_NAME
    )


def _inside_longer_name(text: str, mention: NameMention) -> bool:
    """Does a capitalised word stand beside it, as in "Zhang Li" or "Jordan Ellery"? The end of a sentence is none."""
    after = _AFTER.match(text[mention.end : mention.end + 40])
    if after and after[1][0].isupper():
        return True
    before = _BEFORE.search(text[max(0, mention.start - 40) : mention.start])
    word = before[1] if before else ""
    if not word[:1].isupper() or (word.endswith(".") and len(word) > 2):
        return False
    return word.rstrip(".").lower() not in _NO_PART_OF_A_NAME
