"""Trying the addresses of sources: do their listings answer, how many pages do they name, how far do they reach."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from etl.configuration.settings import Settings
from etl.configuration.sources import Source, followed
from etl.fetch.http.crawler import Answer, Crawler, Errand
from etl.fetch.listings.listing import BadListing, Entry, Listing, oldest_day
from etl.fetch.listings.read import current_sitemaps, merged, read_listing, wanted_entries
from etl.fetch.stage import crawling, web

_MOST_SITEMAPS = 5  # of an index: enough to see whether they name pages


@dataclass(frozen=True)
class Checked:
    """A listing that was asked for; `n_pages`, and the days of the newest and the oldest of them, null if it failed."""

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
class Tried:
    """A page of a source that was read to look at it."""

    entry: Entry
    answer: Answer


def check(settings: Settings, names: Sequence[str], as_of: datetime, clock: Callable[[], datetime]) -> list[Checked]:
    """Asks for robots.txt and the listings of sources, and for no page. Raises ConfigError, InputError."""
    sources = followed(settings.folder("sources"), names)
    how = web(settings, as_of, clock)

    async def check_all() -> list[list[Checked]]:
        async with crawling(how, settings) as crawler:
            return await asyncio.gather(*(_check(source, crawler, as_of) for source in sources))

    return [row for rows in asyncio.run(check_all()) for row in rows]


def try_pages(
    settings: Settings, name: str, pages: int, as_of: datetime, clock: Callable[[], datetime]
) -> tuple[Source, list[Checked], list[Tried]]:
    """Asks for a source's listings and the first pages they name; keeps nothing. Raises ConfigError, InputError."""
    (source,) = followed(settings.folder("sources"), [name])
    how = web(settings, as_of, clock)

    async def try_all() -> tuple[list[Checked], list[Tried]]:
        async with crawling(how, settings) as crawler:
            checked = await _check(source, crawler, as_of)
            entries = merged(entry for row in checked for entry in row.entries if source.has(entry.url))
            errand = Errand(how.limits.page_bytes, source.delay_seconds or 0.0, stays=source.has)
            chosen = list(entries.values())[:pages]
            return checked, [Tried(entry, await crawler.get(entry.url, errand)) for entry in chosen]

    return source, *asyncio.run(try_all())


def offline(checked: Sequence[Checked]) -> bool:
    """Whether no host at all could be reached."""
    return bool(checked) and all(row.outcome == "unreachable" for row in checked)


async def _check(source: Source, crawler: Crawler, as_of: datetime) -> list[Checked]:
    rows = [await _listing(source, kind, address, crawler, as_of) for kind, address in source.listings]
    return [row for found in rows for row in found]


async def _listing(
    source: Source, kind: str, address: str, crawler: Crawler, as_of: datetime, in_index: bool = False
) -> list[Checked]:
    """A listing; behind an index some of its sitemaps."""
    errand = Errand(crawler.client.web.limits.listing_bytes, source.delay_seconds or 0.0)
    if kind == "list" and not address.startswith(("http://", "https://")):
        body, url, content_type = Path(address).read_bytes(), f"file:{Path(address).name}", ""
    else:
        answer = await crawler.get(address, errand)
        if answer.outcome != "ok":
            return [Checked(source.name, kind, address, answer.outcome, note=answer.detail)]
        body, url, content_type = answer.body, answer.final_url, answer.content_type
    try:
        listing = read_listing(source, kind, body, url, content_type)
    except BadListing as bad:
        return [Checked(source.name, kind, address, bad.outcome, note=str(bad))]
    if listing.sitemaps and not in_index:
        current = current_sitemaps(listing, source, as_of)
        note = f"an index of {len(listing.sitemaps)} sitemaps, {len(current)} of them current"
        rows = [Checked(source.name, "index", address, "ok", note=note)]
        for sitemap in current[:_MOST_SITEMAPS]:
            rows += await _listing(source, kind, sitemap.url, crawler, as_of, in_index=True)
        return rows
    return [_judged(source, kind, address, listing, as_of)]


def _judged(source: Source, kind: str, address: str, listing: Listing, as_of: datetime) -> Checked:
    zone = source.timezone or UTC
    entries = wanted_entries(listing, kind, source, as_of)
    days = [e.published.date() if e.day_only else e.published.astimezone(zone).date() for e in entries if e.published]
    elsewhere = sum(not source.has(entry.url) for entry in entries)
    note = f"{elsewhere} pages are not on its hosts; add theirs to 'hosts'" if elsewhere else None
    if kind == "section" and not entries:
        note = "no link matches 'article_links'"
    return Checked(
        source.name, kind, address, "ok", len(entries), max(days, default=None),
        oldest_day(listing.entries, source.timezone), note, entries,
    )  # fmt: skip
