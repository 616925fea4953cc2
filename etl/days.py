"""Days as users write them: 2025-09-03, 2025-09 or 2025."""

from __future__ import annotations

import calendar
import re
from datetime import UTC, date, datetime

from etl.errors import InputError

_WRITTEN = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")


def first_day(written: str) -> date:
    """The day, or the first of the month or year. Raises InputError."""
    year, month, day = _parts(written)
    return _date(written, year, month or 1, day or 1)


def last_day(written: str) -> date:
    """The day, or the last of the month or year. Raises InputError."""
    year, month, day = _parts(written)
    month = month or 12
    return _date(written, year, month, day or calendar.monthrange(year, min(month, 12))[1])


def moment(written: str) -> datetime:
    """A time (ISO; UTC where it says no zone) in UTC. Raises InputError."""
    try:
        given = datetime.fromisoformat(written)
    except ValueError:
        raise InputError(f"{written!r} is not a time; write it as 2025-09-03 or 2025-09-03T06:00:00+00:00") from None
    return given.replace(tzinfo=UTC) if given.tzinfo is None else given.astimezone(UTC)


def _parts(written: str) -> tuple[int, int | None, int | None]:
    match = _WRITTEN.fullmatch(written.strip())
    if match is None or match[1] == "0000":
        raise _no_day(written)
    return int(match[1]), int(match[2]) if match[2] else None, int(match[3]) if match[3] else None


def _date(written: str, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise _no_day(written) from None


def _no_day(written: str) -> InputError:
    return InputError(f"{written!r} is not a day; write it as 2025-09-03, 2025-09 or 2025")
