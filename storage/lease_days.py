"""Until when somebody's lease runs, as they told it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update

from storage import tables
from storage.unit import Unit

LIVES = ("received", "in_review", "needs_answers", "registered", "moved_out", "changed")

_rows = tables.lease_days.c
_sent = tables.submissions.c


@dataclass(frozen=True, slots=True)
class LeaseDay:
    """The last day of the lease of a home that is registered; told_at: when they said so."""

    submission_id: int
    until_on: date
    told_at: datetime
    holder_id: str = ""
    area: str = ""
    number: str = ""


def keep(unit: Unit, submission_id: int, until_on: date, now: datetime) -> None:
    """Keep the day, in place of one told before."""
    values = {"submission_id": submission_id, "until_on": until_on, "told_at": now}
    if not unit.insert_once(tables.lease_days, values):
        mine = update(tables.lease_days).where(_rows.submission_id == submission_id)
        unit.execute(mine.values(until_on=until_on, told_at=now))


def of(unit: Unit, submissions: Collection[int]) -> tuple[LeaseDay, ...]:
    """Those of these registrations that count."""
    both = tables.lease_days.join(tables.submissions, _sent.id == _rows.submission_id)
    columns = (_rows.submission_id, _rows.until_on, _rows.told_at, _sent.holder_id, _sent.area, _sent.number)
    wanted = select(*columns).select_from(both).where(_rows.submission_id.in_(submissions), _sent.status.in_(LIVES))
    return tuple(LeaseDay(**row._asdict()) for row in unit.execute(wanted))


def ids(unit: Unit, after: int, limit: int) -> Sequence[int]:
    """Registrations with such a day, by id from after one on."""
    wanted = select(_rows.submission_id).where(_rows.submission_id > after).order_by(_rows.submission_id).limit(limit)
    return list(unit.execute(wanted).scalars())
