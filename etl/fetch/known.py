"""What was read before: so that nothing is read twice, and recent pages are asked again whether they changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any

import pyarrow as pa

from etl.configuration.sources import Source
from etl.fetch.http.hosts import BUSY, TROUBLED
from etl.urls import normalise, page_key
from etl.warc.reader import Stored, read_stored
from etl.warehouse.delta import Store
from etl.warehouse.duck import reading
from schemas import ARTICLES, FETCHES, Fetch
from schemas.values import LISTING_KINDS

_GONE = (404, 410)  # not asked for again
_UNHAD = (*TROUBLED, "postponed")  # asked for again, though no listing may name it any more
_HAD = f"(outcome IN ('ok', 'not_modified', 'foreign') OR status IN {_GONE})"
# When an address was first and last read, and its last whole answer.
_SEEN = """
    min(requested_at) FILTER (outcome = 'ok'), max(requested_at),
    arg_max((url, redirects, etag, last_modified, sha256, warc_file, warc_offset, listed), requested_at)
        FILTER (outcome = 'ok')
"""
_ONE_AT_A_TIME = Lock()  # of the look-ups of a process: each takes tens of megabytes
_SPELT = pa.schema([("url", pa.string()), ("key", pa.string())])
_SLACK = timedelta(hours=6)  # nights do not begin to the minute
_GRACE = timedelta(days=3)  # what could not be had, and a revisit that could not be made, is made up for so long


@dataclass(frozen=True)
class Seen:
    """An address that was read before: `first` and `last` when; what the last whole answer was and where it lies.

    Without `warc_file` there is none: the page is gone, on a foreign host, or known from an archive only.
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
        """Headers by address that ask for the page only if it changed."""
        named = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {self.final_url: headers} if (headers := {k: v for k, v in named.items() if v}) else {}

    def stored(self, warehouse: Path) -> Stored | None:
        """The last whole answer, if it can still be read."""
        if self.warc_file is None or self.warc_offset is None:
            return None
        return read_stored(warehouse / self.warc_file, self.warc_offset)


@dataclass(frozen=True)
class Known:
    """What is known of a source's listings by address, and of its recent pages by `page_key`.

    `unhad` are pages that were listed and could not be had, or not yet; since when is their `last`.
    """

    pages: dict[str, Seen] = field(default_factory=dict)
    listings: dict[str, Seen] = field(default_factory=dict)
    unhad: dict[str, Seen] = field(default_factory=dict)

    def missed(self, as_of: datetime) -> list[Seen]:
        """The pages to try again: those that could not be had for some days at most."""
        return [seen for key, seen in self.unhad.items() if key not in self.pages and seen.last >= as_of - _GRACE]

    def due(self, as_of: datetime, days: Sequence[int]) -> list[Seen]:
        """The pages that are to be asked for again: so many days after they were first read; the latest first."""
        if not days:
            return []
        oldest = as_of - timedelta(days=max(days)) - _GRACE
        recent = {seen.url: seen for seen in self.pages.values() if seen.warc_file and seen.first >= oldest}
        due = [seen for seen in recent.values() if _is_due(seen, as_of, days)]
        return sorted(due, key=lambda seen: (seen.first, seen.url), reverse=True)

    def with_rows(self, rows: Iterable[Fetch]) -> Known:
        """With the requests of a visit that the tables do not have yet."""
        known = Known(dict(self.pages), dict(self.listings), dict(self.unhad))
        for row in rows:
            if row.kind in LISTING_KINDS and row.outcome == "ok":
                known.listings[row.url] = _of_row(row)
            elif row.kind == "page" and (row.outcome in ("ok", "not_modified", "foreign") or row.status in _GONE):
                key = page_key(row.url)
                before = known.pages.get(key)
                if row.outcome == "ok" or before is None:
                    seen = _of_row(row)
                    known.pages[key] = replace(seen, first=before.first) if before else seen
                else:
                    known.pages[key] = replace(before, last=row.requested_at)
            elif row.kind == "page" and (row.outcome in _UNHAD or row.status in BUSY):
                known.unhad.setdefault(page_key(row.url), _of_row(row))
        return known


def _is_due(seen: Seen, as_of: datetime, days: Sequence[int]) -> bool:
    moments = [seen.first + timedelta(days=day) for day in days]
    return any(moment - _SLACK <= as_of and seen.last < moment - _SLACK for moment in moments)


