"""Lucene's boolean syntax, and where a query is wrong."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from etl.configuration.settings import PACKAGED
from etl.errors import QueryError
from etl.topics.country_codes import COUNTRY_CODES, OFTEN_MEANT
from etl.topics.query import parse_query
from etl.topics.terms import Clauses, Named, Words, condition, terms


def matches(query: str, *present: str) -> bool:
    found = {Named("country", p[8:]) if p.startswith("country:") else Words(p) for p in present}
    return condition(parse_query(query), lambda term: term).satisfied(found)


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


def test_country_codes_are_the_gazetteers() -> None:
    rows = yaml.load((PACKAGED / "gazetteer" / "countries.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)
    assert {row["code"] for row in rows} == COUNTRY_CODES
    assert set(OFTEN_MEANT.values()) <= COUNTRY_CODES and not set(OFTEN_MEANT) & COUNTRY_CODES


def test_a_phrase_is_one_term() -> None:
    assert parse_query('"peace talks"') == Words("peace talks")
    assert [str(t) for t in terms(parse_query('country:UKR AND ("peace talks" OR truce*)'))] == [
        "country:UKR", "peace talks", "truce*",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "terms_of_it"),
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
def test_terms_are_written_as_a_query_writes_them(query: str, terms_of_it: list[str]) -> None:
    assert [str(term) for term in terms(parse_query(query))] == terms_of_it


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "the query is empty"),
        ("a AND (b", "it ends too early at character 8: 1 '(' not closed"),
        ("a AND", "it ends too early at character 5: a word is missing"),
        ("a AND b)", "unexpected ')' at character 8"),
        ("NOT a", "only excludes"),
        ("a OR NOT b", "only excludes"),
        ("country:GER AND a", "there is no country GER (at character 9); did you mean country:DEU?"),
        ("country:XXX", "there is no country XXX (at character 9); it takes ISO 3166's codes"),
        ("a AND country:China", "country:China is not a three-letter country code (at character 15)"),
        ("a && b", "AND, OR, NOT in capitals"),
        ("author:Xi", "there is no field 'author' (at character 1); there are: title:word, quote:word, country:XXX"),
        ("aa AND f*", "'f*' (at character 8): a wildcard needs 2 letters beside it"),
        ("lang:english", "lang:english is no language code (at character 6); write for instance lang:en"),
        ("outlet:bbc*", "'bbc*' (at character 8): outlet: takes no wildcard"),
        ('speaker:"a b"~3', 'proximity ("…"~3) is for words (at character 9), not for speaker:'),
        ('"word"~3', "proximity needs several words"),
        ('"a b"~5000', "a distance up to 1,000"),
        ("lang:en AND NOT lang:ru OR -a", "only excludes"),
        ("*", "'*' is not a word"),
        ("a~2", "fuzzy"),
        ('"a b"~1.5', "a distance is a whole number"),
        ('"a b"~', "say how far"),
        ("gas and oil", "'and' (at character 5) is small; write AND, or"),
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
        assert isinstance(parse_query(text), Words | Named | Clauses)
    except QueryError as error:
        assert str(error)
