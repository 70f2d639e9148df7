"""The days of reminders: properties over any dates, offsets, calendars."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulations.calendar import Calendar
from regulations.deadlines import add_months, deadline
from regulations.pack import load
from regulations.reminder_days import reminder_days

PACKS = {name: load(name) for name in ("cn-zj-hangzhou", "cn-zj", "cn")}
DAY = timedelta(days=1)
DAYS = st.dates(date(2004, 1, 1), date(2100, 12, 31))
OFFSETS = st.lists(st.integers(-60, 60), max_size=12, unique=True)
TABLES = st.dictionaries(st.dates(date(2004, 1, 1), date(2040, 12, 31)), st.booleans(), max_size=40)
CALENDARS = st.builds(Calendar, TABLES, st.frozensets(st.integers(2027, 2040)))


@given(DAYS, st.integers(0, 400), OFFSETS, CALENDARS, st.integers(0, 12))
def test_no_reminder_comes_before_its_event_or_past_its_due_day(
    due_on: date, before: int, offsets: list[int], calendar: Calendar, rolled: int
) -> None:
    event_on, late_after = due_on - before * DAY, due_on + rolled * DAY
    found = reminder_days(due_on, event_on, offsets, calendar, late_after)
    assert all(day > event_on for day in found.values())
    assert all(day <= due_on for offset, day in found.items() if offset <= 0)
    assert all(day > late_after for offset, day in found.items() if offset > 0)
    assert set(found) <= set(offsets)


@given(DAYS, st.integers(0, 400), OFFSETS, CALENDARS)
def test_a_later_offset_is_a_later_day_and_no_day_has_two(
    due_on: date, before: int, offsets: list[int], calendar: Calendar
) -> None:
    found = reminder_days(due_on, due_on - before * DAY, offsets, calendar, due_on)
    days = [found[offset] for offset in sorted(found)]
    assert days == sorted(set(days))


@given(DAYS, OFFSETS, CALENDARS, st.randoms())
def test_the_order_in_which_offsets_are_written_does_not_matter(
    due_on: date, offsets: list[int], calendar: Calendar, chance: object
) -> None:
    shuffled = list(offsets)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    event_on = due_on - 100 * DAY
    assert reminder_days(due_on, event_on, shuffled, calendar, due_on) == reminder_days(
        due_on, event_on, offsets, calendar, due_on
    )


@given(DAYS, st.integers(1, 40), OFFSETS)
def test_a_later_due_day_never_has_an_earlier_reminder(due_on: date, later: int, offsets: list[int]) -> None:
    calendar, event_on = Calendar(), due_on - 400 * DAY
    early = reminder_days(due_on, event_on, offsets, calendar, due_on)
    late = reminder_days(due_on + later * DAY, event_on, offsets, calendar, due_on + later * DAY)
    assert all(early[offset] <= late[offset] for offset in early.keys() & late.keys())


@given(DAYS, st.integers(20, 400), CALENDARS)
def test_on_the_day_is_a_working_day_where_the_year_is_known(due_on: date, before: int, calendar: Calendar) -> None:
    found = reminder_days(due_on, due_on - before * DAY, (0,), calendar, due_on)
    day = found[0]
    if calendar.knows(due_on.year) and calendar.knows((due_on - 20 * DAY).year) and not calendar.table:
        assert calendar.is_working(day)
        assert not any(calendar.is_working(day + n * DAY) for n in range(1, (due_on - day).days + 1))


@given(DAYS, OFFSETS)
def test_while_the_last_day_is_not_known_nobody_is_called_late(due_on: date, offsets: list[int]) -> None:
    found = reminder_days(due_on, due_on - 100 * DAY, offsets, Calendar(), None)
    assert all(offset <= 0 for offset in found)


@pytest.mark.parametrize("name", PACKS)
@given(event_on=st.dates(date(2004, 1, 1), date(2099, 12, 31)))
def test_the_law_s_own_deadlines_have_reminders_between_event_and_deadline(name: str, event_on: date) -> None:
    rule = PACKS[name].find("registration.deadline", event_on)
    if rule is None:
        return
    due = deadline(rule, event_on, Calendar())
    found = reminder_days(due.told, event_on, (-7, -3, -1, 0, 1, 7, 30), Calendar(), due.rolled)
    assert 0 in found
    assert all(event_on < day <= due.told for offset, day in found.items() if offset <= 0)


LEAP = date(2028, 2, 29)


@pytest.mark.parametrize(
    ("due_on", "offset", "expected"),
    [
        (LEAP, 0, date(2028, 2, 29)),
        (add_months(LEAP, 12), 0, date(2029, 2, 28)),
        (date(2028, 3, 1), -1, date(2028, 2, 29)),
        (date(2027, 3, 1), -1, date(2027, 2, 28)),
        (date(2026, 12, 31), -30, date(2026, 12, 1)),
        (date(2026, 10, 5), 0, date(2026, 9, 30)),  # the October holidays: the last day before them
        (date(2026, 11, 29), 0, date(2026, 11, 27)),  # a Sunday
        (date(2026, 11, 29), 1, date(2026, 12, 1)),  # after the Monday on which nobody is late yet
        (date(2026, 2, 14), 0, date(2026, 2, 14)),  # a Saturday on which offices work
    ],
)
def test_month_ends_leap_days_and_holidays(due_on: date, offset: int, expected: date) -> None:
    calendar = Calendar()
    rolled = calendar.roll(due_on) if calendar.knows(due_on.year) else due_on
    assert reminder_days(due_on, due_on - 90 * DAY, (offset,), calendar, rolled)[offset] == expected


def test_holidays_that_are_announced_later_move_the_day_back() -> None:
    due_on = date(2027, 2, 8)
    assert reminder_days(due_on, date(2026, 12, 1), (0,), Calendar(), None)[0] == due_on
    table = {due_on - n * DAY: False for n in range(3)}
    known = Calendar(table, frozenset({2027}))
    assert reminder_days(due_on, date(2026, 12, 1), (0,), known, due_on)[0] == date(2027, 2, 5)


def test_where_only_rest_days_lie_after_the_event_the_due_day_stays() -> None:
    saturday, sunday = date(2026, 11, 28), date(2026, 11, 29)
    assert reminder_days(sunday, saturday - DAY, (0,), Calendar(), sunday) == {0: sunday}
