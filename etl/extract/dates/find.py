"""The date of publication of an article: all evidence on its page is collected, and each possible day gets a score.

The score of a day is the sum of the WEIGHTS of its features, which tell what evidence supports it. The day with the
highest score is chosen. The time of fetching is never used as a date.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from math import fsum
from zoneinfo import ZoneInfo

from htmldate import find_date
from lxml import etree
from lxml.html import HtmlElement

from etl.errors import is_machine_error
from etl.extract.dates.evidence import (
    DateEvidence,
    declared_evidence,
    declared_values,
    description_evidence,
    modification_values,
    script_evidence,
    text_evidence,
)
from etl.extract.dates.parse import UNKNOWN, PrintedDate, PublicationDate, read_date, to_publication_date
from etl.extract.dates.weights import WEIGHTS
from etl.extract.structured import Structured

__all__ = ["UNKNOWN", "PublicationDate", "find_modified", "find_published", "read_date"]

_EARLIEST = date(1990, 1, 1)
# Where publishers work, clocks are between ten hours behind UTC and thirteen hours ahead of it.
_BEHIND, _AHEAD = timedelta(hours=10), timedelta(hours=13)
# Kinds that declare when this page was published. If evidence of two such methods agrees, the day is settled.
_STRONG = frozenset({"json-ld", "meta", "microdata", "time:published", "url"})
_FROM_HTMLDATE = frozenset({"htmldate", "htmldate:guess"})
_HIGHEST_HTMLDATE_WEIGHT = max(weight for name, weight in WEIGHTS.items() if name.startswith("htmldate"))
_DECLARED = _STRONG | {"meta:loose", "time", "json-ld:created"}
_SUPPORTING = _DECLARED | {"feed"}  # a listed date only supports others: in sitemaps it may be that of a change
# The kinds whose moment and wording are preferred, best first. Other kinds are used only for the day.
_ORDER = (
    "json-ld", "meta", "microdata", "time:published", "time", "feed", "text:published", "text:marked", "text:plain",
    "meta:loose", "json-ld:other", "json-ld:created", "script",
)  # fmt: skip
_SAME_ELEMENT = {"time": "microdata"}  # methods that often read the same element and then count as one
_SAME_MOMENT = timedelta(hours=1)
_YEAR_IN_URL = re.compile(r"/((?:19|20)\d\d)(?:[/-](0[1-9]|1[0-2]))?(?=[/-])")


@dataclass(frozen=True)
class DateReading:
    """What a piece of evidence means for an outlet in a given time zone.

    `days` has all days that it may mean: more than one for a moment in UTC if the outlet's zone is unknown.
    `is_swapped` tells that day and month are read in the less likely order.
    """

    evidence: DateEvidence
    published: PublicationDate
    days: frozenset[date]
    is_swapped: bool = False

    @property
    def kind(self) -> str:
        return self.evidence.kind


DayFeatures = dict[date, set[str]]
"""The possible days, each with its features: the names of what supports or contradicts it."""


def find_published(
    tree: HtmlElement,
    structured: Structured,
    url: str,
    fetched_at: datetime,
    zone: ZoneInfo | None,
    listed: str | None = None,
) -> PublicationDate:
    """Return the best supported day of publication, and the moment if it is known.

    `listed` is the date in the feed or sitemap. Only days from 1990 to one day after `fetched_at` are possible. Moments
    without a zone are taken to be in the outlet's `zone`. If that is unknown, a moment in UTC is assigned to the day
    that other evidence names. If no day is found, return a month or a year that the page declares. Never raises because
    of a page's content.
    """
    language = language_of(tree, structured)
    latest = fetched_at + timedelta(days=1)
    readings = possible_readings(declared_evidence(tree, structured, url, listed, language), zone, latest)
    day = settled_day(readings)
    if day is None:
        readings += possible_readings(script_and_text_evidence(tree, structured, language, latest), zone, latest)
        if _can_htmldate_decide(day_features(readings, url)):
            readings += possible_readings(htmldate_evidence(tree, latest), zone, latest)
        day = best_day(day_features(readings, url), WEIGHTS)
    return best_date(day, readings) if day else _declared_month_or_year(tree, structured, url, listed, latest)


def find_modified(structured: Structured, fetched_at: datetime, zone: ZoneInfo | None) -> datetime | None:
    """Return the moment of the last change that the page declares, in UTC; null if it is not a possible moment."""
    latest = fetched_at + timedelta(days=1)
    for raw in modification_values(structured):
        at = read_date(raw, "modified", zone).at
        if at and at.date() >= _EARLIEST and at <= latest:
            return at
    return None


def possible_readings(evidence: Iterable[DateEvidence], zone: ZoneInfo | None, latest: datetime) -> list[DateReading]:
    """Return the readings of the evidence that mean a day from 1990 to `latest` (UTC)."""
    readings = []
    for item in evidence:
        for reading in (_reading(item, printed, zone) for printed in _printed_readings(item)):
            day, at = reading.published.day, reading.published.at
            if day and _EARLIEST <= day <= latest.date() and (not at or at <= latest):
                readings.append(reading)
    return readings


def script_and_text_evidence(
    tree: HtmlElement, structured: Structured, language: str | None, latest: datetime
) -> list[DateEvidence]:
    """Return the evidence in scripts, the description and the visible text, which takes longer to find."""
    titles = [structured.first_meta("og:title", "twitter:title"), tree.findtext(".//title")]
    has_json_ld_date = any(True for _ in structured.json_ld("datePublished"))
    evidence = script_evidence(tree, language, has_json_ld_date) + description_evidence(structured, language)
    today = (latest - timedelta(days=1)).date()
    return evidence + text_evidence(tree, [title for title in titles if title], language, today)


def htmldate_evidence(tree: HtmlElement, latest: datetime) -> list[DateEvidence]:
    """Return the date that htmldate finds, or else its guess. This evidence takes longest.

    htmldate makes the first day of a month or a year of dates without a day. Therefore a first day of a month is only
    used if the page writes it.
    """
    for kind, extensive in (("htmldate", False), ("htmldate:guess", True)):
        try:
            iso_day = find_date(
                tree, extensive_search=extensive, original_date=True, min_date=_EARLIEST.isoformat(),
                max_date=latest.strftime("%Y-%m-%d"),
            )  # fmt: skip
        except Exception as error:  # an error in htmldate must not cost the page
            if is_machine_error(error):
                raise
            return []
        if iso_day:
            day = date.fromisoformat(iso_day)
            raw = _in_numbers(tree, day)
            if raw or day.day > 1:
                return [DateEvidence(kind, raw, PrintedDate(0, 0, day, None, "day"))]
    return []


def settled_day(readings: list[DateReading]) -> date | None:
    """Return the day on which at least two methods of declaring it agree, if no declaration contradicts it.

    Microdata are often on the `time` element, so the two count as one method. A feed or sitemap may be the second.
    """
    declared = [r for r in readings if r.kind in _DECLARED and not r.is_swapped]
    strong = [r for r in declared if r.kind in _STRONG]
    days = {r.published.day for r in declared}
    confirming = [r for r in readings if r.kind == "feed" and r.published.day in days]
    methods = {_SAME_ELEMENT.get(r.evidence.method, r.evidence.method) for r in strong + confirming}
    if not strong or len(methods) < 2:
        return None
    if len(days) == 1:
        return strong[0].published.day
    # Two days may be one moment: its day in UTC and its day at the outlet.
    moments = [r.published.at for r in declared if r.published.at]
    certain_days = {r.published.day for r in strong if len(r.days) == 1}
    if len(certain_days) != 1 or not moments or max(moments) - min(moments) > _SAME_MOMENT:
        return None
    is_possible_for_all = certain_days <= frozenset.intersection(*(r.days for r in declared))
    return next(iter(certain_days)) if is_possible_for_all else None


def day_features(readings: list[DateReading], url: str) -> DayFeatures:
    """Return the features of each day that the evidence names. Days that are only days of changes are left out."""
    kinds_by_day: dict[date, set[str]] = defaultdict(set)
    for reading in readings:
        if reading.published.day:
            kinds_by_day[reading.published.day].add(reading.kind)
            if reading.is_swapped:
                kinds_by_day[reading.published.day].add("swapped")
    declared_days = (r.published.day for r in readings if r.kind in _STRONG | {"meta:loose"})
    earliest = min((day for day in declared_days if day), default=None)
    features: DayFeatures = {}
    for day, kinds in kinds_by_day.items():
        publication_kinds = kinds - {"modified", "swapped"}
        if not publication_kinds or ("modified" in kinds and publication_kinds <= _FROM_HTMLDATE):
            continue
        features[day] = _kind_features(kinds, publication_kinds) | _url_features(day, url)
        if any(r.kind in _STRONG and day in r.days and r.published.day != day for r in readings):
            features[day].add("drift")
        if earliest and day > earliest + timedelta(days=1):
            features[day].add("later")
    return features


def _kind_features(kinds: set[str], publication_kinds: set[str]) -> set[str]:
    """Return the features of a day that follow from the kinds of its evidence.

    Dates of changes and those of htmldate get the name of what else supports the day.
    """
    is_declared, is_in_text = bool(kinds & _SUPPORTING), any(kind.startswith("text") for kind in kinds)
    support = "declared" if is_declared else "text" if is_in_text else "alone"
    qualified = kinds & (_FROM_HTMLDATE | {"modified"})
    methods = {kind.partition(":")[0] for kind in publication_kinds} - {"htmldate"}
    features = (kinds - qualified) | {f"{kind}:{support}" for kind in qualified}
    return features | {f"methods:{n}" for n in (2, 3) if len(methods) >= n}


def best_day(days: DayFeatures, weights: Mapping[str, float]) -> date | None:
    """Return the day with the greatest sum of weights, the first of several; null if there are no days."""
    return max(sorted(days), key=lambda day: _score(days[day], weights), default=None)


def _score(features: Iterable[str], weights: Mapping[str, float]) -> float:
    """Return the sum of the features' weights.

    It is rounded because a sum of floats depends on their order, and the order of a set differs between processes.
    """
    return round(fsum(weights.get(name, 0.0) for name in features), 6)


def _can_htmldate_decide(days: DayFeatures) -> bool:
    """Whether htmldate's evidence, for one of these days or another, can change which day is best."""
    first, *others = sorted((_score(names, WEIGHTS) for names in days.values()), reverse=True) or [0.0]
    return first - max([0.0, *others]) <= _HIGHEST_HTMLDATE_WEIGHT


