"""Printed dates: their day, moment and precision."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from etl.extract.dates.find import UNKNOWN, read_date

MOSCOW = ZoneInfo("Europe/Moscow")


@pytest.mark.parametrize(
    ("raw", "zone", "day", "at", "precision"),
    [
        ("2025-09-03", None, date(2025, 9, 3), None, "day"),
        ("2025-09-03T01:30:00+03:00", MOSCOW, date(2025, 9, 3), datetime(2025, 9, 2, 22, 30, tzinfo=UTC), "second"),
        ("2025-09-02T22:30:00Z", MOSCOW, date(2025, 9, 3), datetime(2025, 9, 2, 22, 30, tzinfo=UTC), "second"),
        ("2025-09-03T01:30", MOSCOW, date(2025, 9, 3), datetime(2025, 9, 2, 22, 30, tzinfo=UTC), "minute"),
        ("2025-09-03T01:30", None, date(2025, 9, 3), None, "day"),
        ("Wed, 03 Sep 2025 10:00:00 GMT", None, date(2025, 9, 3), datetime(2025, 9, 3, 10, tzinfo=UTC), "second"),
        ("September 3, 2025 9:05 PM EDT", None, date(2025, 9, 3), datetime(2025, 9, 4, 1, 5, tzinfo=UTC), "minute"),
        ("20250903", None, date(2025, 9, 3), None, "day"),
        ("1756886400", None, date(2025, 9, 3), None, "day"),
        ("03.09.2025", None, date(2025, 9, 3), None, "day"),
        ("03/14/2025", None, date(2025, 3, 14), None, "day"),
        ("Feb 29, 2024", None, date(2024, 2, 29), None, "day"),
        ("2025-09", None, None, None, "month"),
        ("September 2025", None, None, None, "month"),
        ("2025/09", None, None, None, "month"),
        ("2025", None, None, None, "year"),
    ],
)
def test_dates_are_read(raw: str, zone: ZoneInfo | None, day: date | None, at: datetime | None, precision: str) -> None:
    result = read_date(raw, "given", zone)
    assert (result.day, result.at, result.precision, result.raw) == (day, at, precision, raw)


NOT_DATES = ["", "soon", "0001-01-01", "32.13.2025", "x" * 5000, "٣", "03/04/2025", "2025-13", "10:20", "3 September"]
NOT_DATES += ["²²²²²²²²²²", "9999-12-31T23:59:59-05:00", "2025-W36"]


@pytest.mark.parametrize("raw", NOT_DATES)
def test_other_texts_are_not_dates(raw: str) -> None:
    assert read_date(raw, "given", None) == UNKNOWN
