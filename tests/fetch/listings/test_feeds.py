"""Feeds: which pages they list, and how far back they are complete."""

from __future__ import annotations

import io
import tarfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.fetch.listings.feeds import read_feed
from etl.fetch.listings.listing import Entry, UnsafeListing, oldest_day

FEED = "https://a.example/feed.xml"


def entries_of(body: bytes) -> list[Entry]:
    listing = read_feed(body, FEED, "text/xml")
    assert listing is not None
    return listing.entries


def entry(day: int, hour: int = 12) -> Entry:
    return Entry(f"https://a.example/{day}", datetime(2025, 9, day, hour, tzinfo=UTC), None)


def test_rss_with_relative_links_and_dates() -> None:
    body = b"""<rss version="2.0"><channel><title>A</title>
      <item><link>/news/1</link><pubDate>Mon, 01 Sep 2025 10:00:00 +0300</pubDate></item>
      <item><title>no link</title></item>
      <item><link>https://b.example/2</link></item></channel></rss>"""
    assert entries_of(body) == [
        Entry("https://a.example/news/1", datetime(2025, 9, 1, 7, tzinfo=UTC)),
        Entry("https://b.example/2"),
    ]


def test_atom_gives_the_time_of_change_and_enclosures_are_not_pages() -> None:
    body = b"""<feed xmlns="http://www.w3.org/2005/Atom"><entry>
      <link href="https://a.example/1.mp3" rel="enclosure"/><link href="https://a.example/1"/>
      <published>2025-09-01T10:00:00Z</published><updated>2025-09-02T10:00:00Z</updated></entry></feed>"""
    assert [(e.url, e.published, e.updated) for e in entries_of(body)] == [
        ("https://a.example/1", datetime(2025, 9, 1, 10, tzinfo=UTC), datetime(2025, 9, 2, 10, tzinfo=UTC))
    ]


def test_a_feed_that_is_ill_formed_and_cut_off_gives_the_entries_before_the_cut() -> None:
    body = b"<rss><channel><item><link>https://a.example/1</link><title>A & B</title></item><item><link>https://a.exa"
    assert entries_of(body)[0].url == "https://a.example/1"


def test_a_page_is_not_a_feed() -> None:
    assert read_feed(b"<!doctype html><html><body><p>Sign in</p></body></html>", FEED, "text/html") is None
    assert read_feed(b"", FEED, "text/xml") is None


def test_an_empty_feed_is_a_feed_without_an_oldest_day() -> None:
    assert entries_of(b'<rss version="2.0"><channel><title>A</title></channel></rss>') == []
    assert oldest_day([], None) is None


def test_entries_without_a_web_address_are_left_out() -> None:
    body = b'<rss version="2.0"><channel><item><link>javascript:alert(1)</link></item></channel></rss>'
    assert entries_of(body) == []


def test_a_date_without_a_time_stays_a_day() -> None:
    """As evidence for the page's date it must not become midnight."""
    body = b"""<rss version="2.0"><channel><item><link>/1</link><pubDate>2025-09-01</pubDate></item>
      <item><link>/2</link><pubDate>Mon, 01 Sep 2025 00:00:00 GMT</pubDate></item></channel></rss>"""
    assert [e.published_text for e in entries_of(body)] == ["2025-09-01", "2025-09-01T00:00:00+00:00"]
    assert oldest_day(entries_of(body)[:1], ZoneInfo("America/New_York")) == date(2025, 9, 1)


def test_a_json_feed_gives_addresses_and_times() -> None:
    body = b"""{"version": "https://jsonfeed.org/version/1.1", "items": [
      {"id": "1", "url": "/1", "date_published": "2025-09-01T10:00:00+03:00", "date_modified": "2025-09-02T10:00:00Z"},
      {"id": "2", "external_url": "https://b.example/2", "date_published": "soon"}, {"id": "3"}, 4]}"""
    assert entries_of(body) == [
        Entry("https://a.example/1", datetime(2025, 9, 1, 7, tzinfo=UTC), datetime(2025, 9, 2, 10, tzinfo=UTC)),
        Entry("https://b.example/2"),
    ]


@pytest.mark.parametrize("body", [b"{}", b"{", b'{"items": []}', b"[" * 100_000, b'{"a":' * 100_000])
def test_other_json_is_not_a_feed(body: bytes) -> None:
    assert read_feed(body, FEED, "application/json") is None


