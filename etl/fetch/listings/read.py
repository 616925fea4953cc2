"""The kinds of listings, each one row in `LISTING_READERS`, and which pages the listings of a source name.

A new kind of listing needs a module here with its parser, a row in `LISTING_READERS`, its name in
`schemas.values.ListingKind`, and a field of `SourceFile` in `etl.configuration.sources`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from etl.configuration.sources import Source
from etl.fetch.listings.address_lists import read_address_list
from etl.fetch.listings.feeds import read_feed
from etl.fetch.listings.listing import BadListing, Entry, Listing
from etl.fetch.listings.sections import read_section
from etl.fetch.listings.sitemaps import current_pages, read_sitemap
from etl.urls import is_plain, page_key


def _all_entries(listing: Listing, _source: Source, _as_of: datetime) -> list[Entry]:
    return listing.entries


@dataclass(frozen=True)
class ListingReader:
    """How the listings of one kind are read.

    `parse` takes the source, the body, its address and its Content-Type, and returns None if the body is not such a
    listing; `not_a_listing` is the message for that case. `select` returns the entries that may be pages to fetch.
    `no_entries` is a hint for the user when there are none.
    """

    parse: Callable[[Source, bytes, str, str], Listing | None]
    not_a_listing: str
    select: Callable[[Listing, Source, datetime], list[Entry]] = _all_entries
    no_entries: str | None = None


LISTING_READERS: Mapping[str, ListingReader] = {
    "feed": ListingReader(
        lambda _source, body, url, content_type: read_feed(body, url, content_type),
        "the answer is neither RSS nor Atom nor JSON Feed",
    ),
    "sitemap": ListingReader(
        lambda _source, body, url, _content_type: read_sitemap(body, url),
        "the answer is neither a sitemap nor a list of addresses",
        select=current_pages,
    ),
    "section": ListingReader(
        lambda source, body, url, content_type: read_section(body, url, content_type, source.is_article_link),
        "the answer is not HTML",
        no_entries="no link matches 'article_links'",
    ),
    "list": ListingReader(
        lambda _source, body, _url, _content_type: read_address_list(body),
        "the answer is not a list of addresses, one per line",
    ),
}


def read_listing(source: Source, kind: str, body: bytes, url: str, content_type: str) -> Listing:
    """Read a listing of this kind (feed, sitemap, section or list). Raises BadListing."""
    reader = LISTING_READERS[kind]
    listing = reader.parse(source, body, url, content_type)
    if listing is None:
        raise BadListing(reader.not_a_listing)
    return listing


def candidate_entries(listing: Listing, kind: str, source: Source, as_of: datetime) -> list[Entry]:
    """Return the entries that may be pages to fetch."""
    return LISTING_READERS[kind].select(listing, source, as_of)


def row_kind(listing: Listing, kind: str) -> str:
    """Return the kind under which a listing is recorded in `fetches`: a sitemap of sitemaps is an index."""
    return "index" if listing.sitemaps else kind


def merge_entries(listed: Iterable[Entry]) -> dict[str, Entry]:
    """Return each page once, by its `page_key` and in order, with what all listings say about it."""
    entries: dict[str, Entry] = {}
    for entry in listed:
        key = page_key(entry.url)
        known = entries.get(key)
        if known is None:
            entries[key] = entry
            continue
        url = known.url if is_plain(known.url) or not is_plain(entry.url) else entry.url
        dated = known if known.published and not (known.day_only and entry.published) else entry
        updated = max((time for time in (known.updated, entry.updated) if time), default=None)
        entries[key] = Entry(url, dated.published, updated, dated.day_only)
    return entries
