"""Parsing of dates as pages print them, in many languages and numerals, into a day, a moment and a precision."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo

from etl.extract.dates.months import month_number
from etl.extract.structured import collapse
from schemas.values import PublishedPrecision


@dataclass(frozen=True)
class PublicationDate:
    """When an article was published: `day` in the outlet's time zone, `at` in UTC.

    `at` is null if the precision is a day or coarser, and `day` if it is coarser than a day. `raw` is the date as the
    page writes it, `method` where it was found. All are null if nothing is known.
    """

    day: date | None
    at: datetime | None
    raw: str | None
    method: str | None
    precision: PublishedPrecision | None


UNKNOWN = PublicationDate(None, None, None, None, None)


@dataclass(frozen=True)
class PrintedDate:
    """A date in a text, from `start` to `end`, with the time of day if one is printed.

    A date such as 3/4 can be two days: then `other_day` is the less likely one, and `is_certain` tells whether the
    language shows that `day` is meant.
    """

    start: int
    end: int
    day: date
    clock: time | None
    precision: PublishedPrecision
    other_day: date | None = None
    is_certain: bool = True


_Days = tuple[date, date | None, bool]
"""The values of `day`, `other_day` and `is_certain` of a PrintedDate."""

_LONGEST = 80  # characters
# The hours from UTC of the zone names that pages print. CST and IST mean several zones and are left out.
_ZONE_HOURS = {
    "Z": 0, "UTC": 0, "GMT": 0, "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "BST": 1,
    "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2, "EET": 2, "EEST": 3, "MSK": 3, "SAST": 2, "PKT": 5, "SGT": 8, "HKT": 8,
    "WIB": 7, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11,
}  # fmt: skip
_ZONE_REGIONS = {"ET": "America/New_York", "CT": "America/Chicago", "MT": "America/Denver", "PT": "America/Los_Angeles"}
_YEAR_FIRST = ("ko", "ja", "zh", "hu")
_FIRST_YEAR = 1500  # earlier numbers may be years of other calendars (1404, 1447)
_BUDDHIST, _REPUBLIC = 543, 1911  # the years by which the calendar of Thailand is ahead and that of Taiwan is behind
_DIGITS = {
    code: str(unicodedata.decimal(chr(code)))
    for code in range(128, sys.maxunicode + 1)
    if unicodedata.category(chr(code)) == "Nd"
}
_SPACES = dict.fromkeys(map(ord, "\u00a0\u2009\u202f\u2007"), " ")
_DIRECTION_MARKS = dict.fromkeys(map(ord, "\u200b\u200e\u200f\u2066\u2067\u2068\u2069\ufeff"))

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
_MAY_BE_DATE = re.compile(r"\d{4}|\d[./-]\d|\d\s?[年년]|[^\W\d][ -][’']?\d\d\b")
_ZONE_NAMES = "|".join(sorted((*_ZONE_HOURS, *_ZONE_REGIONS), key=len, reverse=True))
# Names of zones count only in capitals, as `et` and others are also words.
_ZONE = rf"(?P<zone>(?:(?:UTC|GMT)\s?)?[+-]\d{{1,2}}(?::?\d\d)?(?![\d-])|(?-i:{_ZONE_NAMES})(?!\w))"
_CLOCK = (
    r"(?:(?P<early>오전|上午|午前)|(?P<late>오후|下午|午後))?\s?(?P<hour>\d{1,2})(?:[:h]|\.(?=\d\d(?:\D|$)))"
    r"(?P<minute>\d\d)(?::(?P<second>\d\d))?(?:[.,]\d+)?"
)
_AM_PM = r"(?:\s?(?P<half>[apπμ])\.?\s?[mμ]\b\.?)?"
_CLOCK_AFTER = re.compile(
    rf"(?:T|[\s.,|@(·•–—-]{{0,4}}(?:[^\W\d_]{{1,5}}\.?[\s,]{{1,2}}){{0,2}}?)(?<!\d){_CLOCK}{_AM_PM}(?:\s?[(]?{_ZONE})?",
    re.IGNORECASE,
)
_CLOCK_BEFORE = re.compile(rf"(?<![\d:.]){_CLOCK}{_AM_PM}(?:\s{{0,2}}{_ZONE})?[\s,|·•–—/]{{1,4}}$", re.IGNORECASE)
_YEAR_LAST = re.compile(r"^(\w{3},? \w{3,9} +\d{1,2}) (\d\d:\d\d:\d\d)((?: [A-Z+:\d-]{1,9})?) (\d{4})$", re.ASCII)
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d)(?::?(\d\d)(?::?(\d\d))?)?(?:[.,]\d+)?(Z|[+-]\d\d(?::?\d\d)?)?)?", re.ASCII
)
_PACKED = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T?(\d\d):?(\d\d)(?::?(\d\d))?)?(?!\d)", re.ASCII)
_EPOCH = re.compile(r"(\d{10})(?:\d{3}|\d{6})?(?:\.\d+)?", re.ASCII)
_YEAR_MONTH = re.compile(r"([12]\d{3})(?:[-/.](?:0[1-9]|1[0-2]))?", re.ASCII)
_MONTH_YEAR = re.compile(rf"{_WORD}[.,]?\s{{0,2}}{_LINK}[12]\d{{3}}|(?:0?[1-9]|1[0-2])[/.][12]\d{{3}}", re.IGNORECASE)
_NO_CLOCK: tuple[time | None, PublishedPrecision] = (None, "day")
_MOST_OTHER_WORDS = 6  # words that may stand beside a single date, such as a weekday or “published on”


def read_date(raw: str, method: str, zone: ZoneInfo | None, language: str | None = None) -> PublicationDate:
    """Read a printed date. Return UNKNOWN if it is not a date or could be two (03/04/2025).

    A date without a time remains the calendar day that is printed. A time without a zone is taken to be in the outlet's
    `zone`, if that is known. `language` (`de`, `en-US`) determines the order of day and month. Never raises.
    """
    text = collapse(raw)[:_LONGEST]
    if coarse := _coarse_precision(plain_digits(text), language):
        return PublicationDate(None, None, text, method, coarse)
    printed = read_single_date(text, language)
    if printed is None or not printed.is_certain:
        return UNKNOWN
    return to_publication_date(printed, text, method, zone)


def to_publication_date(printed: PrintedDate, raw: str, method: str, zone: ZoneInfo | None) -> PublicationDate:
    """Return a printed date with the day in the outlet's zone and the moment in UTC, as far as they are known."""
    clock = printed.clock
    if clock is None or (clock.tzinfo is None and zone is None):
        return PublicationDate(printed.day, None, raw, method, "day")
    try:
        moment = datetime.combine(printed.day, clock, clock.tzinfo or zone)
        local = moment.astimezone(zone) if zone else moment
        return PublicationDate(local.date(), moment.astimezone(UTC), raw, method, printed.precision)
    except (OverflowError, ValueError):  # the moment is outside the years 1 to 9999
        return UNKNOWN


