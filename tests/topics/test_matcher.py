"""The spans of an article that satisfy a query."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.topics.matcher import Document, DocumentName, DocumentQuote, Hit, Matcher, TopicQuery
from etl.topics.query import parse_query
from etl.topics.terms import compile_condition

TEXT = "The ferry left. Élysée staff saw the Ferry’s captain.\nGrain moved.\n两国讨论渡轮。"


def hits(query: str, within: str, text: str = TEXT, **fields: object) -> list[Hit]:
    document = Document(text, "en", **fields)  # type: ignore[arg-type]
    return Matcher([TopicQuery("q", parse_query(query), within)]).hits(document)


def matched_spans(query: str, within: str) -> list[str]:
    return [TEXT[hit.start : hit.end] for hit in hits(query, within)]


@pytest.mark.parametrize(
    ("query", "within", "expected"),
    [
        ("ferry", "sentence", ["The ferry left.", "Élysée staff saw the Ferry’s captain."]),
        ("ferry AND captain", "sentence", ["Élysée staff saw the Ferry’s captain."]),
        ("left AND captain", "sentence", []),
        ("left AND captain", "paragraph", [TEXT.split("\n")[0]]),
        ("left AND grain", "article", [TEXT]),
        ("ELYSEE", "sentence", ["Élysée staff saw the Ferry’s captain."]),
        ("ferr", "sentence", []),
        ("ferr*", "paragraph", [TEXT.split("\n")[0]]),
        ('"ferry left"', "sentence", ["The ferry left."]),
        ("渡轮", "sentence", ["两国讨论渡轮。"]),
        ("grain AND NOT moved", "sentence", []),
    ],
)
def test_words_match_whole_words_in_a_sentence_paragraph_or_article(
    query: str, within: str, expected: list[str]
) -> None:
    assert matched_spans(query, within) == expected


@pytest.mark.parametrize(
    ("query", "text", "is_match"),
    [
        ("wom?n", "Two women left.", True),
        ("wom?n", "Two womenfolk left.", False),
        ("*ation", "The negotiation failed.", True),
        ("*ation", "The negotiations failed.", False),
        ("sanct*s", "New sanctions follow.", True),
        ('"trade war*"', "A trade warning.", True),
        ('"trade war*"', "The trade of war.", False),
        ('"oil price"~2', "The price of crude oil rose.", True),
        ('"oil price"~1', "The price of crude oil rose.", False),
        ('"oil price"~0', "The oil price rose.", True),
        ('"oil price"~5', "The oil rose. A price fell.", False),  # not in one sentence
        ('"sanction* oil"~4', "Oil is under new sanctions.", True),
        ('"Beijing \u83ab\u65af\u79d1"~3', "Beijing \u548c\u83ab\u65af\u79d1", True),
        ('"gas gas"~2', "One gas.", False),
        ('"gas gas"~2', "Gas and more gas.", True),
        ('"tra* trade"~3', "The trade.", False),
        ('"tra* trade"~3', "Trade by train.", True),
        ('"to? to?"', "stop top tot end", True),
        ('"a b c"~1', "c x a b", True),
        ('"a b c"~1', "c x a x b", False),
        ("санкци*", "О новых санкциях сообщили.", True),
        ("ELECTION", "Elections are near.", False),
    ],
)
def test_wildcards_and_proximity(query: str, text: str, is_match: bool) -> None:
    assert bool(hits(query, "sentence", text)) is is_match


def test_a_proximity_may_cross_sentences_if_the_query_must_hold_in_the_article() -> None:
    assert hits('"oil price"~5', "article", "The oil rose.\nA price fell.")


QUOTE_TEXT = "“We will trade,” said Xi. Wang left the trade fair.\nThe sea was calm."
QUOTES = [DocumentQuote("q1", [(1, 14)], "Q15031", "Xi Jinping")]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("quote:trade", ["“We will trade,” said Xi."]),
        ("trade", ["“We will trade,” said Xi.", "Wang left the trade fair."]),
        ("speaker:Xi", ["“We will trade,” said Xi."]),
        ('speaker:"xi jinping"', ["“We will trade,” said Xi."]),
        ("speaker:Q15031 AND trade", ["“We will trade,” said Xi."]),
        ("speaker:Jin", []),
        ("entity:Q9 AND trade", ["Wang left the trade fair."]),
        ('entity:"Wang Yi"', ["Wang left the trade fair."]),
        ("entity:Wang", []),
        ("calm AND lang:en", ["The sea was calm."]),
        ("calm AND lang:ru", []),
        ("calm -outlet:paper.example", []),
        ("calm AND title:summit", ["The sea was calm."]),
        ("calm AND title:calm", []),
        ('title:"summit opens"', [QUOTE_TEXT]),  # the article as a whole
        ("title:summit OR calm", [QUOTE_TEXT]),
        ("title:summit -calm", []),  # the article contains the excluded word
        ("title:summit -storm", [QUOTE_TEXT]),
        ("lang:en AND outlet:paper.example", [QUOTE_TEXT]),
    ],
)
def test_fields_match_names_quotes_and_the_article(query: str, expected: list[str]) -> None:
    names = [DocumentName(QUOTE_TEXT.index("Wang"), "Q9", "Wang Yi", ["CHN"])]
    article = {"title": "Summit opens", "outlet": "paper.example", "names": names, "quotes": QUOTES}
    matches = hits(query, "sentence", QUOTE_TEXT, **article)
    assert [QUOTE_TEXT[hit.start : hit.end] for hit in matches] == expected


def test_a_country_matches_where_a_name_that_carries_it_stands() -> None:
    text = "One met two.\nThree."
    names = [
        DocumentName(0, None, "", ["CHN"]),
        DocumentName(8, None, "", ["RUS"]),
        DocumentName(13, None, "", ["CHN"]),
    ]
    (hit,) = hits("country:CHN AND country:RUS", "sentence", text, names=names)
    assert (text[hit.start : hit.end], hit.matched_terms) == ("One met two.", ("country:CHN", "country:RUS"))


def test_values_that_differ_only_in_case_match_for_every_query() -> None:
    names = [DocumentName(0, "Q1", "Xi Jinping", ["CHN"])]
    queries = {"a": 'entity:"Xi Jinping"', "b": 'entity:"xi jinping"', "c": "entity:Q1", "d": "entity:q1"}
    matcher = Matcher([TopicQuery(name, parse_query(query), "article") for name, query in queries.items()])
    assert [hit.query_name for hit in matcher.hits(Document("Xi left.", names=names))] == list(queries)


def test_several_queries_are_matched_in_one_pass_or_only_the_named_ones() -> None:
    matcher = Matcher(
        [TopicQuery("a", parse_query("ferry"), "article"), TopicQuery("b", parse_query("grain"), "article")]
    )
    assert [hit.query_name for hit in matcher.hits(Document(TEXT))] == ["a", "b"]
    assert [hit.query_name for hit in matcher.hits(Document(TEXT), {"b"})] == ["b"]


WORDS = st.sampled_from("ferry grain captain left moved sea calm trade".split())
CLAUSES = st.recursive(
    WORDS,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} AND {pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} OR {pair[1]})"),
        st.tuples(inner, WORDS).map(lambda pair: f"({pair[0]} AND NOT {pair[1]})"),
    ),
    max_leaves=6,
)


@given(CLAUSES, st.lists(st.lists(WORDS, min_size=1, max_size=4), min_size=1, max_size=5))
def test_the_matcher_skips_only_sentences_that_cannot_match(query: str, sentences: list[list[str]]) -> None:
    """A sentence matches if and only if its words satisfy the query, whatever the matcher skips."""
    text = "\n".join(f"{' '.join(words).capitalize()}." for words in sentences)
    condition = compile_condition(parse_query(query), str)
    expected = [n for n, words in enumerate(sentences) if condition.is_satisfied(set(words))]
    starts = [sum(len(line) + 1 for line in text.split("\n")[:n]) for n in expected]
    assert [hit.start for hit in hits(query, "sentence", text)] == starts
