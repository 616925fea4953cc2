"""When an article was published, as its page says: the witnesses weighed against each other.

Each possible day is scored by who names it (`WEIGHTS`); the best one is taken. The fetch time never stands in.
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

from etl.extract.dates import evidence
from etl.extract.dates.evidence import Witness
from etl.extract.dates.parse import UNKNOWN, Printed, Published, published, read_date
from etl.extract.dates.weights import WEIGHTS
from etl.extract.structured import Structured

__all__ = ["UNKNOWN", "Published", "find_modified", "find_published", "read_date"]

_EARLIEST = date(1990, 1, 1)
# Clocks on earth run from ten hours behind UTC to thirteen ahead, where people live who publish.
_BEHIND, _AHEAD = timedelta(hours=10), timedelta(hours=13)
# Kinds that declare a date of publication of this page; two of them that agree settle it.
_STRONG = frozenset({"json-ld", "meta", "microdata", "time:published", "url"})
_GUESSED = frozenset({"htmldate", "htmldate:guess"})
_HTMLDATE_WEIGHS = max(weight for name, weight in WEIGHTS.items() if name.startswith("htmldate"))
_DECLARED = _STRONG | {"meta:loose", "time", "json-ld:created"}
_SUPPORTED = _DECLARED | {"feed"}  # what is listed may be the day of a change, as in sitemaps: it confirms
# Whose moment and whose wording are preferred, best first; others are good for the day alone.
_ORDER = (
    "json-ld", "meta", "microdata", "time:published", "time", "feed", "text:published", "text:marked", "text:plain",
    "meta:loose", "json-ld:other", "json-ld:created", "script",
)  # fmt: skip
_SAME_ELEMENT = {"time": "microdata"}
_SAME_MOMENT = timedelta(hours=1)
_YEAR_IN_URL = re.compile(r"/((?:19|20)\d\d)(?:[/-](0[1-9]|1[0-2]))?(?=[/-])")


@dataclass(frozen=True)
class Statement:
    """What a witness says to an outlet of this zone: a day, perhaps a moment, other days that it may mean."""

    witness: Witness
    said: Published
    days: frozenset[date]
    swapped: bool = False  # the day of the unlikelier order

    @property
    def kind(self) -> str:
        return self.witness.kind


Features = dict[date, set[str]]
"""Possible days, each with the names of what speaks for and against it."""


def find_published(
    tree: HtmlElement,
    structured: Structured,
    url: str,
    fetched_at: datetime,
    zone: ZoneInfo | None,
    listed: str | None = None,
) -> Published:
    """The day, and where known the moment, for which most speaks.

    `listed` is what the feed or sitemap said. Possible: from 1990 to a day after `fetched_at`. Moments without a zone
    are taken in the outlet's `zone`; where that is unknown, a moment in UTC is the day that another witness prints.
    Where no day is named, a month or a year that the page declares. Never raises on a page's content.
    """
    language = language_of(tree, structured)
    latest = fetched_at + timedelta(days=1)
    said = possible(evidence.declared(tree, structured, url, listed, language), zone, latest)
    day = settled(said)
    if day is None:
        said += possible(searched(tree, structured, language, latest), zone, latest)
        if _is_open(features(said, url)):
            said += possible(guessed(tree, latest), zone, latest)
        day = weigh(features(said, url), WEIGHTS)
    return best(day, said) if day else _coarse(tree, structured, url, listed, latest)


def find_modified(structured: Structured, fetched_at: datetime, zone: ZoneInfo | None) -> datetime | None:
    """The moment of the last change that the page declares (UTC); null where it is not a moment or not possible."""
    latest = fetched_at + timedelta(days=1)
    for raw in evidence.changes(structured):
        at = read_date(raw, "modified", zone).at
        if at and at.date() >= _EARLIEST and at <= latest:
            return at
    return None


def possible(found: Iterable[Witness], zone: ZoneInfo | None, latest: datetime) -> list[Statement]:
    """Statements of days from 1990 to `latest` (UTC)."""
    said = []
    for witness in found:
        for statement in (_statement(witness, printed, zone) for printed in _readings(witness)):
            at = statement.said.at
            if statement.said.day and _EARLIEST <= statement.said.day <= latest.date() and (not at or at <= latest):
                said.append(statement)
    return said


def searched(tree: HtmlElement, structured: Structured, language: str | None, latest: datetime) -> list[Witness]:
    """The dear witnesses: scripts, and the text that readers see."""
    titles = [structured.first_meta("og:title", "twitter:title"), tree.findtext(".//title")]
    known = any(True for _ in structured.json_ld("datePublished"))
    found = evidence.scripted(tree, language, known) + evidence.described(structured, language)
    today = (latest - timedelta(days=1)).date()
    return found + evidence.visible(tree, [title for title in titles if title], language, today)


def guessed(tree: HtmlElement, latest: datetime) -> list[Witness]:
    """The dearest witness: htmldate's finding, or where it has none its guess.

    It makes a first day of a bare month or year: one is believed where the page writes it.
    """
    for kind, extensive in (("htmldate", False), ("htmldate:guess", True)):
        try:
            found = find_date(
                tree, extensive_search=extensive, original_date=True, min_date=_EARLIEST.isoformat(),
                max_date=latest.strftime("%Y-%m-%d"),
            )  # fmt: skip
        except Exception:  # noqa: BLE001 - a date witness must not cost the page
            return []
        if found:
            day = date.fromisoformat(found)
            written = _as_written(tree, day)
            if written or day.day > 1:
                return [Witness(kind, written, Printed(0, 0, day, None, "day"))]
    return []


def settled(said: list[Statement]) -> date | None:
    """The day, where at least two ways of declaring it agree and nothing declared says another.

    Microdata often stand on the `time` element: the two are one way. A feed or sitemap may be the second.
    """
    declared = [s for s in said if s.kind in _DECLARED and not s.swapped]
    strong = [s for s in declared if s.kind in _STRONG]
    days = {s.said.day for s in declared}
    confirming = [s for s in said if s.kind == "feed" and s.said.day in days]
    if not strong or len({_SAME_ELEMENT.get(s.witness.method, s.witness.method) for s in strong + confirming}) < 2:
        return None
    if len(days) == 1:
        return strong[0].said.day
    # One moment in UTC, and the day that it was where the outlet is.
    moments = [s.said.at for s in declared if s.said.at]
    printed = {s.said.day for s in strong if len(s.days) == 1}
    if len(printed) != 1 or not moments or max(moments) - min(moments) > _SAME_MOMENT:
        return None
    return next(iter(printed)) if printed <= frozenset.intersection(*(s.days for s in declared)) else None


def features(said: list[Statement], url: str) -> Features:
    """What speaks for each day that someone names, other than as the day of a change."""
    named: dict[date, set[str]] = defaultdict(set)
    for statement in said:
        if statement.said.day:
            named[statement.said.day].add(statement.kind)
            if statement.swapped:
                named[statement.said.day].add("swapped")
    first = min((s.said.day for s in said if s.kind in _STRONG | {"meta:loose"} and s.said.day), default=None)
    found: Features = {}
    for day, kinds in named.items():
        declared, shown = bool(kinds & _SUPPORTED), any(kind.startswith("text") for kind in kinds)
        support = "declared" if declared else "text" if shown else "alone"
        own = kinds - {"modified", "swapped"}
        if not own or ("modified" in kinds and own <= _GUESSED):
            continue  # the day of a change is no day of publication
        methods = {kind.partition(":")[0] for kind in own} - {"htmldate"}
        qualified = kinds & (_GUESSED | {"modified"})
        names = (kinds - qualified) | {f"{kind}:{support}" for kind in qualified}
        names |= {f"methods:{n}" for n in (2, 3) if len(methods) >= n}
        names |= {"drift"} if any(s.kind in _STRONG and day in s.days and s.said.day != day for s in said) else set()
        names |= {"later"} if first and day > first + timedelta(days=1) else set()
        found[day] = names | _by_url(day, url)
    return found


def weigh(days: Features, weights: Mapping[str, float]) -> date | None:
    """The day with the greatest sum of weights; of equal ones the first."""
    return max(sorted(days), key=lambda day: _score(days[day], weights), default=None)


def _score(names: Iterable[str], weights: Mapping[str, float]) -> float:
    """Rounded: in sums of floats the order counts, and that of a set is another one in every process."""
    return round(fsum(weights.get(name, 0.0) for name in names), 6)


def _is_open(days: Features) -> bool:
    """Whether htmldate can still change the day: it weighs so much, for a day that others name or for a new one."""
    first, *others = sorted((_score(names, WEIGHTS) for names in days.values()), reverse=True) or [0.0]
    return first - max([0.0, *others]) <= _HTMLDATE_WEIGHS


def _readings(witness: Witness) -> list[Printed]:
    """A date that may be two is both; what programs write may be in their order, not in the page's language."""
    printed = witness.printed
    if printed.other is None or (printed.sure and witness.method == "text"):
        return [printed]
    return [printed, replace(printed, day=printed.other)]


