"""Time that passes between two words of a talk, on every channel: what is stored is made that much older."""

from datetime import date, datetime, timedelta

from sqlalchemy import select, update

from handlers.office import permit_dates, permit_eligibility
from handlers.visit import Office
from storage import tables
from storage.permits import Permit
from storage.unit import Unit

DAYS = (
    "accepted_on", "issue_by_on", "issue_late_after", "issued_on", "valid_from", "endorse_from_on", "endorse_by_on",
    "endorsed_until", "ready_on", "handed_out_on", "suspended_on", "restored_on", "counts_from", "ended_on",
)  # fmt: skip
SOME = 100


def older(unit: Unit, days: int) -> None:
    """Everything sent and issued so far is that many days older."""
    by = timedelta(days=days)
    sent = tables.submissions.c
    for row in unit.execute(select(sent.id, sent.submitted_at)).all():
        unit.execute(update(tables.submissions).where(sent.id == row.id).values(submitted_at=row.submitted_at - by))
    for row in unit.execute(select(tables.permits)).all():
        told = {name: day - by for name in DAYS if (day := getattr(row, name)) is not None}
        unit.execute(update(tables.permits).where(tables.permits.c.id == row.id).values(told))


def kept(unit: Unit, office: Office, now: datetime) -> None:
    """What the day's job does."""
    for person in unit.execute(select(tables.permit_prospects.c.person_id)).scalars().all():
        permit_eligibility.settle(unit, person, office, now)
    recounted(unit, office, now)
    permit_dates.SUSPENSIONS.page(unit, office, now, None, SOME)


def recounted(unit: Unit, office: Office, now: datetime) -> None:
    """The anniversaries of days that were moved."""
    unit.execute(update(tables.permits).values(counted_by=""))
    permit_dates.ENDORSEMENTS.page(unit, office, now, None, SOME)


def lives_since(unit: Unit, permit: Permit, office: Office) -> date:
    """Where the residence of a permit's person begins."""
    found = unit.execute(
        select(tables.permit_prospects.c.residence_from).where(tables.permit_prospects.c.person_id == permit.person_id)
    )
    day: date = found.scalar_one()
    return day
