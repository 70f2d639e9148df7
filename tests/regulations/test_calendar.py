"""Which days are working days."""

from datetime import date, timedelta
from itertools import islice

import chinese_calendar
import pytest

from regulations.calendar import Calendar
from regulations.errors import CalendarMissing

ALL_DAYS = [date(2004, 1, 1) + timedelta(days=n) for n in range((date(2026, 12, 31) - date(2004, 1, 1)).days + 1)]


def test_every_known_day_is_as_the_holiday_library_says() -> None:
    calendar = Calendar()
    assert [day for day in ALL_DAYS if calendar.is_working(day) != chinese_calendar.is_workday(day)] == []


@pytest.mark.parametrize("day", [date(2003, 12, 31), date(2027, 1, 1), date(2100, 6, 1)])
def test_a_day_of_an_unknown_year_is_refused_with_its_year(day: date) -> None:
    with pytest.raises(CalendarMissing, match=f"holiday_calendar_missing_{day.year}") as missing:
        Calendar().is_working(day)
    assert missing.value.year == day.year


def test_the_operators_table_wins_over_the_library() -> None:
    monday = date(2026, 3, 2)
    assert Calendar().is_working(monday)
    assert not Calendar({monday: False}).is_working(monday)


def test_a_single_day_in_the_table_does_not_make_its_year_known() -> None:
    calendar = Calendar({date(2027, 1, 1): False})
    assert not calendar.is_working(date(2027, 1, 1))
    assert not calendar.knows(2027)
    with pytest.raises(CalendarMissing):
        calendar.is_working(date(2027, 1, 4))


def test_a_year_declared_whole_goes_by_the_weekday_where_the_table_is_silent() -> None:
    calendar = Calendar({date(2027, 1, 3): True}, frozenset({2027}))
    assert [calendar.is_working(date(2027, 1, day)) for day in (2, 3, 4)] == [False, True, True]


@pytest.mark.parametrize(
    ("years", "last"),
    [(frozenset(), 2026), (frozenset({2027, 2028}), 2028), (frozenset({2028}), 2026)],
)
def test_the_last_year_is_the_last_without_a_gap(years: frozenset[int], last: int) -> None:
    assert Calendar(years=years).last_year == last


def test_working_days_are_counted_past_a_holiday() -> None:
    days = list(islice(Calendar().working_days_after(date(2026, 2, 13)), 3))
    assert days == [date(2026, 2, 14), date(2026, 2, 24), date(2026, 2, 25)]
