"""What is asked for about a permit, as the reviewer decides it: the permit's own step is of the same transaction."""

from datetime import datetime

from handlers.office import permit_desk, permit_endorsing, permit_replacing
from handlers.office.permit_desk import Desk
from storage import permits
from storage.permits import Step
from storage.records import Submission
from storage.unit import Unit


def hinders(unit: Unit, submission: Submission, desk: Desk) -> tuple[str, ...]:
    """Why it can't be approved, by the permit that is there or isn't."""
    permit = permits.open_of(unit, submission.person_id)
    if submission.kind == "permit":
        return ("has_permit",) if permit is not None and permit.submission_id != submission.id else ()
    if permit is None or not permit.is_in_use:
        return ("no_permit",)
    if submission.kind == "endorsement" and permit_endorsing.not_endorsable(permit, desk.today) is not None:
        return ("too_early",)
    return ()


def approved(unit: Unit, submission: Submission, desk: Desk) -> None:
    """The permit's step, and the person is told."""
    if submission.kind == "permit":
        permit_desk.accepted(unit, submission, desk)
    elif submission.kind == "replacement":
        permit_replacing.replacing(unit, submission, desk)
    else:
        permit = permits.open_of(unit, submission.person_id)
        if permit is not None:
            permit_endorsing.endorse(unit, desk, permit.id, permit.version, submission)


def endorsement_refused(unit: Unit, submission: Submission, staff_id: str, reason: str, now: datetime) -> None:
    """A refused endorsement stands on the permit's way; the person hears of it as of every refusal."""
    permit = permits.open_of(unit, submission.person_id)
    step = Step("refused", "staff", now, staff_id, reason=reason, submission_id=submission.id)
    if permit is not None and permits.move(unit, permit, permit, step) is None:
        endorsement_refused(unit, submission, staff_id, reason, now)
