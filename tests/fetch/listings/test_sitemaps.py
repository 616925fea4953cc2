"""Sitemaps of all kinds, as sites serve them and as nobody should."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.fetch.listings.address_lists import read_address_list
from etl.fetch.listings.listing import Entry, Listing, UnsafeListing
from etl.fetch.listings.sitemaps import MAX_SITEMAP_BYTES, read_sitemap

URL = "https://a.example/sitemap.xml"
NEWS = b"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
        xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
  <url><loc>https://a.example/1?a=1&amp;b=2</loc>
    <image:image><image:loc>https://a.example/picture.jpg</image:loc></image:image>
    <news:news><news:publication><news:name>A</news:name></news:publication>
      <news:publication_date>2025-09-01T10:00:00+03:00</news:publication_date><news:title>T</news:title></news:news>
    <lastmod>2025-09-02</lastmod></url>
  <url><loc> /2 </loc><news:news><news:publication_date>2025-09-01</news:publication_date></news:news></url>
</urlset>"""


def utc(day: int, hour: int = 0) -> datetime:
    return datetime(2025, 9, day, hour, tzinfo=UTC)


def test_a_news_sitemap_gives_the_times_of_publication_and_change() -> None:
    assert read_sitemap(NEWS, URL) == Listing(
        [
            Entry("https://a.example/1?a=1&b=2", utc(1, 7), utc(2)),
            Entry("https://a.example/2", utc(1), None, day_only=True),
        ]
    )


def test_a_sitemap_may_be_gzipped() -> None:
    assert read_sitemap(gzip.compress(NEWS), URL + ".gz") == read_sitemap(NEWS, URL)


def test_an_index_gives_its_sitemaps_without_a_date_first_then_the_latest_first() -> None:
    body = b"""<sitemapindex><sitemap><loc>/2024.xml</loc><lastmod>2024-12-31</lastmod></sitemap>
      <sitemap><loc>/news.xml</loc></sitemap>
      <sitemap><loc>/2025.xml</loc><lastmod>2025-09-01T10:00:00Z</lastmod></sitemap></sitemapindex>"""
    listing = read_sitemap(body, URL)
    assert listing is not None
    assert [sitemap.url.rpartition("/")[2] for sitemap in listing.sitemaps] == ["news.xml", "2025.xml", "2024.xml"]
    assert listing.entries == []


def test_a_sitemap_without_namespaces_with_bare_ampersands_and_cut_off_is_read_up_to_the_cut() -> None:
    body = (
        b"<urlset><url><loc>https://a.example/?a&b</loc></url><url><loc>https://a.example/2</loc></url><url><loc>http"
    )
    listing = read_sitemap(body, URL)
    assert listing is not None
    assert [entry.url for entry in listing.entries][-1:] == ["https://a.example/2"]


def test_an_empty_sitemap_is_an_empty_listing() -> None:
    assert read_sitemap(b"<urlset/>", URL) == Listing()


@pytest.mark.parametrize("body", [b"", b"<html><body>Not found</body></html>", b"not here", b"\x1f\x8b broken"])
def test_other_bodies_are_not_sitemaps(body: bytes) -> None:
    assert read_sitemap(body, URL) is None


def test_a_sitemap_may_be_a_list_of_addresses() -> None:
    body = b"\xef\xbb\xbfhttps://a.example/1\r\n\r\n# comment\nhttps://a.example/2\n"
    assert read_sitemap(body, URL) == read_address_list(body) == Listing(
        [Entry("https://a.example/1"), Entry("https://a.example/2")]
    )  # fmt: skip


@pytest.mark.parametrize(
    "written", ["2025", "2025-09", "soon", "", "0000-00-00", "2025-13-01", "9999-12-31T23:59:59-23:59"]
)
def test_invalid_and_coarse_dates_are_left_out(written: str) -> None:
    listing = read_sitemap(f"<urlset><url><loc>/1</loc><lastmod>{written}</lastmod></url></urlset>".encode(), URL)
    assert listing == Listing([Entry("https://a.example/1")])


def test_bodies_that_would_exhaust_their_reader_are_refused() -> None:
    with pytest.raises(UnsafeListing, match="MiB decompressed"):
        read_sitemap(gzip.compress(b"<urlset>" + b" " * MAX_SITEMAP_BYTES), URL)
    with pytest.raises(UnsafeListing, match="entities"):
        read_sitemap(b"<!DOCTYPE a [<!ENTITY b 'c'>]><urlset><url><loc>/&b;</loc></url></urlset>", URL)
    with pytest.raises(UnsafeListing, match="entities"):
        read_sitemap(
            b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><urlset><url><loc>&b;</loc></url></urlset>", URL
        )
    with pytest.raises(UnsafeListing, match="deep"):
        read_sitemap(b"<urlset>" + b"<a>" * 100_000, URL)


@given(st.binary(max_size=200), st.integers(0, len(NEWS)))
def test_any_bytes_give_a_listing_or_none(noise: bytes, position: int) -> None:
    for body in (noise, NEWS[:position] + noise + NEWS[position:]):
        try:
            listing = read_sitemap(body, URL)
        except UnsafeListing:
            continue
        assert listing is None or all(e.url.startswith("http") for e in listing.entries)
