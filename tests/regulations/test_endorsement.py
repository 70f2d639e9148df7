"""The yearly endorsement, whatever the day of issue."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulations.calendar import Calendar
from regulations.deadlines import add_months
from regulations.endorsement import OfficeDay, Suspension, anchor, last_office_day, next_window, restored, window
from regulations.errors import NotThisName
from regulations.pack import load

PACK = load("cn-zj-hangzhou")
NATIONAL = load("cn")

any_day = st.dates(date(2004, 1, 1), date(2090, 12, 31))
years = st.integers(1, 10)


@given(any_day, years)
def test_a_window_lies_before_its_anniversary_and_one_month_long(issued: date, year: int) -> None:
    found = window(PACK, issued, year)
    assert issued < found.opens <= found.last_safe < found.anniversary
    assert found.anniversary == add_months(issued, 12 * year)
    assert 28 <= (found.anniversary - found.opens).days <= 31
    assert found.rule.key == "endorse.window"


@given(any_day, years, st.integers(0, 60))
def test_a_later_issue_never_has_an_earlier_window(issued: date, year: int, later: int) -> None:
    first, second = window(PACK, issued, year), window(PACK, issued + timedelta(days=later), year)
    assert first.opens <= second.opens
    assert first.anniversary <= second.anniversary


@given(any_day, st.integers(0, 4000))
def test_the_next_window_is_the_first_whose_anniversary_is_not_over(issued: date, after: int) -> None:
    today = issued + timedelta(days=after)
    found = next_window(PACK, issued, today)
    assert found.anniversary >= today
    assert found.year == 1 or window(PACK, issued, found.year - 1).anniversary < today
    assert next_window(PACK, issued, found.anniversary) == found


@given(any_day, st.integers(-40, 3))
def test_each_day_has_one_state_and_suspension_is_never_said_too_early(issued: date, after: int) -> None:
    found = window(PACK, issued, 1)
    today = found.anniversary + timedelta(days=after)
    state = found.state_on(today)
    assert (state == "late") == (today > found.anniversary)
    assert (state == "open") == (found.opens <= today <= found.last_safe)
    assert (state == "early") == (today < found.opens)


@given(any_day, st.integers(1, 700))
def test_a_late_endorsement_leaves_out_the_suspended_days_and_keeps_the_cycle(issued: date, late_by: int) -> None:
    missed = window(PACK, issued, 1)
    done = missed.anniversary + timedelta(days=late_by)
    found = restored(PACK, issued, missed, done)
    assert found.on == found.count_from == done
    assert found.left_out == found.suspended
    assert found.suspended.days == late_by - 1
    assert found.next_anniversary is not None
    assert found.next_anniversary > done
    assert found.next_anniversary in {window(PACK, issued, year).anniversary for year in range(2, 5)}


def test_where_the_law_is_silent_nothing_is_promised() -> None:
    missed = window(NATIONAL, date(2024, 5, 10), 1)
    found = restored(NATIONAL, date(2024, 5, 10), missed, date(2025, 8, 1))
    assert (found.left_out, found.next_anniversary) == (None, None)


def test_in_anhui_the_past_year_is_left_out() -> None:
    pack = load("cn-ah", unconfirmed="copies")
    missed = window(pack, date(2024, 5, 10), 1)
    found = restored(pack, date(2024, 5, 10), missed, date(2025, 8, 1))
    assert found.left_out == Suspension(date(2024, 5, 10), date(2025, 5, 10))


def test_full_years_are_counted_from_the_issue_here_and_from_the_residence_in_the_national_rule() -> None:
    issued, living = date(2025, 7, 1), date(2024, 12, 1)
    assert anchor(PACK, issued, living) == issued
    assert anchor(NATIONAL, issued, living) == living


@pytest.mark.parametrize(
    ("issued", "year", "last"),
    [
        (date(2025, 10, 8), 1, OfficeDay(date(2026, 9, 30))),
        (date(2025, 2, 20), 1, OfficeDay(date(2026, 2, 14))),
        (date(2026, 2, 20), 1, OfficeDay(None, 2027)),
    ],
)
def test_the_last_office_day_is_before_the_holiday_and_unknown_past_the_calendar(
    issued: date, year: int, last: OfficeDay
) -> None:
    assert last_office_day(window(PACK, issued, year), Calendar()) == last


def test_a_name_the_program_does_not_know_is_refused() -> None:
    strange = replace(PACK.rule("endorse.restore"), value="whatever")
    pack = replace(PACK, versions={**PACK.versions, "endorse.restore": (strange,)})
    with pytest.raises(NotThisName, match="whatever"):
        restored(pack, date(2024, 5, 10), window(pack, date(2024, 5, 10), 1), date(2025, 8, 1))
