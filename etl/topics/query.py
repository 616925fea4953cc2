"""The query language: Lucene's boolean syntax, parsed by luqum, as a tree of terms. docs/topics.md has it for users.

Words match whole, whatever their case and accents; in scripts without spaces they match anywhere. Clauses without an
operator between them are joined by OR, as in Lucene.
"""

from __future__ import annotations

import re
from functools import lru_cache

from luqum import tree as lucene
from luqum.exceptions import ParseError
from luqum.thread import parse as parse_lucene

from etl.errors import QueryError
from etl.topics.country_codes import COUNTRY_CODES, OFTEN_MEANT
from etl.topics.terms import Clauses, Named, Query, Term, Words, anchors

FIELDS = {
    "title": "title:word", "quote": "quote:word", "country": "country:XXX", "entity": "entity:Q30", "lang": "lang:en",
    "speaker": 'speaker:"a name"', "outlet": "outlet:paper.example",
}  # fmt: skip
_LEAST_LETTERS = 2  # beside a wildcard: “a*” is in every text
_FURTHEST = 1000  # words between those of a proximity


@lru_cache(maxsize=1 << 14)
def parse_query(text: str) -> Query:
    """The query's tree. Raises QueryError that says what is wrong and where."""
    plain = re.sub("[“”„«»]", '"', text)
    if not plain.strip():
        raise QueryError("the query is empty; write for instance: country:CHN AND country:RUS")
    try:
        parsed = parse_lucene(plain)
    except ParseError as error:
        raise QueryError(f"the query does not parse: {_where(str(error), plain)}") from None
    except ValueError:  # of luqum, for a distance that is no whole number
        raise QueryError('the query does not parse: a distance is a whole number: "oil price"~5') from None
    query = _convert(parsed, plain, None)
    if not anchors(query, lambda _: 1):
        raise QueryError("the query, or one side of an OR, only excludes; it needs a word or name that must occur")
    return query


def _convert(node: lucene.Item, text: str, field: str | None) -> Query:
    match node:
        case lucene.AndOperation():
            positive = [child for child in node.children if not _negated(child)]
            negative = [child.a for child in node.children if _negated(child)]
            return Clauses(required=_all(positive, text, field), excluded=_all(negative, text, field))
        case lucene.OrOperation():
            return Clauses(optional=_all(node.children, text, field))
        case lucene.UnknownOperation():
            required = [child.a for child in node.children if isinstance(child, lucene.Plus)]
            excluded = [child.a for child in node.children if _negated(child)]
            optional = [c for c in node.children if not isinstance(c, lucene.Plus) and not _negated(c)]
            return Clauses(*(_all(nodes, text, field) for nodes in (required, optional, excluded)))
        case lucene.Not() | lucene.Prohibit():
            return Clauses(excluded=(_convert(node.a, text, field),))
        case lucene.Plus():
            return _convert(node.a, text, field)
        case lucene.Group() | lucene.FieldGroup():
            return _convert(node.expr, text, field)
        case lucene.SearchField():
            if node.name not in FIELDS:
                known = ", ".join(FIELDS.values())
                raise QueryError(f"there is no field {node.name!r}{_at(node, text)}; there are: {known}")
            return _convert(node.expr, text, node.name)
        case lucene.Word() | lucene.Phrase():
            return _term(node, None, text, field)
        case lucene.Proximity(term=lucene.Phrase()):
            if not re.search(r"~\d+\s*$", str(node)):
                raise QueryError(f'{str(node).strip()}{_at(node, text)}: say how far: "oil price"~5')
            return _term(node.term, int(node.degree), text, field)
    raise QueryError(f"{_name(node)} is not supported{_at(node, text)}")


def _all(nodes: list[lucene.Item], text: str, field: str | None) -> tuple[Query, ...]:
    return tuple(_convert(node, text, field) for node in nodes)


def _term(node: lucene.Word | lucene.Phrase, within: int | None, text: str, field: str | None) -> Term:
    written = node.value[1:-1] if isinstance(node, lucene.Phrase) else node.value
    written = " ".join(re.sub(r"\\(.)", r"\1", written).split())
    if not any(char.isalnum() for char in written):
        hint = "; write AND, OR, NOT in capitals" if set(node.value) & set("&|!") else ""
        raise QueryError(f"{node.value!r} is not a word{_at(node, text)}{hint}")
    if isinstance(node, lucene.Word) and written in ("and", "or", "not"):
        hint = f'write {written.upper()}, or "{written}" in quotation marks for the word itself'
        raise QueryError(f"{written!r}{_at(node, text)} is small; {hint}")
    if field in (None, "title", "quote"):
        return _words(Words(written, within, field or "text"), node, text)
    if within is not None:
        raise QueryError(f'proximity ("…"~{within}) is for words{_at(node, text)}, not for {field}:')
    if re.search(r"[*?]", written):
        raise QueryError(f"{node.value!r}{_at(node, text)}: {field}: takes no wildcard")
    return _named(field or "", written, node, text)


def _words(words: Words, node: lucene.Item, text: str) -> Words:
    for word in words.words:
        letters = max(len(piece) for piece in re.split(r"[*?]", word))
        if letters < len(word) and letters < _LEAST_LETTERS:
            raise QueryError(f"{word!r}{_at(node, text)}: a wildcard needs {_LEAST_LETTERS} letters beside it")
    if words.within is not None and not (len(words.words) > 1 and 0 <= words.within <= _FURTHEST):
        raise QueryError(f"{words}{_at(node, text)}: proximity needs several words, and a distance up to {_FURTHEST:,}")
    return words


def _named(field: str, value: str, node: lucene.Item, text: str) -> Named:
    if field == "country":
        if not re.fullmatch("[A-Za-z]{3}", value):
            raise QueryError(
                f"country:{value} is not a three-letter country code{_at(node, text)}; write for instance country:CHN"
            )
        code = value.upper()
        if code not in COUNTRY_CODES:
            meant = OFTEN_MEANT.get(code)
            hint = f"; did you mean country:{meant}?" if meant else "; it takes ISO 3166's codes of three letters"
            raise QueryError(f"there is no country {code}{_at(node, text)}{hint}")
        return Named(field, code)
    if field == "lang" and not re.fullmatch("[A-Za-z]{2,3}", value):
        raise QueryError(f"lang:{value} is no language code{_at(node, text)}; write for instance lang:en")
    return Named(field, value.lower() if field in ("lang", "outlet") else value)


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
