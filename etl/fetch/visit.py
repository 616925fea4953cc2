"""One visit to a source: its listings, new pages, and recent pages that may have changed, all in one WARC file.

The file holds the requests, the answers, and a metadata record with one row for each address, from which the table
`fetches` is made. A visit that is killed is continued where it stopped.
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
from etl.fetch.history import KnownPage, SourceHistory
from etl.fetch.http.client import user_agent
from etl.fetch.http.crawler import Answer, Crawler, FetchOptions
from etl.fetch.http.hosts import origin_of
from etl.fetch.http.robots import MAX_ROBOTS_BYTES, Robots, read_robots
from etl.fetch.listings.listing import BadListing, Entry, Listing, oldest_day
from etl.fetch.listings.read import candidate_entries, merge_entries, read_listing, row_kind
from etl.fetch.listings.sitemaps import current_sitemaps
from etl.fetch.warc_records import without_bodies, write_exchanges
from etl.urls import is_web_address, page_key
from etl.warc.reader import StoredResponse, read_stored_response
from etl.warc.visit_record import VISIT_TYPE, Visit, row_page_keys, visit_to_json
from etl.warc.writer import WarcFile
from etl.warehouse.layout import WarehouseLayout
from etl.warehouse.takedowns import Takedowns
from schemas import Fetch

_MAX_SITEMAPS = 50  # per visit
_MAX_INDEX_DEPTH = 3  # an index of indexes of indexes
_MAX_ENTRIES = 200_000  # per visit: after so many listed pages no further sitemap is requested
_GZIP_MAGIC = b"\x1f\x8b"
_NIGHT_IS_OVER = "the visit was interrupted, and its night is over"
_ROW = TypeAdapter(Fetch)


@dataclass(frozen=True)
class Budget:
    """The most that a visit may cost: pages, bytes over the wire, seconds."""

    pages: int
    bytes: int
    seconds: float


@dataclass(frozen=True)
class VisitPlan:
    """A visit to make.

    `history` is what is known of the source from the last days, `revisits` the pages to check for changes.
    `find_known_pages` returns by `page_key` which addresses were ever fetched. Pages in `takedowns` are not requested,
    and of listings that name one only the head is stored. With `close_only` nothing is requested: the file of an
    interrupted visit of an earlier night is completed with what it has.
    """

    source: Source
    as_of: datetime
    batch: str
    warc_file: str
    history: SourceHistory
    revisits: list[KnownPage]
    budget: Budget
    find_known_pages: Callable[[Sequence[str]], Mapping[str, KnownPage]]
    takedowns: Takedowns = field(default_factory=Takedowns)
    close_only: bool = False


async def visit(plan: VisitPlan, crawler: Crawler, warehouse: Path) -> list[Fetch]:
    """Make a visit and return one row for each address. The WARC file gets its name when it is complete."""
    with WarcFile(WarehouseLayout(warehouse).file(plan.warc_file), journal=True) as warc:
        running = _RunningVisit(plan, crawler, warehouse, warc)
        running.begin()
        listed = [entry for kind, address in plan.source.listings async for entry in running.listing(kind, address)]
        entries = merge_entries(listed)
        known = await asyncio.to_thread(plan.find_known_pages, [entry.url for entry in entries.values()])
        for entry, known_page in running.pages_to_fetch(entries, {**known, **plan.history.pages}):
            await running.page(entry, known_page)
        running.end()
    return running.rows


def parse_first_note(note: bytes) -> tuple[str, datetime]:
    """Return the source and `as_of` of the visit whose journal begins with this note."""
    fields = json.loads(note)
    return fields["source"], datetime.fromisoformat(fields["as_of"])


@dataclass
class _RunningVisit:
    """A visit and what it has requested so far."""

    plan: VisitPlan
    crawler: Crawler
    warehouse: Path
    warc: WarcFile
    rows: list[Fetch] = field(default_factory=list)
    done: dict[tuple[str, str], Fetch] = field(default_factory=dict)  # (kind, address) -> row, before an interruption
    n_pages: int = 0
    n_bytes: int = 0
    started: float = field(default_factory=lambda: asyncio.get_running_loop().time())
    n_sitemaps: int = 0
    n_entries: int = 0
    n_postponed: int = 0
    listings_read: set[str] = field(default_factory=set)

    def begin(self) -> None:
        """Restore what an interrupted visit left, or write the head of a new file."""
        if self.warc.notes:
            self.rows = [_ROW.validate_json(note) for note in self.warc.notes[1:]]
            self.done = {(row.kind, row.url): row for row in self.rows}
            self.n_pages = sum(row.kind == "page" and row.requests > 0 for row in self.rows)
            self.n_bytes = sum(row.bytes for row in self.rows)
            self._restore_robots()
            return
        settings = self.crawler.client.settings
        self.warc.info(
            self.plan.as_of,
            {
                "software": user_agent(None),
                "format": "WARC File Format 1.0",
                "http-header-user-agent": settings.user_agent,
                "robots": "RFC 9309",
                "isPartOf": self.plan.batch,
            },
        )
        note = json.dumps({"as_of": self.plan.as_of.isoformat(), "source": self.plan.source.name})
        self.warc.checkpoint(note.encode())

    def _restore_robots(self) -> None:
        """Reuse the robots.txt of the interrupted visit, so that the file becomes what it would have been."""
        hosts, now = self.crawler.hosts, self.crawler.client.settings.now()
        for row in self.rows:
            origin = origin_of(row.url)
            if row.kind == "robots" and row.warc_offset is not None and hosts.cached_robots(origin, now) is None:
                stored = read_stored_response(self.warc.open_path, row.warc_offset)
                if stored and row.outcome in ("ok", "http_error"):
                    truncated = len(stored.body) >= MAX_ROBOTS_BYTES
                    robots = read_robots(row.status, stored.body, row.detail, truncated)
                    hosts.cache_robots(origin, row.requested_at, robots)

    def end(self) -> None:
        """Write the metadata record of the visit."""
        block = visit_to_json(Visit(self.plan.as_of, self.rows))
        self.warc.metadata(self.rows[0].url, self.plan.as_of, VISIT_TYPE, block)

    # -- listings ----------------------------------------------------------------------------------------------------

    async def listing(self, kind: str, address: str, depth: int = 0) -> AsyncIterator[Entry]:
        """Yield the entries of a listing and of the sitemaps that it names; none if it could not be read."""
        if address in self.listings_read:
            return
        self.listings_read.add(address)
        listing = await self._listing(kind, address)
        for entry in candidate_entries(listing, kind, self.plan.source, self.plan.as_of):
            self.n_entries += 1
            yield entry
        for sitemap in current_sitemaps(listing, self.plan.source, self.plan.as_of):
            if depth < _MAX_INDEX_DEPTH and self.n_sitemaps < _MAX_SITEMAPS and self.n_entries < _MAX_ENTRIES:
                self.n_sitemaps += sitemap.url not in self.listings_read
                async for entry in self.listing(kind, sitemap.url, depth + 1):
                    yield entry

    async def _listing(self, kind: str, address: str) -> Listing:
        if not is_web_address(address):
            return self._local_listing(kind, Path(address))
        known = self.plan.history.listings.get(address)
        stored = known.stored_response(self.warehouse) if known else None
        row = self.done.get((kind, address)) or self.done.get(("index", address))
        if row is not None:
            return await self._reread_listing(kind, row, stored)
        limit = self.crawler.client.settings.limits.listing_bytes
        answer = await self._get(address, limit, known if stored else None)
        if answer.outcome not in ("ok", "not_modified"):
            self._record(answer, kind)
            return Listing()
        body, url, content_type = answer.body, answer.final_url, answer.content_type
        if answer.outcome == "not_modified" and stored:
            body, url, content_type = stored.body, stored.url, stored.content_type
        try:
            listing = await asyncio.to_thread(read_listing, self.plan.source, kind, body, url, content_type)
        except BadListing as error:
            self._record(replace(answer, outcome=error.outcome, detail=str(error)), kind)
            return Listing()
        oldest = oldest_day(listing.entries, self.plan.source.timezone)
        if any(self.plan.takedowns.has_address(entry.url) for entry in listing.entries):
            answer, stored = without_bodies(answer), None
        self._record(answer, row_kind(listing, kind), stored=stored, oldest_entry=oldest)
        return listing

    def _local_listing(self, kind: str, path: Path) -> Listing:
        """Read a listing from a file of the configuration."""
        answer, listing = Answer(f"file:{path.name}", "ok", None), Listing()
        try:
            listing = read_listing(self.plan.source, kind, path.read_bytes(), answer.url, "")
        except BadListing as error:
            answer = replace(answer, outcome=error.outcome, detail=str(error))
        if (kind, answer.url) not in self.done:
            self._record(answer, kind)
        return listing

    async def _reread_listing(self, kind: str, row: Fetch, stored: StoredResponse | None) -> Listing:
        """Read a listing again that this visit had fetched before it was interrupted."""
        if row.outcome == "ok" and row.warc_offset is not None:
            stored = read_stored_response(self.warc.open_path, row.warc_offset)
        if row.outcome not in ("ok", "not_modified") or stored is None or not stored.body:
            return Listing()
        return await asyncio.to_thread(
            read_listing, self.plan.source, kind, stored.body, stored.url, stored.content_type
        )

    # -- pages -------------------------------------------------------------------------------------------------------

    def pages_to_fetch(
        self, entries: Mapping[str, Entry], known: Mapping[str, KnownPage]
    ) -> Iterator[tuple[Entry, KnownPage | None]]:
        """Yield each page to request once: new pages, changed pages, failed pages, and pages due for a revisit."""
        requested = set()
        for key, entry in entries.items():
            if self.plan.takedowns.has_address(entry.url):
                continue
            page = known.get(key)
            if page is None or (entry.updated is not None and page.last < entry.updated <= self.plan.as_of):
                requested.add(key)
                yield entry, page
        for page in [*self.plan.history.pages_to_retry(self.plan.as_of), *self.plan.revisits]:
            if page_key(page.url) not in requested and not self.plan.takedowns.has_address(page.url):
                yield Entry(page.url), page

    async def page(self, entry: Entry, known: KnownPage | None) -> None:
        """Request a page; a page on a foreign host or beyond the budget is recorded without a request."""
        if ("page", entry.url) in self.done:
            return
        if not self.plan.source.has(entry.url):
            self._record(Answer(entry.url, "foreign", "not on a host of the source"), "page")
        elif reason := self._reason_to_stop():
            self.n_postponed += 1
            if self.n_postponed <= self.plan.budget.pages:  # as many as the next visit may read; the listings name all
                self._record(Answer(entry.url, "postponed", reason), "page")
        else:
            limit = self.crawler.client.settings.limits.page_bytes
            answer = await self._get(entry.url, limit, known, self.plan.source.has)
            if any(self.plan.takedowns.has_address(url) for url in answer.redirects):
                answer = Answer(entry.url, "foreign", "leads to an article that was taken down")
            self.n_pages += bool(answer.exchanges)
            if answer.outcome == "ok" and answer.body.startswith(_GZIP_MAGIC):
                answer = replace(answer, outcome="bad_encoding", detail="gzipped twice, or not a page")
            stored = known.stored_response(self.warehouse) if known else None
            listed = entry.published_text or (known.listed if known else None)
            self._record(answer, "page", stored=stored, listed=listed)

    def _reason_to_stop(self) -> str | None:
        """Return why no further page is requested, or None."""
        if self.plan.close_only:
            return _NIGHT_IS_OVER
        budget, source = self.plan.budget, self.plan.source.name
        if self.n_pages >= budget.pages:
            return f"{source} reached its limit of {budget.pages} pages per visit"
        if self.n_bytes >= budget.bytes:
            return f"{source} reached its limit of {budget.bytes / 2**20:g} MiB per visit"
        if asyncio.get_running_loop().time() - self.started >= budget.seconds:
            return f"{source} reached its limit of {budget.seconds / 60:g} minutes per visit"
        return None

    # -- requests and records ----------------------------------------------------------------------------------------

    async def _get(
        self, url: str, limit: int, known: KnownPage | None, may_follow: Callable[[str], bool] = lambda _: True
    ) -> Answer:
        if self.plan.close_only:
            return Answer(url, "postponed", _NIGHT_IS_OVER)
        delay = self.plan.source.delay_seconds or 0.0
        conditions = known.conditions if known else None
        return await self.crawler.get(url, FetchOptions(limit, delay, conditions, may_follow, self._record_robots))

    def _record_robots(self, answer: Answer, robots: Robots) -> None:
        self._record(replace(answer, detail=answer.detail or robots.delay_note), "robots")

    def _record(
        self,
        answer: Answer,
        kind: str,
        stored: StoredResponse | None = None,
        listed: str | None = None,
        oldest_entry: date | None = None,
    ) -> None:
        """Write an answer to the WARC file and add its row; both survive if this process is killed."""
        settings = self.crawler.client.settings
        answer, offset = write_exchanges(self.warc, answer, kind, stored, listed, with_ip=settings.replay is None)
        self.n_bytes += sum(len(exchange.raw) for exchange in answer.exchanges)
        row = _row(self.plan, answer, kind, offset, settings.now())
        row = replace(row, page_keys=row_page_keys(row), listed=listed, oldest_entry=oldest_entry)
        self.rows.append(row)
        self.warc.checkpoint(_ROW.dump_json(row))


def _row(plan: VisitPlan, answer: Answer, kind: str, offset: int | None, now: datetime) -> Fetch:
    last = answer.last
    requested_at = last.requested_at if last else now
    return Fetch(
        batch=plan.batch,
        month=f"{requested_at:%Y-%m}",
        source=plan.source.name,
        kind=kind,
        url=answer.url,
        requested_at=requested_at,
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
