"""Which sentences, paragraphs or articles satisfy which topics: one pass over an article for all of them."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from etl.text import Span, fold, paragraphs, sentences
from etl.topics.occurrences import Finder, Place
from etl.topics.terms import Named, Numbered, Query, Term, Words, anchors, numbered, possible, satisfied, terms

# How often a term is there, by a guess: what is looked at first is what is there least often.
_COMMON = {"country": 20.0, "speaker": 5.0, "entity": 3.0, "outlet": 100.0, "lang": 1000.0}


@dataclass(frozen=True)
class Wanted:
    """A query to match: `name` tells its hits apart; `within` is sentence, paragraph or article."""

    name: str
    query: Query
    within: str


@dataclass(frozen=True)
class Name:
    """A name in a text, at its first character: its id, its name, the countries that it carries."""

    start: int
    entity_id: str | None
    name: str
    countries: Sequence[str]


@dataclass(frozen=True)
class Quoted:
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
    level: str
    start: int
    end: int
    matched_terms: tuple[str, ...]


@dataclass(frozen=True)
class _Compiled:
    """A query whose terms are numbers."""

    wanted: Wanted
    tree: Numbered
    own: frozenset[int]
    of_article: bool  # it asks for something of the article as a whole, too

    @property
    def name(self) -> str:
        return self.wanted.name


@dataclass(frozen=True)
class _Found:
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
        self._named: dict[tuple[str, str], int] = {}
        self._speakers: list[tuple[int, str]] = []
        for number, term in enumerate(self._terms):
            if isinstance(term, Words):
                self._words[term.words, term.within].append((number, term.place))
            elif term.field == "speaker":
                self._speakers.append((number, fold(term.value)))
            else:
                self._named[term.field, fold(term.value)] = number
        self._finder = Finder(self._words)
        self._in_title = any(isinstance(term, Words) and term.place == "title" for term in self._terms)
        self._anchored: dict[int, list[_Compiled]] = defaultdict(list)
        self._order = {w.name: place for place, w in enumerate(wanted)}
        for w in wanted:
            compiled = _compile(w, numbers)
            for term in anchors(w.query, _commonness):
                self._anchored[numbers[term]].append(compiled)

    def hits(self, document: Document, only: Collection[str] | None = None) -> list[Hit]:
        """All spans of an article that satisfy a query, by query, then by place. `only` names the queries to match."""
        found = list(self._in_text(document))
        whole = frozenset(self._of_article(document))
        everything = whole.union(f.number for f in found)
        likely = {c.name: c for number in everything for c in self._anchored.get(number, ())}
        asked = [c for c in likely.values() if (only is None or c.name in only) and possible(c.tree, everything)]
        places = _Places(document, found, whole)
        hits = [hit for compiled in asked for hit in self._hits(compiled, document, places, everything)]
        return sorted(hits, key=lambda hit: (self._order[hit.name], hit.start, hit.end))

    def _hits(
        self, compiled: _Compiled, document: Document, places: _Places, everything: frozenset[int]
    ) -> Iterator[Hit]:
        in_all = satisfied(compiled.tree, everything)
        alone = compiled.of_article and in_all and satisfied(compiled.tree, places.whole)
        if alone or compiled.wanted.within == "article":
            if in_all:
                yield self._hit(compiled, "article", Span(0, len(document.text)), everything)
            return
        level = compiled.wanted.within
        for span, present in places.spans(compiled.tree, level):
            if satisfied(compiled.tree, present) and not compiled.own.isdisjoint(present - places.whole):
                yield self._hit(compiled, level, span, present)

    def _hit(self, compiled: _Compiled, level: str, span: Span, present: frozenset[int]) -> Hit:
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
            keys = [("country", code.lower()) for code in name.countries]
            keys += [("entity", fold(key)) for key in (name.entity_id, name.name) if key]
            for key in keys:
                if (number := self._named.get(key)) is not None:
                    yield _Found(number, name.start, name.start + 1)

    def _of_article(self, document: Document) -> Iterator[int]:
        for key in (("lang", document.language or ""), ("outlet", document.outlet)):
            if (number := self._named.get(key)) is not None:
                yield number
        if self._in_title and document.title:
            for wanted in self._finder.find(fold(document.title)):
                yield from (number for number, place in self._words[wanted] if place == "title")


def containing(hit: Hit, quotes: Sequence[Quoted]) -> str | None:
    """The quote that contains a hit whole; null if none does."""
    return next((q.quote_id for q in quotes if q.parts[0][0] <= hit.start and hit.end <= q.parts[-1][1]), None)


def _compile(wanted: Wanted, numbers: dict[Term, int]) -> _Compiled:
    own = list(terms(wanted.query))
    of_article = any(term.place == "title" if isinstance(term, Words) else term.of_article for term in own)
    return _Compiled(wanted, numbered(wanted.query, numbers), frozenset(numbers[term] for term in own), of_article)


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
        self._within: dict[int, list[tuple[Span, frozenset[int]]]] = {}

    def spans(self, tree: Numbered, level: str) -> Iterator[tuple[Span, frozenset[int]]]:
        """Spans in which a term lies, in order, with the terms in them; only where the query may be satisfied."""
        for number, (span, present) in self._paragraphs.items():
            if level == "paragraph":
                yield span, present
            elif possible(tree, present):
                yield from self._sentences(number, span)

    @cached_property
    def _paragraphs(self) -> dict[int, tuple[Span, frozenset[int]]]:
        spans = paragraphs(self._document.text)
        return {n: (spans[n], present) for n, present in self._gathered(spans, self._found)}

    def _sentences(self, number: int, paragraph: Span) -> list[tuple[Span, frozenset[int]]]:
        if number not in self._within:
            spans = sentences(self._document.text, paragraph, self._document.language)
            inside = [f for f in self._found if f.start < paragraph.end and f.end > paragraph.start]
            self._within[number] = [(spans[n], present) for n, present in self._gathered(spans, inside)]
        return self._within[number]

    def _gathered(self, spans: Sequence[Span], found: Sequence[_Found]) -> list[tuple[int, frozenset[int]]]:
        starts = [span.start for span in spans]
        present: dict[int, set[int]] = defaultdict(set)
        for f in found:
            first, last = (max(bisect_right(starts, at) - 1, 0) for at in (f.start, f.end - 1))
            if first == last or f.spread:
                for number in range(first, last + 1):
                    present[number].add(f.number)
        return [(number, self.whole.union(present[number])) for number in sorted(present)]