def _statement(witness: Witness, printed: Printed, zone: ZoneInfo | None) -> Statement:
    """A midnight is a date whose time nobody wrote: it stays the day that was printed."""
    clock = printed.clock
    if clock and not (clock.hour or clock.minute or clock.second):
        printed = replace(printed, clock=None, precision="day")
    said = published(printed, witness.raw, witness.method, zone)
    if said.day is None:
        return Statement(witness, said, frozenset())
    days = {said.day}
    if zone is None and said.at and printed.clock and printed.clock.utcoffset() == timedelta(0):
        days |= {(said.at - _BEHIND).date(), (said.at + _AHEAD).date()}
    return Statement(witness, said, frozenset(days), swapped=printed.day != witness.printed.day)


def best(day: date, said: list[Statement]) -> Published:
    """The statement of a day with the best wording: moments before days, then by the order of kinds."""

    def rank(statement: Statement) -> tuple[bool, int]:
        kind = statement.kind
        place = next(
            (n for n, known in enumerate(_ORDER) if kind == known or kind.startswith(f"{known}-")), len(_ORDER)
        )
        return statement.said.at is None or place == len(_ORDER), place

    agreeing = [s for s in said if day in s.days and s.kind != "modified"]
    exact = [s for s in agreeing if s.said.day == day]
    # What programs write in UTC may be of this day where the outlet is; what readers see is the day that it prints.
    moments = [s for s in agreeing if s.said.at and s.witness.method != "text"]
    best = min([*exact, *moments], key=rank).said
    return Published(day, best.at, best.raw or None, best.method, best.precision)


