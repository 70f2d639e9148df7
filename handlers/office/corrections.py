"""Answers that the office asks again: exactly those, then back to the same place in the queue."""

import secrets
from dataclasses import replace
from datetime import datetime

from handlers import engine
from handlers.aside import put_aside, take_up
from handlers.forms.conditions import value
from handlers.forms.correction import CORRECTING, correction_of
from handlers.forms.permit import KINDS
from handlers.messages import Reply, control
from handlers.office import sidebyside
from handlers.office.papers import attach
from handlers.office.states import lead
from handlers.office.timing import dated, timing_of
from handlers.reminders import planning
from handlers.turns import Turn
from handlers.visit import Visit
from storage import deliveries, history, submissions
from storage.history import Mark
from storage.matters import unpacked_asks
from storage.records import Answer, Answers, Ask, Conversation, Matter, Submission
from storage.unit import Unit

OF_A_CODE = ("home", "room")


def waiting(visit: Visit) -> Submission | None:
    """The oldest submission of this person that waits for answers."""
    holder = visit.conversation.holder_id
    found = submissions.in_state(visit.unit, holder, "needs_answers") if holder else ()
    return found[0] if found else None


def begin(visit: Visit, submission: Submission, *before: Reply) -> Turn:
    """Ask again what the office marked; another talk under way is put aside."""
    asks = asked_of(visit.unit, submission)
    drop_notice(visit.unit, submission, visit.now)
    matter = Matter(submission.number, asks, submission.answers)
    context = replace(visit.context, home=None)
    conversation = put_aside(visit.conversation)
    answers = _questioned(submission.answers, asks)
    form = correction_of(submission.form)
    turn = engine.start(conversation, form, secrets.token_hex(16), answers, context, matter)
    opening = Reply("say/answers_begin", {"number": submission.number, "kind": submission.kind, "count": len(asks)})
    return replace(turn, replies=(*before, opening, *turn.replies))


def send(visit: Visit, turn: Turn) -> Turn:
    """What was confirmed goes back to the queue, with what changed for the reviewer to see."""
    conversation = turn.conversation
    found = submissions.lock(visit.unit, conversation.matter.number)
    if found is None or found.status != "needs_answers":
        return over(visit, conversation, _told(found))
    again = _answered(visit, found, conversation.answers)
    note = {"changes": sidebyside.packed(sidebyside.differences(found.answers, again.answers, found.form))}
    sent = submissions.answer_again(visit.unit, again, again.answers, Mark("person", visit.now, note=note))
    if sent is None:
        return over(visit, conversation, _told(found))
    attach(visit.unit, sent.answers, conversation.id, sent.id)
    planning.plan(visit.unit, "submission", sent.id, visit.office, visit.now)
    controls = tuple(control(name) for name in ("my_data", "household", "law"))
    return over(visit, conversation, Reply("say/received_again", {"number": sent.number, "kind": sent.kind}, controls))


def _answered(visit: Visit, found: Submission, answers: Answers) -> Submission:
    """The submission with these answers; what belongs to the registration behind it stays.

    So does what a scanned code had told, while the place is the same: it isn't scanned again.
    """
    scanned = OF_A_CODE if _is_there(found.answers, answers) else ()
    kept = {n: answer for n, answer in found.answers.items() if visit.form.step(n) is None or n in scanned}
    answered = replace(found, answers={**kept, **answers})
    if found.kind in KINDS:
        return answered
    # A new day of arrival may move the deadline; the day it was first sent stays.
    return dated(answered, timing_of(visit.office, answered.answers, answered.submitted_at))


def _is_there(before: Answers, after: Answers) -> bool:
    return all(value(before, name) == value(after, name) for name in ("area", "address"))


def given_up(visit: Visit, turn: Turn) -> Turn:
    """A guardian declined in the talk: what was sent is taken back."""
    found = submissions.lock(visit.unit, visit.conversation.matter.number)
    if found is not None and found.status == "needs_answers":
        lead(visit.unit, found, "withdrawn", Mark("person", visit.now, reason="guardian_declined"))
        planning.plan_over(visit.unit, found, visit.office, visit.now)
    return over(visit, turn.conversation, *turn.replies)


def over(visit: Visit, conversation: Conversation, *said: Reply) -> Turn:
    """The matter is done; a talk that was put aside goes on with its open question."""
    resumed = take_up(conversation)
    while _is_pointless(visit.unit, resumed):
        resumed = take_up(resumed)
    if not resumed.draft or resumed.status != "active":
        return Turn(resumed, said)
    back = visit.with_conversation(resumed)
    return engine.again(resumed, back.form, visit.context, *said, Reply("say/resumed"))


def _is_pointless(unit: Unit, conversation: Conversation) -> bool:
    """A talk put aside whose submission waits for no answers any more."""
    if conversation.form not in CORRECTING or not conversation.draft:
        return False
    found = submissions.by_number(unit, conversation.matter.number)
    return found is None or found.status != "needs_answers"


def asked_of(unit: Unit, submission: Submission) -> dict[str, Ask]:
    """What the office asks again, with its reasons."""
    step = history.at(unit, submission.id, submission.version)
    return {} if step is None or not step.note else unpacked_asks(step.note.get("asks", {}))


def _questioned(answers: Answers, asks: dict[str, Ask]) -> dict[str, Answer]:
    """The answers as they were sent, those that are asked again marked."""
    marked = {name: replace(a, kind="questioned") if name in asks else a for name, a in answers.items()}
    return {**marked, "again": Answer("derived", True)} if "changed" in answers else marked


def _told(found: Submission | None) -> Reply:
    number, status = ("", "withdrawn") if found is None else (found.number, found.status)
    return Reply("say/answers_too_late", {"number": number, "status": status}, (control("my_data"), control("person")))


def drop_notice(unit: Unit, submission: Submission, now: datetime) -> None:
    """The talk says what the notice would: one that still waits needn't be sent."""
    deliveries.drop(unit, f"review:{submission.id}:{submission.version}", "answered", now)
