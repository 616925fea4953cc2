"""The query language: Lucene's boolean syntax, parsed by luqum, as a tree of terms.

Words, "phrases", word*, AND, OR, NOT, +, -, groups, country:XXX. Words match whole, whatever their case and accents; in
scripts without spaces they match anywhere. Clauses without an operator between them are joined by OR, as in Lucene.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from luqum import tree as lucene
from luqum.exceptions import ParseError
from luqum.thread import parse as parse_lucene

from etl.errors import QueryError
from etl.text import fold


@dataclass(frozen=True)
class Word:
    """A word or phrase as written; `prefix`: with any ending (word*)."""

    written: str
    prefix: bool = False

    @property
    def folded(self) -> str:
        """What is looked for in the folded text."""
        return " ".join(fold(self.written).split())

    def __str__(self) -> str:
        return self.written + ("*" if self.prefix else "")


@dataclass(frozen=True)
class Country:
    """Any name that carries this country (ISO 3166 alpha-3)."""

    code: str

    def __str__(self) -> str:
        return f"country:{self.code}"


@dataclass(frozen=True)
class Clauses:
    """Lucene's boolean query: all `required`, none `excluded`, and, if nothing is required, one of `optional`."""

    required: tuple[Query, ...] = ()
    optional: tuple[Query, ...] = ()
    excluded: tuple[Query, ...] = ()


Term = Word | Country
Query = Word | Country | Clauses


def parse_query(text: str) -> Query:
    """The query's tree. Raises QueryError that says what is wrong and where."""
    plain = re.sub("[“”„«»]", '"', text)
    if not plain.strip():
        raise QueryError("the query is empty; write for instance: country:CHN AND country:RUS")
    try:
        parsed = parse_lucene(plain)
    except ParseError as error:
        raise QueryError(f"the query does not parse: {_where(str(error), plain)}") from None
    query = _convert(parsed, plain)
    if not _can_match_alone(query):
        raise QueryError("the query only excludes; it needs a word or country that must occur")
    return query


def terms(query: Query) -> Iterator[Term]:
    """All terms of a query, excluded ones too."""
    if isinstance(query, Clauses):
        for clause in (*query.required, *query.optional, *query.excluded):
            yield from terms(clause)
    else:
        yield query


def satisfied(query: Query, present: frozenset[Term] | set[Term]) -> bool:
    """Does a text in which these terms occur satisfy the query?"""
    if not isinstance(query, Clauses):
        return query in present
    if any(satisfied(clause, present) for clause in query.excluded):
        return False
    if query.required or not query.optional:  # only excluding: nothing excluded is there
        return all(satisfied(clause, present) for clause in query.required)
    return any(satisfied(clause, present) for clause in query.optional)


def _convert(node: lucene.Item, text: str) -> Query:
    match node:
        case lucene.AndOperation():
            positive = [child for child in node.children if not _negated(child)]
            negative = [child for child in node.children if _negated(child)]
            return Clauses(
                required=tuple(_convert(child, text) for child in positive),
                excluded=tuple(_convert(child.a, text) for child in negative),
            )
        case lucene.OrOperation():
            return Clauses(optional=tuple(_convert(child, text) for child in node.children))
        case lucene.UnknownOperation():
            return _lucene_clauses(node, text)
        case lucene.Not() | lucene.Prohibit():
            return Clauses(excluded=(_convert(node.a, text),))
        case lucene.Plus():
            return _convert(node.a, text)
        case lucene.Group() | lucene.FieldGroup():
            return _convert(node.expr, text)
        case lucene.SearchField():
            return _field(node, text)
        case lucene.Word() | lucene.Phrase():
            return _word(node, text)
    raise QueryError(f"{_name(node)} is not supported{_at(node, text)}")


