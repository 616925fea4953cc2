"""The stage: the sources' web sites -> WARC files. Recorded, never recomputed: a source that was read is left alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from ipaddress import ip_network
from pathlib import Path

from filelock import FileLock, Timeout

from etl.configuration.settings import Settings
from etl.configuration.sources import Source, followed
from etl.errors import ConfigError, Retryable
from etl.fetch.http.client import Manners, Web, connect, user_agent
from etl.fetch.http.crawler import Crawler
from etl.fetch.http.hosts import Hosts
from etl.fetch.known import Known, look_up, read_known
from etl.fetch.visit import Budget, Plan, visit, visit_begun
from etl.warc.visit_record import failed_listings, failure, recorded_visit
from etl.warc.writer import first_note
from etl.warehouse.batches import batch_id, source_name
from etl.warehouse.delta import Store, sync
from schemas import Fetch

_PLAYED = Manners(delay_seconds=0.0, retries=0, backoff_seconds=0.0)  # a server that plays sites needs none


@dataclass(frozen=True)
class Visited:
    """A source after its visit: pages read, requests made, and what kept it from being read, if anything did."""

    source: str
    pages: int
    requests: int
    error: str | None


def web(settings: Settings, as_of: datetime, clock: Callable[[], datetime]) -> Web:
    """How the web is reached by these settings. Raises ConfigError where nobody answers for a live crawl.

    `clock` tells the time of requests to live sites: the truth, even when a night is made up for later.
    """
    if settings.replay is not None:
        return Web(user_agent(settings.contact), lambda: as_of, _PLAYED, replay=settings.replay.server)
    if settings.contact is None:
        raise ConfigError(
            f"{settings.config / 'dateline.yaml'}: live sites are asked only with a contact: set 'contact' (or "
            "DATELINE_CONTACT) to a mail address or the address of a page, so that their owners can write to you"
        )
    allowed = tuple(ip_network(network) for network in settings.private_networks)
    return Web(user_agent(settings.contact), clock, Manners(settings.delay_seconds), allowed=allowed)


@asynccontextmanager
async def crawling(how: Web, settings: Settings) -> AsyncIterator[Crawler]:
    """A polite client that shares its manners with all others of the warehouse."""
    folder = settings.warehouse / "hosts" if how.replay is None else None
    async with connect(how) as client:
        yield Crawler(client, Hosts(folder, how.manners))


def fetch(settings: Settings, names: Sequence[str], as_of: datetime, clock: Callable[[], datetime]) -> list[Visited]:
    """Visits sources, those that were not read for this `as_of` yet. One process and loop, one request a host.

    Writes WARC files only; `register_found` puts them into the tables. Raises ConfigError, InputError, Retryable.
    """
    sources = followed(settings.folder("sources"), names)
    how = web(settings, as_of, clock)
    (settings.warehouse / "warc").mkdir(parents=True, exist_ok=True)
    known = read_known(Store(settings.warehouse), sources, as_of, settings.revisit_days)

    async def visit_all() -> list[Visited | BaseException]:
        async with crawling(how, settings) as crawler:
            visits = (_visit(settings, source, known[source.name], as_of, crawler) for source in sources)
            return await asyncio.gather(*visits, return_exceptions=True)

    results = asyncio.run(visit_all())
    for result in results:  # after the others are done: one source's trouble costs only itself
        if isinstance(result, BaseException):
            raise result
    return [result for result in results if isinstance(result, Visited)]


async def _visit(settings: Settings, source: Source, known: Known, as_of: datetime, crawler: Crawler) -> Visited:
    folder, budget = settings.warehouse / "warc", _budget(settings, source)
    seen = partial(look_up, Store(settings.warehouse), source.name)
    try:
        with FileLock(folder / f".{source_name(source.name)}.lock", timeout=0, thread_local=False):
            going_on = None
            for batch, begun in _unfinished(folder, source):
                if begun == as_of:
                    going_on = batch
                else:  # of a night that is over: what it read is kept, nothing more is asked for it
                    plan = Plan(source, begun, batch, f"warc/{batch}.warc.gz", known, [], budget, seen, closing=True)
                    known = known.with_rows(await visit(plan, crawler, settings.warehouse))
            before = _visits(folder, as_of, source)
            rows = next((rows for rows in before if not failed_listings(rows)), None)
            if rows is None:
                known = known.with_rows(row for rows in before for row in rows)
                taken = {path.name.removesuffix(".warc.gz") for path in folder.glob("*.warc.gz")}
                batch = going_on or batch_id(as_of.date(), source_name(source.name), taken)
                due = known.due(as_of, settings.revisit_days)
                plan = Plan(source, as_of, batch, f"warc/{batch}.warc.gz", known, due, budget, seen)
                rows = await visit(plan, crawler, settings.warehouse)
                sync(folder)
    except Timeout:
        raise Retryable(f"the source {source.name!r} is being fetched by another process") from None
    pages = sum(row.kind == "page" and row.outcome == "ok" for row in rows)
    return Visited(source.name, pages, sum(row.requests for row in rows), failure(rows))


def _budget(settings: Settings, source: Source) -> Budget:
    """What a visit may cost: as the source's file says, else the settings."""
    return Budget(
        source.pages_per_visit or settings.pages_per_visit,
        (source.megabytes_per_visit or settings.megabytes_per_visit) * 2**20,
        (source.minutes_per_visit or settings.minutes_per_visit) * 60,
    )


def _unfinished(folder: Path, source: Source) -> Iterator[tuple[str, datetime]]:
    """The visits to a source that were killed: their batches, and for which moment they were made."""
    for journal in sorted(folder.glob(f"*-{source_name(source.name)}*.warc.gz.journal")):
        note = first_note(journal)
        if note is None or not journal.with_suffix(".open").exists():  # killed before it began, or after it ended
            journal.unlink()
            continue
        name, begun = visit_begun(note)
        if name == source.name:
            yield journal.name.removesuffix(".warc.gz.journal"), begun


def _visits(folder: Path, as_of: datetime, source: Source) -> list[list[Fetch]]:
    """The rows of the visits that were made to a source for this very moment."""
    paths = sorted(folder.glob(f"{as_of:%Y%m%d}-{source_name(source.name)}*.warc.gz"))
    found = [made for path in paths if (made := recorded_visit(path)) and made.as_of == as_of]
    return [made.rows for made in found if made.rows[0].source == source.name]
