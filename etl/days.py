"""Parsing of the days and times that users write: 2025-09-03, 2025-09, 2025 or an ISO time."""

from __future__ import annotations

import calendar
import re
from datetime import UTC, date, datetime

from etl.errors import InputError

_DAY_MONTH_OR_YEAR = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")


def first_day(text: str) -> date:
    """Return the day, or the first day of the month or year. Raises InputError."""
    year, month, day = _parts(text)
    return _date(text, year, month or 1, day or 1)


def last_day(text: str) -> date:
    """Return the day, or the last day of the month or year. Raises InputError."""
    year, month, day = _parts(text)
    month = month or 12
    return _date(text, year, month, day or calendar.monthrange(year, min(month, 12))[1])


def moment(text: str) -> datetime:
    """Return an ISO time in UTC. A time without a zone is taken to be in UTC. Raises InputError."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"{text!r} is not a time; write it as 2025-09-03 or 2025-09-03T06:00:00+00:00") from None
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)


def _parts(text: str) -> tuple[int, int | None, int | None]:
    """Return (year, month or null, day or null)."""
    match = _DAY_MONTH_OR_YEAR.fullmatch(text.strip())
    if match is None or match[1] == "0000":
        raise _not_a_day(text)
    return int(match[1]), int(match[2]) if match[2] else None, int(match[3]) if match[3] else None


def _date(text: str, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise _not_a_day(text) from None


def _not_a_day(text: str) -> InputError:
    return InputError(f"{text!r} is not a day; write it as 2025-09-03, 2025-09 or 2025")
