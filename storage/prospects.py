"""Who is registered, has no permit yet, and may apply for one from which day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import exists, or_, select, tuple_, update

from storage import tables
from storage.unit import Unit

ProspectState = Literal["waiting", "over"]

_rows = tables.permit_prospects.c


@dataclass(frozen=True, slots=True)
class Prospect:
    """A registered person. residence_from: where their uninterrupted, registered residence begins.

    state: waiting until they have applied, or left (over). submission_id: the registration they have now.
    """

    person_id: int
    holder_id: str
    submission_id: int
    area: str
    residence_from: date
    eligible_on: date
    counted_by: str
    state: ProspectState = "waiting"
    version: int = 0


def keep(unit: Unit, new: Prospect, now: datetime) -> bool:
    """What is known of the person now, in place of what was; False if nothing changed."""
    values = {name: getattr(new, name) for name in _NAMES if name != "version"} | {"changed_at": now}
    if unit.insert_once(tables.permit_prospects, values | {"version": 0}):
        return True
    told = {name: value for name, value in values.items() if name not in {"person_id", "changed_at"}}
    differs = tuple_(*(_rows[name] for name in told)) != tuple_(*told.values())
    mine = update(tables.permit_prospects).where(_rows.person_id == new.person_id, differs)
    return bool(unit.execute(mine.values(values | {"version": _rows.version + 1})).rowcount)


def over(unit: Unit, person_id: int, now: datetime) -> bool:
    """They have applied, or left: nothing is to be told any more."""
    waiting = update(tables.permit_prospects).where(_rows.person_id == person_id, _rows.state == "waiting")
    ended = {"state": "over", "version": _rows.version + 1, "changed_at": now}
    return bool(unit.execute(waiting.values(ended)).rowcount)


def get(unit: Unit, person_id: int) -> Prospect | None:
    """What is known of one person."""
    row = unit.execute(select(tables.permit_prospects).where(_rows.person_id == person_id)).one_or_none()
    return None if row is None else _prospect(row)


def of_holder(unit: Unit, holder_id: str) -> tuple[Prospect, ...]:
    """Those whom somebody's accounts registered and who wait."""
    wanted = select(tables.permit_prospects).where(_rows.holder_id == holder_id, _rows.state == "waiting")
    return tuple(_prospect(row) for row in unit.execute(wanted.order_by(_rows.person_id)))


def due(unit: Unit, until: date, limit: int, after: tuple[date, int] | None = None) -> tuple[Prospect, ...]:
    """Those who may apply by then, by day and person, from after a pair of these on."""
    wanted = select(tables.permit_prospects).where(_rows.state == "waiting", _rows.eligible_on <= until)
    if after is not None:
        wanted = wanted.where(tuple_(_rows.eligible_on, _rows.person_id) > tuple_(*after))
    rows = unit.execute(wanted.order_by(_rows.eligible_on, _rows.person_id).limit(limit))
    return tuple(_prospect(row) for row in rows)


def counted_otherwise(unit: Unit, counted_by: str, after: int, limit: int) -> Sequence[int]:
    """Who waits by a day that was counted by other rules than these; nearly always the index tells of none."""
    waits, ranges = _rows.state == "waiting", (_rows.counted_by < counted_by, _rows.counted_by > counted_by)
    # In the index's order, for those who are over keep what they were counted by, and a planner takes them for near.
    order = (_rows.state, _rows.counted_by)
    firsts = (select(_rows.person_id).where(waits, beyond).order_by(*order).limit(1) for beyond in ranges)
    if all(unit.execute(first).first() is None for first in firsts):
        return ()
    # With a column beside what the index holds, else SQLite would go along it through all who wait.
    wanted = select(_rows.person_id, _rows.version).where(waits, or_(*ranges), _rows.person_id > after)
    return unit.execute(wanted.order_by(_rows.person_id).limit(limit)).scalars().all()


def unknown(unit: Unit, after: int, limit: int) -> tuple[tuple[int, int], ...]:
    """Registrations in force, by id, whose person nothing is kept of: submission and person."""
    sent = tables.submissions.c
    known = exists().where(_rows.person_id == sent.person_id)
    wanted = select(sent.id, sent.person_id).where(sent.status == "registered", sent.id > after, ~known)
    return tuple((row.id, row.person_id) for row in unit.execute(wanted.order_by(sent.id).limit(limit)))


_NAMES = (
    "person_id", "holder_id", "submission_id", "area", "residence_from", "eligible_on", "counted_by", "state",
    "version",
)  # fmt: skip


def _prospect(row: Any) -> Prospect:
    return Prospect(**{name: getattr(row, name) for name in _NAMES})
