"""Queries: Lucene's boolean syntax, and the messages about mistakes."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from etl.configuration.settings import PACKAGED
from etl.errors import QueryError
from etl.topics.country_codes import COMMON_MISTAKES, COUNTRY_CODES
from etl.topics.query import parse_query
from etl.topics.terms import Clauses, ValueTerm, WordTerm, compile_condition, terms


def is_satisfied(query: str, *term_texts: str) -> bool:
    present = {ValueTerm("country", t[8:]) if t.startswith("country:") else WordTerm(t) for t in term_texts}
    return compile_condition(parse_query(query), lambda term: term).is_satisfied(present)


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
def test_a_boolean_query_is_satisfied_by_the_right_terms(query: str, present: str, is_match: bool) -> None:
    assert is_satisfied(query, *present.split()) is is_match


def test_the_country_codes_are_those_of_the_gazetteer() -> None:
    rows = yaml.load((PACKAGED / "gazetteer" / "countries.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)
    assert {row["code"] for row in rows} == COUNTRY_CODES
    assert set(COMMON_MISTAKES.values()) <= COUNTRY_CODES and not set(COMMON_MISTAKES) & COUNTRY_CODES


def test_a_phrase_is_one_term() -> None:
    assert parse_query('"peace talks"') == WordTerm("peace talks")
    assert [str(t) for t in terms(parse_query('country:UKR AND ("peace talks" OR truce*)'))] == [
        "country:UKR", "peace talks", "truce*",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('"oil price"~5', ['"oil price"~5']),
        ('"trade war*" AND wom?n', ["trade war*", "wom?n"]),
        ('title:(ferry OR "grain deal") AND quote:"trade war"~3', [
            "title:ferry", 'title:"grain deal"', 'quote:"trade war"~3',
        ]),
        ('entity:Q30 AND speaker:"Xi Jinping"', ["entity:Q30", 'speaker:"Xi Jinping"']),
        ("a AND lang:EN -outlet:Paper.example", ["a", "lang:en", "outlet:paper.example"]),
    ],
)  # fmt: skip
def test_a_term_is_printed_as_a_query_writes_it(query: str, expected: list[str]) -> None:
    assert [str(term) for term in terms(parse_query(query))] == expected


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "the query is empty"),
        ("a AND (b", "it ends too early at character 8: 1 '(' not closed"),
        ("a AND", "it ends too early at character 5: a word is missing"),
        ("a AND b)", "unexpected ')' at character 8"),
        ("NOT a", "only excludes"),
        ("a OR NOT b", "only excludes"),
        ("country:GER AND a", "there is no country GER (at character 9); did you mean country:DEU?"),
        ("country:XXX", "there is no country XXX (at character 9); use the three-letter codes of ISO 3166"),
        ("a AND country:China", "country:China is not a three-letter country code (at character 15)"),
        ("a && b", "AND, OR and NOT in capitals"),
        (
            "author:Xi",
            "there is no field 'author' (at character 1); the fields are: title:word, quote:word, country:XXX",
        ),
        ("aa AND f*", "'f*' (at character 8): a wildcard needs at least 2 letters next to it"),
        ("lang:english", "lang:english is not a language code (at character 6); write, for instance, lang:en"),
        ("outlet:bbc*", "'bbc*' (at character 8): outlet: does not allow wildcards"),
        ('speaker:"a b"~3', 'proximity ("…"~3) is for words (at character 9), not for speaker:'),
        ('"word"~3', "proximity needs several words"),
        ('"a b"~5000', "a distance of at most 1,000"),
        ("lang:en AND NOT lang:ru OR -a", "only excludes"),
        ("*", "'*' is not a word"),
        ("a~2", "fuzzy"),
        ('"a b"~1.5', "a distance is a whole number"),
        ('"a b"~', "add the distance"),
        ("gas and oil", "'and' (at character 5) is in lower case; write AND, or"),
        ("[a TO b]", "a range"),
        ("a^2", "boosting"),
        ("/a/", "a regular expression"),
    ],
)
def test_a_mistake_is_named_with_its_position_in_one_line(query: str, message: str) -> None:
    with pytest.raises(QueryError) as error:
        parse_query(query)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@given(st.text(st.sampled_from('ab AND()OR NOT"*?:+-~^[]/\\中é&|!'), max_size=30))
def test_any_text_is_parsed_or_gives_a_message(text: str) -> None:
    try:
        assert isinstance(parse_query(text), WordTerm | ValueTerm | Clauses)
    except QueryError as error:
        assert str(error)
