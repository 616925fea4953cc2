"""One printed date, in any of many languages and numerals: its day, its moment, its precision."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from etl.extract.dates.months import month_number
from etl.extract.structured import collapse
from schemas.values import PublishedPrecision


@dataclass(frozen=True)
class Published:
    """A moment as printed: `day` in the outlet's time zone, `at` in UTC; `at` is null for a day or coarser."""

    day: date | None
    at: datetime | None
    raw: str | None
    method: str | None
    precision: PublishedPrecision | None


UNKNOWN = Published(None, None, None, None, None)


@dataclass(frozen=True)
class Printed:
    """A date in a text: where it stands, what it says. `other` is the day in the other order, where 3/4 leaves two;
    `sure` whether the language settles which.
    """

    start: int
    end: int
    day: date
    clock: time | None
    precision: PublishedPrecision
    other: date | None = None
    sure: bool = True


_Days = tuple[date, date | None, bool]  # the day, the day in the other order, whether it is sure which
_LONGEST = 80
# Hours from UTC of the zone names that pages print. CST and IST mean several zones and are left out.
_ZONES = {
    "Z": 0, "UTC": 0, "GMT": 0, "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "BST": 1,
    "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2, "EET": 2, "EEST": 3, "MSK": 3, "SAST": 2, "PKT": 5, "SGT": 8, "HKT": 8,
    "WIB": 7, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11,
}  # fmt: skip
_REGIONS = {"ET": "America/New_York", "CT": "America/Chicago", "MT": "America/Denver", "PT": "America/Los_Angeles"}
_YEAR_FIRST = ("ko", "ja", "zh", "hu")
_FIRST_YEAR = 1500  # before it, years of other calendars (1404, 1447) would pass for years
_BUDDHIST, _REPUBLIC = 543, 1911  # years that Thailand and Taiwan count more or fewer
_DIGITS = {
    code: str(unicodedata.decimal(chr(code)))
    for code in range(128, sys.maxunicode + 1)
    if unicodedata.category(chr(code)) == "Nd"
}
_SPACES = dict.fromkeys(map(ord, "\u00a0\u2009\u202f\u2007"), " ")
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u200e\u200f\u2066\u2067\u2068\u2069\ufeff"))

