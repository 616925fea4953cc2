"""Parse the query language, Lucene's boolean syntax, into a tree of terms. docs/topics.md explains it to users.

Words match as whole words, without regard to case and accents; in scripts without spaces they match anywhere. Clauses
without an operator between them are joined by OR, as in Lucene. The parser is luqum.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import accumulate

from luqum import tree as lucene
from luqum.exceptions import ParseError
from luqum.thread import parse as parse_lucene

from etl.errors import QueryError
from etl.topics.country_codes import COMMON_MISTAKES, COUNTRY_CODES
from etl.topics.terms import Clauses, Query, Term, ValueTerm, WordTerm, anchors

FIELDS = {
    "title": "title:word", "quote": "quote:word", "country": "country:XXX", "entity": "entity:Q30", "lang": "lang:en",
    "speaker": 'speaker:"a name"', "outlet": "outlet:paper.example",
}  # fmt: skip
_MIN_WILDCARD_LETTERS = 2  # letters next to a wildcard: "a*" would match in every text
_MAX_DEPTH = 50  # parentheses
_MAX_DISTANCE = 1000  # words between the words of a proximity


@lru_cache(maxsize=1 << 14)
def parse_query(text: str) -> Query:
    """Parse a query. Raises QueryError, which says what is wrong and where."""
    straight_quotes = re.sub("[“”„«»]", '"', text)
    if not straight_quotes.strip():
        raise QueryError("the query is empty; write, for instance, country:CHN AND country:RUS")
    if max(accumulate((char == "(") - (char == ")") for char in straight_quotes)) > _MAX_DEPTH:
        raise QueryError(f"the query has more than {_MAX_DEPTH} parentheses inside each other")
    try:
        tree = parse_lucene(straight_quotes)
    except ParseError as error:
        raise QueryError(f"the query cannot be parsed: {_syntax_error(str(error), straight_quotes)}") from None
    except ValueError:  # raised by luqum for a distance that is not a whole number
        raise QueryError('the query cannot be parsed: a distance is a whole number, as in "oil price"~5') from None
    query = _convert(tree, straight_quotes, None)
    if not anchors(query, lambda _: 1):
        raise QueryError("the query, or one side of an OR, only excludes; it needs a word or name that must occur")
    return query


def _convert(node: lucene.Item, text: str, field: str | None) -> Query:
    match node:
        case lucene.AndOperation():
            required = [child for child in node.children if not _is_negated(child)]
            excluded = [child.a for child in node.children if _is_negated(child)]
            return Clauses(required=_convert_all(required, text, field), excluded=_convert_all(excluded, text, field))
        case lucene.OrOperation():
            return Clauses(optional=_convert_all(node.children, text, field))
        case lucene.UnknownOperation():
            required = [child.a for child in node.children if isinstance(child, lucene.Plus)]
            excluded = [child.a for child in node.children if _is_negated(child)]
            optional = [c for c in node.children if not isinstance(c, lucene.Plus) and not _is_negated(c)]
            return Clauses(*(_convert_all(nodes, text, field) for nodes in (required, optional, excluded)))
        case lucene.Not() | lucene.Prohibit():
            return Clauses(excluded=(_convert(node.a, text, field),))
        case lucene.Plus():
            return _convert(node.a, text, field)
        case lucene.Group() | lucene.FieldGroup():
            return _convert(node.expr, text, field)
        case lucene.SearchField():
            if node.name not in FIELDS:
                known = ", ".join(FIELDS.values())
                raise QueryError(f"there is no field {node.name!r}{_position(node, text)}; the fields are: {known}")
            return _convert(node.expr, text, node.name)
        case lucene.Word() | lucene.Phrase():
            return _term(node, None, text, field)
        case lucene.Proximity(term=lucene.Phrase()):
            if not re.search(r"~\d+\s*$", str(node)):
                raise QueryError(f'{str(node).strip()}{_position(node, text)}: add the distance, as in "oil price"~5')
            return _term(node.term, int(node.degree), text, field)
    raise QueryError(f"{_construct_name(node)} is not supported{_position(node, text)}")


def _convert_all(nodes: list[lucene.Item], text: str, field: str | None) -> tuple[Query, ...]:
    return tuple(_convert(node, text, field) for node in nodes)


def _term(node: lucene.Word | lucene.Phrase, distance: int | None, text: str, field: str | None) -> Term:
    written = node.value[1:-1] if isinstance(node, lucene.Phrase) else node.value
    written = " ".join(re.sub(r"\\(.)", r"\1", written).split())
    if not any(char.isalnum() for char in written):
        hint = "; write AND, OR and NOT in capitals" if set(node.value) & set("&|!") else ""
        raise QueryError(f"{node.value!r} is not a word{_position(node, text)}{hint}")
    if isinstance(node, lucene.Word) and written in ("and", "or", "not"):
        hint = f'write {written.upper()}, or "{written}" in quotation marks for the word itself'
        raise QueryError(f"{written!r}{_position(node, text)} is in lower case; {hint}")
    if field in (None, "title", "quote"):
        return _checked_words(WordTerm(written, distance, field or "text"), node, text)
    if distance is not None:
        raise QueryError(f'proximity ("…"~{distance}) is for words{_position(node, text)}, not for {field}:')
    if re.search(r"[*?]", written):
        raise QueryError(f"{node.value!r}{_position(node, text)}: {field}: does not allow wildcards")
    return _value_term(field or "", written, node, text)


def _checked_words(term: WordTerm, node: lucene.Item, text: str) -> WordTerm:
    for word in term.words:
        letters = max(len(piece) for piece in re.split(r"[*?]", word))
        if letters < len(word) and letters < _MIN_WILDCARD_LETTERS:
            minimum = f"a wildcard needs at least {_MIN_WILDCARD_LETTERS} letters next to it"
            raise QueryError(f"{word!r}{_position(node, text)}: {minimum}")
    if term.distance is not None and not (len(term.words) > 1 and 0 <= term.distance <= _MAX_DISTANCE):
        limits = f"proximity needs several words and a distance of at most {_MAX_DISTANCE:,}"
        raise QueryError(f"{term}{_position(node, text)}: {limits}")
    return term


def _value_term(field: str, value: str, node: lucene.Item, text: str) -> ValueTerm:
    if field == "country":
        if not re.fullmatch("[A-Za-z]{3}", value):
            example = "write, for instance, country:CHN"
            raise QueryError(f"country:{value} is not a three-letter country code{_position(node, text)}; {example}")
        code = value.upper()
        if code not in COUNTRY_CODES:
            intended = COMMON_MISTAKES.get(code)
            hint = f"; did you mean country:{intended}?" if intended else "; use the three-letter codes of ISO 3166"
            raise QueryError(f"there is no country {code}{_position(node, text)}{hint}")
        return ValueTerm(field, code)
    if field == "lang" and not re.fullmatch("[A-Za-z]{2,3}", value):
        raise QueryError(f"lang:{value} is not a language code{_position(node, text)}; write, for instance, lang:en")
    return ValueTerm(field, value.lower() if field in ("lang", "outlet") else value)


def _is_negated(node: lucene.Item) -> bool:
    return isinstance(node, lucene.Not | lucene.Prohibit)


def _construct_name(node: lucene.Item) -> str:
    names = {
        "Proximity": 'proximity ("…"~10)',
        "Fuzzy": "fuzzy search (word~)",
        "Range": "a range",
        "Boost": "boosting (word^2)",
        "Regex": "a regular expression",
    }
    kind = type(node).__name__
    return names.get(kind, kind)


def _position(node: lucene.Item, text: str) -> str:
    position = node.pos if node.pos is not None else max(text.find(str(node).strip()), 0)
    return f" (at character {position + 1})"


def _syntax_error(message: str, text: str) -> str:
    """Say in our own words what luqum's message means."""
    if "at the end" in message:
        unbalanced = text.count("(") - text.count(")")
        reason = f"{unbalanced} '(' not closed" if unbalanced > 0 else "a word is missing after an operator"
        return f"it ends too early at character {len(text)}: {reason}"
    if message.startswith("Illegal character") and text.count('"') % 2:
        return "a quotation mark is not closed"
    if match := re.search(r"unexpected\s+'(.*?)' at position (\d+)", message):
        return f"unexpected {match[1]!r} at character {int(match[2]) + 1}"
    return message.splitlines()[0]
