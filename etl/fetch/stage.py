"""The stage: the sources' web sites -> WARC files. Recorded, never recomputed: a source that was read is left alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from etl.batch import batch_id, source_name
from etl.errors import ConfigError, Retryable
from etl.fetch.client import Client, Web, connect, user_agent
from etl.fetch.record import failed_listings, failure, recorded_visit
from etl.fetch.visit import Plan, visit
from etl.settings import Settings
from etl.sources import Source, followed
from etl.store import Store, sync
from etl.urls import normalise
from etl.warehouse import reading
from schemas import ARTICLES, FETCHES, Fetch

_GONE = (404, 410)  # not asked for again


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
        return Web(user_agent(settings.contact), lambda: as_of, 0.0, settings.replay.server)
    if settings.contact is None:
        raise ConfigError(
            f"{settings.config / 'dateline.yaml'}: live sites are asked only with a contact: set 'contact' (or "
            "DATELINE_CONTACT) to a mail address or the address of a page, so that their owners can write to you"
        )
    return Web(user_agent(settings.contact), clock, settings.delay_seconds)


def fetch(settings: Settings, names: Sequence[str], as_of: datetime, clock: Callable[[], datetime]) -> list[Visited]:
    """Visits sources, those that were not read for this `as_of` yet. One process and loop, one request a host.

    Writes WARC files only; `register_found` puts them into the tables. Raises ConfigError, InputError, Retryable.
    """
    sources = followed(settings.folder("sources"), names)
    how = web(settings, as_of, clock)
    (settings.warehouse / "warc").mkdir(parents=True, exist_ok=True)
    known = _known(Store(settings.warehouse), sources)

    async def visit_all() -> list[Visited | BaseException]:
        async with connect(how) as client:
            visits = (_visit(settings, source, known[source.name], as_of, client) for source in sources)
            return await asyncio.gather(*visits, return_exceptions=True)

    results = asyncio.run(visit_all())
    for result in results:  # after the others are done: one source's trouble costs only itself
        if isinstance(result, BaseException):
            raise result
    return [result for result in results if isinstance(result, Visited)]


async def _visit(
    settings: Settings, source: Source, known: dict[str, datetime], as_of: datetime, client: Client
) -> Visited:
    folder = settings.warehouse / "warc"
    try:
        with FileLock(folder / f".{source_name(source.name)}.lock", timeout=0, thread_local=False):
            before = _visits(folder, as_of, source)
            rows = next((rows for rows in before if not failed_listings(rows)), None)
            if rows is None:
                known = known | _read([row for rows in before for row in rows])
                taken = {path.name.removesuffix(".warc.gz") for path in folder.glob("*.warc.gz")}
                batch = batch_id(as_of.date(), source_name(source.name), taken)
                plan = Plan(source, as_of, batch, f"warc/{batch}.warc.gz", known, settings.pages_per_visit)
                rows = await visit(plan, client, settings.warehouse)
                sync(folder)
    except Timeout:
        raise Retryable(f"the source {source.name!r} is being fetched by another process") from None
    pages = sum(row.kind == "page" and row.outcome == "ok" for row in rows)
    return Visited(source.name, pages, sum(row.warc_offset is not None for row in rows), failure(rows))


def _visits(folder: Path, as_of: datetime, source: Source) -> list[list[Fetch]]:
    """The rows of the visits that were made to a source for this very moment."""
    paths = sorted(folder.glob(f"{as_of:%Y%m%d}-{source_name(source.name)}*.warc.gz"))
    found = [made for path in paths if (made := recorded_visit(path)) and made.as_of == as_of]
    return [made.rows for made in found if made.rows[0].source == source.name]


def _read(rows: Sequence[Fetch]) -> dict[str, datetime]:
    return {normalise(row.url): row.requested_at for row in rows if _is_read(row)}


def _is_read(row: Fetch) -> bool:
    return row.kind == "page" and (row.outcome in ("ok", "foreign") or row.status in _GONE)


def _known(store: Store, sources: Sequence[Source]) -> dict[str, dict[str, datetime]]:
    """Source -> address (normalised) -> when it was last read, by a visit or in an archive."""
    known: dict[str, dict[str, datetime]] = {source.name: {} for source in sources}
    with reading(store, [FETCHES, ARTICLES]) as connection:
        rows = connection.execute(
            f"""
            SELECT source, url, max(read_at) FROM (
                SELECT source, url, fetched_at AS read_at FROM articles
                UNION ALL
                SELECT source, url, requested_at FROM fetches
                WHERE kind = 'page' AND (outcome IN ('ok', 'foreign') OR status IN {_GONE})
            ) WHERE list_contains($sources, source) GROUP BY ALL
            """,
            {"sources": list(known)},
        ).fetchall()
    for source, url, at in rows:
        key = normalise(url)
        known[source][key] = max(at, known[source].get(key, at))
    return known