_WORD = r"(?P<month>[^\W\d_][^\s\d,./:;()|–—\-]{1,19})"
_LINK = r"(?:(?:de|del|di|of|do|da)\s+|d[’'])?"
_DAY = r"(?P<day>\d{1,2})"
_YEAR = r"(?P<year>\d{4})"
_FORMS = (
    # 2025-09-03, 2025/9/3, 2025. 9. 3.
    rf"(?<![\d./-]){_YEAR}(?P<sep>[-/.]|\.\s)(?P<number>\d{{1,2}})(?P=sep){_DAY}(?!\d|[-/]\d)",
    # 2025年9月3日, 2025년 9월 3일, 民國114年9月3日
    rf"(?P<year>(?<!\d)\d{{4}}|(?<=民[國国])\d{{2,3}})\s?[年년]\s?(?P<number>\d{{1,2}})\s?[月월]\s?{_DAY}\s?[日일號号]",
    # 3 September 2025, 3rd of Sept. 2025, 3. září 2025, 3 de setembro de 2025, 03-Sep-25
    rf"(?<![\d.,/:-]){_DAY}(?:st|nd|rd|th|er|ª|º|°|η|a)?[.,]?[\s/.-]{{0,3}}{_LINK}{_WORD}[.,]?[\s/,.-]{{0,3}}{_LINK}"
    r"(?:พ\.ศ\.\s?)?(?P<year>\d{4}|[’']?\d\d(?![\d:.]))(?!\d)",
    # September 3, 2025
    rf"(?<![^\W\d_]){_WORD}[.,]?\s{{0,2}}{_DAY}(?:st|nd|rd|th)?(?:\s?,|\s)\s{{0,2}}{_YEAR}(?!\d)",
    # 2025. szeptember 3., 2025 m. rugsėjo 3 d.
    rf"(?<![\d./-]){_YEAR}[.,]?\s?(?:m\.|оны|г\.)?[\s/-]{{0,2}}{_WORD}\.?[\s/-]{{1,2}}{_DAY}(?![\d:])",
    # ngày 3 tháng 9 năm 2025
    rf"(?<!\d){_DAY}\s?tháng\s?(?P<number>\d{{1,2}}),?\s?(?:năm\s?)?{_YEAR}(?!\d)",
    # 03.09.2025, 3/9/2025, 3. 9. 2025
    rf"(?<![\d.,/:-]){_DAY}(?P<sep>[./-]|\.\s)(?P<number>\d{{1,2}})(?P=sep){_YEAR}(?!\d|[./-]\d)",
    # 03.09.25, 3/9/25
    r"(?<![\d.,/:-])(?:(?P<day>\d\d)\.(?P<number>\d\d)\.|(?P<day2>\d{1,2})/(?P<number2>\d{1,2})/)"
    r"(?P<year>\d\d)(?!\d|[./-]\d)",
)  # fmt: skip
_PATTERNS = tuple(re.compile(form, re.IGNORECASE) for form in _FORMS)
_HINT = re.compile(r"\d{4}|\d[./-]\d|\d\s?[年년]|[^\W\d][ -][’']?\d\d\b")
_NAMED = "|".join(sorted((*_ZONES, *_REGIONS), key=len, reverse=True))
_ZONE = rf"(?P<zone>(?:(?:UTC|GMT)\s?)?[+-]\d{{1,2}}(?::?\d\d)?(?![\d-])|(?-i:{_NAMED})(?!\w))"  # `et` is no zone
_CLOCK = (
    r"(?:(?P<early>오전|上午|午前)|(?P<late>오후|下午|午後))?\s?(?P<hour>\d{1,2})(?:[:h]|\.(?=\d\d(?:\D|$)))"
    r"(?P<minute>\d\d)(?::(?P<second>\d\d))?(?:[.,]\d+)?"
)
_HALF = r"(?:\s?(?P<half>[apπμ])\.?\s?[mμ]\b\.?)?"
_AFTER = re.compile(
    rf"(?:T|[\s.,|@(·•–—-]{{0,4}}(?:[^\W\d_]{{1,5}}\.?[\s,]{{1,2}}){{0,2}}?)(?<!\d){_CLOCK}{_HALF}(?:\s?[(]?{_ZONE})?",
    re.IGNORECASE,
)
_BEFORE = re.compile(rf"(?<![\d:.]){_CLOCK}{_HALF}(?:\s{{0,2}}{_ZONE})?[\s,|·•–—/]{{1,4}}$", re.IGNORECASE)
_YEAR_LAST = re.compile(r"^(\w{3},? \w{3,9} +\d{1,2}) (\d\d:\d\d:\d\d)((?: [A-Z+:\d-]{1,9})?) (\d{4})$", re.ASCII)
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d)(?::?(\d\d)(?::?(\d\d))?)?(?:[.,]\d+)?(Z|[+-]\d\d(?::?\d\d)?)?)?", re.ASCII
)
_PACKED = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T?(\d\d):?(\d\d)(?::?(\d\d))?)?(?!\d)", re.ASCII)
_EPOCH = re.compile(r"(\d{10})(?:\d{3}|\d{6})?(?:\.\d+)?", re.ASCII)
_YEAR_MONTH = re.compile(r"([12]\d{3})(?:[-/.](?:0[1-9]|1[0-2]))?", re.ASCII)
_MONTH_YEAR = re.compile(rf"{_WORD}[.,]?\s{{0,2}}{_LINK}[12]\d{{3}}|(?:0?[1-9]|1[0-2])[/.][12]\d{{3}}", re.IGNORECASE)
_MOST_WORDS = 6  # beside a date that is read: a weekday, “published on”