def read_single_date(text: str, language: str | None = None) -> PrintedDate | None:
    """Return the date of a short text that contains little else; null if there is none or more than one."""
    if date_only := _read_iso(text) or _read_packed(text := plain_digits(without_direction_marks(text)).strip()):
        return date_only
    text = _YEAR_LAST.sub(r"\1 \4 \2\3", text)
    printed = next(find_dates(text, language), None)
    if printed is None:
        return None
    other_text = f"{text[: printed.start]} {text[printed.end :]}"
    has_more = re.search(r"\d", other_text) or len(other_text.split()) > _MOST_OTHER_WORDS
    return None if has_more else printed


def find_dates(text: str, language: str | None = None) -> Iterator[PrintedDate]:
    """Yield the dates in a text, in order. The text must have plain digits, as plain_digits() returns it."""
    if not _MAY_BE_DATE.search(text):
        return
    position = 0
    matches = sorted(_find_days(text, language), key=lambda match: (match[0], -match[1]))
    for start, end, (day, other_day, is_certain) in matches:
        if start < position:
            continue
        after, before = _CLOCK_AFTER.match(text, end), _CLOCK_BEFORE.search(text, max(position, start - 30), start)
        clock, precision = _clock(after) if after else _NO_CLOCK
        if after:
            end = after.end()
        elif before:
            clock, precision = _clock(before)
            start = before.start() if clock else start
        yield PrintedDate(start, end, day, clock, precision, other_day, is_certain)
        position = end


def is_month_first(language: str | None) -> bool | None:
    """Whether 3/4 means 4 March in a language; null if the language does not determine it."""
    if not language:
        return None
    code, _, region = language.lower().replace("_", "-").partition("-")
    if code != "en":
        return code == "fil"
    return None if region in ("", "ca") else region[:2] in ("us", "ph")


def _find_days(text: str, language: str | None) -> Iterator[tuple[int, int, _Days]]:
    """Yield (start, end, days) of all matches of all forms; matches of different forms may overlap."""
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if days := _days(match, language):
                yield match.start(), match.end(), days


def _days(match: re.Match[str], language: str | None) -> _Days | None:
    """Return the day or the two days that a match may mean; null if there is no such day."""
    parts = match.groupdict()
    if len(parts["year"]) == 2 and not parts.get("month") and (language or "")[:2] in _YEAR_FIRST:
        return None  # in 25.09.03 the day may be the third number
    day, year = int(parts["day"] or parts["day2"]), _year(parts["year"], match[0], language)
    if word := parts.get("month"):
        month = month_number(word, (language or "")[:2])
        return _one_day(year, month, day)
    month = int(parts["number"] or parts["number2"])
    separator = parts.get("sep", "/" if parts.get("day2") else "." if "day2" in parts else None)
    if separator is None or (len(parts["year"]) == 4 and match.start("year") == match.start()):
        return _one_day(year, month, day)
    month_first = is_month_first(language) if separator in "/-" else False
    if month > 12 and separator != ".":
        return _one_day(year, day, month)
    if separator == "." or day > 12 or day == month:
        return _one_day(year, month, day)
    # Most pages in English that do not name a country are American.
    is_american = month_first if month_first is not None else (language or "").startswith("en")
    return _two_days(year, *((day, month) if is_american else (month, day)), is_certain=month_first is not None)


