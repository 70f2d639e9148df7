"""Tenancies begin: the tenant says so with a registration, the landlord by a report; both together confirm it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from handlers.forms.conditions import value
from handlers.office import duties, home_codes, tenancy_notices
from handlers.office.scanning import invited
from handlers.office.tenancy_states import lead
from handlers.visit import Office
from storage import invitations, tenancies
from storage.duties import Duty
from storage.records import Home, Submission
from storage.tenancies import Tenancy, Word
from storage.unit import Unit

INVITATION_LASTS = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Report:
    """What a landlord tells of a tenant: name, phone, ID number if known; the room if it has a code of its own."""

    told: Mapping[str, Any]
    room_id: int | None
    moved_in_on: date


def invite(unit: Unit, tenancy_id: int, now: datetime) -> str:
    """A new invitation for the landlord to pass on; those before it are over."""
    invitations.end_of(unit, tenancy_id, now)
    while True:
        code = home_codes.draw(home_codes.INVITATION_LENGTH)
        if invitations.keep(unit, code, tenancy_id, now + INVITATION_LASTS):
            return code


def claim(unit: Unit, submission: Submission, home: Home | None, code: str, office: Office, now: datetime) -> None:
    """A registration at a home whose code was scanned: its tenant says that they live there.

    The owner's own home is no tenancy. Claimed twice, also by two phones at once, it is one.
    """
    if home is None or value(submission.answers, "home") != "yes" or _is_owners(submission, home):
        return
    if _joined(unit, submission, home, code, office, now):
        return
    new = _claimed(submission, home, now)
    tenancy, fresh = tenancies.begin(unit, new, Word("tenant", now, "lives"))
    if fresh:
        duties.remind(unit, _begin_duty(unit, tenancy, home.holder_id, office), office, now)
        tenancy_notices.claimed(unit, home, tenancy, now)
    elif tenancy.submission_id != submission.id and tenancy.holder_id == submission.holder_id:
        newer = replace(tenancy, submission_id=submission.id)
        tenancies.move(unit, tenancy, newer, Word("tenant", now, "lives"))


def report(
    unit: Unit, home: Home, told: Report, office: Office, now: datetime, staff_id: str = ""
) -> tuple[Tenancy, bool]:
    """Whoever answers for the home says who moved in, and whether that is new; their duty is met with it.

    staff_id: who of the office entered it from a list that they brought.
    """
    new = Tenancy(
        home=home.code,
        area=home.area,
        state="reported",
        room_id=told.room_id,
        acts_as=home.acts_as,
        reported_by=home.holder_id,
        landlord_says="yes",
        moved_in_on=told.moved_in_on,
        reported_at=now,
        reported=told.told,
    )
    tenancy, fresh = tenancies.begin(unit, new, Word("landlord", now, "yes", staff_id))
    if fresh:
        _begin_duty(unit, tenancy, home.holder_id, office)
        duties.meet(unit, tenancy.id, "start", now, office)
    return tenancy, fresh


def join(unit: Unit, tenancy: Tenancy, submission: Submission, office: Office, now: datetime) -> Tenancy | None:
    """The one whom the landlord reported says: that's me. None where they live there by another tenancy."""
    if not _gave_way(unit, tenancy, submission, office, now):
        return None
    told = {
        "holder_id": submission.holder_id,
        "person_id": submission.person_id,
        "submission_id": submission.id,
        "tenant_says": "lives",
        "since_on": _arrived_on(submission) or tenancy.moved_in_on,
        "claimed_at": now,
    }
    return lead(unit, tenancy, "confirmed", Word("tenant", now, "lives"), **told)


def _joined(unit: Unit, submission: Submission, home: Home, code: str, office: Office, now: datetime) -> bool:
    """By an invitation the two statements are one tenancy, and the invitation is used up."""
    if invited(unit, code, now) is None:
        return False
    tenancy_id = invitations.spend(unit, code, now)
    tenancy = None if tenancy_id is None else tenancies.lock(unit, tenancy_id)
    if tenancy is None or tenancy.state != "reported":
        return False
    done = join(unit, tenancy, submission, office, now)
    if done is not None:
        tenancy_notices.joined(unit, home, done, now)
    return done is not None


def _gave_way(unit: Unit, tenancy: Tenancy, submission: Submission, office: Office, now: datetime) -> bool:
    """What the same person had claimed before, without the invitation, becomes part of this one.

    Not what another account claimed: who types somebody's ID number opens nothing with it.
    """
    before = tenancies.with_person(unit, tenancy.home, submission.person_id)
    if before is None or before.id == tenancy.id:
        return True
    if before.state != "claimed" or before.holder_id != submission.holder_id:
        return False
    merged = lead(unit, before, "merged", Word("tenant", now, "lives"))
    duties.remind(unit, duties.of(unit, before.id, "start"), office, now)
    return merged is not None


def _claimed(submission: Submission, home: Home, now: datetime) -> Tenancy:
    return Tenancy(
        home=home.code,
        area=home.area,
        state="claimed",
        room_id=_room_id(submission, home),
        acts_as=home.acts_as,
        holder_id=submission.holder_id,
        person_id=submission.person_id,
        submission_id=submission.id,
        tenant_says="lives",
        since_on=_arrived_on(submission),
        claimed_at=now,
    )


def _begin_duty(unit: Unit, tenancy: Tenancy, holder_id: str, office: Office) -> Duty | None:
    if tenancy.begins_on is None:
        return None
    return duties.begin(unit, tenancy, holder_id, "start", tenancy.begins_on, office)


def _is_owners(submission: Submission, home: Home) -> bool:
    """Their own home, or one that they themselves answer for."""
    if home.holder_id:
        return home.holder_id == submission.holder_id
    return bool(value(submission.answers, "stay_kind") == "own")


def _room_id(submission: Submission, home: Home) -> int | None:
    if home.room is not None:
        return home.room.id
    named = value(submission.answers, "room")
    return next((room.id for room in home.rooms if room.name == named), None)


def _arrived_on(submission: Submission) -> date | None:
    day = value(submission.answers, "arrived_on")
    return date.fromisoformat(day) if day else None
