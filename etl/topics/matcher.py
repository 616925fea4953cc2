"""Which sentences, paragraphs or articles satisfy which topics: one automaton for all words of all topics."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick

from etl.text import Layout, Span, fold, lay_out, word_begins, word_ends
from etl.topics.query import Country, Query, Term, Word, satisfied, terms


@dataclass(frozen=True)
class Wanted:
    """A query to match: `name` tells its hits apart; `within` is sentence, paragraph or article."""

    name: str
    query: Query
    within: str


@dataclass(frozen=True)
class Located:
    """A country at a place of the text: from a name that carries it."""

    code: str
    offset: int


@dataclass(frozen=True)
class Hit:
    """A span (half-open, code points) that satisfies a query, and the query's terms found in it, as it writes them."""

    name: str
    level: str
    start: int
    end: int
    matched_terms: tuple[str, ...]


class Matcher:
    """Queries compiled once, matched against many texts."""

    def __init__(self, wanted: Iterable[Wanted]) -> None:
        self._wanted = list(wanted)
        words = {term for w in self._wanted for term in terms(w.query) if isinstance(term, Word)}
        self._words = sorted(words, key=str)
        self._automaton = AhoCorasick([word.folded for word in self._words]) if self._words else None
        self._countries = {term.code for w in self._wanted for term in terms(w.query) if isinstance(term, Country)}

    def hits(
        self, text: str, language: str | None, countries: Sequence[Located], only: set[str] | None = None
    ) -> list[Hit]:
        """All spans of a text that satisfy a query, by query, then by place. `only` names the queries to match."""
        found = self._occurrences(text)
        found += [(Country(c.code), c.offset) for c in countries if c.code in self._countries]
        if not found:
            return []
        layout = lay_out(text, language)
        hits: list[Hit] = []
        for wanted in self._wanted:
            if only is None or wanted.name in only:
                hits += _satisfying(wanted, text, layout, found)
        return hits

    def _occurrences(self, text: str) -> list[tuple[Term, int]]:
        if self._automaton is None:
            return []
        folded = fold(text)
        found: list[tuple[Term, int]] = []
        for number, start, end in self._automaton.find_matches_as_indexes(folded, overlapping=True):
            word = self._words[number]
            if word_begins(folded, start) and (word.prefix or word_ends(folded, end)):
                found.append((word, start))
        return found


def _satisfying(wanted: Wanted, text: str, layout: Layout, found: Sequence[tuple[Term, int]]) -> list[Hit]:
    own = set(terms(wanted.query))
    present: dict[int, set[Term]] = defaultdict(set)
    for term, offset in found:
        if term in own:
            present[_unit(wanted.within, layout, offset)].add(term)
    spans = {"sentence": layout.sentences, "paragraph": layout.paragraphs, "article": (Span(0, len(text)),)}[
        wanted.within
    ]
    return [
        Hit(wanted.name, wanted.within, spans[unit].start, spans[unit].end, tuple(sorted(map(str, here))))
        for unit, here in sorted(present.items())
        if satisfied(wanted.query, here)
    ]


def _unit(within: str, layout: Layout, offset: int) -> int:
    if within == "article":
        return 0
    return layout.sentence_at(offset) if within == "sentence" else layout.paragraph_at(offset)
