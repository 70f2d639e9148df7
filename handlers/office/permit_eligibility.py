"""Who may apply for a permit and from when: kept for each registered person, counted anew when the law changes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from handlers.forms.conditions import value
from handlers.office.paged import Paged
from handlers.reminders import planning
from handlers.visit import Office
from regulations.eligibility import residence_from
from regulations.pack import Pack
from regulations.permit_days import COUNTS_WAITING, counted_by, eligible_on
from storage import permits, prospects, submissions
from storage.permits import Permit, Step
from storage.prospects import Prospect
from storage.records import Submission
from storage.unit import Unit

LIVES = frozenset({"registered", "changed", "moved", "moved_out"})
STANDS = frozenset({"registered", "moved_out"})
ALL = 200


def settle(unit: Unit, person_id: int, office: Office, now: datetime) -> Prospect | None:
    """Keep from which day the person may apply, after their registration changed; None where there is nothing to tell.

    Whoever has left, or has a permit that hasn't ended, waits for none.
    """
    found = prospect(unit, person_id, office, now)
    permit = permits.open_of(unit, person_id)
    if found is not None and permit is not None:
        _follow(unit, permit, found, now)
    if found is None or permit is not None:
        if prospects.over(unit, person_id, now):
            planning.plan(unit, "prospect", person_id, office, now)
        return None
    if prospects.keep(unit, found, now):
        planning.plan(unit, "prospect", person_id, office, now)
    return found


def prospect(unit: Unit, person_id: int, office: Office, now: datetime) -> Prospect | None:
    """From when a registered person may apply; None for who isn't registered now."""
    sent = submissions.of_person(unit, person_id, ALL)
    lives = residence(sent)
    stands = next((one for one in lives if one.status in STANDS), None)
    if stands is None or not has_rule(office, now):
        return None
    pack = _pack(office, now)
    start = _start(pack, lives[-1], office)
    return Prospect(
        person_id=person_id,
        holder_id=stands.holder_id,
        submission_id=stands.id,
        area=stands.area,
        residence_from=start,
        eligible_on=eligible_on(pack, start),
        counted_by=counted_by(pack, COUNTS_WAITING),
    )


def residence(sent: tuple[Submission, ...]) -> tuple[Submission, ...]:
    """The registrations of one uninterrupted residence, the newest first: moving goes on with it, leaving ends it."""
    found: list[Submission] = []
    for one in sent:
        if one.status == "left":
            break
        if one.kind in {"registration", "change"} and one.status in LIVES:
            found.append(one)
    return tuple(found)


def _counted_otherwise(unit: Unit, office: Office, now: datetime, after: int | None, limit: int) -> Sequence[int]:
    """People counted by other rules than those in force."""
    return prospects.counted_otherwise(unit, counted_by(_pack(office, now), COUNTS_WAITING), after or 0, limit)


def _not_yet(
    unit: Unit, office: Office, now: datetime, after: tuple[int, int] | None, limit: int
) -> Sequence[tuple[int, int]]:
    """Those registered before permits were known here: submission and person."""
    return prospects.unknown(unit, after[0] if after else 0, limit)


def _follow(unit: Unit, permit: Permit, found: Prospect, now: datetime) -> None:
    """The permit is of the area that its person lives in now; one of before becomes theirs once they register."""
    holder = permit.holder_id or found.holder_id
    if (permit.area, permit.holder_id) == (found.area, holder) or found.holder_id != holder:
        return
    moved = replace(permit, area=found.area, holder_id=holder)
    step = Step("moved", "program", now, submission_id=found.submission_id)
    if permits.move(unit, permit, moved, step) is None:
        again = permits.open_of(unit, permit.person_id)
        if again is not None:
            _follow(unit, again, found, now)


def has_rule(office: Office, now: datetime) -> bool:
    """Whether this place's law has permits at all."""
    return _pack(office, now).has("permit.eligibility.residence")


def _pack(office: Office, now: datetime) -> Pack:
    return office.pack.on(now.astimezone(office.zone).date())


def _start(pack: Pack, first: Submission, office: Office) -> date:
    """Where residence begins: the day it was first declared here, or the arrival, as the pack says."""
    declared_on = first.submitted_at.astimezone(office.zone).date()
    told = value(first.answers, "arrived_on")
    arrived_on = date.fromisoformat(told) if told else declared_on
    return residence_from(pack, arrived_on, declared_on)


PROSPECTS = Paged("prospects", _counted_otherwise, lambda unit, office, now, person: settle(unit, person, office, now))
BEGUN = Paged("prospects begun", _not_yet, lambda unit, office, now, place: settle(unit, place[1], office, now))
