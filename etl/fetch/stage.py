"""The fetch stage: from the sources' web sites to WARC files.

If a source was read completely in a run with some `as_of` (the time that the run takes as now), another run with the
same `as_of` does not read it again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from ipaddress import ip_network

from filelock import FileLock, Timeout

from etl.configuration.settings import Settings
from etl.configuration.sources import Source, followed
from etl.errors import ConfigError, Retryable
from etl.fetch.history import SourceHistory, find_known_pages, read_histories
from etl.fetch.http.client import ClientSettings, Politeness, connect, user_agent
from etl.fetch.http.crawler import Crawler
from etl.fetch.http.hosts import Hosts
from etl.fetch.visit import Budget, VisitPlan, parse_first_note, visit
from etl.warc import OPEN_ENDING
from etl.warc.visit_record import failed_listings, read_visit, visit_error
from etl.warc.writer import first_note
from etl.warehouse.batches import batch_id, source_name
from etl.warehouse.delta import Store, sync
from etl.warehouse.duck import reading
from etl.warehouse.layout import WarehouseLayout
from etl.warehouse.takedowns import read_takedowns
from schemas import BATCHES, Fetch

_REPLAY_POLITENESS = Politeness(delay_seconds=0.0, retries=0, backoff_seconds=0.0)  # a replay server needs no pauses


@dataclass(frozen=True)
class VisitResult:
    """The result of a visit to a source: pages fetched, requests made, and what kept the source from being read."""

    source: str
    pages: int
    requests: int
    error: str | None


def make_client_settings(settings: Settings, as_of: datetime, clock: Callable[[], datetime]) -> ClientSettings:
    """Return how the web is reached with these settings. Raises ConfigError for live sites without a contact.

    `clock` returns the true time of requests to live sites, even when the night of `as_of` is over.
    """
    if settings.replay is not None:
        replay = settings.replay.server
        return ClientSettings(user_agent(settings.contact), lambda: as_of, _REPLAY_POLITENESS, replay=replay)
    if settings.contact is None:
        raise ConfigError(
            f"{settings.config / 'dateline.yaml'}: live sites are fetched only with a contact: set 'contact' (or "
            "DATELINE_CONTACT) to a mail address or the address of a page, so that site owners can write to you"
        )
    allowed = tuple(ip_network(network) for network in settings.private_networks)
    return ClientSettings(user_agent(settings.contact), clock, Politeness(settings.delay_seconds), allowed=allowed)


@asynccontextmanager
async def open_crawler(client_settings: ClientSettings, settings: Settings) -> AsyncIterator[Crawler]:
    """Open a crawler that shares the pauses of hosts with all other processes that fetch into the warehouse."""
    folder = settings.layout.hosts if client_settings.replay is None else None
    async with connect(client_settings) as client:
        yield Crawler(client, Hosts(folder, client_settings.politeness))


def fetch(
    settings: Settings, names: Sequence[str], as_of: datetime, clock: Callable[[], datetime]
) -> list[VisitResult]:
    """Visit the named sources (all without names) that were not read for this `as_of` yet.

    One process and one event loop visit all sources at once. Only WARC files are written; `register_new_files` adds
    them to the tables. Raises ConfigError, InputError, Retryable.
    """
    sources = followed(settings.folder("sources"), names)
    client_settings = make_client_settings(settings, as_of, clock)
    settings.layout.warc_folder.mkdir(parents=True, exist_ok=True)
    histories = read_histories(Store(settings.warehouse), sources, as_of, settings.revisit_days)
    for rows in _visits_not_in_tables(Store(settings.warehouse), settings.layout):
        if (name := rows[0].source) in histories:
            histories = {**histories, name: histories[name].with_rows(rows)}

    async def visit_all() -> list[VisitResult | BaseException]:
        async with open_crawler(client_settings, settings) as crawler:
            visits = (_visit(settings, source, histories[source.name], as_of, crawler) for source in sources)
            return await asyncio.gather(*visits, return_exceptions=True)

    results = asyncio.run(visit_all())
    for result in results:  # raised when all visits are done, so that one source's failure affects no other
        if isinstance(result, BaseException):
            raise result
    return [result for result in results if isinstance(result, VisitResult)]


async def _visit(
    settings: Settings, source: Source, history: SourceHistory, as_of: datetime, crawler: Crawler
) -> VisitResult:
    layout, budget = settings.layout, _budget(settings, source)
    find_known = partial(find_known_pages, Store(settings.warehouse), source.name)
    takedowns = read_takedowns(layout.takedowns)
    try:
        with FileLock(layout.source_lock(source_name(source.name)), timeout=0, thread_local=False):
            interrupted_batch = None
            for batch, visit_as_of in _interrupted_visits(layout, source):
                if visit_as_of == as_of:
                    interrupted_batch = batch
                else:  # its night is over: keep what it fetched, request nothing more
                    file = layout.warc_file(batch)
                    plan = VisitPlan(
                        source, visit_as_of, batch, file, history, [], budget, find_known, takedowns, close_only=True
                    )
                    history = history.with_rows(await visit(plan, crawler, settings.warehouse))
            finished = _finished_visits(layout, as_of, source)
            rows = next((rows for rows in finished if not failed_listings(rows)), None)
            if rows is None:
                history = history.with_rows(row for rows in finished for row in rows)
                batch = interrupted_batch or batch_id(as_of.date(), source_name(source.name), layout.fetched_batches())
                revisits = history.pages_to_revisit(as_of, settings.revisit_days)
                file = layout.warc_file(batch)
                plan = VisitPlan(source, as_of, batch, file, history, revisits, budget, find_known, takedowns)
                rows = await visit(plan, crawler, settings.warehouse)
                sync(layout.warc_folder)
    except Timeout:
        raise Retryable(f"the source {source.name!r} is being fetched by another process") from None
    n_pages = sum(row.kind == "page" and row.outcome == "ok" for row in rows)
    return VisitResult(source.name, n_pages, sum(row.requests for row in rows), visit_error(rows))


def _visits_not_in_tables(store: Store, layout: WarehouseLayout) -> Iterator[list[Fetch]]:
    """Yield the rows of finished visits that are not registered yet, because another process was writing."""
    with reading(store, [BATCHES]) as connection:
        registered = {file for (file,) in connection.execute("SELECT warc_file FROM batches").fetchall()}
    for path in layout.warc_files():
        if layout.warc_file(path.name, ending="") not in registered and (visit := read_visit(path)) and visit.rows:
            yield visit.rows


def _budget(settings: Settings, source: Source) -> Budget:
    """Return what a visit may cost by the source's file or, where that has no value, by the settings."""
    return Budget(
        source.pages_per_visit or settings.pages_per_visit,
        (source.megabytes_per_visit or settings.megabytes_per_visit) * 2**20,
        (source.minutes_per_visit or settings.minutes_per_visit) * 60,
    )


def _interrupted_visits(layout: WarehouseLayout, source: Source) -> Iterator[tuple[str, datetime]]:
    """Yield the batch and `as_of` of the source's visits that were killed."""
    for batch, journal in layout.visit_journals(source_name(source.name)):
        note = first_note(journal)
        if note is None or not journal.with_suffix(OPEN_ENDING).exists():  # killed before or after its work
            journal.unlink()
            continue
        name, as_of = parse_first_note(note)
        if name == source.name:
            yield batch, as_of


def _finished_visits(layout: WarehouseLayout, as_of: datetime, source: Source) -> list[list[Fetch]]:
    """Return the rows of each finished visit to the source for exactly this `as_of`."""
    paths = layout.visit_files(as_of.date(), source_name(source.name))
    recorded = [record for path in paths if (record := read_visit(path)) and record.as_of == as_of]
    return [record.rows for record in recorded if record.rows[0].source == source.name]
