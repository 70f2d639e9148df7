"""Causes about homes: what landlords and employers have to report, and a lease that ends."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from handlers.office import tenancy_notices
from handlers.reminders.entry import Cause, Causes, told
from handlers.visit import Office
from regulations.deadlines import Deadline
from storage import duties, homes, lease_days, tenancies
from storage.duties import Duty
from storage.records import Home
from storage.tenancies import Tenancy
from storage.unit import Unit

EMPLOYER = "employer"


def duty(*, employers: bool) -> Causes:
    """Duties that nobody has fulfilled: employers' ones, or everybody else's."""

    def causes(unit: Unit, office: Office, ids: Sequence[int], now: datetime) -> Mapping[int, Cause]:
        unmet = duties.unmet(unit, ids)
        found = {one.id: one for one in tenancies.several(unit, [one.tenancy_id for one in unmet])}
        theirs = {
            number: one
            for number, one in found.items()
            if one.state != "merged" and (one.acts_as == EMPLOYER) == employers
        }
        known = {one.code: one for one in homes.several(unit, {one.home for one in theirs.values()})}
        today = now.astimezone(office.zone).date()
        return {
            one.id: _duty(one, theirs[one.tenancy_id], known.get(theirs[one.tenancy_id].home), today)
            for one in unmet
            if one.tenancy_id in theirs
        }

    return causes


def _duty(one: Duty, tenancy: Tenancy, home: Home | None, today: date) -> Cause:
    due = Deadline(one.due_on, one.rolled_on, one.safe_on, None if one.rolled_on else one.safe_on.year)
    place = {} if home is None else tenancy_notices.facts(home, tenancy)
    data = {**place, **told(due, one.rule, one.event_on, today), "event": one.event}
    return Cause(due.told, one.event_on, one.rolled_on, one.holder_id, 0, tenancy.area, data)


def lease(unit: Unit, office: Office, ids: Sequence[int], now: datetime) -> Mapping[int, Cause]:
    """Leases whose last day people have told."""
    return {
        one.submission_id: Cause(
            one.until_on, one.told_at.astimezone(office.zone).date(), one.until_on, one.holder_id, 0, one.area,
            {"until_on": one.until_on.isoformat(), "number": one.number},
        )
        for one in lease_days.of(unit, ids)
    }  # fmt: skip
