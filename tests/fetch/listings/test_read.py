"""Which of the listed pages are fetched: those that look like articles and are current, each once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from etl.configuration.sources import Source
from etl.fetch.listings.listing import BadListing, Entry, Listing
from etl.fetch.listings.read import LISTING_READERS, candidate_entries, merge_entries, read_listing, row_kind
from etl.fetch.listings.sections import read_section
from etl.fetch.listings.sitemaps import current_sitemaps
from schemas.values import LISTING_KINDS

NOW = datetime(2025, 9, 20, 23, tzinfo=UTC)
PAGE = """<html><head><base href="/news/"></head><body>
  <a href="1.html">one</a> <a href="https://b.example/news/2.html#comments">two</a> <a href="/about">about</a>
  <a href="2025/09/03/три.html">three</a> <a href="1.html">one again</a> <a name="x">no link</a>
  <a href="javascript:alert(1)">no</a> <a href="http://[bad/news/4.html">no</a> <a href="mailto:news/5.html">no</a>
</body></html>"""


def source(**fields: Any) -> Source:
    return Source(name="paper", title="Paper", hosts=("a.example",), stamp="", **fields)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1251"])
def test_a_section_gives_the_links_that_match_a_pattern(encoding: str) -> None:
    """They are absolute, in the page's order, each once; a day in an address is the date of publication."""
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


def test_an_empty_section_is_not_a_listing() -> None:
    assert read_section(b"", "https://a.example/", "text/html", lambda _: True) is None


def test_a_calendar_that_links_to_tomorrow_for_ever_gives_one_page() -> None:
    """Links of listings are pages to fetch, never further listings, and the links of pages are not followed."""
    body = b"<a href='/calendar/2025-09-21'>tomorrow</a>"
    listing = read_listing(source(article_links=("calendar",)), "section", body, "https://a.example/", "text/html")
    assert listing is not None
    assert ([entry.url for entry in listing.entries], listing.sitemaps) == (
        ["https://a.example/calendar/2025-09-21"],
        [],
    )


def test_a_sitemap_gives_only_current_pages_that_look_like_articles() -> None:
    listing = Listing([
        Entry("https://a.example/news/1", ago(1)),
        Entry("https://a.example/news/2", ago(100)),
        Entry("https://a.example/news/3", ago(100), ago(2)),
        Entry("https://a.example/news/4"),
        Entry("https://a.example/tag/5", ago(1)),
    ])  # fmt: skip
    candidates = candidate_entries(listing, "sitemap", source(article_links=("/news/",)), NOW)
    assert [entry.url[-1] for entry in candidates] == ["1", "3", "4"]
    everything = candidate_entries(listing, "sitemap", source(sitemap_days=1000), NOW)
    assert len(everything) == 5
    assert len(candidate_entries(listing, "feed", source(article_links=("/news/",)), NOW)) == 5, (
        "all entries of a feed are taken"
    )


def test_a_time_of_change_that_all_pages_share_is_ignored() -> None:
    listing = Listing([Entry(f"https://a.example/{n}", ago(1), ago(0.1)) for n in range(5)])
    assert {entry.updated for entry in candidate_entries(listing, "sitemap", source(), NOW)} == {None}


def test_old_sitemaps_of_an_index_are_skipped_unless_all_are_old() -> None:
    old = [Entry("https://a.example/2", updated=ago(50)), Entry("https://a.example/1", updated=ago(400))]
    current = [Entry("https://a.example/news"), Entry("https://a.example/3", updated=ago(1))]
    assert current_sitemaps(Listing(sitemaps=[*current, *old]), source(), NOW) == current
    assert current_sitemaps(Listing(sitemaps=old), source(), NOW) == old[:1]


def test_a_page_that_is_listed_twice_becomes_one_entry_with_the_most_exact_dates() -> None:
    day = Entry("https://m.a.example/1/amp?utm_source=b", datetime(2025, 9, 3, tzinfo=UTC), day_only=True)
    exact = Entry("https://www.a.example/1", ago(2), ago(1))
    assert list(merge_entries([day, exact]).values()) == [exact]
    assert list(merge_entries([exact, day]).values()) == [exact]


def test_every_kind_of_listing_has_a_reader_and_is_a_kind_of_row() -> None:
    """An index has no reader of its own: it is a sitemap that names sitemaps."""
    assert {*LISTING_READERS, "index"} == set(LISTING_KINDS)
    assert row_kind(Listing(sitemaps=[Entry("https://a.example/1.xml")]), "sitemap") == "index"
    assert [row_kind(Listing(), kind) for kind in LISTING_READERS] == list(LISTING_READERS)


def test_a_body_of_another_kind_is_refused_with_its_reason() -> None:
    reasons = {}
    for kind, body in (("feed", b"<p>Sign in</p>"), ("sitemap", b"not here"), ("section", b""), ("list", b"not here")):
        with pytest.raises(BadListing) as error:
            read_listing(source(), kind, body, "https://a.example/", "text/html")
        reasons[kind] = str(error.value)
    assert reasons == {
        "feed": "the answer is neither RSS nor Atom nor JSON Feed",
        "sitemap": "the answer is neither a sitemap nor a list of addresses",
        "section": "the answer is not HTML",
        "list": "the answer is not a list of addresses, one per line",
    }