def read_date(raw: str, method: str, zone: ZoneInfo | None, language: str | None = None) -> Published:
    """A printed date -> its day, moment and precision; UNKNOWN where it is none, or could be two (03/04/2025).

    A date without a time stays the calendar day printed. A time without a zone is taken in the outlet's, if known.
    `language` (`de`, `en-US`) settles the order of day and month. Never raises.
    """
    text = collapse(raw)[:_LONGEST]
    if coarse := _coarse(plain_digits(text), language):
        return Published(None, None, text, method, coarse)
    printed = read_printed(text, language)
    if printed is None or not printed.sure:
        return UNKNOWN
    return published(printed, text, method, zone)


def published(printed: Printed, raw: str, method: str, zone: ZoneInfo | None) -> Published:
    """A date that was read -> the day in the outlet's zone and the moment in UTC, where both are known."""
    clock = printed.clock
    if clock is None or (clock.tzinfo is None and zone is None):
        return Published(printed.day, None, raw, method, "day")
    try:
        moment = datetime.combine(printed.day, clock, clock.tzinfo or zone)
        local = moment.astimezone(zone) if zone else moment
        return Published(local.date(), moment.astimezone(UTC), raw, method, printed.precision)
    except (OverflowError, ValueError):  # a moment at the end or the beginning of time
        return UNKNOWN


def read_printed(text: str, language: str | None = None) -> Printed | None:
    """The one date of a short text that says little else."""
    if whole := _iso(text) or _packed(text := plain_digits(without_marks(text)).strip()):
        return whole
    text = _YEAR_LAST.sub(r"\1 \4 \2\3", text)
    found = next(find_printed(text, language), None)
    if found is None:
        return None
    rest = f"{text[: found.start]} {text[found.end :]}"
    return None if re.search(r"\d", rest) or len(rest.split()) > _MOST_WORDS else found


def find_printed(text: str, language: str | None = None) -> Iterator[Printed]:
    """The dates in a text, in order. The digits must be plain (`plain_digits`)."""
    if not _HINT.search(text):
        return
    position = 0
    for start, end, (day, other, sure) in sorted(_days(text, language), key=lambda found: (found[0], -found[1])):
        if start < position:
            continue
        after, before = _AFTER.match(text, end), _BEFORE.search(text, max(position, start - 30), start)
        clock, precision = _clock(after) if after else (None, "day")
        if after:
            end = after.end()
        elif before:
            clock, precision = _clock(before)
            start = before.start() if clock else start
        yield Printed(start, end, day, clock, precision, other, sure)
        position = end


def month_first(language: str | None) -> bool | None:
    """Whether 3/4 is 4 March; null where the language does not settle it."""
    if not language:
        return None
    code, _, region = language.lower().replace("_", "-").partition("-")
    if code != "en":
        return code == "fil"
    return None if region in ("", "ca") else region[:2] in ("us", "ph")


def _days(text: str, language: str | None) -> Iterator[tuple[int, int, _Days]]:
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if days := _day(match, language):
                yield match.start(), match.end(), days


def _day(match: re.Match[str], language: str | None) -> _Days | None:
    """The day that a match means; null where there is no such day."""
    parts = match.groupdict()
    if len(parts["year"]) == 2 and not parts.get("month") and (language or "")[:2] in _YEAR_FIRST:
        return None  # 25.09.03 may be the third
    day, year = int(parts["day"] or parts["day2"]), _year(parts["year"], match[0], language)
    if word := parts.get("month"):
        month = month_number(word, (language or "")[:2])
        return _both(year, month, day)
    month = int(parts["number"] or parts["number2"])
    separator = parts.get("sep", "/" if parts.get("day2") else "." if "day2" in parts else None)
    if separator is None or (len(parts["year"]) == 4 and match.start("year") == match.start()):
        return _both(year, month, day)
    first = month_first(language) if separator in "/-" else False
    if month > 12 and separator != ".":
        return _both(year, day, month)
    if separator == "." or day > 12 or day == month:
        return _both(year, month, day)
    # Most of what is English and names no country is American.
    american = first if first is not None else (language or "").startswith("en")
    return _both(year, *((day, month) if american else (month, day)), orders=2, sure=first is not None)


