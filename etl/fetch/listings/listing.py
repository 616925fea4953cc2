"""Listings: what feeds, sitemaps, sections and lists of addresses have in common."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from urllib.parse import urljoin

from dateutil.parser import isoparse


@dataclass(frozen=True)
class Entry:
    """One listed page; times in UTC, null where the listing says none. `day_only`: `published` has no time of day."""

    url: str
    published: datetime | None = None
    updated: datetime | None = None
    day_only: bool = False

    @property
    def printed(self) -> str | None:
        """The date of publication as a witness for the page: ISO 8601, a day where that is all there is."""
        if self.published is None:
            return None
        return f"{self.published:%Y-%m-%d}" if self.day_only else self.published.isoformat()


@dataclass(frozen=True)
class Listing:
    """What a listing says: the pages in its order; for an index the sitemaps that it names, latest first (`updated`
    is when they changed, if that is said)."""

    entries: list[Entry] = field(default_factory=list)
    sitemaps: list[Entry] = field(default_factory=list)


class BadListing(Exception):
    """A body that gives no listing; `outcome` is that of the row, the words say why."""

    outcome = "not_a_listing"


class Unsafe(BadListing):
    """A body that is built, or broken, so that reading it would exhaust the reader."""

    outcome = "unsafe"


def absolute(base: str, link: object) -> str | None:
    """A link of a listing as a web address; null if it is none."""
    try:
        address = urljoin(base, str(link or "").strip())
    except ValueError:
        return None
    return address if link and address.startswith(("http://", "https://")) else None


def moment(text: object) -> datetime | None:
    """An ISO 8601 date and time in UTC; a day is its midnight; null for what is coarser, or none."""
    if not isinstance(text, str) or len(text) < len("2026-11-24"):
        return None
    with suppress(ValueError, OverflowError):
        read: datetime = isoparse(text.replace(" ", "T", 1))
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    return None


def oldest_day(entries: Sequence[Entry], zone: tzinfo | None) -> date | None:
    """The day down to which a listing has everything, in the source's time zone; null if it cannot be told.

    A listing holds the latest pages. One that is pinned above them, however old, does not say how deep it reaches: of
    the dates in their order only the longest run that never gets younger counts, and its last is the oldest.
    """
    dated = [entry for entry in entries if entry.published or entry.updated]
    dates = [at for entry in dated if (at := entry.published or entry.updated)]
    falling, rising = _longest_falling(dates), _longest_falling(dates[::-1])
    run = falling if len(falling) >= len(rising) else rising
    if not run:
        return None
    if any(entry.day_only and entry.published == run[-1] for entry in dated):
        return run[-1].date()
    return run[-1].astimezone(zone or UTC).date()


def _longest_falling(dates: Sequence[datetime]) -> list[datetime]:
    """The longest subsequence that never rises (patience sorting)."""
    heads: list[float] = []  # negated, so that bisect finds places in a rising list
    at: list[int] = []
    before: list[int | None] = []
    for number, at_moment in enumerate(dates):
        place = bisect_right(heads, -at_moment.timestamp())
        before.append(at[place - 1] if place else None)
        heads[place : place + 1] = [-at_moment.timestamp()]
        at[place : place + 1] = [number]
    run, current = [], at[-1] if at else None
    while current is not None:
        run.append(dates[current])
        current = before[current]
    return run[::-1]