ITEM = b"<rss><channel><item><title>a</title><link>http://a.example/1</link>%b</item></channel></rss>"


@pytest.mark.parametrize(
    "body",
    [
        ITEM % (b"<x " + b" ".join(b"a%d='1'" % n for n in range(40_000)) + b"/>"),
        ITEM % (b"<author>" + b"a" * 40_000 + b"</author>"),
        ITEM % (b"<dc:creator>by " + b"a" * 40_000 + b"</dc:creator>"),
        ITEM % (b"<a>" * 200_001),
    ],
    ids=["40,000 attributes", "a name of 40,000 letters", "a creator", "200,000 tags"],
)
def test_a_feed_that_would_take_minutes_is_refused(body: bytes) -> None:
    with pytest.raises(UnsafeListing):
        read_feed(body, FEED, "text/xml")


@pytest.mark.parametrize(
    "declared",
    [
        b"".join(b"<!ENTITY e%d '%b'>" % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 10)),
        b"<!ENTITY x SYSTEM 'file:///etc/passwd'>",
        b'<!ENTITY x PUBLIC "a" "http://127.0.0.1/">',
    ],
    ids=["nested", "file", "address"],
)
def test_nested_and_external_entities_are_refused(declared: bytes) -> None:
    with pytest.raises(UnsafeListing):
        read_feed(b"<!DOCTYPE rss [<!ENTITY e0 'ha'>" + declared + b"]>" + ITEM % b"&e9;&x;", FEED, "text/xml")


def test_entities_for_characters_are_allowed() -> None:
    body = b"<!DOCTYPE rss [<!ENTITY nbsp '&#160;'>]>" + ITEM % b"<description>a&nbsp;b</description>"
    assert [entry.url for entry in entries_of(body)] == ["http://a.example/1"]


@pytest.mark.corpora
def test_real_feeds_give_the_entries_that_feedparser_gives(corpora: Path) -> None:
    """In the same order, for all well-formed and ill-formed files of feedparser's own tests."""
    files = {}
    with tarfile.open(corpora / "wire" / "feeds-feedparser.tar.xz") as archive:
        for member in archive:
            if member.name.endswith(".xml") and (file := archive.extractfile(member)):
                files[member.name] = file.read()
    assert len(files) > 2000
    for name, body in files.items():
        theirs = feedparser.parse(
            io.BytesIO(body), response_headers={"content-type": "application/xml", "content-location": FEED}
        )
        links = [(urljoin(FEED, item["link"]), item) for item in theirs.entries if item.get("link")]
        ours = read_feed(body, FEED, "application/xml")
        expected = [
            (link, dict.get(item, "published_parsed"))
            for link, item in links
            if link.startswith(("http://", "https://")) and link != FEED
        ]
        entries = [(e.url, e.published and e.published.utctimetuple()) for e in (ours.entries if ours else [])]
        assert [(url, at and at[:6]) for url, at in entries] == [(url, at and at[:6]) for url, at in expected], name
        assert ours is not None or not theirs.entries, name


def test_the_oldest_day_is_in_the_sources_time_zone() -> None:
    assert oldest_day([entry(3), entry(1, hour=20)], ZoneInfo("Asia/Shanghai")) == date(2025, 9, 2)


def test_an_old_entry_pinned_on_top_is_not_the_oldest_day() -> None:
    """A feed with an old entry above its latest entries lists nothing of the days between."""
    pinned = Entry("https://a.example/about", datetime(2019, 1, 1, tzinfo=UTC), None)
    assert oldest_day([pinned, entry(9), entry(8), entry(7)], None) == date(2025, 9, 7)


def test_a_feed_may_begin_with_its_oldest_entry() -> None:
    assert oldest_day([entry(5), entry(6), entry(7)], None) == date(2025, 9, 5)


@given(st.lists(st.integers(0, 10_000), min_size=2, unique=True), st.integers(1, 5000))
def test_pinned_entries_never_change_the_oldest_day(hours: list[int], years: int) -> None:
    start = datetime(2025, 9, 1, tzinfo=UTC)
    entries = [Entry(str(h), start - timedelta(hours=h), None) for h in sorted(hours)]
    assert oldest_day(entries, None) == entries[-1].published.date()  # type: ignore[union-attr]
    if len(entries) > 2:
        pinned = Entry("p", start - timedelta(days=3650 + years), None)
        assert oldest_day([pinned, *entries], None) == oldest_day(entries, None)
