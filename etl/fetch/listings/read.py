"""Which pages a source's listings name: read by their kind, the current ones only, each page once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from etl.configuration.sources import Source
from etl.fetch.listings.feeds import read_feed
from etl.fetch.listings.listing import BadListing, Entry, Listing
from etl.fetch.listings.sections import read_section
from etl.fetch.listings.sitemaps import read_addresses, read_sitemap
from etl.urls import is_plain, page_key

_NOT = {
    "feed": "the answer is neither RSS nor Atom nor JSON Feed",
    "sitemap": "the answer is neither a sitemap nor a list of addresses",
    "section": "the answer is not HTML",
    "list": "the answer is not a list of addresses, one a line",
}
_STAMPED = 5  # entries that are all stamped with one moment: the server stamps whatever it serves


def read_listing(source: Source, kind: str, body: bytes, url: str, content_type: str) -> Listing:
    """A listing of this kind (feed, sitemap, section or list). Raises BadListing."""
    if kind == "section":
        listing = read_section(body, url, content_type, source.is_article_link)
    elif kind == "sitemap":
        listing = read_sitemap(body, url)
    else:
        listing = read_addresses(body) if kind == "list" else read_feed(body, url, content_type)
    if listing is None:
        raise BadListing(_NOT[kind])
    return listing


def wanted_entries(listing: Listing, kind: str, source: Source, as_of: datetime) -> list[Entry]:
    """The entries that may be pages to read; of a sitemap those that look like articles and are not long past."""
    if kind != "sitemap":
        return listing.entries
    since = as_of - timedelta(days=source.sitemap_days)
    moments = {entry.updated for entry in listing.entries}
    stamped = len(moments) == 1 and len(listing.entries) >= _STAMPED
    entries = [Entry(e.url, e.published, None, e.day_only) if stamped else e for e in listing.entries]
    return [e for e in entries if source.is_article_link(e.url) and (_latest(e) or since) >= since]


def current_sitemaps(listing: Listing, source: Source, as_of: datetime) -> list[Entry]:
    """The sitemaps of an index that may name current pages; the latest if all are said to be old."""
    since = as_of - timedelta(days=source.sitemap_days)
    current = [sitemap for sitemap in listing.sitemaps if sitemap.updated is None or sitemap.updated >= since]
    return current or listing.sitemaps[:1]


def merged(listed: Iterable[Entry]) -> dict[str, Entry]:
    """Each page once, by its key and in order, with what any of its listings says."""
    entries: dict[str, Entry] = {}
    for entry in listed:
        key = page_key(entry.url)
        known = entries.get(key)
        if known is None:
            entries[key] = entry
            continue
        plain = known.url if is_plain(known.url) or not is_plain(entry.url) else entry.url
        dated = known if known.published and not (known.day_only and entry.published) else entry
        updated = max((moment for moment in (known.updated, entry.updated) if moment), default=None)
        entries[key] = Entry(plain, dated.published, updated, dated.day_only)
    return entries


def _latest(entry: Entry) -> datetime | None:
    return max((moment for moment in (entry.published, entry.updated) if moment), default=None)
