"""What whoever answers for a home has to report, by when by the law, and whether they did."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import Select, func, or_, select, update

from storage import tables
from storage.unit import Unit

Event = Literal["start", "end"]

_rows = tables.duties.c


@dataclass(frozen=True, slots=True)
class Duty:
    """A duty to report a tenancy's start or end.

    rule: the pack's key; due_on: the last day by the calendar, the one to tell (None while the year's holidays aren't
    known, then safe_on is); rolled_on: moved off rest days: late is only who reports after it. in_time: whether it was
    kept (None: not done, or not known yet).
    """

    tenancy_id: int
    rule: str
    holder_id: str
    event: Event
    event_on: date
    due_on: date | None
    rolled_on: date | None
    safe_on: date
    done_at: datetime | None = None
    in_time: bool | None = None
    id: int = 0


def keep(unit: Unit, duty: Duty) -> bool:
    """Keep a duty; False where the tenancy has one for that event."""
    return unit.insert_once(tables.duties, {name: getattr(duty, name) for name in _NAMES})


def done(unit: Unit, duty: Duty, done_at: datetime, *, in_time: bool | None) -> bool:
    """It was reported; False if that was so before."""
    still_open = update(tables.duties).where(_rows.id == duty.id, _rows.done_at.is_(None))
    return bool(unit.execute(still_open.values(done_at=done_at, in_time=in_time)).rowcount)


def of(unit: Unit, tenancy_id: int) -> tuple[Duty, ...]:
    """The duties that a tenancy brings, its start's first."""
    found = unit.execute(select(tables.duties).where(_rows.tenancy_id == tenancy_id).order_by(_rows.id))
    return tuple(_duty(row) for row in found)


def open_of(unit: Unit, holder_id: str, limit: int) -> tuple[Duty, ...]:
    """What somebody has still to report of the homes they answer for, what ends first first."""
    first = func.coalesce(_rows.due_on, _rows.safe_on)
    return _found(unit, _theirs(holder_id).where(_rows.done_at.is_(None)).order_by(first, _rows.id).limit(limit))


def done_of(unit: Unit, holder_id: str, limit: int) -> tuple[Duty, ...]:
    """What they have reported, the newest first."""
    done = _theirs(holder_id).where(_rows.done_at.is_not(None)).order_by(_rows.done_at.desc(), _rows.id.desc())
    return _found(unit, done.limit(limit))


def counts_of(unit: Unit, holder_id: str) -> dict[str, int]:
    """How many of theirs are in_time, late, done (not known yet whether in time), open."""
    told = _theirs(holder_id).subquery().c
    counted = select(told.done_at.is_not(None).label("done"), told.in_time, func.count().label("number"))
    found = dict.fromkeys(("in_time", "late", "done", "open"), 0)
    for row in unit.execute(counted.group_by(told.done_at.is_not(None), told.in_time)):
        found[{True: "in_time", False: "late", None: "done"}[row.in_time] if row.done else "open"] += int(row.number)
    return found


def still_open(unit: Unit, until: date, limit: int = 1000) -> tuple[Duty, ...]:
    """Those that nobody has fulfilled and that end by that day, or may: what reminders are planned from."""
    by_then = or_(_rows.due_on <= until, _rows.due_on.is_(None) & (_rows.safe_on <= until))
    wanted = select(tables.duties).where(_rows.done_at.is_(None), by_then)
    first = func.coalesce(_rows.due_on, _rows.safe_on)
    return tuple(_duty(row) for row in unit.execute(wanted.order_by(first, _rows.id).limit(limit)))


def unmet(unit: Unit, ids: Collection[int]) -> tuple[Duty, ...]:
    """Those of these that nobody has fulfilled."""
    wanted = select(tables.duties).where(_rows.id.in_(ids), _rows.done_at.is_(None)).order_by(_rows.id)
    return tuple(_duty(row) for row in unit.execute(wanted))


def unmet_ids(unit: Unit, after: int, limit: int) -> list[int]:
    """Those that nobody has fulfilled, by id from after one on."""
    wanted = select(_rows.id).where(_rows.done_at.is_(None), _rows.id > after).order_by(_rows.id).limit(limit)
    return list(unit.execute(wanted).scalars())


def undated(unit: Unit, after: int, limit: int) -> tuple[Duty, ...]:
    """Those whose last day waits for a year's holidays, from after an id on."""
    wanted = select(tables.duties).where(_rows.rolled_on.is_(None), _rows.id > after)
    return tuple(_duty(row) for row in unit.execute(wanted.order_by(_rows.id).limit(limit)))


def settle(unit: Unit, duty: Duty) -> bool:
    """Keep the days as they are counted now; False if they were known, or it was reported, meanwhile."""
    same = _rows.done_at.is_(None) if duty.done_at is None else _rows.done_at == duty.done_at
    mine = update(tables.duties).where(_rows.id == duty.id, _rows.rolled_on.is_(None), same)
    told = {"due_on": duty.due_on, "rolled_on": duty.rolled_on, "in_time": duty.in_time}
    return bool(unit.execute(mine.values(told)).rowcount)


def _theirs(holder_id: str) -> Select[Any]:
    """The duties of somebody's homes, by the homes, whose index is at hand."""
    joined = tables.duties.join(tables.tenancies, tables.tenancies.c.id == _rows.tenancy_id)
    homes = joined.join(tables.homes, tables.homes.c.code == tables.tenancies.c.home)
    theirs = (tables.homes.c.holder_id == holder_id) & (_rows.holder_id == holder_id)
    return select(*_rows).select_from(homes).where(theirs)


def _found(unit: Unit, wanted: Select[Any]) -> tuple[Duty, ...]:
    return tuple(_duty(row) for row in unit.execute(wanted))


_NAMES = (
    "tenancy_id", "rule", "holder_id", "event", "event_on", "due_on", "rolled_on", "safe_on", "done_at", "in_time",
)  # fmt: skip


def _duty(row: Any) -> Duty:
    return Duty(**{name: getattr(row, name) for name in _NAMES}, id=row.id)
