"""Which spans satisfy a query."""

from __future__ import annotations

import pytest

from etl.topics.matcher import Hit, Located, Matcher, Wanted
from etl.topics.query import parse_query

TEXT = "The ferry left. Élysée staff saw the Ferry’s captain.\nGrain moved.\n两国讨论渡轮。"


def hits(query: str, within: str, text: str = TEXT, countries: list[Located] | None = None) -> list[Hit]:
    return Matcher([Wanted("q", parse_query(query), within)]).hits(text, "en", countries or [])


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


def test_countries_come_from_names_at_their_place() -> None:
    text = "One met two.\nThree."
    places = [Located("CHN", 0), Located("RUS", 8), Located("CHN", 13)]
    (hit,) = hits("country:CHN AND country:RUS", "sentence", text, places)
    assert (text[hit.start : hit.end], hit.matched_terms) == ("One met two.", ("country:CHN", "country:RUS"))


def test_many_queries_in_one_pass_and_only_the_named() -> None:
    matcher = Matcher([Wanted("a", parse_query("ferry"), "article"), Wanted("b", parse_query("grain"), "article")])
    assert [hit.name for hit in matcher.hits(TEXT, "en", [])] == ["a", "b"]
    assert [hit.name for hit in matcher.hits(TEXT, "en", [], {"b"})] == ["b"]