def _printed_readings(evidence: DateEvidence) -> list[PrintedDate]:
    """Return a printed date, and if it can be two days also the other one.

    The page's language determines the order of day and month in text only: programs may write another order.
    """
    printed = evidence.printed
    if printed.other_day is None or (printed.is_certain and evidence.method == "text"):
        return [printed]
    return [printed, replace(printed, day=printed.other_day)]


def _reading(evidence: DateEvidence, printed: PrintedDate, zone: ZoneInfo | None) -> DateReading:
    """Return what a printed date means. Midnight is taken for a missing time, so that the printed day stays."""
    clock = printed.clock
    if clock and not (clock.hour or clock.minute or clock.second):
        printed = replace(printed, clock=None, precision="day")
    published = to_publication_date(printed, evidence.raw, evidence.method, zone)
    if published.day is None:
        return DateReading(evidence, published, frozenset())
    days = {published.day}
    if zone is None and published.at and printed.clock and printed.clock.utcoffset() == timedelta(0):
        days |= {(published.at - _BEHIND).date(), (published.at + _AHEAD).date()}
    return DateReading(evidence, published, frozenset(days), is_swapped=printed.day != evidence.printed.day)


def best_date(day: date, readings: list[DateReading]) -> PublicationDate:
    """Return the best reading of a day: moments are better than days; then the order of kinds decides."""

    def rank(reading: DateReading) -> tuple[bool, int]:
        kind = reading.kind
        position = next(
            (n for n, known in enumerate(_ORDER) if kind == known or kind.startswith(f"{known}-")), len(_ORDER)
        )
        return reading.published.at is None or position == len(_ORDER), position

    agreeing = [r for r in readings if day in r.days and r.kind != "modified"]
    same_day = [r for r in agreeing if r.published.day == day]
    # A moment in UTC that programs write may be on this day at the outlet; the text that readers see prints that day.
    moments = [r for r in agreeing if r.published.at and r.evidence.method != "text"]
    best = min([*same_day, *moments], key=rank).published
    return PublicationDate(day, best.at, best.raw or None, best.method, best.precision)


