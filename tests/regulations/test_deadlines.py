"""What a deadline is, whatever the day and the number."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulations.calendar import Calendar
from regulations.deadlines import Deadline, add_months, deadline, is_late, is_under_age, is_within, moment, reaches
from regulations.errors import NotANumber, NotAPeriod
from regulations.pack import load
from regulations.rule import Rule

PACK = load("cn-zj-hangzhou")
TEMPLATE = PACK.rule("registration.deadline")
KNOWN = Calendar()
PERIODS = ["working_days", "calendar_days", "calendar_months"]

any_day = st.dates(date(2004, 1, 1), date(2100, 12, 31))
known_day = st.dates(date(2004, 1, 1), date(2026, 6, 30))
counts = st.integers(0, 40)
units = st.sampled_from(PERIODS)


def rule(value: int, unit: str) -> Rule:
    return Rule(
        key=TEMPLATE.key,
        value=value,
        unit=unit,
        who=TEMPLATE.who,
        trigger=TEMPLATE.trigger,
        citation=TEMPLATE.citation,
        words=TEMPLATE.words,
        certainty=TEMPLATE.certainty,
        checked_on=TEMPLATE.checked_on,
        place=TEMPLATE.place,
    )


@given(any_day, counts, units)
def test_no_day_of_a_deadline_is_before_its_event(event: date, count: int, unit: str) -> None:
    due = deadline(rule(count, unit), event, KNOWN)
    assert event <= due.safe
    assert all(day >= due.safe for day in (due.nominal, due.rolled) if day)


@given(any_day, st.integers(0, 60), counts, units)
def test_a_later_event_never_has_an_earlier_deadline(event: date, later: int, count: int, unit: str) -> None:
    first = deadline(rule(count, unit), event, KNOWN)
    second = deadline(rule(count, unit), event + timedelta(days=later), KNOWN)
    assert first.safe <= second.safe
    assert not (first.nominal and second.nominal and first.nominal > second.nominal)
    assert not (first.rolled and second.rolled and first.rolled > second.rolled)


@given(known_day, st.integers(1, 40))
def test_a_working_day_deadline_is_a_working_day_with_as_many_working_days_up_to_it(event: date, count: int) -> None:
    due = deadline(rule(count, "working_days"), event, KNOWN)
    assert due.nominal is not None
    assert KNOWN.is_working(due.nominal)
    days = [event + timedelta(days=n) for n in range(1, (due.nominal - event).days + 1)]
    assert sum(KNOWN.is_working(day) for day in days) == count


@given(known_day, counts, units.filter(lambda unit: unit != "working_days"))
def test_a_rolled_day_is_the_first_working_day_from_the_nominal_one(event: date, count: int, unit: str) -> None:
    due = deadline(rule(count, unit), event, Calendar(years=frozenset(range(2027, 2032))))
    assert due.nominal is not None
    assert due.rolled is not None
    between = [due.nominal + timedelta(days=n) for n in range((due.rolled - due.nominal).days)]
    calendar = Calendar(years=frozenset(range(2027, 2032)))
    assert calendar.is_working(due.rolled)
    assert not any(calendar.is_working(day) for day in between)


@given(any_day, counts, units, st.dictionaries(any_day, st.booleans(), max_size=20))
def test_edited_holidays_never_move_a_deadline_before_the_safe_day(
    event: date, count: int, unit: str, table: dict[date, bool]
) -> None:
    due = deadline(rule(count, unit), event, Calendar(table, frozenset(range(2027, 2110))))
    assert due.rolled is not None
    assert due.missing_year is None
    assert due.safe <= due.rolled


@given(any_day, counts, units, st.integers(0, 90))
def test_nobody_is_called_late_up_to_the_rolled_day(event: date, count: int, unit: str, after: int) -> None:
    due = deadline(rule(count, unit), event, KNOWN)
    late = is_late(due, event + timedelta(days=after))
    assert late is not True or (due.rolled is not None and event + timedelta(days=after) > due.rolled)
    assert (late is None) == (due.rolled is None and event + timedelta(days=after) > due.safe)


DUE = Deadline(date(2025, 11, 15), date(2025, 11, 17), date(2025, 11, 15))
UNKNOWN = Deadline(None, None, date(2027, 1, 2), 2027)


@pytest.mark.parametrize(
    ("due", "done_on", "late"),
    [
        (DUE, date(2025, 11, 15), False),
        (DUE, date(2025, 11, 17), False),
        (DUE, date(2025, 11, 18), True),
        (UNKNOWN, date(2027, 1, 2), False),
        (UNKNOWN, date(2027, 1, 3), None),
    ],
)
def test_late_is_only_who_acts_after_the_rolled_day(due: Deadline, done_on: date, late: bool | None) -> None:
    assert is_late(due, done_on) is late


def test_past_the_last_known_year_the_safe_day_is_told_and_the_year_named() -> None:
    due = deadline(TEMPLATE, date(2026, 12, 30), KNOWN)
    assert due == Deadline(None, None, date(2027, 1, 2), 2027)
    assert (due.told, due.problem) == (date(2027, 1, 2), "holiday_calendar_missing_2027")


def test_a_calendar_day_deadline_past_the_last_known_year_keeps_its_nominal_day() -> None:
    due = deadline(PACK.rule("change.registration"), date(2026, 12, 25), KNOWN)
    assert due == Deadline(date(2027, 1, 4), None, date(2027, 1, 4), 2027)


def test_a_year_loaded_by_the_operator_gives_the_exact_day() -> None:
    holidays = {date(2027, 1, 1): False, date(2027, 1, 3): True}
    due = deadline(TEMPLATE, date(2026, 12, 30), Calendar(holidays, frozenset({2027})))
    assert (due.nominal, due.rolled, due.problem) == (date(2027, 1, 4), date(2027, 1, 4), "")


@pytest.mark.parametrize(
    ("day", "months", "last"),
    [
        (date(2025, 8, 31), 6, date(2026, 2, 28)),
        (date(2023, 8, 31), 6, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2025, 12, 15), 1, date(2026, 1, 15)),
        (date(2025, 5, 31), 6, date(2025, 11, 30)),
    ],
)
def test_a_month_ends_on_the_corresponding_day_or_the_last_of_the_month(day: date, months: int, last: date) -> None:
    assert add_months(day, months) == last


@pytest.mark.parametrize(
    ("born_on", "today", "under"),
    [
        (date(2010, 3, 15), date(2026, 3, 14), True),
        (date(2010, 3, 15), date(2026, 3, 15), False),
        (date(2012, 2, 29), date(2028, 2, 28), True),
        (date(2012, 2, 29), date(2028, 2, 29), False),
    ],
)
def test_an_age_is_reached_on_the_birthday(born_on: date, today: date, under: bool) -> None:
    assert is_under_age(PACK.rule("registration.proxy.minor"), born_on, today) is under


def test_a_limit_includes_its_own_number() -> None:
    stay, relatives = PACK.rule("registration.min_stay"), PACK.rule("registration.exempt.relatives")
    assert [reaches(stay, days) for days in (2, 3, 4)] == [False, True, True]
    assert [is_within(relatives, days) for days in (29, 30, 31)] == [True, True, False]


def test_a_rule_without_a_period_gives_no_deadline() -> None:
    with pytest.raises(NotAPeriod, match=r"foreigners\.registration"):
        deadline(PACK.rule("foreigners.registration"), date(2026, 1, 1), KNOWN)
    with pytest.raises(NotANumber, match=r"registration\.duty"):
        deadline(PACK.rule("registration.duty"), date(2026, 1, 1), KNOWN)
    with pytest.raises(NotANumber, match=r"change\.registration"):
        is_under_age(PACK.rule("change.registration"), date(2020, 1, 1), date(2026, 1, 1))


@given(any_day, any_day, st.integers(1, 20), st.integers(1, 20), units)
def test_when_a_rule_changes_each_day_has_one_version_and_its_deadline_stays_as_it_was(
    changed_on: date, event: date, before: int, after: int, unit: str
) -> None:
    old = replace(rule(before, unit), in_force_from=None, in_force_to=changed_on - timedelta(days=1))
    new = replace(rule(after, unit), in_force_from=changed_on)
    pack = replace(PACK, versions={TEMPLATE.key: (new, old)})
    found = pack.rule(TEMPLATE.key, event)
    assert found is (old if event < changed_on else new)
    assert not old.overlaps(new)
    alone = replace(PACK, versions={TEMPLATE.key: (old,)})
    if event < changed_on:
        assert deadline(found, event, KNOWN) == deadline(alone.rule(TEMPLATE.key, event), event, KNOWN)


@given(any_day, st.times(), st.sampled_from(["Asia/Shanghai", "UTC"]))
def test_hours_run_from_the_moment_in_any_zone(day: date, at: time, zone: str) -> None:
    begun = datetime.combine(day, at, ZoneInfo(zone))
    end = moment(PACK.rule("foreigners.registration"), begun)
    assert end.astimezone(UTC) - begun.astimezone(UTC) == timedelta(hours=24)
