from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from etl.days import first_day, last_day, moment
from etl.errors import InputError


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("2025-09-03", date(2025, 9, 3), date(2025, 9, 3)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2025", date(2025, 1, 1), date(2025, 12, 31)),
    ],
)
def test_days_months_and_years(written: str, first: date, last: date) -> None:
    assert (first_day(written), last_day(written)) == (first, last)


@pytest.mark.parametrize("written", ["", "3.9.2025", "2025-13", "2025-02-30", "0000", "yesterday", "2025-9-3"])
def test_what_is_no_day(written: str) -> None:
    for read in (first_day, last_day):
        with pytest.raises(InputError, match="is not a day"):
            read(written)


def test_moments_are_utc() -> None:
    assert moment("2025-09-03") == datetime(2025, 9, 3, tzinfo=UTC)
    assert moment("2025-09-03T06:00:00+03:00") == datetime(2025, 9, 3, 3, tzinfo=UTC)