def _both(year: int | None, month: int | None, day: int, orders: int = 1, sure: bool = True) -> _Days | None:
    try:
        if year is None or month is None:
            return None
        return date(year, month, day), date(year, day, month) if orders == 2 else None, sure
    except ValueError:
        return None


def _year(digits: str, context: str, language: str | None) -> int | None:
    number = int(digits.lstrip("’'"))
    if len(digits) == 3 or ("年" in context and number < 1000):
        return number + _REPUBLIC
    if len(digits.lstrip("’'")) == 2:
        return number + (2000 if number < 70 else 1900)
    if 2400 < number < 2700 and ((language or "").startswith("th") or re.search("[\u0e00-\u0e7f]", context)):
        return number - _BUDDHIST
    return number if _FIRST_YEAR <= number < 2200 else None


def _clock(match: re.Match[str]) -> tuple[time | None, PublishedPrecision]:
    """(time of day with its zone where one is printed, precision); (null, day) where it is no time."""
    parts = match.groupdict()
    hour = int(parts["hour"])
    half = (parts["half"] or "").lower()
    if hour <= 12 and (half or parts["early"] or parts["late"]):
        hour = hour % 12 + (12 if half in ("p", "μ") or parts["late"] else 0)
    try:
        clock = time(hour, int(parts["minute"]), int(parts["second"] or 0), tzinfo=_zone(parts["zone"]))
    except ValueError:
        return None, "day"
    return clock, "second" if parts["second"] else "minute"


def _zone(name: str | None) -> tzinfo | None:
    """The zone that a name or an offset means; null where it means none known. ValueError where no clock runs so."""
    if not name:
        return None
    if offset := re.search(r"([+-])(\d{1,2}):?(\d\d)?$", name):
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        if minutes > 14 * 60 or int(offset[3] or 0) > 59:
            raise ValueError(name)
        return timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes))
    if name in _REGIONS:
        return ZoneInfo(_REGIONS[name])
    hours = _ZONES.get(name)
    return None if hours is None else timezone(timedelta(hours=hours))


def _iso(text: str) -> Printed | None:
    """2025-09-03T10:15:00+02:00: what most programs write, read without trying the other forms."""
    match = _ISO.fullmatch(text)
    if match is None or not _FIRST_YEAR <= int(match[1]) < 2200:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    with suppress(ValueError):
        clock = time(hour, minute, second, tzinfo=_zone(match[7])) if match[4] else None
        return Printed(
            0, len(text), date(year, month, day), clock, "second" if match[6] else "minute" if clock else "day"
        )
    return None


def _packed(text: str) -> Printed | None:
    """20250903, 20250903T101500, seconds or milliseconds since 1970."""
    try:
        if epoch := _EPOCH.fullmatch(text):
            moment = datetime.fromtimestamp(int(epoch[1]), UTC)
            return Printed(0, len(text), moment.date(), None, "day")
        if packed := _PACKED.match(text):
            year, month, day, hour, minute, second = (int(part or 0) for part in packed.groups())
            zone = _zone(text[packed.end() :].strip() or None)
            clock = time(hour, minute, second, tzinfo=zone) if packed[4] else None
            precision: PublishedPrecision = "second" if packed[6] else "minute" if clock else "day"
            return Printed(0, len(text), date(year, month, day), clock, precision) if year >= _FIRST_YEAR else None
    except ValueError:
        pass
    return None


def _coarse(text: str, language: str | None) -> PublishedPrecision | None:
    """`month` or `year` where a text prints no more than that."""
    if match := _YEAR_MONTH.fullmatch(text):
        return "month" if len(text) > 4 else "year"
    match = _MONTH_YEAR.fullmatch(text)
    word = match["month"] if match else None
    return "month" if match and (not word or month_number(word, (language or "")[:2])) else None


def plain_digits(text: str) -> str:
    """Digits of all scripts as 0-9 and odd spaces as spaces: a text of the same length."""
    return text if text.isascii() else text.translate(_DIGITS).translate(_SPACES)


def without_marks(text: str) -> str:
    """A text without the marks of direction that dates in Arabic and Hebrew carry."""
    return text if text.isascii() else text.translate(_UNSEEN)
