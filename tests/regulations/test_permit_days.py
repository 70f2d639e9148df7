"""A permit's days: the window after the issue, after an endorsement in time or late, and after a change of the law."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulations.calendar import Calendar
from regulations.pack import Pack, load
from regulations.permit_days import (
    COUNTS_ENDORSEMENT,
    EndorsementDays,
    counted_by,
    eligible_on,
    first_endorsement,
    issue_deadline,
    late_endorsement,
    next_endorsement,
    same_endorsement,
)

HANGZHOU, NATIONAL = load("cn-zj-hangzhou"), load("cn")
ISSUED, LIVES_SINCE = date(2026, 6, 10), date(2025, 11, 23)
DAYS = st.dates(date(2016, 1, 1), date(2099, 1, 1))


def with_value(pack: Pack, key: str, value: int | str) -> Pack:
    """The same law, one number in it changed."""
    (rule, *older) = pack.versions[key]
    return replace(pack, versions={**pack.versions, key: (replace(rule, value=value), *older)})


@pytest.mark.parametrize(
    ("pack", "days"),
    [
        (HANGZHOU, EndorsementDays(date(2027, 5, 10), date(2027, 6, 9), date(2027, 6, 10))),
        (NATIONAL, EndorsementDays(date(2026, 10, 23), date(2026, 11, 22), date(2026, 11, 23))),
    ],
)
def test_the_first_window_counts_from_issue_or_from_residence(pack: Pack, days: EndorsementDays) -> None:
    assert first_endorsement(pack, ISSUED, LIVES_SINCE) == days


def test_an_endorsement_in_time_leads_to_the_next_year() -> None:
    until = date(2027, 6, 10)
    assert next_endorsement(HANGZHOU, ISSUED, LIVES_SINCE, until, date(2027, 5, 20)).until_on == date(2028, 6, 10)
    assert late_endorsement(HANGZHOU, ISSUED, LIVES_SINCE, until, until) is None


def test_a_late_endorsement_leaves_out_the_days_between() -> None:
    until = date(2027, 6, 10)
    late = late_endorsement(HANGZHOU, ISSUED, LIVES_SINCE, until, date(2027, 7, 1))
    assert late is not None
    assert late.left_out is not None
    assert late.left_out.days == 20
    assert next_endorsement(HANGZHOU, ISSUED, LIVES_SINCE, until, date(2027, 7, 1)).until_on == date(2028, 6, 10)


def test_missing_several_years_goes_on_with_the_next_anniversary() -> None:
    days = next_endorsement(HANGZHOU, ISSUED, LIVES_SINCE, date(2027, 6, 10), date(2029, 6, 10))
    assert days.until_on == date(2030, 6, 10)


@given(issued=DAYS, lived=st.integers(180, 3000), late=st.integers(0, 2000))
def test_the_next_last_day_is_after_the_endorsement_and_never_goes_back(issued: date, lived: int, late: int) -> None:
    since = date.fromordinal(issued.toordinal() - lived)
    for pack in (HANGZHOU, NATIONAL):
        first = first_endorsement(pack, issued, since)
        endorsed = date.fromordinal(first.until_on.toordinal() + late)
        following = next_endorsement(pack, issued, since, first.until_on, endorsed)
        assert issued < first.until_on < following.until_on
        assert endorsed < following.until_on
        assert following.from_on < following.by_on < following.until_on
        assert same_endorsement(pack, issued, since, first.until_on) == first


def test_a_number_changed_in_the_pack_changes_the_days_and_their_mark() -> None:
    changed = with_value(HANGZHOU, "endorse.window", 2)
    assert first_endorsement(changed, ISSUED, LIVES_SINCE).from_on == date(2027, 4, 10)
    assert counted_by(changed, COUNTS_ENDORSEMENT) != counted_by(HANGZHOU, COUNTS_ENDORSEMENT)
    assert eligible_on(with_value(HANGZHOU, "permit.eligibility.residence", 3), LIVES_SINCE) == date(2026, 2, 24)
    assert eligible_on(HANGZHOU, LIVES_SINCE) == date(2026, 5, 24)


def test_the_limit_for_issuing_counts_from_acceptance() -> None:
    due = issue_deadline(HANGZHOU, date(2026, 11, 23), Calendar())
    assert due is not None
    assert (due.nominal, due.rolled) == (date(2026, 12, 8), date(2026, 12, 8))