def _one_day(year: int | None, month: int | None, day: int) -> _Days | None:
    """Return a day that is certain, or null if it does not exist."""
    try:
        return None if year is None or month is None else (date(year, month, day), None, True)
    except ValueError:
        return None


def _two_days(year: int | None, month: int, day: int, is_certain: bool) -> _Days | None:
    """Return a day and the one with month and day exchanged, or null if they do not exist."""
    try:
        return None if year is None else (date(year, month, day), date(year, day, month), is_certain)
    except ValueError:
        return None


def _year(digits: str, context: str, language: str | None) -> int | None:
    """Return the year of the Gregorian calendar that is printed with two to four digits; null if it is not credible."""
    number = int(digits.lstrip("’'"))
    if len(digits) == 3 or ("年" in context and number < 1000):
        return number + _REPUBLIC
    if len(digits.lstrip("’'")) == 2:
        return number + (2000 if number < 70 else 1900)
    if 2400 < number < 2700 and ((language or "").startswith("th") or re.search("[\u0e00-\u0e7f]", context)):
        return number - _BUDDHIST
    return number if _FIRST_YEAR <= number < 2200 else None


def _clock(match: re.Match[str]) -> tuple[time | None, PublishedPrecision]:
    """Return (time of day, precision), with the zone if one is printed; (null, day) if it is not a time."""
    parts = match.groupdict()
    hour = int(parts["hour"])
    half = (parts["half"] or "").lower()
    if hour <= 12 and (half or parts["early"] or parts["late"]):
        hour = hour % 12 + (12 if half in ("p", "μ") or parts["late"] else 0)
    try:
        clock = time(hour, int(parts["minute"]), int(parts["second"] or 0), tzinfo=_zone(parts["zone"]))
    except ValueError:
        return _NO_CLOCK
    return clock, "second" if parts["second"] else "minute"


def _zone(name: str | None) -> tzinfo | None:
    """Return the zone that a name or an offset means; null if it is not known.

    Raises ValueError for an offset that no time zone has.
    """
    if not name:
        return None
    if offset := re.search(r"([+-])(\d{1,2}):?(\d\d)?$", name):
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        if minutes > 14 * 60 or int(offset[3] or 0) > 59:
            raise ValueError(name)
        return timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes))
    if name in _ZONE_REGIONS:
        return ZoneInfo(_ZONE_REGIONS[name])
    hours = _ZONE_HOURS.get(name)
    return None if hours is None else timezone(timedelta(hours=hours))


def _read_iso(text: str) -> PrintedDate | None:
    """Read a date in ISO form, such as 2025-09-03T10:15:00+02:00.

    Most programs write this form, so it is tried before all others.
    """
    match = _ISO.fullmatch(text)
    if match is None or not _FIRST_YEAR <= int(match[1]) < 2200:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    with suppress(ValueError):
        clock = time(hour, minute, second, tzinfo=_zone(match[7])) if match[4] else None
        return PrintedDate(
            0, len(text), date(year, month, day), clock, "second" if match[6] else "minute" if clock else "day"
        )
    return None


def _read_packed(text: str) -> PrintedDate | None:
    """Read a date without separators, such as 20250903 or 20250903T101500, or seconds or milliseconds since 1970.

    Seconds and milliseconds give only the day.
    """
    try:
        if epoch := _EPOCH.fullmatch(text):
            moment = datetime.fromtimestamp(int(epoch[1]), UTC)
            return PrintedDate(0, len(text), moment.date(), None, "day")
        if packed := _PACKED.match(text):
            year, month, day, hour, minute, second = (int(part or 0) for part in packed.groups())
            zone = _zone(text[packed.end() :].strip() or None)
            clock = time(hour, minute, second, tzinfo=zone) if packed[4] else None
            precision: PublishedPrecision = "second" if packed[6] else "minute" if clock else "day"
            return PrintedDate(0, len(text), date(year, month, day), clock, precision) if year >= _FIRST_YEAR else None
    except ValueError:
        pass
    return None


def _coarse_precision(text: str, language: str | None) -> Literal["month", "year"] | None:
    """Return `month` or `year` if that is all that a text prints, else null."""
    if match := _YEAR_MONTH.fullmatch(text):
        return "month" if len(text) > 4 else "year"
    match = _MONTH_YEAR.fullmatch(text)
    word = match["month"] if match else None
    return "month" if match and (not word or month_number(word, (language or "")[:2])) else None


def plain_digits(text: str) -> str:
    """Replace the digits of all scripts by 0-9 and special spaces by usual ones. The length stays the same."""
    return text if text.isascii() else text.translate(_DIGITS).translate(_SPACES)


def without_direction_marks(text: str) -> str:
    """Remove the marks of writing direction that dates in Arabic and Hebrew often contain."""
    return text if text.isascii() else text.translate(_DIRECTION_MARKS)
