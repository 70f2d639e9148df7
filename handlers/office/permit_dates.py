"""What changes by a date alone: permits that are suspended, days counted anew after the law changed. Idempotent."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from handlers.office.permit_desk import dated
from handlers.office.states import OPEN
from handlers.reminders import planning
from handlers.visit import Office
from regulations.pack import Pack
from regulations.permit_days import COUNTS_ENDORSEMENT, counted_by, issue_deadline, same_endorsement
from storage import permits, submissions
from storage.permits import Due, Permit, Step
from storage.unit import Unit

After = tuple[date, int]

_DAY = timedelta(days=1)


def suspend(unit: Unit, office: Office, now: datetime, after: After | None, limit: int) -> After | None:
    """Suspend permits whose last day has passed (`endorse.late`), some at a time; where to go on, None when all are.

    Whoever asked for the endorsement in time isn't late because the office takes its time.
    """
    today = _today(office, now)
    if not office.pack.has("endorse.late", today):
        return None
    found = permits.due(unit, "endorsed_until", "issued", today - _DAY, limit, after)
    for one in found:
        _suspend(unit, one, office, now)
    return (found[-1].day, found[-1].id) if len(found) == limit else None


def recount(unit: Unit, office: Office, now: datetime, after: int, limit: int) -> int:
    """Count the next endorsement anew where the rules have changed; where to go on, 0 when all are."""
    pack = office.pack.on(_today(office, now))
    found = permits.counted_otherwise(unit, counted_by(pack, COUNTS_ENDORSEMENT), after, limit)
    for one in found:
        _recount(unit, one, pack, now)
        planning.plan(unit, "permit", one.id, office, now)
    return found[-1].id if len(found) == limit else 0


def know_limits(unit: Unit, office: Office, after: int, limit: int) -> int:
    """The last day for issuing, once the holidays of its year are known; where to go on, 0 when all are."""
    found = permits.limit_unknown(unit, after, limit)
    for one in found:
        due = None if one.accepted_on is None else issue_deadline(office.pack, one.accepted_on, office.calendar)
        if due is not None and due.rolled is not None:
            permits.know_limit(unit, one, due.rolled)
    return found[-1].id if len(found) == limit else 0


def _suspend(unit: Unit, one: Due, office: Office, now: datetime) -> None:
    permit = permits.lock(unit, one.id)
    if permit is None or permit.version != one.version or _asked_in_time(unit, permit):
        return
    day = one.day + _DAY
    changed = replace(permit, state="suspended", suspended_on=day, restored_on=None)
    permits.move(unit, permit, changed, Step("suspended", "program", now, day=day))
    planning.plan(unit, "permit", permit.id, office, now)


def _asked_in_time(unit: Unit, permit: Permit) -> bool:
    """Whether the office has an endorsement before it."""
    sent = submissions.of_person(unit, permit.person_id)
    return any(one.kind == "endorsement" and one.status in OPEN for one in sent)


def _recount(unit: Unit, permit: Permit, pack: Pack, now: datetime) -> None:
    issued_on, valid_from, until = permit.issued_on, permit.valid_from, permit.endorsed_until
    if issued_on is None or valid_from is None or until is None:
        return
    counted = dated(permit, same_endorsement(pack, issued_on, valid_from, until), pack)
    permits.move(unit, permit, counted, Step("counted", "program", now, day=counted.endorsed_until))


def _today(office: Office, now: datetime) -> date:
    return now.astimezone(office.zone).date()
