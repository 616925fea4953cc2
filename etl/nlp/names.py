"""Names in a text, linked by the gazetteer: by alias, with the rest of the text as context; unlinked when unsure."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from etl.nlp.gazetteer import Alias, Entry, Gazetteer, Match
from etl.text import Layout

_SURE, _BY_CONTEXT, _UNLINKED = 0.95, 0.7, 0.3
_BEFORE = re.compile(r"([\w'’.-]+) $")
_AFTER = re.compile(r"^ ([\w'’-]+)")
# Capitalised words that may stand before a surname without being part of the name.
_TITLES = frozenset(
    """
    president premier chancellor minister secretary mr mrs ms dr general king queen prince chairman senator
    ambassador leader comrade sir lord colonel the and but with for that when while on in at by as to after before
    from of président госпожа господин президент премьер министр
    """.split()
)


@dataclass(frozen=True)
class Name:
    """A name in a text (half-open, code points). `entry` is null where it is not linked."""

    start: int
    end: int
    text: str
    type: str
    entry: Entry | None
    confidence: float
    paragraph: int
    sentence: int

    @property
    def countries(self) -> tuple[str, ...]:
        return self.entry.countries if self.entry else ()


class Names:
    """The names of one text in order, found by place without going through all of them."""

    def __init__(self, names: Sequence[Name]) -> None:
        self._names = names
        self._starts = [name.start for name in names]

    def between(self, start: int, end: int) -> list[Name]:
        """Names that lie inside the span."""
        first, last = bisect_left(self._starts, start), bisect_left(self._starts, end)
        return [name for name in self._names[first:last] if name.end <= end]


def find_names(text: str, layout: Layout, gazetteer: Gazetteer) -> list[Name]:
    """All names that the gazetteer knows, in order of their place; spans do not overlap."""
    matches = gazetteer.matches(text)
    evidence = _evidence(matches)
    names = []
    for match in matches:
        entry, confidence = _link(text, match, evidence)
        if confidence:
            kind = entry.type if entry else match.aliases[0].entry.type
            paragraph, sentence = layout.paragraph_at(match.start), layout.sentence_at(match.start)
            span = text[match.start : match.end]
            names.append(Name(match.start, match.end, span, kind, entry, confidence, paragraph, sentence))
    return names


def _evidence(matches: Sequence[Match]) -> Counter[str]:
    """How often the text names, beyond doubt, each id and each country."""
    counts: Counter[str] = Counter()
    for match in matches:
        sure = {alias.entry for alias in match.aliases if not alias.ambiguous}
        if len(sure) == 1:
            (entry,) = sure
            counts.update([entry.id or entry.name, *entry.countries])
    return counts


def _link(text: str, match: Match, evidence: Counter[str]) -> tuple[Entry | None, float]:
    """(entry or null, confidence); confidence 0 where it is no name of this kind at all."""
    sure = {alias.entry for alias in match.aliases if not alias.ambiguous}
    if len(sure) == 1:
        return next(iter(sure)), _SURE
    likely = [alias.entry for alias in match.aliases if _supported(text, match, alias, evidence)]
    if likely:
        # Several may be supported (Georgia the country, Georgia the state): the better supported, or none.
        ranked = Counter({entry: _support(entry, evidence) for entry in likely}).most_common(2)
        if len(ranked) == 1 or ranked[0][1] > ranked[1][1]:
            return ranked[0][0], _BY_CONTEXT
    is_surname = all(alias.entry.type == "PER" for alias in match.aliases)
    return None, 0.0 if is_surname else _UNLINKED


def _supported(text: str, match: Match, alias: Alias, evidence: Counter[str]) -> bool:
    entry = alias.entry
    if entry.type == "PER":
        return evidence[entry.id or entry.name] > 0 and not _inside_longer_name(text, match)
    if _inside_longer_name(text, match) and entry.type == "LOC":
        return False
    return _support(entry, evidence) > 0


def _support(entry: Entry, evidence: Counter[str]) -> int:
    return evidence[entry.id or entry.name] + sum(evidence[code] for code in entry.countries)


def _inside_longer_name(text: str, match: Match) -> bool:
    """Does a capitalised word stand beside it, as in "Zhang Li" or "Jordan Ellery"?"""
    after = _AFTER.match(text[match.end : match.end + 40])
    if after and after[1][0].isupper():
        return True
    before = _BEFORE.search(text[max(0, match.start - 40) : match.start])
    return bool(before and before[1][0].isupper() and before[1].rstrip(".").lower() not in _TITLES)
