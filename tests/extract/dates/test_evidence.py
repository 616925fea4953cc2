"""The day of publication: pieces of evidence that agree or contradict each other, on small pages."""

from __future__ import annotations

import json
import time
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import trafilatura
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from etl.extract.dates.find import UNKNOWN, PublicationDate, best_day, find_modified, find_published
from etl.extract.structured import read_structured

FETCHED = datetime(2025, 9, 10, 12, tzinfo=UTC)
NEW_YORK, MOSCOW = ZoneInfo("America/New_York"), ZoneInfo("Europe/Moscow")
URL = "https://outlet.example/news/story"


def ld(**values: Any) -> str:
    article = {"@type": "NewsArticle", **values}
    return f'<script type="application/ld+json">{json.dumps(article)}</script>'


def meta(name: str, value: str) -> str:
    return f'<meta property="{name}" content="{value}">'


def find(head: str = "", body: str = "", url: str = URL, zone: ZoneInfo | None = None, **more: Any) -> PublicationDate:
    text = "<p>Words of the article that are no date at all, and go on for a while.</p>"
    tree = trafilatura.load_html(f"<html {more.pop('html', '')}><head>{head}</head><body>{body}{text}</body></html>")
    return find_published(tree, read_structured(tree), url, FETCHED, zone, **more)


def test_of_evidence_that_agrees_the_most_precise_is_used() -> None:
    result = find(meta("article:published_time", "2025-09-03") + ld(datePublished="2025-09-03T10:15:00+02:00"))
    assert result == PublicationDate(
        date(2025, 9, 3), datetime(2025, 9, 3, 8, 15, tzinfo=UTC), "2025-09-03T10:15:00+02:00", "json-ld", "second"
    )


def test_the_moment_is_taken_from_evidence_that_agrees_on_the_day() -> None:
    result = find(
        meta("article:published_time", "2025-09-03"),
        "<h1>A headline</h1><p>Publication date: <time datetime='2025-09-03'>September 3, 2025, 14:30</time></p>",
        zone=MOSCOW,
    )
    assert (result.at, result.raw, result.method) == (
        datetime(2025, 9, 3, 11, 30, tzinfo=UTC), "September 3, 2025, 14:30", "time"
    )  # fmt: skip


def test_a_moment_in_utc_gets_the_day_of_the_outlet() -> None:
    url = "https://outlet.example/2025/09/03/story"
    at = datetime(2025, 9, 4, 3, tzinfo=UTC)
    for zone in (None, NEW_YORK):
        result = find(ld(datePublished="2025-09-04T03:00:00Z"), url=url, zone=zone)
        assert (result.day, result.at) == (date(2025, 9, 3), at)
    assert find(ld(datePublished="2025-09-04T03:00:00Z")).day == date(2025, 9, 4)


def test_a_moment_in_the_text_belongs_only_to_the_day_that_it_prints() -> None:
    printed = "<h1>A headline</h1><p>Published September 2, 2025, 19:14 GMT</p>"
    result = find(ld(datePublished="2025-09-03") + meta("article:published_time", "2025-09-03"), printed)
    assert (result.day, result.at, result.raw) == (date(2025, 9, 3), None, "2025-09-03")


def test_days_of_equal_weight_give_the_same_result_in_every_process() -> None:
    """A sum of floats depends on their order, and the order of a set differs between processes."""
    weights = {"a": 0.1, "b": 0.2, "c": 0.3, "d": 0.6}
    days = {date(2025, 9, 3): {"d"}, date(2025, 9, 2): {"a", "b", "c"}}
    assert 0.1 + 0.2 + 0.3 != 0.6
    assert best_day(days, weights) == date(2025, 9, 2)


@pytest.mark.parametrize("midnight", ["2025-09-03T00:00:00Z", "2025-09-03T00:00:00.000+00:00", "2025-09-03T00:00"])
def test_midnight_is_a_day_without_a_time(midnight: str) -> None:
    result = find(ld(datePublished=midnight), zone=NEW_YORK)
    assert (result.day, result.at, result.precision) == (date(2025, 9, 3), None, "day")


@pytest.mark.parametrize(
    "impossible", ["2025-09-12", "2999-01-01", "1970-01-01", "0001-01-01T00:00:00Z", "0", "00000000"]
)
def test_impossible_days_are_ignored(impossible: str) -> None:
    assert find(ld(datePublished=impossible)) == UNKNOWN
    assert find(ld(datePublished=impossible) + meta("date", "2025-09-03")).day == date(2025, 9, 3)


def test_the_date_of_a_page_without_evidence_is_unknown() -> None:
    assert find(body="<h1>A headline</h1><p>© 2025 The outlet</p>") == UNKNOWN


def test_the_day_of_a_change_is_not_the_day_of_publication() -> None:
    changed = meta("article:modified_time", "2025-09-05T10:00:00Z") + ld(dateModified="2025-09-05T10:00:00Z")
    assert find(changed, "<h1>A headline</h1><p>Last updated on September 5, 2025</p>") == UNKNOWN
    assert find(changed + meta("article:published_time", "2025-09-03")).day == date(2025, 9, 3)


