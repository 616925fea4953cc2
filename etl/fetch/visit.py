"""One visit to a source: its feeds, then the pages that are new, into one WARC file.

The file holds everything: the answers, and a metadata record with one row a request. `fetches` is made from it.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from etl.fetch.client import Answer, Client
from etl.fetch.feeds import Entry, oldest_day, read_feed
from etl.fetch.record import VISIT_TYPE, Visit, visit_block
from etl.fetch.robots import Robots, read_robots
from etl.sources import Source
from etl.urls import normalise
from etl.warc import WarcFile
from schemas import Fetch

_SECONDS = 40 * 60  # of one visit: a night's task has an hour


@dataclass(frozen=True)
class Plan:
    """A visit to make: `known` are the addresses (normalised) that were read before, and when; `limit` in pages."""

    source: Source
    as_of: datetime
    batch: str
    warc_file: str
    known: Mapping[str, datetime]
    limit: int


async def visit(plan: Plan, client: Client, warehouse: Path) -> list[Fetch]:
    """Makes a visit; the WARC file appears under its name when it is complete."""
    loop = asyncio.get_running_loop()
    end = loop.time() + _SECONDS
    with WarcFile(warehouse / plan.warc_file) as warc:
        asked = _Asked(plan, client, warc)
        entries: dict[str, Entry] = {}
        for feed in plan.source.feeds:
            for entry in await asked.listing(feed):
                entries.setdefault(normalise(entry.url), entry)
        wanted = [entry for key, entry in entries.items() if _is_wanted(entry, plan.known.get(key))]
        for number, entry in enumerate(wanted):
            if number >= plan.limit:
                asked.note(entry.url, "page", "postponed", f"more than {plan.limit} pages in one visit")
            elif loop.time() > end:
                asked.note(entry.url, "page", "postponed", f"the visit took more than {_SECONDS // 60} minutes")
            else:
                await asked.page(entry.url)
        first = asked.rows[0]
        block = visit_block(Visit(plan.as_of, asked.rows))
        warc.metadata(first.url, first.requested_at, VISIT_TYPE, block)
    return asked.rows


def _is_wanted(entry: Entry, read_at: datetime | None) -> bool:
    """New, or changed since it was read."""
    return read_at is None or (entry.updated is not None and entry.updated > read_at)


@dataclass
class _Asked:
    """The requests of a visit so far."""

    plan: Plan
    client: Client
    warc: WarcFile
    rows: list[Fetch] = field(default_factory=list)
    robots: dict[str, Robots] = field(default_factory=dict)

    async def listing(self, url: str) -> list[Entry]:
        """A feed's entries; none where it could not be had."""
        answer = await self._get(url, "feed")
        if answer is None or answer.outcome != "ok":
            return []
        entries = read_feed(answer.body, answer.final_url, answer.header("Content-Type") or "")
        if entries is None:
            self.rows[-1] = replace(self.rows[-1], outcome="not_a_feed", detail="the answer is neither RSS nor Atom")
            return []
        self.rows[-1] = replace(self.rows[-1], oldest_entry=oldest_day(entries, self.plan.source.timezone))
        return entries

    async def page(self, url: str) -> None:
        """A page of the source; others are noted and not asked for."""
        if self.plan.source.has(url):
            await self._get(url, "page")
        else:
            self.note(url, "page", "foreign", "not on a host of the source")

    async def _get(self, url: str, kind: str) -> Answer | None:
        robots = await self._robots(url)
        if not robots.allows(url):
            self.note(url, kind, "robots", robots.why_not)
            return None
        return await self._ask(url, kind, robots.delay_seconds)

    async def _robots(self, url: str) -> Robots:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self.robots:
            answer = await self._ask(f"{origin}/robots.txt", "robots", 0.0)
            self.robots[origin] = read_robots(answer.status, answer.body, answer.detail)
        return self.robots[origin]

    async def _ask(self, url: str, kind: str, delay_seconds: float) -> Answer:
        answer = await self.client.get(url, max(delay_seconds, self.plan.source.delay_seconds or 0.0))
        offset = None
        if answer.status is not None and answer.outcome != "too_large":
            headers, status = list(answer.headers), f"{answer.status} {_phrase(answer.status)}"
            offset = self.warc.response(
                answer.final_url, answer.requested_at, status.strip(), headers, answer.raw, kind=kind
            )
        self.rows.append(_row(self.plan, answer, kind, offset))
        return answer

    def note(self, url: str, kind: str, outcome: str, detail: str) -> None:
        """A row for an address that was not asked for."""
        at = self.rows[-1].requested_at  # robots.txt was asked for before anything else
        self.rows.append(_row(self.plan, Answer(url, at, outcome, detail), kind, None))


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _row(plan: Plan, answer: Answer, kind: str, offset: int | None) -> Fetch:
    return Fetch(
        batch=plan.batch,
        month=f"{answer.requested_at:%Y-%m}",
        source=plan.source.name,
        kind=kind,
        url=answer.url,
        requested_at=answer.requested_at,
        outcome=answer.outcome,
        detail=answer.detail,
        status=answer.status,
        etag=answer.header("ETag"),
        last_modified=answer.header("Last-Modified"),
        content_type=answer.header("Content-Type"),
        bytes=len(answer.body),
        sha256=hashlib.sha256(answer.body).hexdigest() if answer.body else None,
        warc_file=plan.warc_file if offset is not None else None,
        warc_offset=offset,
        redirects=list(answer.redirects),
        oldest_entry=None,
    )
