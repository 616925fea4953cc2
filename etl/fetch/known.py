"""What was read before: so that nothing is read twice, and recent pages are asked again whether they changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from etl.fetch.record import LISTINGS
from etl.sources import Source
from etl.store import Store
from etl.urls import page_key
from etl.warc import Stored, read_stored
from etl.warehouse import reading
from schemas import ARTICLES, FETCHES, Fetch

_GONE = (404, 410)  # not asked for again
_UNHAD = ("timeout", "unreachable", "cut_off", "postponed")  # asked for again, though no listing may name it any more
_BUSY = (429, 500, 502, 503, 504)
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
    """All that is known of a source's addresses: pages by `page_key`, listings by address.

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
            if row.kind in LISTINGS and row.outcome == "ok":
                known.listings[row.url] = _of_row(row)
            elif row.kind == "page" and (row.outcome in ("ok", "not_modified", "foreign") or row.status in _GONE):
                key = page_key(row.url)
                before = known.pages.get(key)
                if row.outcome == "ok" or before is None:
                    seen = _of_row(row)
                    known.pages[key] = replace(seen, first=before.first) if before else seen
                else:
                    known.pages[key] = replace(before, last=row.requested_at)
            elif row.kind == "page" and (row.outcome in _UNHAD or row.status in _BUSY):
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


def read_known(store: Store, sources: Sequence[Source]) -> Mapping[str, Known]:
    """What the tables know of each source: its visits, and its articles in archives with their canonical addresses."""
    known = {source.name: Known() for source in sources}
    with reading(store, [FETCHES, ARTICLES]) as connection:
        asked = connection.execute(
            f"""
            SELECT
                source, kind, url, min(requested_at) FILTER (outcome = 'ok'), max(requested_at),
                arg_max((redirects, etag, last_modified, sha256, warc_file, warc_offset, listed), requested_at)
                    FILTER (outcome = 'ok')
            FROM fetches
            WHERE list_contains($sources, source)
                AND kind IN ('page', {", ".join(f"'{kind}'" for kind in LISTINGS)})
                AND (outcome IN ('ok', 'not_modified', 'foreign') OR status IN {_GONE})
            GROUP BY ALL ORDER BY max(requested_at)
            """,
            {"sources": list(known)},
        ).fetchall()
        unhad = connection.execute(
            f"""
            SELECT source, url, min(requested_at), arg_max(listed, requested_at) FROM fetches
            WHERE list_contains($sources, source) AND kind = 'page' AND (outcome IN {_UNHAD} OR status IN {_BUSY})
            GROUP BY ALL ORDER BY min(requested_at)
            """,
            {"sources": list(known)},
        ).fetchall()
        read = connection.execute(
            """
            SELECT DISTINCT source, unnest([url, canonical_url]), fetched_at FROM articles
            WHERE list_contains($sources, source)
            """,
            {"sources": list(known)},
        ).fetchall()
    for source, kind, url, first, last, whole in asked:
        seen = Seen(url, first or last, last)
        if whole is not None:
            redirects, *answer = whole
            seen = Seen(url, first, last, redirects[-1] if redirects else url, *answer)
        if kind == "page":
            known[source].pages[page_key(url)] = seen
            known[source].pages.setdefault(page_key(seen.final_url or url), seen)
        else:
            known[source].listings[url] = seen
    for source, url, at, listed in unhad:
        known[source].unhad[page_key(url)] = Seen(url, at, at, listed=listed)
    for source, url, at in read:
        known[source].pages.setdefault(page_key(url), Seen(url, at, at))
    return known
