"""How a rule comes to its day."""

import pytest

from regulations.calendar import Calendar
from regulations.errors import NotExplained
from regulations.explain import explain
from regulations.pack import load

PACK = load("cn-zj-hangzhou")


@pytest.mark.parametrize(
    ("key", "days", "answer"),
    [
        ("registration.deadline", "2025-04-25", {"nominal": "2025-04-29", "rolled": "2025-04-29"}),
        ("registration.deadline", "2026-12-30", {"error": "holiday_calendar_missing_2027", "safe": "2027-01-02"}),
        ("change.registration", "2025-12-24", {"nominal": "2026-01-03", "rolled": "2026-01-04"}),
        ("change.registration", "2026-12-25", {"nominal": "2027-01-04", "error": "holiday_calendar_missing_2027"}),
        ("foreigners.registration", "2026-03-02T20:00", {"until": "2026-03-03T20:00"}),
        ("permit.eligibility.residence", "2025-08-31", {"last_day": "2026-02-28", "eligible_from": "2026-03-01"}),
        ("endorse.restore", "2024-05-10 2025-08-01", {"next_anniversary": "2026-05-10"}),
        ("endorse.window", "2026-02-20", {"year": "1", "last_office_day": "holiday_calendar_missing_2027"}),
        ("registration.proxy.minor", "2010-03-15 2026-03-14", {"under_age": "yes"}),
        ("registration.exempt.relatives", "2026-03-01 2026-04-01", {"days": "31", "holds": "no"}),
        ("registration.min_stay", "2026-03-01 2026-03-04", {"days": "3", "holds": "yes"}),
    ],
)
def test_a_rule_is_explained_with_its_answer(key: str, days: str, answer: dict[str, str]) -> None:
    found = explain(PACK, key, days.split(), Calendar())
    assert {**found.answer, **answer} == found.answer
    assert found.steps


def test_the_days_counted_are_told_one_by_one_with_make_up_days_marked() -> None:
    (step,) = explain(PACK, "registration.deadline", ["2025-04-25"], Calendar()).steps
    assert step == "Counted days: 04-27 Sun*, 04-28 Mon, 04-29 Tue (* = make-up working day)."


def test_past_the_calendar_the_days_known_are_told_and_the_year_missing() -> None:
    (step,) = explain(PACK, "registration.deadline", ["2026-12-30"], Calendar()).steps
    assert step.startswith("Counted days: 12-31 Thu, then 2027, whose holidays are not known")


def test_the_version_of_the_first_day_is_the_one_explained() -> None:
    assert explain(PACK, "registration.deadline", ["2017-05-02"], Calendar()).rule.place == "cn"
    assert explain(PACK, "registration.deadline", ["2019-05-06"], Calendar()).rule.place == "cn-zj-hangzhou"


@pytest.mark.parametrize(
    ("key", "days"),
    [
        ("registration.deadline", []),
        ("registration.deadline", ["soon"]),
        ("registration.duty", ["2026-03-02"]),
        ("registration.proxy.minor", ["2019-03-15"]),
        ("endorse.restore", ["2024-05-10", "2025-04-20"]),
    ],
)
def test_what_gives_no_day_is_refused_in_a_sentence(key: str, days: list[str]) -> None:
    with pytest.raises(NotExplained):
        explain(PACK, key, days, Calendar())
