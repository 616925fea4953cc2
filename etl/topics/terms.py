"""The parts of a query: terms, joined by Lucene's boolean clauses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from typing import Generic, TypeVar

from etl.text import fold

T = TypeVar("T")


@dataclass(frozen=True)
class WordTerm:
    """A word or phrase, as the query writes it, with its wildcards.

    `distance`: all words must occur, in any order, with at most this many other words between them; null: the words
    must occur as they are written. `field`: where they must occur: text, title or quote (in the words of a quote).
    """

    written: str
    distance: int | None = None
    field: str = "text"

    @property
    def words(self) -> tuple[str, ...]:
        """The folded words, each with its wildcards."""
        return tuple(fold(self.written).split())

    def __str__(self) -> str:
        phrase = self.written if self.distance is None else f'"{self.written}"~{self.distance}'
        if self.field == "text":
            return phrase
        return f"{self.field}:{phrase}" if " " not in self.written or self.distance else f'{self.field}:"{phrase}"'


@dataclass(frozen=True)
class ValueTerm:
    """A value of a name, of a quote or of the article.

    `field`: country (ISO 3166 alpha-3, carried by a name), entity (a name's id or resolved name), speaker (the id of a
    quote's speaker, or words of the speaker's name), lang or outlet.
    """

    field: str
    value: str

    def __str__(self) -> str:
        return f'{self.field}:"{self.value}"' if " " in self.value else f"{self.field}:{self.value}"


Term = WordTerm | ValueTerm


def is_article_level(term: Term) -> bool:
    """Return whether a term holds for an article as a whole: its title, language or outlet."""
    return term.field == "title" if isinstance(term, WordTerm) else term.field in ("lang", "outlet")


@dataclass(frozen=True)
class Clauses:
    """Lucene's boolean query: all of `required`, none of `excluded`, and one of `optional` if nothing is required."""

    required: tuple[Query, ...] = ()
    optional: tuple[Query, ...] = ()
    excluded: tuple[Query, ...] = ()


Query = Term | Clauses


def terms(query: Query) -> Iterator[Term]:
    """All terms of a query, including excluded ones."""
    if isinstance(query, Clauses):
        for clause in (*query.required, *query.optional, *query.excluded):
            yield from terms(clause)
    else:
        yield query


@dataclass(frozen=True, slots=True)
class Condition(Generic[T]):
    """A query prepared for many evaluations: clauses that are single terms are sets, nested clauses follow each set."""

    required: frozenset[T]
    required_conditions: tuple[Condition[T], ...]
    optional: frozenset[T]
    optional_conditions: tuple[Condition[T], ...]
    excluded: frozenset[T]
    excluded_conditions: tuple[Condition[T], ...]
    needs_optional: bool  # at least one optional clause has to hold

    def is_satisfied(self, present: Set[T]) -> bool:
        """Return whether a text in which these terms occur satisfies the query."""
        if not self.excluded.isdisjoint(present) or not self.required <= present:
            return False
        if any(condition.is_satisfied(present) for condition in self.excluded_conditions):
            return False
        if not all(condition.is_satisfied(present) for condition in self.required_conditions):
            return False
        return (
            not self.needs_optional
            or not self.optional.isdisjoint(present)
            or any(condition.is_satisfied(present) for condition in self.optional_conditions)
        )

    def is_possible(self, present: Set[T]) -> bool:
        """Return whether a part of such a text may satisfy the query; a part may lack the excluded terms."""
        if not self.required <= present or not all(c.is_possible(present) for c in self.required_conditions):
            return False
        return (
            not self.needs_optional
            or not self.optional.isdisjoint(present)
            or any(condition.is_possible(present) for condition in self.optional_conditions)
        )


def compile_condition(query: Query, key: Callable[[Term], T]) -> Condition[T]:
    """Return the condition that a query states; `key` gives what stands for each term in it."""
    if not isinstance(query, Clauses):
        query = Clauses(required=(query,))

    def split(clauses: tuple[Query, ...]) -> tuple[frozenset[T], tuple[Condition[T], ...]]:
        single_terms = frozenset(key(clause) for clause in clauses if not isinstance(clause, Clauses))
        return single_terms, tuple(compile_condition(clause, key) for clause in clauses if isinstance(clause, Clauses))

    needs_optional = bool(query.optional) and not query.required
    return Condition(*split(query.required), *split(query.optional), *split(query.excluded), needs_optional)


def anchors(query: Query, cost: Callable[[Term], float]) -> frozenset[Term]:
    """Return terms of which every text that satisfies the query contains at least one.

    Of several such sets the one with the lowest total cost is returned. It is empty if the query only excludes terms.
    """
    if not isinstance(query, Clauses):
        return frozenset([query])
    if query.required:
        choices = [choice for clause in query.required if (choice := anchors(clause, cost))]
        return min(choices, key=lambda choice: sum(map(cost, choice)), default=frozenset())
    by_clause = [anchors(clause, cost) for clause in query.optional]
    return frozenset[Term]().union(*by_clause) if all(by_clause) else frozenset()
