"""Find the sentences, paragraphs or articles that satisfy queries, in one pass over an article for all queries."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from etl.text import Span, fold, paragraphs, sentences
from etl.topics.occurrences import Finder, TextRange
from etl.topics.terms import (
    Condition,
    Query,
    Term,
    ValueTerm,
    WordTerm,
    anchors,
    compile_condition,
    is_article_level,
    terms,
)
from schemas.values import MentionLevel

# A guess of how often terms of each field occur. Anchors are chosen among the terms that are guessed to be rarest.
_COMMONNESS = {"country": 20.0, "speaker": 5.0, "entity": 3.0, "outlet": 100.0, "lang": 1000.0}

_MAX_CACHED_NAMES = 100_000


@dataclass(frozen=True)
class TopicQuery:
    """A query to match: `name` identifies it in hits; `within` is sentence, paragraph or article."""

    name: str
    query: Query
    within: MentionLevel


class DocumentName(NamedTuple):
    """A name in a text: the offset of its first character, its entity's id and name, and the countries it carries."""

    start: int
    entity_id: str | None
    name: str
    countries: Sequence[str]


class DocumentQuote(NamedTuple):
    """A quote in a text: the ranges of its parts, and its speaker."""

    quote_id: str
    parts: Sequence[TextRange]
    speaker_id: str | None = None
    speaker: str | None = None


@dataclass(frozen=True)
class Document:
    """The content of an article that queries are matched against."""

    text: str
    language: str | None = None
    title: str = ""
    outlet: str = ""
    names: Sequence[DocumentName] = ()
    quotes: Sequence[DocumentQuote] = ()


@dataclass(frozen=True)
class Hit:
    """A span (half-open, in code points) that satisfies a query, with the terms that match in it, as the query writes
    them. `level`: sentence, paragraph or article."""

    query_name: str
    level: MentionLevel
    start: int
    end: int
    matched_terms: tuple[str, ...]


@dataclass(frozen=True)
class _CompiledQuery:
    """A query with its terms replaced by numbers."""

    topic_query: TopicQuery
    condition: Condition[int]
    term_numbers: frozenset[int]
    has_article_terms: bool  # at least one term holds for the article as a whole
    anchors_in_text: frozenset[int]  # terms with a position; every span that satisfies the query contains one of them

    @property
    def name(self) -> str:
        return self.topic_query.name


class _Occurrence(NamedTuple):
    """A position of a term. It must lie inside one span, unless `spreads`: then it counts for every span it touches, as
    a speaker's quote does."""

    term: int
    start: int
    end: int
    spreads: bool = False


