"""Who sees what of a tenancy. A landlord: what they reported, and whether there is a registration. Never more.

A tenant: who reported them, where, since when. The collector of the area: both statements. Everybody else: nothing.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from handlers.office import duties, tenancy_notices
from handlers.office.reviewer import Reviewer
from storage import homes, submissions, tenancies
from storage.records import Home, TenancyState
from storage.tenancies import Taken, Tenancy
from storage.unit import Unit

Registered = Literal["yes", "in_progress", "no"]
REGISTERED = frozenset({"registered", "moved_out", "changed"})
IN_PROGRESS = frozenset({"received", "in_review", "needs_answers"})


@dataclass(frozen=True, slots=True)
class LandlordSees:
    """A tenant as whoever answers for the home sees them: the name as they reported it, registered or not, since when.

    report, end: how their own duties stand (`duties.standing`), with the day to tell.
    """

    number: int
    name: str
    room: str
    since: date | None
    registered: Registered
    state: TenancyState
    report: str
    report_by: date | None
    end: str
    end_by: date | None


@dataclass(frozen=True, slots=True)
class TenantSees:
    """A home as its tenant sees it: where, who answers for it and in what role, since when, how it stands."""

    number: int
    area: str
    address: str
    room: str
    reported_by: str
    acts_as: str
    since: date | None
    state: TenancyState
    left_on: date | None


@dataclass(frozen=True, slots=True)
class CollectorSees:
    """A contradiction with both statements, and the way that led to it."""

    home: Home
    tenancy: Tenancy
    way: tuple[Taken, ...]


def landlord_sees(unit: Unit, holder_id: str, home: Home, today: date) -> tuple[LandlordSees, ...] | None:
    """The tenants of a home, the oldest first; None for somebody else's home."""
    if not holder_id or home.holder_id != holder_id:
        return None
    return tuple(_for_landlord(unit, home, one, today) for one in tenancies.of_home(unit, home.code))


def tenant_sees(unit: Unit, holder_id: str) -> tuple[TenantSees, ...]:
    """The homes that somebody lives in by what they or their landlord say."""
    found = ((homes.get(unit, one.home), one) for one in tenancies.of_tenant(unit, holder_id))
    return tuple(_for_tenant(home, one) for home, one in found if home is not None)


def collector_sees(unit: Unit, reviewer: Reviewer, tenancy_id: int) -> CollectorSees | None:
    """One tenancy with both statements; None for one that isn't there, or is of another area."""
    tenancy = tenancies.get(unit, tenancy_id)
    if tenancy is None or (reviewer.areas is not None and tenancy.area not in reviewer.areas):
        return None
    home = homes.get(unit, tenancy.home)
    return None if home is None else CollectorSees(home, tenancy, tenancies.way(unit, tenancy_id))


def registered(unit: Unit, tenancy: Tenancy) -> Registered:
    """Whether the registration that the tenant made there is in force. Nothing is looked up by name or number."""
    found = None if tenancy.submission_id is None else submissions.get(unit, tenancy.submission_id)
    if found is None:
        return "no"
    if found.status in REGISTERED:
        return "yes"
    return "in_progress" if found.status in IN_PROGRESS else "no"


def _for_landlord(unit: Unit, home: Home, one: Tenancy, today: date) -> LandlordSees:
    start, end = duties.of(unit, one.id, "start"), duties.of(unit, one.id, "end")
    return LandlordSees(
        number=one.id,
        name=one.name,
        room=tenancy_notices.room_name(home, one),
        since=one.begins_on,
        registered=registered(unit, one),
        state=one.state,
        report=duties.standing(start, today),
        report_by=None if start is None else start.due_on or start.safe_on,
        end=duties.standing(end, today),
        end_by=None if end is None else end.due_on or end.safe_on,
    )


def _for_tenant(home: Home, one: Tenancy) -> TenantSees:
    return TenantSees(
        number=one.id,
        area=home.area,
        address=home.address,
        room=tenancy_notices.room_name(home, one),
        reported_by=tenancy_notices.reporter(home),
        acts_as=home.acts_as,
        since=one.since_on or one.moved_in_on,
        state=one.state,
        left_on=one.left_on,
    )
