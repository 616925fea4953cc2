"""What a query is made of: terms, joined by Lucene's boolean clauses."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from etl.text import fold

T = TypeVar("T")


@dataclass(frozen=True)
class Words:
    """A word or phrase as written, with its wildcards. `within`: all of its words, in any order, with at most so many
    others between them; null: as they stand. `place`: text, title or quote (in the words that somebody said)."""

    written: str
    within: int | None = None
    place: str = "text"

    @property
    def words(self) -> tuple[str, ...]:
        """The folded words, each with its wildcards."""
        return tuple(fold(self.written).split())

    @property
    def is_literal(self) -> bool:
        """Is it looked for letter by letter?"""
        return self.within is None and not re.search(r"[*?]", self.written)

    def __str__(self) -> str:
        phrase = self.written if self.within is None else f'"{self.written}"~{self.within}'
        if self.place == "text":
            return phrase
        return f"{self.place}:{phrase}" if " " not in self.written or self.within else f'{self.place}:"{phrase}"'


@dataclass(frozen=True)
class Named:
    """Something that names, quotes or the article itself say. `field`: country (ISO 3166 alpha-3 that a name carries),
    entity (a name's id, or the name), speaker (a quote's speaker: the id, or words of the name), lang or outlet."""

    field: str
    value: str

    def __str__(self) -> str:
        return f'{self.field}:"{self.value}"' if " " in self.value else f"{self.field}:{self.value}"

    @property
    def of_article(self) -> bool:
        """Does it say something of the article as a whole?"""
        return self.field in ("lang", "outlet")


Term = Words | Named


@dataclass(frozen=True)
class Clauses(Generic[T]):
    """Lucene's boolean query: all `required`, none `excluded`, and, if nothing is required, one of `optional`."""

    required: tuple[T | Clauses[T], ...] = ()
    optional: tuple[T | Clauses[T], ...] = ()
    excluded: tuple[T | Clauses[T], ...] = ()


Query = Term | Clauses[Term]
Numbered = int | Clauses[int]  # a query whose terms are numbers


def terms(query: Query) -> Iterator[Term]:
    """All terms of a query, excluded ones too."""
    if isinstance(query, Clauses):
        for clause in (*query.required, *query.optional, *query.excluded):
            yield from terms(clause)
    else:
        yield query


def satisfied(query: Query | Numbered, present: Collection[Any]) -> bool:
    """Does a text in which these terms occur satisfy the query?"""
    if not isinstance(query, Clauses):
        return query in present
    if any(satisfied(clause, present) for clause in query.excluded):
        return False
    if query.required or not query.optional:  # only excluding: nothing excluded is there
        return all(satisfied(clause, present) for clause in query.required)
    return any(satisfied(clause, present) for clause in query.optional)


def possible(query: Query | Numbered, present: Collection[Any]) -> bool:
    """Might a part of a text in which these terms occur satisfy the query? A part may lack what the query excludes."""
    if not isinstance(query, Clauses):
        return query in present
    if query.required or not query.optional:
        return all(possible(clause, present) for clause in query.required)
    return any(possible(clause, present) for clause in query.optional)


def numbered(query: Query, numbers: Mapping[Term, int]) -> Numbered:
    """The query with a number in each term's place."""
    if not isinstance(query, Clauses):
        return numbers[query]
    parts = (query.required, query.optional, query.excluded)
    return Clauses(*(tuple(numbered(clause, numbers) for clause in part) for part in parts))


def anchors(query: Query, cost: Callable[[Term], float]) -> frozenset[Term]:
    """Terms of which every text that satisfies the query has one: of several such sets the one that costs least.

    None, where a query only excludes.
    """
    if not isinstance(query, Clauses):
        return frozenset([query])
    if query.required:
        able = [found for clause in query.required if (found := anchors(clause, cost))]
        return min(able, key=lambda found: sum(map(cost, found)), default=frozenset())
    each = [anchors(clause, cost) for clause in query.optional]
    return frozenset[Term]().union(*each) if all(each) else frozenset()
