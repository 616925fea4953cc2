"""What a query is made of: terms, joined by Lucene's boolean clauses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from typing import Generic, TypeVar

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


Term = Words | Named


def of_article(term: Term) -> bool:
    """Does it say something of the article as a whole?"""
    return term.place == "title" if isinstance(term, Words) else term.field in ("lang", "outlet")


@dataclass(frozen=True)
class Clauses:
    """Lucene's boolean query: all `required`, none `excluded`, and, if nothing is required, one of `optional`."""

    required: tuple[Query, ...] = ()
    optional: tuple[Query, ...] = ()
    excluded: tuple[Query, ...] = ()


Query = Term | Clauses


def terms(query: Query) -> Iterator[Term]:
    """All terms of a query, excluded ones too."""
    if isinstance(query, Clauses):
        for clause in (*query.required, *query.optional, *query.excluded):
            yield from terms(clause)
    else:
        yield query


@dataclass(frozen=True, slots=True)
class Condition(Generic[T]):
    """A query made ready to be asked often: clauses that are terms are sets, the others follow each set."""

    required: frozenset[T]
    and_required: tuple[Condition[T], ...]
    optional: frozenset[T]
    or_optional: tuple[Condition[T], ...]
    excluded: frozenset[T]
    nor_excluded: tuple[Condition[T], ...]
    any_optional: bool  # one of the optional ones has to be there

    def satisfied(self, present: Set[T]) -> bool:
        """Does a text in which these terms occur satisfy the query?"""
        if not self.excluded.isdisjoint(present) or not self.required <= present:
            return False
        if any(node.satisfied(present) for node in self.nor_excluded):
            return False
        if not all(node.satisfied(present) for node in self.and_required):
            return False
        return (
            not self.any_optional
            or not self.optional.isdisjoint(present)
            or any(node.satisfied(present) for node in self.or_optional)
        )

    def possible(self, present: Set[T]) -> bool:
        """Might a part of such a text satisfy it? A part may lack what the query excludes."""
        if not self.required <= present or not all(node.possible(present) for node in self.and_required):
            return False
        return (
            not self.any_optional
            or not self.optional.isdisjoint(present)
            or any(node.possible(present) for node in self.or_optional)
        )


def condition(query: Query, name: Callable[[Term], T]) -> Condition[T]:
    """The condition that a query is, its terms by the names given to them."""
    if not isinstance(query, Clauses):
        query = Clauses(required=(query,))

    def split(clauses: tuple[Query, ...]) -> tuple[frozenset[T], tuple[Condition[T], ...]]:
        of_terms = frozenset(name(clause) for clause in clauses if not isinstance(clause, Clauses))
        return of_terms, tuple(condition(clause, name) for clause in clauses if isinstance(clause, Clauses))

    one_of = bool(query.optional) and not query.required
    return Condition(*split(query.required), *split(query.optional), *split(query.excluded), one_of)


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
