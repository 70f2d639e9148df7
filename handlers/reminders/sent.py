"""Causes in what was sent: what the office asks again, papers promised, a move that the landlord reported."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

from handlers.forms.conditions import value
from handlers.forms.papers import PAPER_STEPS
from handlers.reminders.entry import Candidates, Cause, Causes, by_id, told
from handlers.visit import Office
from regulations.deadlines import deadline
from storage import history, submissions, tenancies
from storage.records import State, Submission
from storage.unit import Unit

CHANGE = "change.registration"
PROMISED = ("received", "in_review")

Find = Callable[[Unit, Office, Submission, datetime], Cause | None]


def each(find: Find, *states: State) -> Causes:
    """What is found for submissions that are in one of these states."""

    def causes(unit: Unit, office: Office, ids: Sequence[int], now: datetime) -> Mapping[int, Cause]:
        found = ((one.id, find(unit, office, one, now)) for one in submissions.several(unit, ids, states))
        return {number: cause for number, cause in found if cause is not None}

    return causes


def in_states(*states: State) -> Candidates:
    """Submissions in one of these states."""
    return by_id(partial(submissions.ids_in, states=states))


def asked(unit: Unit, office: Office, submission: Submission, now: datetime) -> Cause | None:
    """The office asks for answers again: counted from the day it did."""
    step = history.at(unit, submission.id, submission.version)
    if step is None:
        return None
    asked_on = step.at.astimezone(office.zone).date()
    return _about(submission, asked_on, {"count": len((step.note or {}).get("asks", {}))})


def promised(unit: Unit, office: Office, submission: Submission, now: datetime) -> Cause | None:
    """Papers that were to come later."""
    steps = [step for step in PAPER_STEPS if (value(submission.answers, step) or {}).get("plan") == "later"]
    sent_on = submission.submitted_at.astimezone(office.zone).date()
    return _about(submission, sent_on, {"papers": steps}) if steps else None


def moved_out(unit: Unit, office: Office, submission: Submission, now: datetime) -> Cause | None:
    """The landlord says that they moved out: until when the new home is to be told."""
    tenancy = tenancies.of_submission(unit, submission.person_id, submission.id)
    left_on = None if tenancy is None else tenancy.left_on
    rule = None if left_on is None else office.pack.find(CHANGE, left_on)
    if left_on is None or rule is None:
        return None
    due = deadline(rule, left_on, office.calendar)
    data = told(due, rule.key, left_on, now.astimezone(office.zone).date()) | {"number": submission.number}
    return Cause(due.told, left_on, due.rolled, submission.holder_id, 0, submission.area, data)


def _about(submission: Submission, on: date, data: Mapping[str, Any]) -> Cause:
    return Cause(on, on, on, submission.holder_id, 0, submission.area, {"number": submission.number, **data})
