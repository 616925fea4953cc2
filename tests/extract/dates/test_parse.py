"""Printed dates in many languages, numerals and calendars. No text raises."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.extract.dates.find import UNKNOWN, read_date
from etl.extract.dates.months import month_number
from etl.extract.dates.parse import find_dates, plain_digits

THIRD = date(2025, 9, 3)
DAYS = st.dates(date(1990, 1, 1), date(2099, 12, 31))


@pytest.mark.parametrize(
    "raw",
    [
        "2025年9月3日 14:30", "２０２５年９月３日", "2025년 9월 3일", "2025. 9. 3. 오후 2:30", "民國114年9月3日",
        "3 сентября 2025 г., 14:30 (МСК)", "3. září 2025", "2025. szeptember 3. 14:30", "2025 m. rugsėjo 3 d.",
        "3 de setembro de 2025 às 14h30", "le 3 septembre 2025 à 14h30", "3. syyskuuta 2025 klo 14.30",
        "ngày 3 tháng 9 năm 2025", "٣ سبتمبر ٢٠٢٥", "३ सितंबर २०२५", "3 กันยายน 2568", "3 września 2025", "3 Eylül 2025",
        "3 Σεπτεμβρίου 2025", "Mittwoch, 3. September 2025", "Sept. 3rd, 2025", "10:20 | 3 September 2025", "3-Sep-25",
        "3\u00a0September\u00a02025", "\u200f3\u200f/9\u200f/2025", "03.09.25", "20250903101500",
        "2025-09-03 10:15:00.0",
        "2025-09-03T10:15:00+99:99", "2025-09-03T24:00:00", "2025-09-03T10:15:99Z",
    ],
)  # fmt: skip
def test_all_forms_of_3_september_are_read(raw: str) -> None:
    result = read_date(raw, "given", None, "he" if "/" in raw else None)
    assert (result.day, result.at, result.precision) == (THIRD, None, "day")


@pytest.mark.parametrize(
    ("raw", "at"),
    [
        ("Wed Sep 3 10:00:00 CEST 2025", datetime(2025, 9, 3, 8, tzinfo=UTC)),
        ("Wed Sep 03 2025 10:00:00 GMT+0200 (Central European Summer Time)", datetime(2025, 9, 3, 8, tzinfo=UTC)),
        ("Sep 3, 2025, 8:00 a.m. ET", datetime(2025, 9, 3, 12, tzinfo=UTC)),
        ("2025-09-03T10+02", datetime(2025, 9, 3, 8, tzinfo=UTC)),
        ("2025-09-03T10:15+05:45", datetime(2025, 9, 3, 4, 30, tzinfo=UTC)),
        ("2025-09-03T10:15:00.123456+0200", datetime(2025, 9, 3, 8, 15, tzinfo=UTC)),
        ("20250903T101500Z", datetime(2025, 9, 3, 10, 15, tzinfo=UTC)),
    ],
)
def test_times_with_a_zone_give_a_moment(raw: str, at: datetime) -> None:
    assert read_date(raw, "given", None).at == at


def test_a_korean_time_in_the_afternoon_is_read() -> None:
    assert read_date("2025. 9. 3. 오후 2:30", "given", ZoneInfo("Asia/Seoul")).at == datetime(
        2025, 9, 3, 5, 30, tzinfo=UTC
    )


@pytest.mark.parametrize(
    "raw",
    [
        "۱۲ شهریور ۱۴۰۴", "۱۴۰۴/۰۶/۱۲", "1404-06-12", "12/06/1404", "03/09/2568", "11 ربيع الأول 1447", "0000-00-00",
        "2025-00-10", "2025-02-30", "192.168.10.12", "1.2.34", "12.25.2025", "2025-09-03 – 2025-09-05", "1e10", "nan",
        "in the 3rd of 12 rounds in 2025 he said that all of them had lost",
    ],
)  # fmt: skip
def test_dates_of_other_calendars_and_other_numbers_are_not_read(raw: str) -> None:
    assert read_date(raw, "given", None).day is None


@pytest.mark.parametrize(
    ("language", "day"),
    [
        (None, None), ("en", None), ("en-CA", None), ("en-US", date(2025, 3, 4)), ("en_GB", date(2025, 4, 3)),
        ("fr", date(2025, 4, 3)), ("fil", date(2025, 3, 4)),
    ],
)  # fmt: skip
def test_the_language_determines_the_order_of_day_and_month(language: str | None, day: date | None) -> None:
    assert read_date("03/04/2025", "given", None, language).day == day


def test_a_name_of_different_months_depends_on_the_language() -> None:
    assert [read_date("3 listopada 2025", "given", None, code).day for code in ("pl", "hr", None)] == [
        date(2025, 11, 3), date(2025, 10, 3), None
    ]  # fmt: skip


def test_dates_in_a_text_are_found() -> None:
    text = "Posted on 3 September 2025 at 14:30 by A; updated Sep 5, 2025. See 1.2.34 and p. 2025-99."
    dates = list(find_dates(text))
    assert [(printed.day.day, text[printed.start : printed.end]) for printed in dates] == [
        (3, "3 September 2025 at 14:30"), (5, "Sep 5, 2025")
    ]  # fmt: skip


@given(DAYS, st.sampled_from(["{d}. {m} {y}", "{d} {m} {y}", "{m} {d}, {y}", "{y} {m} {d}"]))
def test_days_with_names_of_months_are_read(day: date, form: str) -> None:
    for names in (
        "January March September December",
        "janvier mars septembre décembre",
        "январь марта сентября декабря",
    ):
        for number, name in zip((1, 3, 9, 12), names.split(), strict=True):
            expected = day.replace(month=number, day=min(day.day, 28))
            assert read_date(form.format(d=expected.day, m=name, y=expected.year), "given", None).day == expected
            assert month_number(name) == number


@given(st.datetimes(datetime(1990, 1, 1), datetime(2099, 12, 31)), st.integers(-12 * 4, 14 * 4))  # noqa: DTZ001
def test_every_iso_moment_is_read(naive: datetime, quarters: int) -> None:
    moment = naive.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=15 * quarters)))
    result = read_date(moment.isoformat(), "given", None)
    assert (result.day, result.at, result.precision) == (moment.date(), moment.astimezone(UTC), "second")


@given(DAYS, st.sampled_from(["٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "०१२३४५६७८९", "๐๑๒๓๔๕๖๗๘๙", "０１２３４５６７８９"]))
def test_digits_of_all_scripts_are_read(day: date, digits: str) -> None:
    raw = day.isoformat().translate(str.maketrans("0123456789", digits))
    assert read_date(raw, "given", None).day == day
    assert len(plain_digits(raw)) == len(raw)


@given(
    st.text(max_size=120) | st.text("0123456789-/.: TZ+年月日", max_size=40), st.sampled_from([None, "en", "ko", "x_"])
)
def test_every_text_is_accepted(raw: str, language: str | None) -> None:
    result = read_date(raw, "given", ZoneInfo("Pacific/Apia"), language)
    assert result == UNKNOWN or result.precision
    assert result.day is None or 1499 < result.day.year < 2201
    dates = find_dates(plain_digits(raw), language)
    assert all(0 <= printed.start < printed.end <= len(raw) for printed in dates)
