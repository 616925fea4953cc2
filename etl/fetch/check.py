"""Checks of sources: whether their listings answer, how many pages they name, and how far back they reach."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from etl.configuration.settings import Settings
from etl.configuration.sources import Source, followed
from etl.fetch.http.crawler import Answer, Crawler, FetchOptions
from etl.fetch.listings.listing import BadListing, Entry, Listing, oldest_day
from etl.fetch.listings.read import LISTING_READERS, candidate_entries, merge_entries, read_listing, row_kind
from etl.fetch.listings.sitemaps import current_sitemaps
from etl.fetch.stage import make_client_settings, open_crawler
from etl.urls import is_web_address

_MAX_SITEMAPS = 5  # of an index: enough to see whether they name pages


@dataclass(frozen=True)
class ListingCheck:
    """The result of requesting a listing.

    `n_pages` is the number of its pages, `newest` and `oldest` are the days of the newest and the oldest page; None if
    the request failed.
    """

    source: str
    kind: str
    address: str
    outcome: str
    n_pages: int | None = None
    newest: date | None = None
    oldest: date | None = None
    note: str | None = None
    entries: list[Entry] = field(default_factory=list, repr=False)


@dataclass(frozen=True)
class SamplePage:
    """A page that was requested to look at it, with its entry in the listing."""

    entry: Entry
    answer: Answer


def check_listings(
    settings: Settings, names: Sequence[str], as_of: datetime, clock: Callable[[], datetime]
) -> list[ListingCheck]:
    """Request robots.txt and the listings of sources, but no page. Raises ConfigError, InputError."""
    sources = followed(settings.folder("sources"), names)
    client_settings = make_client_settings(settings, as_of, clock)

    async def check_all() -> list[list[ListingCheck]]:
        async with open_crawler(client_settings, settings) as crawler:
            return await asyncio.gather(*(_check_source(source, crawler, as_of) for source in sources))

    return [check for checks in asyncio.run(check_all()) for check in checks]


def fetch_sample_pages(
    settings: Settings, name: str, n_pages: int, as_of: datetime, clock: Callable[[], datetime]
) -> tuple[list[ListingCheck], list[SamplePage]]:
    """Request a source's listings and the first pages they name; store nothing. Raises ConfigError, InputError."""
    (source,) = followed(settings.folder("sources"), [name])
    client_settings = make_client_settings(settings, as_of, clock)

    async def fetch_all() -> tuple[list[ListingCheck], list[SamplePage]]:
        async with open_crawler(client_settings, settings) as crawler:
            checks = await _check_source(source, crawler, as_of)
            entries = merge_entries(entry for check in checks for entry in check.entries if source.has(entry.url))
            limit, delay = client_settings.limits.page_bytes, source.delay_seconds or 0.0
            options = FetchOptions(limit, delay, may_follow=source.has)
            sample = list(entries.values())[:n_pages]
            return checks, [SamplePage(entry, await crawler.get(entry.url, options)) for entry in sample]

    return asyncio.run(fetch_all())


def is_offline(checks: Sequence[ListingCheck]) -> bool:
    """Return whether not a single host could be reached."""
    return bool(checks) and all(check.outcome == "unreachable" for check in checks)


async def _check_source(source: Source, crawler: Crawler, as_of: datetime) -> list[ListingCheck]:
    checks = [await _check_listing(source, kind, address, crawler, as_of) for kind, address in source.listings]
    return [check for of_listing in checks for check in of_listing]


async def _check_listing(
    source: Source, kind: str, address: str, crawler: Crawler, as_of: datetime, in_index: bool = False
) -> list[ListingCheck]:
    """Check a listing and, if it is an index, some of its sitemaps."""
    if is_web_address(address):
        options = FetchOptions(crawler.client.settings.limits.listing_bytes, source.delay_seconds or 0.0)
        answer = await crawler.get(address, options)
        if answer.outcome != "ok":
            return [ListingCheck(source.name, kind, address, answer.outcome, note=answer.detail)]
        body, url, content_type = answer.body, answer.final_url, answer.content_type
    else:
        body, url, content_type = Path(address).read_bytes(), f"file:{Path(address).name}", ""
    try:
        listing = read_listing(source, kind, body, url, content_type)
    except BadListing as error:
        return [ListingCheck(source.name, kind, address, error.outcome, note=str(error))]
    if listing.sitemaps and not in_index:
        current = current_sitemaps(listing, source, as_of)
        note = f"an index of {len(listing.sitemaps)} sitemaps, {len(current)} of them current"
        checks = [ListingCheck(source.name, row_kind(listing, kind), address, "ok", note=note)]
        for sitemap in current[:_MAX_SITEMAPS]:
            checks += await _check_listing(source, kind, sitemap.url, crawler, as_of, in_index=True)
        return checks
    return [_summary(source, kind, address, listing, as_of)]


def _summary(source: Source, kind: str, address: str, listing: Listing, as_of: datetime) -> ListingCheck:
    """Return the check of a listing that could be read."""
    zone = source.timezone or UTC
    entries = candidate_entries(listing, kind, source, as_of)
    days = [e.published.date() if e.day_only else e.published.astimezone(zone).date() for e in entries if e.published]
    n_foreign = sum(not source.has(entry.url) for entry in entries)
    note = f"{n_foreign} pages are not on its hosts; add their hosts to 'hosts'" if n_foreign else None
    if not entries:
        note = LISTING_READERS[kind].no_entries or note
    return ListingCheck(
        source.name, kind, address, "ok", len(entries), max(days, default=None),
        oldest_day(listing.entries, source.timezone), note, entries,
    )  # fmt: skip
