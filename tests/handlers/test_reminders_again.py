"""What a request about a permit had silenced is due again at once, when it is refused or taken back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from handlers.messages import Incoming
from handlers.office import corrections, endings
from handlers.office.states import lead
from handlers.reminders import planning
from handlers.turns import Turn
from handlers.visit import enter
from handlers.vocabulary import Vocabulary
from storage import conversations, submissions
from storage.database import Database
from storage.history import Mark
from storage.records import Answer, Kind, Matter
from storage.unit import Unit
from tests.handlers.filed import OFFICE
from tests.handlers.test_permits import asked, decide, issued, registered
from tests.reminded import rows

SPOKEN = replace(OFFICE, vocabularies={"zh": Vocabulary("zh", {}, {}, {}, {}, {})})
BEFORE = date(2026, 2, 1)  # the permit may be applied for from May on
IN_WINDOW = date(2027, 4, 20)  # the endorsement is due on 9 May


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def open_ones(unit: Unit, entry: str) -> list[int]:
    return [one.offset_days for one in rows(unit, entry) if one.is_open]


def refused(unit: Unit, number: str, day: date) -> None:
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


@pytest.mark.parametrize("ends", [refused, taken_back, guardian_declined])
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
