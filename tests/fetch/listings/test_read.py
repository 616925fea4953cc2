"""Which of the listed pages are read: links that look like articles, current ones, each once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from etl.configuration.sources import Source
from etl.fetch.listings.listing import Entry, Listing
from etl.fetch.listings.read import current_sitemaps, merged, read_listing, wanted_entries
from etl.fetch.listings.sections import read_section

NOW = datetime(2025, 9, 20, 23, tzinfo=UTC)
PAGE = """<html><head><base href="/news/"></head><body>
  <a href="1.html">one</a> <a href="https://b.example/news/2.html#comments">two</a> <a href="/about">about</a>
  <a href="2025/09/03/три.html">three</a> <a href="1.html">one again</a> <a name="x">no link</a>
  <a href="javascript:alert(1)">no</a> <a href="http://[bad/news/4.html">no</a> <a href="mailto:news/5.html">no</a>
</body></html>"""


def source(**more: Any) -> Source:
    return Source("paper", "Paper", ("a.example",), None, None, None, "", **more)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1251"])
def test_links_of_a_section_that_match_a_pattern(encoding: str) -> None:
    """Absolute, in the page's order, each once; a day in an address is its date."""
    listing = read_section(
        PAGE.encode(encoding),
        "https://a.example/",
        f"text/html; charset={encoding}",
        source(article_links=(r"\d\.html", "три")).is_article_link,
    )
    assert listing is not None
    assert listing.entries == [
        Entry("https://a.example/news/1.html"),
        Entry("https://b.example/news/2.html"),
        Entry("https://a.example/news/2025/09/03/три.html", datetime(2025, 9, 3, tzinfo=UTC), day_only=True),
    ]


def test_a_section_that_is_no_page() -> None:
    assert read_section(b"", "https://a.example/", "text/html", lambda _: True) is None


def test_a_calendar_that_links_to_tomorrow_for_ever_is_one_page() -> None:
    """Links of listings are pages to read, never further listings; and a page's links are not looked at."""
    body = b"<a href='/calendar/2025-09-21'>tomorrow</a>"
    listing = read_listing(source(article_links=("calendar",)), "section", body, "https://a.example/", "text/html")
    assert listing is not None
    assert ([entry.url for entry in listing.entries], listing.sitemaps) == (
        ["https://a.example/calendar/2025-09-21"],
        [],
    )


def test_of_a_sitemap_only_current_pages_that_look_like_articles() -> None:
    listing = Listing([
        Entry("https://a.example/news/1", ago(1)),
        Entry("https://a.example/news/2", ago(100)),
        Entry("https://a.example/news/3", ago(100), ago(2)),
        Entry("https://a.example/news/4"),
        Entry("https://a.example/tag/5", ago(1)),
    ])  # fmt: skip
    chosen = wanted_entries(listing, "sitemap", source(article_links=("/news/",)), NOW)
    assert [entry.url[-1] for entry in chosen] == ["1", "3", "4"]
    everything = wanted_entries(listing, "sitemap", source(sitemap_days=1000), NOW)
    assert len(everything) == 5
    assert len(wanted_entries(listing, "feed", source(article_links=("/news/",)), NOW)) == 5, "a feed is taken whole"


def test_a_server_that_stamps_what_it_serves_with_now_has_changed_nothing() -> None:
    listing = Listing([Entry(f"https://a.example/{n}", ago(1), ago(0.1)) for n in range(5)])
    assert {entry.updated for entry in wanted_entries(listing, "sitemap", source(), NOW)} == {None}


def test_old_sitemaps_of_an_index_are_left_alone_but_the_latest() -> None:
    old = [Entry("https://a.example/2", updated=ago(50)), Entry("https://a.example/1", updated=ago(400))]
    current = [Entry("https://a.example/news"), Entry("https://a.example/3", updated=ago(1))]
    assert current_sitemaps(Listing(sitemaps=[*current, *old]), source(), NOW) == current
    assert current_sitemaps(Listing(sitemaps=old), source(), NOW) == old[:1]


def test_a_page_that_is_listed_twice_is_one_with_all_that_is_said_of_it() -> None:
    day = Entry("https://m.a.example/1/amp?utm_source=b", datetime(2025, 9, 3, tzinfo=UTC), day_only=True)
    exact = Entry("https://www.a.example/1", ago(2), ago(1))
    assert list(merged([day, exact]).values()) == [exact]
    assert list(merged([exact, day]).values()) == [exact]
