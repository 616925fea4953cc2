"""What all kinds of listings have in common."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from urllib.parse import urljoin

from dateutil.parser import isoparse

from etl.urls import is_web_address


@dataclass(frozen=True)
class Entry:
    """One listed page; times in UTC, None if the listing has none. `day_only`: `published` has no time of day."""

    url: str
    published: datetime | None = None
    updated: datetime | None = None
    day_only: bool = False

    @property
    def published_text(self) -> str | None:
        """The date of publication in ISO 8601, without a time if the listing gives only the day."""
        if self.published is None:
            return None
        return f"{self.published:%Y-%m-%d}" if self.day_only else self.published.isoformat()

    @property
    def latest(self) -> datetime | None:
        """The later of the two times, or None if there is none."""
        return max((time for time in (self.published, self.updated) if time), default=None)


@dataclass(frozen=True)
class Listing:
    """The pages of a listing in its order or, for an index, its sitemaps, latest first.

    `updated` of a sitemap is when it changed, if the index says so.
    """

    entries: list[Entry] = field(default_factory=list)
    sitemaps: list[Entry] = field(default_factory=list)


class BadListing(Exception):
    """A body that is not a listing; `outcome` is the outcome of its request, the message says why."""

    outcome = "not_a_listing"


class UnsafeListing(BadListing):
    """A body that would exhaust its reader, by design or because it is broken."""

    outcome = "unsafe"


def absolute(base: str, link: object) -> str | None:
    """Return a link of a listing as an absolute web address, or None if it is not one."""
    try:
        address = urljoin(base, str(link or "").strip())
    except ValueError:
        return None
    return address if link and is_web_address(address) else None


def parse_time(text: object) -> datetime | None:
    """Return an ISO 8601 date or time in UTC, a day as its midnight; None for a coarser date or none."""
    if not isinstance(text, str) or len(text) < len("2026-11-24"):
        return None
    with suppress(ValueError, OverflowError):
        time: datetime = isoparse(text.replace(" ", "T", 1))
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    return None


def oldest_day(entries: Sequence[Entry], zone: tzinfo | None) -> date | None:
    """Return the day down to which a listing is complete, in the source's time zone; None if that is unknown.

    A listing holds the latest pages. An old page pinned above them does not show how far the listing reaches back:
    of the dates in their order only the longest run that never gets younger counts, and its last date is the oldest.
    """
    dated = [entry for entry in entries if entry.published or entry.updated]
    times = [time for entry in dated if (time := entry.published or entry.updated)]
    newest_first, oldest_first = _longest_descent(times), _longest_descent(times[::-1])
    run = newest_first if len(newest_first) >= len(oldest_first) else oldest_first
    if not run:
        return None
    if any(entry.day_only and entry.published == run[-1] for entry in dated):
        return run[-1].date()
    return run[-1].astimezone(zone or UTC).date()


def _longest_descent(times: Sequence[datetime]) -> list[datetime]:
    """Return the longest subsequence that never rises (patience sorting)."""
    ends: list[float] = []  # the last time of the best run of each length, negated so that the list rises for bisect
    end_positions: list[int] = []
    predecessors: list[int | None] = []
    for position, time in enumerate(times):
        length = bisect_right(ends, -time.timestamp())
        predecessors.append(end_positions[length - 1] if length else None)
        ends[length : length + 1] = [-time.timestamp()]
        end_positions[length : length + 1] = [position]
    run, current = [], end_positions[-1] if end_positions else None
    while current is not None:
        run.append(times[current])
        current = predecessors[current]
    return run[::-1]
