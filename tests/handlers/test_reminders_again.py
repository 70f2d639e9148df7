"""What something sent had silenced is due again at once, when it is refused or taken back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest

from handlers.messages import Incoming
from handlers.office import corrections, endings
from handlers.office.states import lead
from handlers.reminders import planning
from handlers.reminders.planning import Place
from handlers.turns import Turn
from handlers.visit import enter
from handlers.vocabulary import Vocabulary
from storage import conversations, submissions
from storage.database import Database
from storage.history import Mark
from storage.records import Answer, Kind, Matter
from storage.unit import Unit
from tests.conftest import NOW
from tests.handlers.filed import HOLDER, OFFICE
from tests.handlers.test_permits import asked, decide, issued, registered
from tests.reminded import changed, comes_again, messages, plan_ahead, refused, rows, talk, tell

SPOKEN = replace(OFFICE, vocabularies={"zh": Vocabulary("zh", {}, {}, {}, {}, {})})
BEFORE = date(2026, 2, 1)  # the permit may be applied for from May on
IN_WINDOW = date(2027, 4, 20)  # the endorsement is due on 9 May


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def open_ones(unit: Unit, entry: str) -> list[int]:
    return [one.offset_days for one in rows(unit, entry) if one.is_open]


def turned_down(unit: Unit, number: str, day: date) -> None:
    decide(unit, number, day, "conditions_not_met")


def taken_back(unit: Unit, number: str, day: date) -> None:
    """The person says `withdraw` and which one."""
    talk = conversations.lock(unit, "engine", "me")
    assert talk is not None
    visit = enter(Incoming("engine", "me", "m", noon(day)), unit, SPOKEN, talk)
    chosen = replace(visit.conversation, answers={"withdraw_which": Answer("given", number)})
    endings.send_withdrawal(visit, Turn(chosen, ()))


def guardian_declined(unit: Unit, number: str, day: date) -> None:
    """What was asked again is given up in the talk."""
    found = submissions.by_number(unit, number)
    assert found is not None
    taken = lead(unit, found, "in_review", Mark("staff", noon(day), "ann", until=noon(day) + timedelta(hours=1)))
    assert taken is not None
    lead(unit, taken, "needs_answers", Mark("staff", noon(day), "ann"))
    talk = conversations.lock(unit, "engine", "me")
    assert talk is not None
    visit = enter(Incoming("engine", "me", "m", noon(day)), unit, SPOKEN, replace(talk, matter=Matter(number)))
    corrections.given_up(visit, Turn(visit.conversation, ()))


@pytest.mark.parametrize("ends", [turned_down, taken_back, guardian_declined])
@pytest.mark.parametrize(
    ("kind", "entry", "day"), [("permit", "permit_may_apply", BEFORE), ("endorsement", "endorsement", IN_WINDOW)]
)
def test_what_a_request_silenced_is_planned_again_when_it_is_over(
    kind: Kind, entry: str, day: date, ends: Callable[[Unit, str, date], None], database: Database
) -> None:
    def begin(unit: Unit) -> list[list[int]]:
        person = (registered(unit) if kind == "permit" else issued(unit)).person_id
        seen = []
        planning.plan_permits(unit, person, OFFICE, noon(day))
        seen.append(open_ones(unit, entry))
        asked(unit, kind, "A1", day)
        planning.plan_permits(unit, person, OFFICE, noon(day))
        seen.append(open_ones(unit, entry))
        ends(unit, "A1", day)
        seen.append(open_ones(unit, entry))
        return seen

    planned, waiting, again = database.run_now(begin)
    assert planned
    assert waiting == []
    assert again == planned


AGAIN = "registration_again"


def test_who_was_refused_is_told_why_and_by_when_to_come_again(database: Database) -> None:
    database.run_now(refused)
    (*_, deadline) = database.run_now(lambda unit: [one.due_on for one in rows(unit, AGAIN)])
    assert tell(database, datetime(2026, 12, 31, 1, tzinfo=UTC)) > 0
    ((template, data),) = database.run_now(messages)[0][2]
    assert template == "remind/registration_again"
    assert (data["it"]["reason"], data["it"]["number"], data["it"]["due_on"]) == (
        "no_answer",
        "N1",
        deadline.isoformat(),
    )


@pytest.mark.parametrize("reason", ["not_here", "no_duty", "twice"])
def test_who_has_no_duty_here_is_not_asked_to_come_again(reason: str, database: Database) -> None:
    database.run_now(lambda unit: refused(unit, reason))
    assert database.run_now(lambda unit: rows(unit, AGAIN)) == []


def test_a_deadline_past_before_the_refusal_counts_from_the_refusal(database: Database) -> None:
    database.run_now(lambda unit: refused(unit, arrived_on="2026-09-01"))
    found = database.run_now(lambda unit: rows(unit, AGAIN))
    assert [one.offset_days for one in found] == [1, 7, 30]
    assert {one.due_on for one in found} == {date(2026, 11, 23)}


def test_who_comes_again_without_an_id_number_is_not_asked_to(database: Database) -> None:
    database.run_now(lambda unit: refused(unit, id_number="none"))
    assert database.run_now(lambda unit: open_ones(unit, AGAIN))
    database.run_now(comes_again)
    assert database.run_now(lambda unit: open_ones(unit, AGAIN)) == []


def test_a_talk_begun_anew_reminds_in_its_stead_until_it_is_dropped(database: Database) -> None:
    number = database.run_now(refused)
    again = database.run_now(lambda unit: talk(unit, "other", HOLDER, arrived_on="2026-11-22"))
    database.run_now(lambda unit: planning.plan(unit, "submission", number, OFFICE, NOW))
    assert database.run_now(lambda unit: open_ones(unit, AGAIN)) == []
    database.run_now(lambda unit: changed(unit, again, draft="", answers={}))
    place: Place | None = planning.BEGINNING
    while place is not None:
        place = database.run_now(partial(plan_ahead, place=place, limit=50, office=OFFICE, now=NOW))
    assert database.run_now(lambda unit: open_ones(unit, AGAIN))
