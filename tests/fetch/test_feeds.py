"""Feeds: what they list, and how far back they speak for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from etl.fetch.feeds import Entry, oldest_day, read_feed

FEED = "https://a.example/feed.xml"


def entry(day: int, hour: int = 12) -> Entry:
    return Entry(f"https://a.example/{day}", datetime(2025, 9, day, hour, tzinfo=UTC), None)


def test_rss_with_relative_links_and_dates() -> None:
    body = b"""<rss version="2.0"><channel><title>A</title>
      <item><link>/news/1</link><pubDate>Mon, 01 Sep 2025 10:00:00 +0300</pubDate></item>
      <item><title>no link</title></item>
      <item><link>https://b.example/2</link></item></channel></rss>"""
    assert read_feed(body, FEED, "application/rss+xml") == [
        Entry("https://a.example/news/1", datetime(2025, 9, 1, 7, tzinfo=UTC), None),
        Entry("https://b.example/2", None, None),
    ]


def test_atom_says_when_an_entry_changed_and_enclosures_are_no_pages() -> None:
    body = b"""<feed xmlns="http://www.w3.org/2005/Atom"><entry>
      <link href="https://a.example/1.mp3" rel="enclosure"/><link href="https://a.example/1"/>
      <published>2025-09-01T10:00:00Z</published><updated>2025-09-02T10:00:00Z</updated></entry></feed>"""
    found = read_feed(body, FEED, "application/atom+xml")
    assert found is not None
    assert [(e.url, e.published, e.updated) for e in found] == [
        ("https://a.example/1", datetime(2025, 9, 1, 10, tzinfo=UTC), datetime(2025, 9, 2, 10, tzinfo=UTC))
    ]


def test_an_ill_formed_feed_is_read_as_far_as_it_goes() -> None:
    body = b"<rss><channel><item><link>https://a.example/1</link><title>A & B</title></item><item><link>https://a.exa"
    found = read_feed(body, FEED, "text/xml")
    assert found
    assert found[0].url == "https://a.example/1"


def test_a_page_is_no_feed() -> None:
    assert read_feed(b"<!doctype html><html><body><p>Sign in</p></body></html>", FEED, "text/html") is None
    assert read_feed(b"", FEED, "text/xml") is None


def test_an_empty_feed_is_a_feed_of_which_nothing_is_known() -> None:
    entries = read_feed(b'<rss version="2.0"><channel><title>A</title></channel></rss>', FEED, "text/xml")
    assert entries == []
    assert oldest_day(entries, None) is None


def test_entries_that_are_no_web_addresses_are_left_out() -> None:
    body = b'<rss version="2.0"><channel><item><link>javascript:alert(1)</link></item></channel></rss>'
    assert read_feed(body, FEED, "text/xml") == []


def test_the_oldest_day_is_the_sources_own() -> None:
    assert oldest_day([entry(3), entry(1, hour=20)], ZoneInfo("Asia/Shanghai")) == date(2025, 9, 2)


def test_an_entry_pinned_on_top_does_not_reach_back() -> None:
    """A feed with an old entry above its latest ones lists nothing of the days between."""
    pinned = Entry("https://a.example/about", datetime(2019, 1, 1, tzinfo=UTC), None)
    assert oldest_day([pinned, entry(9), entry(8), entry(7)], None) == date(2025, 9, 7)


def test_a_feed_with_its_oldest_first() -> None:
    assert oldest_day([entry(5), entry(6), entry(7)], None) == date(2025, 9, 5)


@given(st.lists(st.integers(0, 10_000), min_size=2, unique=True), st.integers(1, 5000))
def test_pinned_entries_never_lengthen_a_feed(hours: list[int], years: int) -> None:
    start = datetime(2025, 9, 1, tzinfo=UTC)
    entries = [Entry(str(h), start - timedelta(hours=h), None) for h in sorted(hours)]
    assert oldest_day(entries, None) == entries[-1].published.date()  # type: ignore[union-attr]
    if len(entries) > 2:
        pinned = Entry("p", start - timedelta(days=3650 + years), None)
        assert oldest_day([pinned, *entries], None) == oldest_day(entries, None)
