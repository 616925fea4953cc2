"""RSS and Atom feeds: which pages they list, and how far back they reach."""

from __future__ import annotations

import io
from bisect import bisect_right
from calendar import timegm
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from time import struct_time
from typing import Any
from urllib.parse import urljoin

import feedparser


@dataclass(frozen=True)
class Entry:
    """One entry of a feed; times in UTC, null where the feed says none."""

    url: str
    published: datetime | None
    updated: datetime | None


def read_feed(body: bytes, url: str, content_type: str) -> list[Entry] | None:
    """The entries of a feed in its order, addresses absolute; null if this is no feed.

    Entries without a web address are left out. Ill-formed feeds are read as far as feedparser reads them.
    """
    # A stream, as feedparser takes bytes for a file's name or an address too; without markup, as it sanitises slowly.
    found = feedparser.parse(
        io.BytesIO(body),
        response_headers={"content-type": content_type},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    if not found.get("version") and not found.entries:
        return None
    entries = []
    for item in found.entries:
        link = urljoin(url, str(item.get("link") or "").strip())
        if link.startswith(("http://", "https://")) and link != url:
            entries.append(Entry(link, _moment(item, "published_parsed"), _moment(item, "updated_parsed")))
    return entries


def oldest_day(entries: Sequence[Entry], zone: tzinfo | None) -> date | None:
    """The day down to which a feed lists everything, in the source's time zone; null if it cannot be told.

    A feed holds the latest entries. One that is pinned above them, however old, does not say how deep it reaches: of
    the dates in their order only the longest run that never gets younger counts, and its last is the oldest.
    """
    dates = [moment for entry in entries if (moment := entry.published or entry.updated)]
    falling, rising = _longest_falling(dates), _longest_falling(dates[::-1])
    run = falling if len(falling) >= len(rising) else rising
    return run[-1].astimezone(zone or UTC).date() if run else None


def _longest_falling(dates: Sequence[datetime]) -> list[datetime]:
    """The longest subsequence that never rises (patience sorting)."""
    heads: list[float] = []  # negated, so that bisect finds places in a rising list
    at: list[int] = []
    before: list[int | None] = []
    for number, moment in enumerate(dates):
        place = bisect_right(heads, -moment.timestamp())
        before.append(at[place - 1] if place else None)
        heads[place : place + 1] = [-moment.timestamp()]
        at[place : place + 1] = [number]
    run, current = [], at[-1] if at else None
    while current is not None:
        run.append(dates[current])
        current = before[current]
    return run[::-1]


def _moment(item: Any, name: str) -> datetime | None:
    # Not item.get: that gives the time of publication where none of an update is said.
    parsed: struct_time | None = dict.get(item, name)
    if parsed is None:
        return None
    try:
        return datetime.fromtimestamp(timegm(parsed), UTC)
    except (ValueError, OverflowError, OSError):
        return None
