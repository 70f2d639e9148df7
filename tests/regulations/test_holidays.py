"""The operator's table of holidays: what it adds, and what is refused with a sentence."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulations.calendar import Calendar
from regulations.deadlines import deadline
from regulations.errors import BadHolidays
from regulations.holidays import read_holidays
from regulations.pack import load

RULE = load("cn-zj-hangzhou").rule("registration.deadline")
YEAR = """
[[years]]
year = 2027
source = "some notice"
complete = true
rest = ["2027-01-01/2027-01-03", "2027-05-01", "2027-10-01"]
work = ["2027-01-09"]
"""


def test_a_whole_year_extends_the_calendar() -> None:
    calendar = read_holidays(YEAR)
    assert calendar.last_year == 2027
    days = [date(2027, 1, day) for day in (1, 3, 4, 9, 10)]
    assert [calendar.is_working(day) for day in days] == [False, False, True, True, False]
    assert deadline(RULE, date(2026, 12, 30), calendar).nominal == date(2027, 1, 5)


def test_a_year_that_is_not_whole_corrects_single_days_and_makes_nothing_known() -> None:
    text = '[[years]]\nyear = 2026\nsource = "a correction"\nrest = ["2026-03-04"]\n'
    calendar = read_holidays(text)
    assert (calendar.last_year, calendar.is_working(date(2026, 3, 4))) == (2026, False)


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("year = 2027", 'year = "2027"', "year = 2027 is needed"),
        ('source = "some notice"', "", "source is needed"),
        ("complete = true", 'complete = "yes"', "complete is true or false"),
        ("rest = ", "holidays = ", "not a field"),
        ('"2027-05-01"', '"2026-05-01"', "put it under its own year"),
        ('"2027-05-01"', '"1 May"', "a day is written 2027-02-06"),
        ('"2027-05-01"', '"2027-05-04/2027-05-01"', "a stretch goes from a day to a later one"),
        ('"2027-05-01"', '"2027-03-01/2027-06-01"', "a stretch goes from a day to a later one"),
        ('"2027-01-09"', '"2027-01-02"', "stands there twice"),
        ('"2027-01-09"', '"2027-01-11"', "2027-01-11 is a Monday"),
        (', "2027-10-01"', "", "2027-10-01 must be under rest"),
        ("[[years]]", "[years]", r"\[\[years\]\] tables"),
        ("year = 2027", "year = ", "Invalid value"),
        ('work = ["2027-01-09"]', 'work = "2027-01-09"', "work is a list of days"),
    ],
)
def test_what_is_wrong_with_a_table_is_told(before: str, after: str, sentence: str) -> None:
    assert before in YEAR
    with pytest.raises(BadHolidays, match=sentence):
        read_holidays(YEAR.replace(before, after))


any_day = st.dates(date(2004, 1, 1), date(2100, 12, 31))


@given(any_day, st.integers(1, 15))
def test_loading_a_year_never_moves_a_known_deadline_and_never_gives_an_earlier_day_than_the_safe_one(
    event: date, count: int
) -> None:
    rule = replace(RULE, value=count)
    before, after = deadline(rule, event, Calendar()), deadline(rule, event, read_holidays(YEAR))
    assert before.safe == after.safe
    assert before.nominal in {None, after.nominal}
    assert after.nominal is None or after.nominal >= before.safe


@given(any_day)
def test_a_working_day_until_a_day_is_the_last_one(day: date) -> None:
    calendar = Calendar(years=frozenset(range(2027, 2101)))
    found = calendar.working_day_until(day) if day > date(2004, 1, 10) else day
    assert found <= day
    assert not any(calendar.is_working(found + timedelta(days=n)) for n in range(1, (day - found).days + 1))
