"""Causes after a refusal: the duty to register stands, so whoever was refused is told by when to come again."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from handlers.forms.conditions import value
from handlers.office.timing import timing_of
from handlers.reasons import OWN_WORDS
from handlers.reminders.entry import After, Cause, Page, told
from handlers.reminders.talks import under_deadline
from handlers.visit import Office
from storage import conversations, history, submissions
from storage.records import Submission
from storage.unit import Unit

STILL_DUE = frozenset({"not_the_person", "false_paper", "no_answer", OWN_WORDS})  # the others say that none is due here
ASKED_OF = frozenset({"registration", "change"})
SETTLES = ASKED_OF | {"leaving"}
OVER = frozenset({"refused", "withdrawn", "erased"})
REACH = timedelta(days=80)


def refused(unit: Unit, office: Office, submission: Submission, now: datetime) -> Cause | None:
    """Counted from the deadline, or from the refusal where that came later; settled by what is sent or begun again."""
    step = history.at(unit, submission.id, submission.version)
    timing = timing_of(office, submission.answers, now)
    if step is None or timing is None or step.reason not in STILL_DUE or submission.kind not in ASKED_OF:
        return None
    if _came_again(unit, submission) or _comes_again(unit, office, submission, now):
        return None
    zone = office.zone
    refused_on = step.at.astimezone(zone).date()
    words = (step.note or {}).get("words", "")
    data = told(timing.due, timing.rule, timing.event_on, now.astimezone(zone).date())
    data |= {"number": submission.number, "kind": submission.kind, "reason": step.reason, "words": words}
    late_after = None if timing.due.rolled is None else max(timing.due.rolled, refused_on)
    due_on = max(timing.due.told, refused_on)
    return Cause(due_on, refused_on, late_after, submission.holder_id, 0, submission.area, data)


def candidates(unit: Unit, after: After, limit: int, until: date) -> Page:
    """What was refused and has its deadline about now."""
    found = submissions.ids_due(unit, "refused", until - REACH, after[0] if after else 0, limit)
    return found, (found[-1],) if found else ()


def sent_before(unit: Unit, submission: Submission) -> Sequence[int]:
    """What was refused of the same person before this was sent."""
    return [one.id for one in _same_person(unit, submission) if one.id < submission.id and one.status == "refused"]


def _came_again(unit: Unit, submission: Submission) -> bool:
    later = (one for one in _same_person(unit, submission) if one.id > submission.id)
    return any(one.kind in SETTLES and one.status not in OVER for one in later)


def _comes_again(unit: Unit, office: Office, submission: Submission, now: datetime) -> bool:
    """Whether a talk of theirs is under way that has a deadline of its own, so that one thing isn't said twice."""
    accounts = [one.conversation_id for one in conversations.of_holder(unit, submission.holder_id)]
    return any(under_deadline(office, talk, now) for talk in conversations.several(unit, accounts))


def _same_person(unit: Unit, submission: Submission) -> Sequence[Submission]:
    """What was sent of the person; without an ID number every submission is a person, so those of the name count."""
    name = value(submission.answers, "name")
    theirs = submissions.of_holder(unit, submission.holder_id)
    named = [one for one in theirs if name and value(one.answers, "name") == name]
    return [*submissions.of_person(unit, submission.person_id), *named]
