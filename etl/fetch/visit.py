"""One visit to a source: its listings, the pages that are new, the recent ones that may have changed; one WARC file.

The file holds everything: requests, answers, and a metadata record with one row an address. `fetches` is made from it.
A visit that is killed goes on where it stopped.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

from pydantic import TypeAdapter

from etl.configuration.sources import Source
from etl.fetch.http.client import user_agent
from etl.fetch.http.crawler import Answer, Crawler, Errand
from etl.fetch.http.hosts import origin_of
from etl.fetch.http.robots import LIMIT, Robots, read_robots
from etl.fetch.known import Known, Seen
from etl.fetch.listings.listing import BadListing, Entry, Listing, oldest_day
from etl.fetch.listings.read import current_sitemaps, merged, read_listing, wanted_entries
from etl.fetch.warc_records import archive
from etl.urls import page_key
from etl.warc.reader import Stored, read_stored
from etl.warc.visit_record import VISIT_TYPE, Visit, keys_of, visit_block
from etl.warc.writer import WarcFile
from schemas import Fetch

_MOST_SITEMAPS = 50  # of one visit
_DEEPEST_INDEX = 3  # an index of indexes of indexes
_MOST_LISTED = 200_000  # pages of one visit: behind them no further sitemap is asked for
_GZIP_MAGIC = b"\x1f\x8b"
_OVER = "the visit was cut short, and its night is over"
_ROW = TypeAdapter(Fetch)
AsyncEntries = AsyncIterator[Entry]
Stays = Callable[[str], bool]


@dataclass(frozen=True)
class Budget:
    """What a visit may cost: pages, bytes over the wire, seconds."""

    pages: int
    bytes: int
    seconds: float


@dataclass(frozen=True)
class Plan:
    """A visit to make: `known` is what was read lately, `due` what of it is to be asked for again.

    `look_up` finds by `page_key` which of some addresses were ever read. `closing`: nothing is asked any more; what a
    killed visit of an earlier night left is made whole.
    """

    source: Source
    as_of: datetime
    batch: str
    warc_file: str
    known: Known
    due: list[Seen]
    budget: Budget
    look_up: Callable[[Sequence[str]], Mapping[str, Seen]]
    closing: bool = False


async def visit(plan: Plan, crawler: Crawler, warehouse: Path) -> list[Fetch]:
    """Makes a visit; the WARC file appears under its name when it is complete. Returns one row an address."""
    with WarcFile(warehouse / plan.warc_file, journal=True) as warc:
        under_way = _UnderWay(plan, crawler, warehouse, warc)
        under_way.begin()
        listed = [entry for kind, address in plan.source.listings async for entry in under_way.listing(kind, address)]
        entries = merged(listed)
        before = await asyncio.to_thread(plan.look_up, [entry.url for entry in entries.values()])
        for entry, seen in under_way.wanted(entries, {**before, **plan.known.pages}):
            await under_way.page(entry, seen)
        under_way.end()
    return under_way.rows


def visit_begun(note: bytes) -> tuple[str, datetime]:
    """The source, and the moment, of the visit whose journal begins with this note."""
    begun = json.loads(note)
    return begun["source"], datetime.fromisoformat(begun["as_of"])


@dataclass
class _UnderWay:
    """A visit with what it has asked so far."""

    plan: Plan
    crawler: Crawler
    warehouse: Path
    warc: WarcFile
    rows: list[Fetch] = field(default_factory=list)
    done: dict[tuple[str, str], Fetch] = field(default_factory=dict)
    pages: int = 0
    bytes: int = 0
    started: float = field(default_factory=lambda: asyncio.get_running_loop().time())
    sitemaps: int = 0
    listed: int = 0
    postponed: int = 0
    listings_read: set[str] = field(default_factory=set)

    def begin(self) -> None:
        """Takes up what a killed process left, or begins the file."""
        if self.warc.notes:
            self.rows = [_ROW.validate_json(note) for note in self.warc.notes[1:]]
            self.done = {(row.kind, row.url): row for row in self.rows}
            self.pages = sum(row.kind == "page" and row.requests > 0 for row in self.rows)
            self.bytes = sum(row.bytes for row in self.rows)
            self._know_robots()
            return
        web = self.crawler.client.web
        self.warc.info(
            self.plan.as_of,
            {
                "software": user_agent(None),
                "format": "WARC File Format 1.0",
                "http-header-user-agent": web.user_agent,
                "robots": "RFC 9309",
                "isPartOf": self.plan.batch,
            },
        )
        self.warc.keep(json.dumps({"as_of": self.plan.as_of.isoformat(), "source": self.plan.source.name}).encode())

    def _know_robots(self) -> None:
        """What robots.txt said to the killed process holds for this one: the file becomes what it would have been."""
        hosts, now = self.crawler.hosts, self.crawler.client.web.now()
        for row in self.rows:
            origin = origin_of(row.url)
            if row.kind == "robots" and row.warc_offset is not None and hosts.robots(origin, now) is None:
                stored = read_stored(self.warc.open_path, row.warc_offset)
                if stored and row.outcome in ("ok", "http_error"):
                    robots = read_robots(row.status, stored.body, row.detail, truncated=len(stored.body) >= LIMIT)
                    hosts.keep_robots(origin, row.requested_at, robots)

    def end(self) -> None:
        """Writes the record of the visit."""
        block = visit_block(Visit(self.plan.as_of, self.rows))
        self.warc.metadata(self.rows[0].url, self.plan.as_of, VISIT_TYPE, block)

    # -- listings ----------------------------------------------------------------------------------------------------

    async def listing(self, kind: str, address: str, depth: int = 0) -> AsyncEntries:
        """The entries of a listing, and of the sitemaps that it names; none where it could not be had."""
        if address in self.listings_read:
            return
        self.listings_read.add(address)
        listing = await self._listing(kind, address)
        for entry in wanted_entries(listing, kind, self.plan.source, self.plan.as_of):
            self.listed += 1
            yield entry
        for sitemap in current_sitemaps(listing, self.plan.source, self.plan.as_of):
            if depth < _DEEPEST_INDEX and self.sitemaps < _MOST_SITEMAPS and self.listed < _MOST_LISTED:
                self.sitemaps += sitemap.url not in self.listings_read
                async for entry in self.listing("sitemap", sitemap.url, depth + 1):
                    yield entry

    async def _listing(self, kind: str, address: str) -> Listing:
        if kind == "list" and not address.startswith(("http://", "https://")):
            return self._local_list(Path(address))
        seen = self.plan.known.listings.get(address)
        stored = seen.stored(self.warehouse) if seen else None
        before = self.done.get((kind, address)) or self.done.get(("index", address))
        if before is not None:
            return await self._again(kind, before, stored)
        answer = await self._get(address, self.crawler.client.web.limits.listing_bytes, seen if stored else None)
        if answer.outcome not in ("ok", "not_modified"):
            self._keep(answer, kind)
            return Listing()
        body, url, content_type = answer.body, answer.final_url, answer.content_type
        if answer.outcome == "not_modified" and stored:
            body, url, content_type = stored.body, stored.url, stored.content_type
        try:
            listing = await asyncio.to_thread(read_listing, self.plan.source, kind, body, url, content_type)
        except BadListing as bad:
            self._keep(replace(answer, outcome=bad.outcome, detail=str(bad)), kind)
            return Listing()
        oldest = oldest_day(listing.entries, self.plan.source.timezone)
        self._keep(answer, "index" if listing.sitemaps else kind, stored=stored, oldest_entry=oldest)
        return listing

    def _local_list(self, path: Path) -> Listing:
        answer, listing = Answer(f"file:{path.name}", "ok", None), Listing()
        try:
            listing = read_listing(self.plan.source, "list", path.read_bytes(), answer.url, "")
        except BadListing as bad:
            answer = replace(answer, outcome=bad.outcome, detail=str(bad))
        if ("list", answer.url) not in self.done:
            self._keep(answer, "list")
        return listing

    async def _again(self, kind: str, row: Fetch, stored: Stored | None) -> Listing:
        """A listing that this visit has read already, before it was killed."""
        if row.outcome == "ok" and row.warc_offset is not None:
            stored = read_stored(self.warc.open_path, row.warc_offset)
        if row.outcome not in ("ok", "not_modified") or stored is None:
            return Listing()
        return await asyncio.to_thread(
            read_listing, self.plan.source, kind, stored.body, stored.url, stored.content_type
        )

    # -- pages -------------------------------------------------------------------------------------------------------

    def wanted(self, entries: Mapping[str, Entry], before: Mapping[str, Seen]) -> Iterator[tuple[Entry, Seen | None]]:
        """The pages to ask for, each once: new and changed ones, those not had before, those that are due."""
        asked = set()
        for key, entry in entries.items():
            seen = before.get(key)
            if seen is None or (entry.updated is not None and seen.last < entry.updated <= self.plan.as_of):
                asked.add(key)
                yield entry, seen
        for seen in [*self.plan.known.missed(self.plan.as_of), *self.plan.due]:
            if page_key(seen.url) not in asked:
                yield Entry(seen.url), seen

    async def page(self, entry: Entry, seen: Seen | None) -> None:
        """A page of the source; what is foreign, or over the budget, is noted and not asked for."""
        if ("page", entry.url) in self.done:
            return
        if not self.plan.source.has(entry.url):
            self._keep(Answer(entry.url, "foreign", "not on a host of the source"), "page")
        elif why := self._spent():
            self.postponed += 1
            if self.postponed <= self.plan.budget.pages:  # as many as the next visit may read; the listings name all
                self._keep(Answer(entry.url, "postponed", why), "page")
        else:
            answer = await self._get(entry.url, self.crawler.client.web.limits.page_bytes, seen, self.plan.source.has)
            self.pages += bool(answer.exchanges)
            if answer.outcome == "ok" and answer.body.startswith(_GZIP_MAGIC):
                answer = replace(answer, outcome="bad_encoding", detail="packed twice, or no page at all")
            stored = seen.stored(self.warehouse) if seen else None
            self._keep(answer, "page", stored=stored, listed=entry.printed or (seen.listed if seen else None))

    def _spent(self) -> str | None:
        """Why no further page is asked for, if none is."""
        if self.plan.closing:
            return _OVER
        budget, source = self.plan.budget, self.plan.source.name
        if self.pages >= budget.pages:
            return f"{source} has had its {budget.pages} pages of this visit"
        if self.bytes >= budget.bytes:
            return f"{source} has had its {budget.bytes / 2**20:g} MiB of this visit"
        if asyncio.get_running_loop().time() - self.started >= budget.seconds:
            return f"{source} has had its {budget.seconds / 60:g} minutes of this visit"
        return None

    # -- asking and keeping ------------------------------------------------------------------------------------------

    async def _get(self, url: str, limit: int, seen: Seen | None, stays: Stays = lambda _: True) -> Answer:
        if self.plan.closing:
            return Answer(url, "postponed", _OVER)
        delay = self.plan.source.delay_seconds or 0.0
        return await self.crawler.get(
            url, Errand(limit, delay, seen.conditions if seen else None, stays, self._keep_robots)
        )

    def _keep_robots(self, answer: Answer, robots: Robots) -> None:
        self._keep(replace(answer, detail=answer.detail or robots.delay_cut), "robots")

    def _keep(
        self,
        answer: Answer,
        kind: str,
        stored: Stored | None = None,
        listed: str | None = None,
        oldest_entry: date | None = None,
    ) -> None:
        """Archives an answer and notes its row; both survive the death of this process."""
        web = self.crawler.client.web
        answer, offset = archive(self.warc, answer, kind, stored, listed, with_ip=web.replay is None)
        self.bytes += sum(len(exchange.raw) for exchange in answer.exchanges)
        row = _row(self.plan, answer, kind, offset, web.now())
        self.rows.append(replace(row, page_keys=keys_of(row), listed=listed, oldest_entry=oldest_entry))
        self.warc.keep(_ROW.dump_json(self.rows[-1]))


def _row(plan: Plan, answer: Answer, kind: str, offset: int | None, now: datetime) -> Fetch:
    last = answer.last
    at = last.requested_at if last else now
    return Fetch(
        batch=plan.batch,
        month=f"{at:%Y-%m}",
        source=plan.source.name,
        kind=kind,
        url=answer.url,
        requested_at=at,
        outcome=answer.outcome,
        detail=answer.detail,
        status=last.status if last else None,
        etag=last.header("ETag") if last else None,
        last_modified=last.header("Last-Modified") if last else None,
        content_type=last.header("Content-Type") if last else None,
        bytes=len(answer.body),
        sha256=hashlib.sha256(answer.body).hexdigest() if answer.body else None,
        warc_file=plan.warc_file if offset is not None else None,
        warc_offset=offset,
        redirects=list(answer.redirects),
        requests=len(answer.exchanges),
        listed=None,
        oldest_entry=None,
    )