def _lucene_clauses(node: lucene.UnknownOperation, text: str) -> Query:
    required = [child.a for child in node.children if isinstance(child, lucene.Plus)]
    excluded = [child.a for child in node.children if _negated(child)]
    optional = [child for child in node.children if not isinstance(child, lucene.Plus) and not _negated(child)]
    return Clauses(
        required=tuple(_convert(child, text) for child in required),
        optional=tuple(_convert(child, text) for child in optional),
        excluded=tuple(_convert(child, text) for child in excluded),
    )


def _field(node: lucene.SearchField, text: str) -> Query:
    if node.name != "country":
        raise QueryError(f"there is no field {node.name!r}{_at(node, text)}; there is: country:XXX")
    return _countries(_convert(node.expr, text), node, text)


def _countries(query: Query, node: lucene.Item, text: str) -> Query:
    """country:(CHN OR RUS): every word of the group is a code."""
    if isinstance(query, Clauses):
        return Clauses(
            tuple(_countries(clause, node, text) for clause in query.required),
            tuple(_countries(clause, node, text) for clause in query.optional),
            tuple(_countries(clause, node, text) for clause in query.excluded),
        )
    code = str(query).upper()
    if not re.fullmatch("[A-Z]{3}", code):
        raise QueryError(
            f"country:{query} is not a three-letter country code{_at(node, text)}; write for instance country:CHN"
        )
    return Country(code)


def _word(node: lucene.Word | lucene.Phrase, text: str) -> Word:
    written = node.value[1:-1] if isinstance(node, lucene.Phrase) else re.sub(r"\\(.)", r"\1", node.value)
    prefix = isinstance(node, lucene.Word) and node.value.endswith("*") and not node.value.endswith("\\*")
    written = written[:-1] if prefix else written
    if isinstance(node, lucene.Phrase) and re.search(r"[*?]", written):
        raise QueryError(f"{node.value}{_at(node, text)}: a wildcard is supported in single words only, not in phrases")
    if not any(char.isalnum() for char in written):
        hint = "; write AND, OR, NOT in capitals" if set(node.value) & set("&|!") else ""
        raise QueryError(f"{node.value!r} is not a word{_at(node, text)}{hint}")
    if isinstance(node, lucene.Word) and re.search(
        r"(?<!\\)[*?]", node.value[:-1] + ("?" if node.value.endswith("?") else "")
    ):
        raise QueryError(f"{node.value!r}{_at(node, text)}: a wildcard is supported at the end of a word only (word*)")
    return Word(written, prefix)


def _can_match_alone(query: Query) -> bool:
    """Does every way to satisfy the query contain a term?"""
    if not isinstance(query, Clauses):
        return True
    if query.required:
        return any(_can_match_alone(clause) for clause in query.required)
    return bool(query.optional) and all(_can_match_alone(clause) for clause in query.optional)


def _negated(node: lucene.Item) -> bool:
    return isinstance(node, lucene.Not | lucene.Prohibit)


def _name(node: lucene.Item) -> str:
    names = {
        "Proximity": 'proximity ("…"~10)',
        "Fuzzy": "fuzzy search (word~)",
        "Range": "a range",
        "Boost": "boosting (word^2)",
        "Regex": "a regular expression",
    }
    kind = type(node).__name__
    return names.get(kind, kind)


def _at(node: lucene.Item, text: str) -> str:
    position = node.pos if node.pos is not None else max(text.find(str(node).strip()), 0)
    return f" (at character {position + 1})"


def _where(message: str, text: str) -> str:
    if "at the end" in message:
        unbalanced = text.count("(") - text.count(")")
        why = f"{unbalanced} '(' not closed" if unbalanced > 0 else "a word is missing after an operator"
        return f"it ends too early at character {len(text)}: {why}"
    if message.startswith("Illegal character") and text.count('"') % 2:
        return "a quotation mark is not closed"
    if found := re.search(r"unexpected\s+'(.*?)' at position (\d+)", message):
        return f"unexpected {found[1]!r} at character {int(found[2]) + 1}"
    return message.splitlines()[0]
