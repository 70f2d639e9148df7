"""The yearly endorsement of a permit at the office: done in time or late, or refused with the reason."""

from dataclasses import replace
from datetime import date

from handlers.office import permit_notices
from handlers.office.permit_desk import Desk, Outcome, Problem, again, dated, take
from handlers.reasons import REFUSAL_REASONS, fits
from regulations.endorsement import Restored
from regulations.permit_days import late_endorsement, next_endorsement
from storage import endorsements, permits
from storage.endorsements import Endorsement
from storage.permits import Permit
from storage.records import Ask, Submission
from storage.unit import Unit


def endorse(unit: Unit, desk: Desk, permit_id: int, version: int, submission: Submission | None = None) -> Outcome:
    """Endorse a permit for another year, in time or late; it counts from the day on which that was asked for.

    Late, the permit works again, and the years count as the pack says (`endorse.restore`).
    """
    found = permits.lock(unit, permit_id)
    if found is None or not desk.sees(found):
        return "gone"
    problem = not_endorsable(found, desk.today)
    if problem is not None:
        return again(unit, found, version, desk, ("endorsed", "restored")) or problem
    on = asked_on(found, submission, desk)
    return _endorsed(unit, desk, found, version, on, submission)


def not_endorsable(permit: Permit, today: date) -> Problem | None:
    """Why a permit can't be endorsed today; None where it can."""
    if not permit.is_in_use or permit.issued_on is None or permit.valid_from is None:
        return "not_now"
    return "too_early" if permit.endorse_from_on is None or today < permit.endorse_from_on else None


def asked_on(permit: Permit, submission: Submission | None, desk: Desk) -> date:
    """The day the endorsement counts from: when the person asked for it, as how long the office takes is not theirs."""
    if submission is None:
        return desk.today
    asked = submission.submitted_at.astimezone(desk.office.zone).date()
    return max(asked, permit.endorse_from_on or asked)


def refuse_endorsement(
    unit: Unit, desk: Desk, permit_id: int, version: int, reason: Ask, submission: Submission | None = None
) -> Outcome:
    """Refuse an endorsement, with the reason (`endorse.refuse`); the permit stays as it is until its last day."""
    if not fits(reason, REFUSAL_REASONS):
        return "bad_reason"
    note = {"words": reason.words} if reason.words else None
    number = None if submission is None else submission.id
    step = desk.step("refused", reason=reason.reason, note=note, submission_id=number)

    def change(permit: Permit) -> Permit | Problem:
        return permit if permit.is_in_use else "not_now"

    return take(
        unit, desk, permit_id, version, change, step,
        lambda moved: permit_notices.not_endorsed(moved, reason.reason, reason.words),
    )  # fmt: skip


def _endorsed(unit: Unit, desk: Desk, found: Permit, version: int, on: date, submission: Submission | None) -> Outcome:
    issued_on, valid_from, until = found.issued_on, found.valid_from, found.endorsed_until
    if issued_on is None or valid_from is None or until is None:
        return "not_now"
    late = late_endorsement(desk.pack, issued_on, valid_from, until, on)
    days = next_endorsement(desk.pack, issued_on, valid_from, until, on)
    changed = _restored(dated(replace(found, state="issued"), days, desk.pack), late)
    number = None if submission is None else submission.id
    step = desk.step("endorsed" if late is None else "restored", day=on, submission_id=number)
    outcome = take(
        unit, desk, found.id, version, lambda permit: changed, step,
        lambda moved: permit_notices.endorsed(moved, late),
    )  # fmt: skip
    if isinstance(outcome, Permit):
        endorsements.keep(unit, _kept(desk, found, outcome, on, late, number))
    return outcome


def _restored(permit: Permit, late: Restored | None) -> Permit:
    """A late endorsement: it works again, and the years that count are others."""
    if late is None:
        return permit
    left_out = 0 if late.left_out is None else late.left_out.days
    return replace(
        permit,
        suspended_on=late.suspended.first,
        restored_on=late.on,
        counts_from=late.count_from,
        left_out_days=permit.left_out_days + left_out,
    )


def _kept(
    desk: Desk, before: Permit, after: Permit, on: date, late: Restored | None, submission_id: int | None
) -> Endorsement:
    due_on, until_on = before.endorsed_until or on, after.endorsed_until or on
    first, last = (None, None) if late is None else (late.suspended.first, late.suspended.last)
    return Endorsement(
        before.id, due_on, on, until_on, late is not None, desk.now, first, last, submission_id, desk.staff_id
    )