class Matcher:
    """Queries that are compiled once and matched against many articles."""

    def __init__(self, queries: Iterable[TopicQuery]) -> None:
        queries = list(queries)
        self._terms: list[Term] = list(dict.fromkeys(term for q in queries for term in terms(q.query)))
        self._term_texts = [str(term) for term in self._terms]
        numbers = {term: number for number, term in enumerate(self._terms)}
        self._word_terms = defaultdict(list)
        # Terms that differ only in case or accents share an entry.
        self._value_terms: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._terms_of_name: dict[tuple[str | None, ...], list[int]] = {}  # a cache
        self._speaker_terms: list[tuple[int, str]] = []
        for number, term in enumerate(self._terms):
            if isinstance(term, WordTerm):
                self._word_terms[term.words, term.distance].append((number, term.field))
            elif term.field == "speaker":
                self._speaker_terms.append((number, fold(term.value)))
            else:
                self._value_terms[term.field, fold(term.value)].append(number)
        self._finder = Finder(self._word_terms)
        self._has_title_terms = any(isinstance(term, WordTerm) and term.field == "title" for term in self._terms)
        self._queries_by_anchor: dict[int, list[_CompiledQuery]] = defaultdict(list)
        self._query_order = {query.name: position for position, query in enumerate(queries)}
        for query in queries:
            query_anchors = frozenset(numbers[term] for term in anchors(query.query, _commonness))
            compiled = _compile(query, numbers, query_anchors)
            for number in query_anchors:
                self._queries_by_anchor[number].append(compiled)

    def hits(self, document: Document, query_names: Collection[str] | None = None) -> list[Hit]:
        """Return all spans of an article that satisfy a query, ordered by query, then by position.

        `query_names`: match only the queries with these names.
        """
        occurrences = list(self._occurrences(document))
        article_terms = frozenset(self._article_terms(document))
        present = article_terms.union(occurrence.term for occurrence in occurrences)
        candidates = {query.name: query for term in present for query in self._queries_by_anchor.get(term, ())}
        possible = [
            query
            for query in candidates.values()
            if (query_names is None or query.name in query_names) and query.condition.is_possible(present)
        ]
        spans = _DocumentSpans(document, occurrences, article_terms)
        hits = [hit for query in possible for hit in self._query_hits(query, document, spans, present)]
        return sorted(hits, key=lambda hit: (self._query_order[hit.query_name], hit.start, hit.end))

    def _query_hits(
        self, query: _CompiledQuery, document: Document, spans: _DocumentSpans, present: frozenset[int]
    ) -> Iterator[Hit]:
        article_matches = query.condition.is_satisfied(present)
        # If the title, language and outlet alone satisfy the query, the article is one mention, or none if it contains
        # an excluded term anywhere.
        article_terms_suffice = query.has_article_terms and query.condition.is_satisfied(spans.article_terms)
        if article_terms_suffice or query.topic_query.within == "article":
            if article_matches:
                yield self._hit(query, "article", Span(0, len(document.text)), present)
            return
        level = query.topic_query.within
        for span, span_terms in spans.candidates(query, level):
            if query.condition.is_satisfied(span_terms):
                yield self._hit(query, level, span, span_terms)

    def _hit(self, query: _CompiledQuery, level: MentionLevel, span: Span, present: frozenset[int]) -> Hit:
        matched = sorted(self._term_texts[number] for number in query.term_numbers & present)
        return Hit(query.name, level, span.start, span.end, tuple(matched))

    def _occurrences(self, document: Document) -> Iterator[_Occurrence]:
        """The positions of the terms that have one: words in the text and in quotes, names, and speakers' quotes."""
        for pattern, positions in self._finder.find(fold(document.text)).items():
            for number, field in self._word_terms[pattern]:
                if field == "title":
                    continue
                for start, end in positions:
                    if field == "text" or any(a <= start < b for quote in document.quotes for a, b in quote.parts):
                        yield _Occurrence(number, start, start + 1 if pattern[1] is None else end)
        if self._value_terms:
            yield from self._name_occurrences(document.names)
        for quote in document.quotes if self._speaker_terms else ():
            for number, value in self._speaker_terms:
                if _is_speaker(quote, value):
                    yield _Occurrence(number, quote.parts[0][0], quote.parts[-1][1], spreads=True)

    def _name_occurrences(self, names: Sequence[DocumentName]) -> Iterator[_Occurrence]:
        for name in names:
            key = (name.entity_id, name.name, *name.countries)
            if len(self._terms_of_name) > _MAX_CACHED_NAMES:
                self._terms_of_name.clear()
            if key not in self._terms_of_name:
                values = [("country", code.lower()) for code in name.countries]
                values += [("entity", fold(value)) for value in (name.entity_id, name.name) if value]
                self._terms_of_name[key] = [number for value in values for number in self._value_terms.get(value, ())]
            for number in self._terms_of_name[key]:
                yield _Occurrence(number, name.start, name.start + 1)

    def _article_terms(self, document: Document) -> Iterator[int]:
        """The terms that hold for the article as a whole."""
        for field, value in (("lang", document.language or ""), ("outlet", document.outlet)):
            yield from self._value_terms.get((field, fold(value)), ())
        if self._has_title_terms and document.title:
            for pattern in self._finder.find(fold(document.title)):
                yield from (number for number, field in self._word_terms[pattern] if field == "title")


def containing_quote(hit: Hit, quotes: Sequence[DocumentQuote]) -> str | None:
    """Return the id of the quote that contains the whole hit; null if none does."""
    return next((q.quote_id for q in quotes if q.parts[0][0] <= hit.start and hit.end <= q.parts[-1][1]), None)


