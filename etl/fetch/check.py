"""Trying the addresses of sources: do their feeds answer, how many entries do they give, how far back do they reach."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlsplit

from etl.fetch.client import Answer, Client, connect
from etl.fetch.feeds import oldest_day, read_feed
from etl.fetch.robots import read_robots
from etl.fetch.stage import web
from etl.settings import Settings
from etl.sources import Source, followed


@dataclass(frozen=True)
class Checked:
    """A row a feed: source, feed, outcome, entries, day of the newest and of the oldest, note.

    `offline`: no host at all could be reached.
    """

    rows: list[tuple[Any, ...]]
    offline: bool


def check(settings: Settings, names: Sequence[str], as_of: datetime, clock: Callable[[], datetime]) -> Checked:
    """Asks for robots.txt and the feeds of sources, and for no page. Raises ConfigError, InputError."""
    sources = followed(settings.folder("sources"), names)
    how = web(settings, as_of, clock)

    async def check_all() -> list[list[tuple[Any, ...]]]:
        async with connect(how) as client:
            return await asyncio.gather(*(_check(source, client) for source in sources))

    rows = [row for found in asyncio.run(check_all()) for row in found]
    return Checked(rows, offline=bool(rows) and all(row[2] == "unreachable" for row in rows))


async def _check(source: Source, client: Client) -> list[tuple[Any, ...]]:
    rows = []
    for feed in source.feeds:
        parts = urlsplit(feed)
        asked = await client.get(f"{parts.scheme}://{parts.netloc}/robots.txt")
        if asked.outcome in ("unreachable", "timeout"):
            rows.append((source.name, feed, asked.outcome, None, None, None, asked.detail))
        elif not (robots := read_robots(asked.status, asked.body, asked.detail)).allows(feed):
            rows.append((source.name, feed, "robots", None, None, None, robots.why_not))
        else:
            rows.append(_judged(source, feed, await client.get(feed, source.delay_seconds or 0.0)))
    return rows


def _judged(source: Source, feed: str, answer: Answer) -> tuple[Any, ...]:
    if answer.outcome != "ok":
        return source.name, feed, answer.outcome, None, None, None, answer.detail
    entries = read_feed(answer.body, answer.final_url, answer.header("Content-Type") or "")
    if entries is None:
        return source.name, feed, "not_a_feed", None, None, None, "the answer is neither RSS nor Atom"
    days: list[date] = [e.published.astimezone(source.timezone or UTC).date() for e in entries if e.published]
    elsewhere = sum(not source.has(entry.url) for entry in entries)
    note = f"{elsewhere} entries are not on its hosts; add theirs to 'hosts'" if elsewhere else None
    return source.name, feed, "ok", len(entries), max(days, default=None), oldest_day(entries, source.timezone), note
