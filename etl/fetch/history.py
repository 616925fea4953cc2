"""What was fetched before, so that pages are not fetched twice and recent pages are checked for changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any

import pyarrow as pa

from etl.configuration.sources import Source
from etl.fetch.http.hosts import FAILURE_OUTCOMES, FAILURE_STATUSES
from etl.urls import normalise, page_key
from etl.warc.reader import StoredResponse, read_stored_response
from etl.warehouse.delta import Store
from etl.warehouse.duck import reading
from etl.warehouse.layout import WarehouseLayout
from schemas import ARTICLES, FETCHES, Fetch
from schemas.values import LISTING_KINDS

_GONE_STATUSES = (404, 410)  # such a page is not requested again
_SETTLED_OUTCOMES = ("ok", "not_modified", "foreign")
_RETRIED_OUTCOMES = (*FAILURE_OUTCOMES, "postponed")  # requested again, even if no listing names the page any more
# SQL: whether the page needs no further try, because it was fetched, is on a foreign host, or is gone.
_IS_SETTLED = f"(outcome IN {_SETTLED_OUTCOMES} OR status IN {_GONE_STATUSES})"
# SQL: when an address was first fetched and last requested, and its last complete answer.
_ANSWER_COLUMNS = """
    min(requested_at) FILTER (outcome = 'ok'), max(requested_at),
    arg_max((url, redirects, etag, last_modified, sha256, warc_file, warc_offset, listed), requested_at)
        FILTER (outcome = 'ok')