def _compile(query: TopicQuery, numbers: dict[Term, int], query_anchors: frozenset[int]) -> _CompiledQuery:
    query_terms = {numbers[term]: term for term in terms(query.query)}
    in_text = frozenset(number for number, term in query_terms.items() if not is_article_level(term))
    # If an anchor holds for the article as a whole, any other term may give a hit its position.
    anchors_in_text = query_anchors if query_anchors <= in_text else in_text
    condition = compile_condition(query.query, numbers.__getitem__)
    return _CompiledQuery(query, condition, frozenset(query_terms), len(in_text) < len(query_terms), anchors_in_text)


def _commonness(term: Term) -> float:
    return _COMMONNESS[term.field] if isinstance(term, ValueTerm) else 10 / max(map(len, term.words))


def _is_speaker(quote: DocumentQuote, value: str) -> bool:
    """Return whether a folded value is the id of a quote's speaker or consists of words of the speaker's name."""
    if quote.speaker_id and fold(quote.speaker_id) == value:
        return True
    return quote.speaker is not None and f" {value} " in f" {fold(quote.speaker)} "


class _DocumentSpans:
    """The terms in each paragraph and sentence of an article. A paragraph is cut into sentences only when needed."""

    def __init__(self, document: Document, occurrences: Sequence[_Occurrence], article_terms: frozenset[int]) -> None:
        self._document, self._occurrences, self.article_terms = document, occurrences, article_terms
        self._sentences_of: dict[int, _SpanIndex] = {}

    def candidates(self, query: _CompiledQuery, level: str) -> Iterator[tuple[Span, frozenset[int]]]:
        """Give the spans that contain an anchor of the query, in order, each with all terms that hold in it.

        Sentences are given only from paragraphs in which the query may be satisfied.
        """
        for number, span, present in self._paragraphs.containing(query.anchors_in_text):
            if level == "paragraph":
                yield span, present
            elif query.condition.is_possible(present):
                if number not in self._sentences_of:
                    self._sentences_of[number] = self._sentences(number, span)
                for _, sentence, sentence_terms in self._sentences_of[number].containing(query.anchors_in_text):
                    yield sentence, sentence_terms

    @cached_property
    def _paragraphs(self) -> _SpanIndex:
        return _SpanIndex(paragraphs(self._document.text), self._occurrences, self.article_terms)

    def _sentences(self, number: int, paragraph: Span) -> _SpanIndex:
        spans = sentences(self._document.text, paragraph, self._document.language)
        return _SpanIndex(spans, self._paragraphs.occurrences[number], self.article_terms)


class _SpanIndex:
    """Spans and the terms that hold in each of them."""

    def __init__(
        self, spans: Sequence[Span], occurrences: Iterable[_Occurrence], article_terms: frozenset[int]
    ) -> None:
        starts = [span.start for span in spans]
        self.occurrences: dict[int, list[_Occurrence]] = defaultdict(list)  # by the number of the span
        self._spans_of_term: dict[int, set[int]] = defaultdict(set)
        for occurrence in occurrences:
            first = last = max(bisect_right(starts, occurrence.start) - 1, 0)
            if occurrence.end > occurrence.start + 1:
                last = bisect_right(starts, occurrence.end - 1) - 1
            if first == last or occurrence.spreads:
                for number in range(first, last + 1):
                    self.occurrences[number].append(occurrence)
                    self._spans_of_term[occurrence.term].add(number)
        self._spans, self._article_terms = spans, article_terms
        self._terms_of_span: dict[int, frozenset[int]] = {}

    def containing(self, any_of: frozenset[int]) -> Iterator[tuple[int, Span, frozenset[int]]]:
        """Give the number, the span and all terms of each span that contains one of these terms, in order."""
        for number in sorted(set().union(*(self._spans_of_term[t] for t in any_of if t in self._spans_of_term))):
            if number not in self._terms_of_span:
                in_span = [occurrence.term for occurrence in self.occurrences[number]]
                self._terms_of_span[number] = self._article_terms.union(in_span)
            yield number, self._spans[number], self._terms_of_span[number]
