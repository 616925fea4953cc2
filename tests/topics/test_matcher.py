"""Which spans satisfy a query."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.topics.matcher import Document, Hit, Matcher, Name, Quoted, Wanted
from etl.topics.query import parse_query
from etl.topics.terms import condition

TEXT = "The ferry left. Élysée staff saw the Ferry’s captain.\nGrain moved.\n两国讨论渡轮。"


def hits(query: str, within: str, text: str = TEXT, **facts: object) -> list[Hit]:
    return Matcher([Wanted("q", parse_query(query), within)]).hits(Document(text, "en", **facts))  # type: ignore[arg-type]


def spans(query: str, within: str, **more: object) -> list[str]:
    return [TEXT[hit.start : hit.end] for hit in hits(query, within, **more)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("query", "within", "found"),
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
def test_spans(query: str, within: str, found: list[str]) -> None:
    assert spans(query, within) == found


@pytest.mark.parametrize(
    ("query", "text", "matches"),
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
def test_wildcards_and_proximity(query: str, text: str, matches: bool) -> None:
    assert bool(hits(query, "sentence", text)) is matches


def test_proximity_in_an_article_crosses_sentences() -> None:
    assert hits('"oil price"~5', "article", "The oil rose.\nA price fell.")


SAID = "“We will trade,” said Xi. Wang left the trade fair.\nThe sea was calm."
QUOTES = [Quoted("q1", [(1, 14)], "Q15031", "Xi Jinping")]


@pytest.mark.parametrize(
    ("query", "found"),
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
        ('title:"summit opens"', [SAID]),  # the article as a whole
        ("title:summit OR calm", [SAID]),
        ("title:summit -calm", []),  # the article has what is excluded
        ("title:summit -storm", [SAID]),
        ("lang:en AND outlet:paper.example", [SAID]),
    ],
)
def test_fields(query: str, found: list[str]) -> None:
    names = [Name(SAID.index("Wang"), "Q9", "Wang Yi", ["CHN"])]
    found_hits = hits(query, "sentence", SAID, title="Summit opens", outlet="paper.example", names=names, quotes=QUOTES)
    assert [SAID[hit.start : hit.end] for hit in found_hits] == found


def test_countries_come_from_names_at_their_place() -> None:
    text = "One met two.\nThree."
    names = [Name(0, None, "", ["CHN"]), Name(8, None, "", ["RUS"]), Name(13, None, "", ["CHN"])]
    (hit,) = hits("country:CHN AND country:RUS", "sentence", text, names=names)
    assert (text[hit.start : hit.end], hit.matched_terms) == ("One met two.", ("country:CHN", "country:RUS"))


def test_terms_that_are_the_same_in_other_letters_are_found_for_every_query() -> None:
    names = [Name(0, "Q1", "Xi Jinping", ["CHN"])]
    queries = {"a": 'entity:"Xi Jinping"', "b": 'entity:"xi jinping"', "c": "entity:Q1", "d": "entity:q1"}
    matcher = Matcher([Wanted(name, parse_query(query), "article") for name, query in queries.items()])
    assert [hit.name for hit in matcher.hits(Document("Xi left.", names=names))] == list(queries)


def test_many_queries_in_one_pass_and_only_the_named() -> None:
    matcher = Matcher([Wanted("a", parse_query("ferry"), "article"), Wanted("b", parse_query("grain"), "article")])
    assert [hit.name for hit in matcher.hits(Document(TEXT))] == ["a", "b"]
    assert [hit.name for hit in matcher.hits(Document(TEXT), {"b"})] == ["b"]


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
def test_what_is_skipped_could_not_match(query: str, sentences: list[list[str]]) -> None:
    """The short cuts of the matcher change nothing: a sentence matches if its words satisfy the query."""
    text = "\n".join(f"{' '.join(words).capitalize()}." for words in sentences)
    asked = condition(parse_query(query), str)
    expected = [n for n, words in enumerate(sentences) if asked.satisfied(set(words))]
    starts = [sum(len(line) + 1 for line in text.split("\n")[:n]) for n in expected]
    assert [hit.start for hit in hits(query, "sentence", text)] == starts
