"""A lost, damaged or wrong permit: a new card is made, and fetched like the first one."""

from dataclasses import replace

from handlers.office import permit_notices
from handlers.office.permit_desk import Desk, Outcome, Problem, bad_number, carded, take
from handlers.reminders import planning
from storage import permits
from storage.permits import Permit
from storage.records import Submission
from storage.unit import Unit


def replacing(unit: Unit, submission: Submission, desk: Desk) -> Permit | None:
    """A replacement is accepted: a new card is made; None where the person has no permit in use."""
    found = permits.open_of(unit, submission.person_id)
    if found is None or not found.is_in_use:
        return None
    pick_up = submission.answers.get("pick_up")
    changed = replace(found, card="making", replacement_id=submission.id)
    changed = changed if pick_up is None else replace(changed, pick_up=str(pick_up.value))
    reason = str(submission.answers["replace_reason"].value)
    moved = permits.move(unit, found, changed, desk.step("replacing", reason=reason, submission_id=submission.id))
    if moved is None:
        return replacing(unit, submission, desk)
    planning.plan(unit, "permit", moved.id, desk.office, desk.now)
    permit_notices.say(unit, moved, permit_notices.accepted(submission, None), desk.now)
    return moved


def replaced(unit: Unit, desk: Desk, permit_id: int, version: int, number: str, *, electronic: bool = False) -> Outcome:
    """The new card is made; its number, if it has another one."""
    number = number.strip()
    if number and (problem := bad_number(unit, permit_id, number)) is not None:
        return problem

    def change(permit: Permit) -> Permit | Problem:
        if not permit.is_in_use or permit.card != "making":
            return "not_now"
        return carded(replace(permit, number=number or permit.number, replacement_id=None), desk, electronic=electronic)

    step = desk.step("replaced", day=desk.today)
    return take(unit, desk, permit_id, version, change, step, permit_notices.replaced)