"""
_LOOKUP_LOCK = Lock()  # one look-up per process at a time: each takes tens of megabytes
_SPELLINGS_SCHEMA = pa.schema([("url", pa.string()), ("key", pa.string())])
_START_TOLERANCE = timedelta(hours=6)  # nights do not start on the minute
_RETRY_PERIOD = timedelta(days=3)  # how long a failed page is retried, and a missed revisit made up for


@dataclass(frozen=True)
class KnownPage:
    """A page or listing that was requested before.

    `first` is when it was first fetched, `last` when it was last requested; the other fields describe the last
    complete answer. Without `warc_file` there is none: the page is gone, on a foreign host, or known only from an
    archive.
    """

    url: str
    first: datetime
    last: datetime
    final_url: str = ""
    etag: str | None = None
    last_modified: str | None = None
    sha256: str | None = None
    warc_file: str | None = None
    warc_offset: int | None = None
    listed: str | None = None

    @property
    def conditions(self) -> dict[str, dict[str, str]]:
        """By address, the headers that request the page only if it has changed."""
        validators = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {self.final_url: headers} if (headers := {k: v for k, v in validators.items() if v}) else {}

    def stored_response(self, warehouse: Path) -> StoredResponse | None:
        """Return the last complete answer, or None if it cannot be read any more."""
        if self.warc_file is None or self.warc_offset is None:
            return None
        return read_stored_response(WarehouseLayout(warehouse).file(self.warc_file), self.warc_offset)


@dataclass(frozen=True)
class SourceHistory:
    """What is known of one source: its listings by address, and its recent pages by `page_key`.

    `failed_pages` are pages that were listed but could not be fetched, or not yet; their `last` is the time of the
    first failure.
    """

    pages: dict[str, KnownPage] = field(default_factory=dict)
    listings: dict[str, KnownPage] = field(default_factory=dict)
    failed_pages: dict[str, KnownPage] = field(default_factory=dict)

    def pages_to_retry(self, as_of: datetime) -> list[KnownPage]:
        """Return the pages that failed in the last days and have not been fetched since."""
        oldest = as_of - _RETRY_PERIOD
        return [page for key, page in self.failed_pages.items() if key not in self.pages and page.last >= oldest]

    def pages_to_revisit(self, as_of: datetime, days: Sequence[int]) -> list[KnownPage]:
        """Return the pages whose revisit is due, `days` after they were first fetched; the latest first."""
        if not days:
            return []
        oldest = as_of - timedelta(days=max(days)) - _RETRY_PERIOD
        recent = {page.url: page for page in self.pages.values() if page.warc_file and page.first >= oldest}
        due = [page for page in recent.values() if _is_due(page, as_of, days)]
        return sorted(due, key=lambda page: (page.first, page.url), reverse=True)

    def with_rows(self, rows: Iterable[Fetch]) -> SourceHistory:
        """Return the history with the requests of a visit that are not in the tables yet."""
        history = SourceHistory(dict(self.pages), dict(self.listings), dict(self.failed_pages))
        for row in rows:
            if row.kind in LISTING_KINDS and row.outcome == "ok":
                history.listings[row.url] = _page_of_row(row)
            elif row.kind == "page" and (row.outcome in _SETTLED_OUTCOMES or row.status in _GONE_STATUSES):
                key = page_key(row.url)
                previous = history.pages.get(key)
                if row.outcome == "ok" or previous is None:
                    page = _page_of_row(row)
                    history.pages[key] = replace(page, first=previous.first) if previous else page
                else:
                    history.pages[key] = replace(previous, last=row.requested_at)
            elif row.kind == "page" and (row.outcome in _RETRIED_OUTCOMES or row.status in FAILURE_STATUSES):
                history.failed_pages.setdefault(page_key(row.url), _page_of_row(row))
        return history


def _is_due(page: KnownPage, as_of: datetime, days: Sequence[int]) -> bool:
    starts = [page.first + timedelta(days=day) - _START_TOLERANCE for day in days]
    return any(page.last < start <= as_of for start in starts)


def _page_of_row(row: Fetch) -> KnownPage:
    return KnownPage(
        row.url, row.requested_at, row.requested_at, row.redirects[-1] if row.redirects else row.url, row.etag,
        row.last_modified, row.sha256, row.warc_file if row.outcome == "ok" else None, row.warc_offset, row.listed,
    )  # fmt: skip


def read_histories(
    store: Store, sources: Sequence[Source], as_of: datetime, days: Sequence[int]
) -> Mapping[str, SourceHistory]:
    """Read each source's listings and recent pages from the tables, as far back as a revisit may be due.

    `days` are the days after which pages are revisited.
    """
    histories = {source.name: SourceHistory() for source in sources}
    since = as_of - 2 * (timedelta(days=max(days, default=0)) + _RETRY_PERIOD)
    parameters = {"sources": list(histories), "since": since}
    with reading(store, [FETCHES]) as connection:
        listings = connection.execute(
            f"""
            SELECT source, url, url, {_ANSWER_COLUMNS} FROM fetches
            WHERE list_contains($sources, source) AND kind IN {LISTING_KINDS} AND outcome = 'ok' GROUP BY ALL
            """,
            {"sources": list(histories)},
        ).fetchall()
        pages = connection.execute(
            f"""
            SELECT source, url, page_keys[1], {_ANSWER_COLUMNS} FROM fetches
            WHERE list_contains($sources, source) AND kind = 'page' AND {_IS_SETTLED} AND requested_at >= $since
            GROUP BY ALL ORDER BY max(requested_at)
            """,
            parameters,
        ).fetchall()
        failed_pages = connection.execute(
            f"""
            SELECT source, url, page_keys[1], min(requested_at), arg_max(listed, requested_at) FROM fetches
            WHERE list_contains($sources, source) AND kind = 'page' AND requested_at >= $since
                AND (outcome IN {_RETRIED_OUTCOMES} OR status IN {FAILURE_STATUSES})
            GROUP BY ALL ORDER BY min(requested_at), url
            """,
            parameters,
        ).fetchall()
    for source, url, key, *answer in listings:
        histories[source].listings[key] = _page_of_columns(url, *answer)
    for source, url, key, *answer in pages:
        histories[source].pages[key] = _page_of_columns(url, *answer)
    for source, url, key, failed_at, listed in failed_pages:
        histories[source].failed_pages[key] = KnownPage(url, failed_at, failed_at, listed=listed)
    return histories


def find_known_pages(store: Store, source: str, urls: Sequence[str]) -> dict[str, KnownPage]:
    """Return by `page_key` which of these pages are known, from any visit, an archive or a canonical address."""
    keys = {page_key(url) for url in urls}
    spellings = {spelling: page_key(url) for url in urls for spelling in _spellings(url)}
    with _LOOKUP_LOCK, reading(store, [FETCHES, ARTICLES]) as connection:
        connection.register("looked_up", pa.table({"key": pa.array(sorted(keys), pa.string())}))
        connection.register(
            "spellings", pa.table({"url": list(spellings), "key": list(spellings.values())}, _SPELLINGS_SCHEMA)
        )
        fetched = connection.execute(
            f"""
            SELECT any_value(url), key, {_ANSWER_COLUMNS}
            FROM (
                SELECT *, unnest(page_keys) AS key FROM fetches
                WHERE source = $source AND kind = 'page' AND {_IS_SETTLED}
            )
            SEMI JOIN looked_up USING (key) GROUP BY key
            """,
            {"source": source},
        ).fetchall()
        archived = connection.execute(
            """
            SELECT s.key, any_value(s.url), max(a.fetched_at)
            FROM articles a JOIN spellings s ON s.url = a.url OR s.url = a.canonical_url
            WHERE a.source = $source GROUP BY s.key
            """,
            {"source": source},
        ).fetchall()
    pages = {key: KnownPage(url, fetched_at, fetched_at) for key, url, fetched_at in archived}
    return pages | {key: _page_of_columns(url, *answer) for url, key, *answer in fetched}


def _spellings(url: str) -> set[str]:
    """Return how an address may be written in `articles`: as it is, in normal form, with and without `www.`."""
    normal = normalise(url)
    bare = normal.replace("://www.", "://", 1)
    return {url, normal, bare, bare.replace("://", "://www.", 1)}


def _page_of_columns(url: str, first: datetime | None, last: datetime, last_answer: Sequence[Any] | None) -> KnownPage:
    """Return the page described by `_ANSWER_COLUMNS`."""
    if last_answer is None or first is None:
        return KnownPage(url, first or last, last)
    answer_url, redirects, *answer = last_answer
    return KnownPage(answer_url, first, last, redirects[-1] if redirects else answer_url, *answer)