def _declared_month_or_year(
    tree: HtmlElement, structured: Structured, url: str, listed: str | None, latest: datetime
) -> PublicationDate:
    """Return the first month or year that the page declares, else UNKNOWN."""
    for kind, raw in declared_values(tree, structured, url, listed):
        if kind in _STRONG | {"meta:loose"} and isinstance(raw, str):
            published = read_date(raw, kind.partition(":")[0], None)
            year = re.search(r"\d{4}", raw)
            is_coarse = published.precision in ("month", "year")
            if is_coarse and year and _EARLIEST.year <= int(year[0]) <= latest.year:
                return published
    return UNKNOWN


def _url_features(day: date, url: str) -> set[str]:
    """Return whether the year, or the year and month, in a URL are those of the day; empty if it has none."""
    match = _YEAR_IN_URL.search(url)
    if match is None:
        return set()
    if match[2]:
        return {"url:month" if (day.year, day.month) == (int(match[1]), int(match[2])) else "url:month-not"}
    return {"url:year" if day.year == int(match[1]) else "url:year-not"}


def _in_numbers(tree: HtmlElement, day: date) -> str:
    """Return how the page writes a day in numbers; empty if it does not."""
    text = etree.tostring(tree, encoding="unicode")
    forms = (
        rf"{day:%Y}(?P<a>[-/.]?)0?{day.month}(?P=a)0?{day.day}(?!\d)|(?<!\d)0?{day.day}([-/.])0?{day.month}\2{day:%Y}"
    )
    match = re.search(forms, text)
    return match[0] if match else ""


def language_of(tree: HtmlElement, structured: Structured) -> str | None:
    """Return the language that the page declares, such as `de`, `en-US` or `pt_BR`."""
    return (
        tree.get("lang") or structured.first_meta("og:locale") or tree.get("{http://www.w3.org/XML/1998/namespace}lang")
    )
