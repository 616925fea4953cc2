"""When an article was published, as its page says: the first credible witness, with method and precision."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateutil import parser as dateutil_parser
from htmldate import find_date
from lxml.html import HtmlElement

from etl.extract.structured import Structured, collapse
from etl.urls import day_in_path

_META_NAMES = (
    "article:published_time", "og:article:published_time", "og:published_time", "datepublished", "publishdate",
    "publish-date", "parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.created", "dcterms.date",
    "dc.date", "dc.date.created", "pubdate", "publication_date", "publish_date", "cxenseparse:recs:publishtime",
    "ya:ovs:upload_date", "date",
)  # fmt: skip
_MODIFIED_NAMES = (
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "lastmod",
    "dcterms.modified",
    "last-modified",
)
_EARLIEST = 1990
_COMPLETIONS = (datetime(1904, 1, 1), datetime(1908, 12, 28))  # noqa: DTZ001 - leap years, for a printed 29 February
_COARSE = re.compile(r"([12]\d{3})(-(?:0[1-9]|1[0-2]))?", re.ASCII)
_ISO_DAY = re.compile(r"\d{4}-?\d\d-?\d\d(?!\d)", re.ASCII)
_SLASHED = re.compile(r"\b(\d{1,2})/(\d{1,2})/\d{2,4}\b", re.ASCII)
# Hours from UTC of the zone names that pages print. CST and IST mean several zones and are left out.
_ZONES = {
    "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "BST": 1, "CET": 1, "CEST": 2,
    "EET": 2, "EEST": 3, "MSK": 3, "SAST": 2, "PKT": 5, "SGT": 8, "HKT": 8, "WIB": 7, "JST": 9, "KST": 9, "AEST":
    10, "AEDT": 11,
}  # fmt: skip


@dataclass(frozen=True)
class Published:
    """A moment as printed: `day` in the outlet's time zone, `at` in UTC; `at` is null for a day or coarser."""

    day: date | None
    at: datetime | None
    raw: str | None
    method: str | None
    precision: str | None


UNKNOWN = Published(None, None, None, None, None)


def find_published(
    tree: HtmlElement,
    structured: Structured,
    url: str,
    fetched_at: datetime,
    zone: ZoneInfo | None,
    listed: str | None = None,
) -> Published:
    """The first witness whose date is possible: JSON-LD, meta, time elements, feed, URL, visible text.

    `listed` is what the feed or sitemap said. Possible: from 1990 to a day after `fetched_at`. The time of fetching
    never stands in.
    """
    for method, raw in _witnesses(tree, structured, url, listed):
        published = read_date(raw, method, zone)
        if (
            published.day
            and published.day.year >= _EARLIEST
            and published.day <= (fetched_at + timedelta(days=1)).date()
        ):
            return published
    return _visible(tree, url, fetched_at)


def read_date(raw: str, method: str, zone: ZoneInfo | None) -> Published:
    """A printed date -> its day, moment and precision; UNKNOWN where it is none, or could be two (03/04/2025).

    A date without a time stays the calendar day printed. A time without a zone is taken in the outlet's, if known.
    """
    text = collapse(raw)[:80]
    if coarse := _COARSE.fullmatch(text):
        return Published(None, None, text, method, "month" if coarse[2] else "year")
    try:
        parsed = _parse(text)
        if parsed is None or isinstance(parsed, str):
            return Published(None, None, text, method, parsed) if parsed else UNKNOWN
        if not re.search(r"\d:\d\d|\dT\d\d", text):
            return Published(parsed.date(), None, text, method, "day")
        precision = "second" if re.search(r"\d:\d\d:\d\d", text) else "minute"
        if parsed.tzinfo is None and zone is None:
            return Published(parsed.date(), None, text, method, "day")
        moment = parsed.replace(tzinfo=zone) if parsed.tzinfo is None else parsed
        local = moment.astimezone(zone) if zone else moment
        return Published(local.date(), moment.astimezone(UTC), text, method, precision)
    except (OverflowError, ValueError):  # a moment at the end or the beginning of time
        return UNKNOWN


def find_modified(structured: Structured, fetched_at: datetime, zone: ZoneInfo | None) -> datetime | None:
    """The moment of the last change that the page declares (UTC); null where it is not a moment or not possible."""
    candidates = [str(v) for v in structured.json_ld("dateModified")]
    candidates += [v for name in _MODIFIED_NAMES for v in structured.meta.get(name, [])]
    candidates += structured.microdata.get("dateModified", [])
    for raw in candidates:
        at = read_date(raw, "modified", zone).at
        if at and at.year >= _EARLIEST and at <= fetched_at + timedelta(days=1):
            return at
    return None


def _witnesses(tree: HtmlElement, structured: Structured, url: str, listed: str | None) -> Iterator[tuple[str, str]]:
    yield from (("json-ld", str(value)) for value in structured.json_ld("datePublished"))
    yield from (("meta", value) for name in _META_NAMES for value in structured.meta.get(name, []) if value)
    yield from (("microdata", value) for value in structured.microdata.get("datePublished", [])[:1])
    times: list[Any] = tree.xpath("//article//time[@datetime] | //main//time[@datetime] | //header//time[@datetime]")
    yield from (("time", element.get("datetime")) for element in times[:1])
    if listed:
        yield "feed", listed
    if day := day_in_path(url):
        yield "url", day.isoformat()


def _visible(tree: HtmlElement, url: str, fetched_at: datetime) -> Published:
    try:
        found = find_date(
            tree, url=url, extensive_search=True, original_date=True,
            max_date=(fetched_at + timedelta(days=1)).strftime("%Y-%m-%d"), min_date=f"{_EARLIEST}-01-01",
        )  # fmt: skip
    except Exception:  # noqa: BLE001 - a date witness must not cost the page
        return UNKNOWN
    return Published(date.fromisoformat(found), None, found, "text", "day") if found else UNKNOWN


def _offset(name: str | None, seconds: int | None) -> int | None:
    return seconds if seconds is not None else 3600 * _ZONES[name] if name in _ZONES else None


def _parse(text: str) -> datetime | str | None:
    """The date, or the precision ("month", "year") where no day is printed; null where it is no date or ambiguous."""
    if re.fullmatch(r"\d{10}|\d{13}", text, re.ASCII):
        return datetime.fromtimestamp(int(text[:10]), UTC)
    if _ISO_DAY.match(text):
        with contextlib.suppress(ValueError):
            parsed: datetime = dateutil_parser.isoparse(text)
            return parsed if parsed.year >= 1000 else None
    slashed = _SLASHED.search(text)
    if slashed and slashed[1] != slashed[2] and max(int(slashed[1]), int(slashed[2])) <= 12:
        return None  # 3 April here is 4 March there
    dotted = bool(re.search(r"\b\d{1,2}\.\d{1,2}\.\d{4}", text))
    # What is not printed is completed: read with two completions, it shows where they differ.
    first, second = (
        dateutil_parser.parse(text[:60], default=default, tzinfos=_offset, dayfirst=dotted) for default in _COMPLETIONS
    )
    if first.year != second.year:
        return None
    if first.date() != second.date():
        return "month" if first.month == second.month else "year"
    return first
