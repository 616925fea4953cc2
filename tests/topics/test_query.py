"""Lucene's boolean syntax, and where a query is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.errors import QueryError
from etl.topics.query import Clauses, Country, Word, parse_query, satisfied, terms


def matches(query: str, *present: str) -> bool:
    found = {Country(p[8:]) if p.startswith("country:") else Word(p.rstrip("*"), p.endswith("*")) for p in present}
    return satisfied(parse_query(query), found)


@pytest.mark.parametrize(
    ("query", "present", "is_match"),
    [
        ("a AND b", "a b", True),
        ("a AND b", "a", False),
        ("a OR b", "b", True),
        ("a b", "b", True),
        ("a AND b OR c", "c", True),
        ("a AND (b OR c)", "c", False),
        ("a AND NOT b", "a", True),
        ("a AND NOT b", "a b", False),
        ("a AND (NOT b)", "a", True),
        ("a AND (NOT b)", "a b", False),
        ("a AND -(b OR c)", "a c", False),
        ("a -b", "a b", False),
        ("+a b", "b", False),
        ("+a b", "a", True),
        ("+a +b -c", "a b", True),
        ("(a OR b) AND (c OR d)", "a d", True),
        ("country:CHN AND country:RUS", "country:CHN country:RUS", True),
        ("country:(CHN OR RUS) AND a", "country:RUS a", True),
        ("country:chn", "country:CHN", True),
        ("negotiat*", "negotiat*", True),
        ("“a” OR «b»", "b", True),
    ],
)
def test_boolean_queries(query: str, present: str, is_match: bool) -> None:
    assert matches(query, *present.split()) is is_match


def test_a_phrase_is_one_term() -> None:
    assert parse_query('"peace talks"') == Word("peace talks")
    assert [str(t) for t in terms(parse_query('country:UKR AND ("peace talks" OR truce*)'))] == [
        "country:UKR", "peace talks", "truce*",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "the query is empty"),
        ("a AND (b", "it ends too early at character 8: 1 '(' not closed"),
        ("a AND", "it ends too early at character 5: a word is missing"),
        ("a AND b)", "unexpected ')' at character 8"),
        ("NOT a", "only excludes"),
        ("a OR NOT b", "only excludes"),
        ("a AND country:China", "country:China is not a three-letter country code (at character 7)"),
        ("a && b", "AND, OR, NOT in capitals"),
        ("speaker:Xi", "there is no field 'speaker' (at character 1)"),
        ("a AND fo?o", "'fo?o' (at character 7): a wildcard is supported at the end"),
        ("*", "'*' is not a word"),
        ('"peace talk*"', "not in phrases"),
        ('"a b"~10', "proximity"),
        ("a~2", "fuzzy"),
        ("[a TO b]", "a range"),
        ("a^2", "boosting"),
        ("/a/", "a regular expression"),
    ],
)
def test_mistakes_say_what_and_where(query: str, said: str) -> None:
    with pytest.raises(QueryError) as error:
        parse_query(query)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@given(st.text(st.sampled_from('ab AND()OR NOT"*?:+-~^[]/\\中é&|!'), max_size=30))
def test_any_text_parses_or_says_why(text: str) -> None:
    try:
        assert isinstance(parse_query(text), Word | Country | Clauses)
    except QueryError as error:
        assert str(error)
