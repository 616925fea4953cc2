"""Which sentences, paragraphs or articles satisfy which topics: one pass over an article for all of them."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from etl.text import Span, fold, paragraphs, sentences
from etl.topics.occurrences import Finder, Place
from etl.topics.terms import Condition, Named, Query, Term, Words, anchors, condition, of_article, terms
from schemas.values import MentionLevel

# How often a term is there, by a guess: what is looked at first is what is there least often.
_COMMON = {"country": 20.0, "speaker": 5.0, "entity": 3.0, "outlet": 100.0, "lang": 1000.0}

_NAMES_KEPT = 100_000


@dataclass(frozen=True)
class Wanted:
    """A query to match: `name` tells its hits apart; `within` is sentence, paragraph or article."""

    name: str
    query: Query
    within: MentionLevel


class Name(NamedTuple):
    """A name in a text, at its first character: its id, its name, the countries that it carries."""

    start: int
    entity_id: str | None
    name: str
    countries: Sequence[str]


class Quoted(NamedTuple):
    """A quote in a text: its parts, and who said it."""

    quote_id: str
    parts: Sequence[Place]
    speaker_id: str | None = None
    speaker: str | None = None


@dataclass(frozen=True)
class Document:
    """An article as queries see it."""

    text: str
    language: str | None = None
    title: str = ""
    outlet: str = ""
    names: Sequence[Name] = ()
    quotes: Sequence[Quoted] = ()


@dataclass(frozen=True)
class Hit:
    """A span (half-open, code points) that satisfies a query, and the query's terms found in it, as it writes them."""

    name: str
    level: MentionLevel
    start: int
    end: int
    matched_terms: tuple[str, ...]


@dataclass(frozen=True)
class _Compiled:
    """A query whose terms are numbers."""

    wanted: Wanted
    condition: Condition[int]
    own: frozenset[int]
    of_article: bool  # it asks for something of the article as a whole, too
    needed: frozenset[int]  # terms with a place, of which every span that satisfies the query has one

    @property
    def name(self) -> str:
        return self.wanted.name


class _Found(NamedTuple):
    """A term's place. `spread`: it is in all that it touches, as a quote is; else it has to lie in one span."""

    number: int
    start: int
    end: int
    spread: bool = False


class Matcher:
    """Queries compiled once, matched against many articles."""

    def __init__(self, wanted: Iterable[Wanted]) -> None:
        wanted = list(wanted)
        self._terms: list[Term] = list(dict.fromkeys(term for w in wanted for term in terms(w.query)))
        self._written = [str(term) for term in self._terms]
        numbers = {term: number for number, term in enumerate(self._terms)}
        self._words = defaultdict(list)
        self._named: dict[tuple[str, str], list[int]] = defaultdict(list)  # written in other ways, the same
        self._of_name: dict[tuple[str | None, ...], list[int]] = {}  # what a name was found to be, kept
        self._speakers: list[tuple[int, str]] = []
        for number, term in enumerate(self._terms):
            if isinstance(term, Words):
                self._words[term.words, term.within].append((number, term.place))
            elif term.field == "speaker":
                self._speakers.append((number, fold(term.value)))
            else:
                self._named[term.field, fold(term.value)].append(number)
        self._finder = Finder(self._words)
        self._in_title = any(isinstance(term, Words) and term.place == "title" for term in self._terms)
        self._anchored: dict[int, list[_Compiled]] = defaultdict(list)
        self._order = {w.name: place for place, w in enumerate(wanted)}
        for w in wanted:
            anchor = frozenset(numbers[term] for term in anchors(w.query, _commonness))
            compiled = _compile(w, numbers, anchor)
            for number in anchor:
                self._anchored[number].append(compiled)

    def hits(self, document: Document, only: Collection[str] | None = None) -> list[Hit]:
        """All spans of an article that satisfy a query, by query, then by place. `only` names the queries to match."""
        found = list(self._in_text(document))
        whole = frozenset(self._of_article(document))
        everything = whole.union(f.number for f in found)
        likely = {c.name: c for number in everything for c in self._anchored.get(number, ())}
        asked = [c for c in likely.values() if (only is None or c.name in only) and c.condition.possible(everything)]
        places = _Places(document, found, whole)
        hits = [hit for compiled in asked for hit in self._hits(compiled, document, places, everything)]
        return sorted(hits, key=lambda hit: (self._order[hit.name], hit.start, hit.end))

    def _hits(
        self, compiled: _Compiled, document: Document, places: _Places, everything: frozenset[int]
    ) -> Iterator[Hit]:
        in_all = compiled.condition.satisfied(everything)
        # What the title, language and outlet satisfy alone is one mention, or none if the article has what is excluded.
        alone = compiled.of_article and compiled.condition.satisfied(places.whole)
        if alone or compiled.wanted.within == "article":
            if in_all:
                yield self._hit(compiled, "article", Span(0, len(document.text)), everything)
            return
        level = compiled.wanted.within
        for span, present in places.spans(compiled, level):
            if compiled.condition.satisfied(present):
                yield self._hit(compiled, level, span, present)

    def _hit(self, compiled: _Compiled, level: MentionLevel, span: Span, present: frozenset[int]) -> Hit:
        matched = sorted(self._written[number] for number in compiled.own & present)
        return Hit(compiled.name, level, span.start, span.end, tuple(matched))

    def _in_text(self, document: Document) -> Iterator[_Found]:
        for wanted, places in self._finder.find(fold(document.text)).items():
            for number, place in self._words[wanted]:
                if place == "title":
                    continue
                for start, end in places:
                    if place == "text" or any(a <= start < b for q in document.quotes for a, b in q.parts):
                        yield _Found(number, start, start + 1 if wanted[1] is None else end)
        if self._named:
            yield from self._names(document.names)
        for quote in document.quotes if self._speakers else ():
            for number, value in self._speakers:
                if _says(quote, value):
                    yield _Found(number, quote.parts[0][0], quote.parts[-1][1], spread=True)

    def _names(self, names: Sequence[Name]) -> Iterator[_Found]:
        for name in names:
            key = (name.entity_id, name.name, *name.countries)
            if len(self._of_name) > _NAMES_KEPT:
                self._of_name.clear()
            if key not in self._of_name:
                wanted = [("country", code.lower()) for code in name.countries]
                wanted += [("entity", fold(value)) for value in (name.entity_id, name.name) if value]
                self._of_name[key] = [number for item in wanted for number in self._named.get(item, ())]
            for number in self._of_name[key]:
                yield _Found(number, name.start, name.start + 1)

    def _of_article(self, document: Document) -> Iterator[int]:
        for key in (("lang", document.language or ""), ("outlet", document.outlet)):
            yield from self._named.get((key[0], fold(key[1])), ())
        if self._in_title and document.title:
            for wanted in self._finder.find(fold(document.title)):
                yield from (number for number, place in self._words[wanted] if place == "title")