def _of_row(row: Fetch) -> Seen:
    return Seen(
        row.url, row.requested_at, row.requested_at, row.redirects[-1] if row.redirects else row.url, row.etag,
        row.last_modified, row.sha256, row.warc_file if row.outcome == "ok" else None, row.warc_offset, row.listed,
    )  # fmt: skip


def read_known(store: Store, sources: Sequence[Source], as_of: datetime, days: Sequence[int]) -> Mapping[str, Known]:
    """What the tables know of each source's listings and recent pages: as far back as anything may be due again."""
    known = {source.name: Known() for source in sources}
    since = as_of - 2 * (timedelta(days=max(days, default=0)) + _GRACE)
    given = {"sources": list(known), "since": since}
    with reading(store, [FETCHES]) as connection:
        listings = connection.execute(
            f"""
            SELECT source, url, url, {_SEEN} FROM fetches
            WHERE list_contains($sources, source) AND kind IN {LISTING_KINDS} AND outcome = 'ok' GROUP BY ALL
            """,
            {"sources": list(known)},
        ).fetchall()
        pages = connection.execute(
            f"""
            SELECT source, url, page_keys[1], {_SEEN} FROM fetches
            WHERE list_contains($sources, source) AND kind = 'page' AND {_HAD} AND requested_at >= $since
            GROUP BY ALL ORDER BY max(requested_at)
            """,
            given,
        ).fetchall()
        unhad = connection.execute(
            f"""
            SELECT source, url, page_keys[1], min(requested_at), arg_max(listed, requested_at) FROM fetches
            WHERE list_contains($sources, source) AND kind = 'page' AND requested_at >= $since
                AND (outcome IN {_UNHAD} OR status IN {BUSY})
            GROUP BY ALL ORDER BY min(requested_at), url
            """,
            given,
        ).fetchall()
    for source, url, key, *read in listings:
        known[source].listings[key] = _seen(url, *read)
    for source, url, key, *read in pages:
        known[source].pages[key] = _seen(url, *read)
    for source, url, key, at, listed in unhad:
        known[source].unhad[key] = Seen(url, at, at, listed=listed)
    return known


def look_up(store: Store, source: str, urls: Sequence[str]) -> dict[str, Seen]:
    """What the tables know of these pages, by `page_key`: from any visit, or from an archive or a canonical address."""
    keys = {page_key(url) for url in urls}
    spellings = {spelling: page_key(url) for url in urls for spelling in _spellings(url)}
    with _ONE_AT_A_TIME, reading(store, [FETCHES, ARTICLES]) as connection:
        connection.register("wanted", pa.table({"key": pa.array(sorted(keys), pa.string())}))
        connection.register("spelt", pa.table({"url": list(spellings), "key": list(spellings.values())}, _SPELT))
        asked = connection.execute(
            f"""
            SELECT any_value(url), key, {_SEEN}
            FROM (SELECT *, unnest(page_keys) AS key FROM fetches WHERE source = $source AND kind = 'page' AND {_HAD})
            SEMI JOIN wanted USING (key) GROUP BY key
            """,
            {"source": source},
        ).fetchall()
        archived = connection.execute(
            """
            SELECT s.key, any_value(s.url), max(a.fetched_at)
            FROM articles a JOIN spelt s ON s.url = a.url OR s.url = a.canonical_url
            WHERE a.source = $source GROUP BY s.key
            """,
            {"source": source},
        ).fetchall()
    found = {key: Seen(url, at, at) for key, url, at in archived}
    return found | {key: _seen(url, *read) for url, key, *read in asked}


def _spellings(url: str) -> set[str]:
    """How an address may stand in `articles`: as it is, in normal form, with and without `www.`."""
    plain = normalise(url)
    bare = plain.replace("://www.", "://", 1)
    return {url, plain, bare, bare.replace("://", "://www.", 1)}


def _seen(url: str, first: datetime | None, last: datetime, whole: Sequence[Any] | None) -> Seen:
    if whole is None or first is None:
        return Seen(url, first or last, last)
    asked, redirects, *answer = whole
    return Seen(asked, first, last, redirects[-1] if redirects else asked, *answer)
