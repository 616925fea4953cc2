"""Days, months, years and times as users write them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from etl.days import first_day, last_day, moment
from etl.errors import InputError


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2025-09-03", date(2025, 9, 3), date(2025, 9, 3)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2025", date(2025, 1, 1), date(2025, 12, 31)),
    ],
)
def test_first_and_last_day_of_days_months_and_years(text: str, first: date, last: date) -> None:
    assert (first_day(text), last_day(text)) == (first, last)


@pytest.mark.parametrize("text", ["", "3.9.2025", "2025-13", "2025-02-30", "0000", "yesterday", "2025-9-3"])
def test_other_texts_are_not_days(text: str) -> None:
    for parse in (first_day, last_day):
        with pytest.raises(InputError, match="is not a day"):
            parse(text)


def test_moments_are_given_in_utc() -> None:
    assert moment("2025-09-03") == datetime(2025, 9, 3, tzinfo=UTC)
    assert moment("2025-09-03T06:00:00+03:00") == datetime(2025, 9, 3, 3, tzinfo=UTC)