def test_dates_of_related_articles_are_not_the_date_of_the_page() -> None:
    graph = [
        {"@type": "NewsArticle", "url": "https://outlet.example/news/older", "datePublished": "2024-01-02"},
        {"@type": "NewsArticle", "url": URL, "datePublished": "2025-09-03"},
    ]
    assert find(f'<script type="application/ld+json">{json.dumps(graph)}</script>').day == date(2025, 9, 3)


def test_a_date_near_the_headline_is_preferred() -> None:
    body = """
    <aside><h3>Latest</h3><p>5 September 2025</p></aside><h1>A headline of a page</h1>
    <p>By A. Author | 3 September 2025</p><p>The law of 4 May 2024, which parliament passed, was long and did not help
    anybody who had hoped that it would, as a court said.</p><footer>© 1 January 2020</footer>"""
    result = find(body=body)
    assert (result.day, result.raw, result.method, result.precision) == (
        date(2025, 9, 3),
        "3 September 2025",
        "text",
        "day",
    )


def test_the_raw_date_is_as_the_page_writes_it() -> None:
    result = find(body="<h1>عنوان الخبر هنا</h1><p class='date'>٣ سبتمبر ٢٠٢٥</p>", html='lang="ar"')
    assert (result.day, result.raw) == (date(2025, 9, 3), "٣ سبتمبر ٢٠٢٥")


def test_other_evidence_determines_the_order_of_day_and_month() -> None:
    body = "<h1>A headline of a page</h1><p class='date'>03/09/2025</p>"
    assert find(meta("date", "09/03/2025"), body, html='lang="en-GB"').day == date(2025, 9, 3)


def test_a_listed_date_is_used_but_overruled_by_declared_ones() -> None:
    assert find(listed="2025-09-03T10:00:00Z") == PublicationDate(
        date(2025, 9, 3), datetime(2025, 9, 3, 10, tzinfo=UTC), "2025-09-03T10:00:00Z", "feed", "second"
    )
    published = ld(datePublished="2025-09-03") + meta("article:published_time", "2025-09-03")
    assert find(published, listed="2025-09-08").day == date(2025, 9, 3)


def test_a_month_is_used_if_there_is_no_day() -> None:
    result = find(meta("article:published_time", "2025-09"))
    assert (result.day, result.raw, result.precision) == (None, "2025-09", "month")


def test_a_date_in_broken_json_ld_is_found() -> None:
    broken = '{"@type": "NewsArticle", "datePublished": "2025-09-03T10:00:00Z",,}'
    assert find(f'<script type="application/ld+json">{broken}</script>').day == date(2025, 9, 3)


def test_the_tree_is_not_changed() -> None:
    tree = trafilatura.load_html("<html><body><h1>A headline</h1><p>3 September 2025<p>More words here</body></html>")
    before = etree.tostring(tree)
    find_published(tree, read_structured(tree), URL, FETCHED, None)
    assert etree.tostring(tree) == before


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.just("2025-09-03"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["@value", "@type", "x"]), inner),
    max_leaves=6,
)


@settings(deadline=None)
@given(VALUES, VALUES, st.text(max_size=40), st.text(max_size=20))
def test_no_declared_value_raises(published: Any, modified: Any, text: str, url: str) -> None:
    head = ld(datePublished=published, dateModified=modified, url=published, mainEntityOfPage=modified)
    value = "".join(c for c in text if c.isprintable() and c not in "<>&\"'")
    head += meta("article:published_time", value) + meta("article:modified_time", value)
    tree = trafilatura.load_html(f"<html lang='{value}'><head>{head}</head><body><time>{value}</time></body></html>")
    structured = read_structured(tree)
    result = find_published(tree, structured, url, FETCHED, NEW_YORK, value)
    assert result.day is None or date(1990, 1, 1) <= result.day <= date(2025, 9, 11)
    modified_at = find_modified(structured, FETCHED, NEW_YORK)
    assert modified_at is None or modified_at.year >= 1990


HOSTILE = {
    "dates": "<p>3 September 2025 2025-09-03 3/9/2025</p>" * 20_000,
    "numbers": "<p>" + "1/2/" * 200_000 + "</p>",
    "letters": "<p>2025 " + "a" * 500_000 + "</p>",
    "headlines": "<h1>3 September 2025</h1>" * 20_000,
    "times": "<time datetime='2025-09-03'>" * 300 + "x" * 100_000,
    "scripts": "<script>" + '"datePublished": ' * 100_000 + "</script>",
    "deep": "<div>" * 5_000 + "3 September 2025",
}


@pytest.mark.parametrize("page", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_pages_take_limited_time(page: str) -> None:
    tree = trafilatura.load_html(f"<html><body>{page}</body></html>")
    structured = read_structured(tree)
    started = time.process_time()
    find_published(tree, structured, URL, FETCHED, None)
    assert time.process_time() - started < 5
