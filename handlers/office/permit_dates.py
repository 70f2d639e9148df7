"""What changes by a date alone: permits that are suspended, days counted anew after the law changed. Idempotent."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from handlers.office.paged import Paged
from handlers.office.permit_desk import dated
from handlers.office.states import OPEN
from handlers.reminders import planning
from handlers.visit import Office
from regulations.pack import Pack
from regulations.permit_days import COUNTS_ENDORSEMENT, counted_by, issue_deadline, same_endorsement
from storage import permits, submissions
from storage.permits import Permit, Step
from storage.unit import Unit

After = tuple[date, int]

_DAY = timedelta(days=1)


def suspend(unit: Unit, office: Office, now: datetime, place: After) -> None:
    """Suspend a permit whose last day has passed (`endorse.late`).

    Whoever asked for the endorsement in time isn't late because the office takes its time.
    """
    last_day, number = place
    permit = permits.lock(unit, number)
    if permit is None or (permit.state, permit.endorsed_until) != ("issued", last_day):
        return
    if _asked_in_time(unit, permit):
        return
    day = last_day + _DAY
    changed = replace(permit, state="suspended", suspended_on=day, restored_on=None)
    permits.move(unit, permit, changed, Step("suspended", "program", now, day=day))
    planning.plan(unit, "permit", number, office, now)


def recount(unit: Unit, office: Office, now: datetime, number: int) -> None:
    """Count a permit's next endorsement anew where the rules have changed."""
    permit, pack = permits.get(unit, number), office.pack.on(_today(office, now))
    if permit is None or permit.state != "issued" or permit.counted_by == counted_by(pack, COUNTS_ENDORSEMENT):
        return
    _recount(unit, permit, pack, now)
    planning.plan(unit, "permit", number, office, now)


def know_limit(unit: Unit, office: Office, now: datetime, number: int) -> None:
    """The last day for issuing a permit, once the holidays of its year are known."""
    permit = permits.get(unit, number)
    accepted_on = None if permit is None else permit.accepted_on
    due = None if accepted_on is None else issue_deadline(office.pack, accepted_on, office.calendar)
    if due is not None and due.rolled is not None:
        permits.know_limit(unit, number, due.rolled)


def _late(unit: Unit, office: Office, now: datetime, after: After | None, limit: int) -> Sequence[After]:
    today = _today(office, now)
    if not office.pack.has("endorse.late", today):
        return ()
    return [(one.day, one.id) for one in permits.due(unit, "endorsed_until", "issued", today - _DAY, limit, after)]


def _counted_otherwise(unit: Unit, office: Office, now: datetime, after: int | None, limit: int) -> Sequence[int]:
    rules = counted_by(office.pack.on(_today(office, now)), COUNTS_ENDORSEMENT)
    return permits.counted_otherwise(unit, rules, after or 0, limit)


def _without_limit(unit: Unit, office: Office, now: datetime, after: int | None, limit: int) -> Sequence[int]:
    return permits.limit_unknown(unit, after or 0, limit)


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


SUSPENSIONS = Paged("suspended", _late, suspend)
ENDORSEMENTS = Paged("endorsements", _counted_otherwise, recount)
LIMITS = Paged("limits", _without_limit, know_limit)