def containing(hit: Hit, quotes: Sequence[Quoted]) -> str | None:
    """The quote that contains a hit whole; null if none does."""
    return next((q.quote_id for q in quotes if q.parts[0][0] <= hit.start and hit.end <= q.parts[-1][1]), None)


def _compile(wanted: Wanted, numbers: dict[Term, int], anchor: frozenset[int]) -> _Compiled:
    own = {numbers[term]: term for term in terms(wanted.query)}
    placed = frozenset(n for n, term in own.items() if not of_article(term))
    # Where an anchor is of the article as a whole, any other term may be what places the hit.
    needed = anchor if anchor <= placed else placed
    return _Compiled(
        wanted, condition(wanted.query, numbers.__getitem__), frozenset(own), len(placed) < len(own), needed
    )


def _commonness(term: Term) -> float:
    return _COMMON[term.field] if isinstance(term, Named) else 10 / max(map(len, term.words))


def _says(quote: Quoted, value: str) -> bool:
    """Is this the speaker: by id, or by words of the name?"""
    if quote.speaker_id and fold(quote.speaker_id) == value:
        return True
    return quote.speaker is not None and f" {value} " in f" {fold(quote.speaker)} "


class _Places:
    """The terms in each paragraph and sentence of an article. Sentences are looked for only where they matter."""

    def __init__(self, document: Document, found: Sequence[_Found], whole: frozenset[int]) -> None:
        self._document, self._found, self.whole = document, found, whole
        self._within: dict[int, _Spans] = {}

    def spans(self, compiled: _Compiled, level: str) -> Iterator[tuple[Span, frozenset[int]]]:
        """Spans in which a needed term lies, in order, with all terms in them; only where the query may be true."""
        for number, span, present in self._paragraphs.having(compiled.needed):
            if level == "paragraph":
                yield span, present
            elif compiled.condition.possible(present):
                if number not in self._within:
                    self._within[number] = self._sentences(number, span)
                for _, sentence, inside in self._within[number].having(compiled.needed):
                    yield sentence, inside

    @cached_property
    def _paragraphs(self) -> _Spans:
        return _Spans(paragraphs(self._document.text), self._found, self.whole)

    def _sentences(self, number: int, paragraph: Span) -> _Spans:
        inside = self._paragraphs.found[number]
        return _Spans(sentences(self._document.text, paragraph, self._document.language), inside, self.whole)


class _Spans:
    """Spans, and the terms in each."""

    def __init__(self, spans: Sequence[Span], found: Iterable[_Found], whole: frozenset[int]) -> None:
        starts = [span.start for span in spans]
        self.found: dict[int, list[_Found]] = defaultdict(list)  # by the number of the span
        self._having: dict[int, set[int]] = defaultdict(set)
        for f in found:
            first = last = max(bisect_right(starts, f.start) - 1, 0)
            if f.end > f.start + 1:
                last = bisect_right(starts, f.end - 1) - 1
            if first == last or f.spread:
                for number in range(first, last + 1):
                    self.found[number].append(f)
                    self._having[f.number].add(number)
        self._spans, self._whole = spans, whole
        self._present: dict[int, frozenset[int]] = {}

    def having(self, needed: frozenset[int]) -> Iterator[tuple[int, Span, frozenset[int]]]:
        """Number, span and all terms of those in which one of these terms lies, in order."""
        for number in sorted(set().union(*(self._having[n] for n in needed if n in self._having))):
            if number not in self._present:
                self._present[number] = self._whole.union([f.number for f in self.found[number]])
            yield number, self._spans[number], self._present[number]