def _coarse(tree: HtmlElement, structured: Structured, url: str, listed: str | None, latest: datetime) -> Published:
    """A month or a year that the page declares."""
    for kind, raw in evidence.statements(tree, structured, url, listed):
        if kind in _STRONG | {"meta:loose"} and isinstance(raw, str):
            said = read_date(raw, kind.partition(":")[0], None)
            year = re.search(r"\d{4}", raw)
            if said.precision in ("month", "year") and year and _EARLIEST.year <= int(year[0]) <= latest.year:
                return said
    return UNKNOWN


def _by_url(day: date, url: str) -> set[str]:
    """Whether an address that names a year, or a year and a month, names this day's."""
    match = _YEAR_IN_URL.search(url)
    if match is None:
        return set()
    if match[2]:
        return {"url:month" if (day.year, day.month) == (int(match[1]), int(match[2])) else "url:month-not"}
    return {"url:year" if day.year == int(match[1]) else "url:year-not"}


def _as_written(tree: HtmlElement, day: date) -> str:
    """How the page writes a day in numbers; empty where it does not."""
    text = etree.tostring(tree, encoding="unicode")
    forms = (
        rf"{day:%Y}(?P<a>[-/.]?)0?{day.month}(?P=a)0?{day.day}(?!\d)|(?<!\d)0?{day.day}([-/.])0?{day.month}\2{day:%Y}"
    )
    match = re.search(forms, text)
    return match[0] if match else ""


def language_of(tree: HtmlElement, structured: Structured) -> str | None:
    """What the page calls its language: `de`, `en-US`, `pt_BR`."""
    return (
        tree.get("lang") or structured.first_meta("og:locale") or tree.get("{http://www.w3.org/XML/1998/namespace}lang")
    )
