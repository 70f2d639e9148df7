"""What waits for the office: submissions without a decision, by status and the oldest first."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Result, Select, func, literal, select, true, tuple_, union_all

from storage import tables
from storage.unit import Unit

OPEN = ("received", "in_review", "needs_answers")  # the index on status leads to these, however many were decided
FOR_THE_OFFICE = ("received", "in_review")
MOST = 1_000  # counted no further; more are told as "more than"

_rows = tables.submissions.c
_DEADLINE = (_rows.due_on, _rows.late_after, _rows.holidays_of)


@dataclass(frozen=True, slots=True)
class Count:
    """How many submissions have a status, and for how many of them the legal day has passed; MOST + 1 means more."""

    number: int
    late: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A submission without a decision; nothing of what it says."""

    number: str
    status: str
    area: str
    channel: str
    submitted_at: datetime
    due_on: date | None
    late_after: date | None
    holidays_of: int | None


def counts(unit: Unit, areas: Collection[str] | None, today_on: date) -> dict[str, Count]:
    """The open submissions by status, of these areas or (None) of all; every open status is there.

    Counted up to MOST, so that a long queue opens no slower than a short one.
    """
    return {status: _count(unit, areas, status, today_on) for status in OPEN}


def oldest(unit: Unit, areas: Collection[str] | None, limit: int) -> tuple[Waiting, ...]:
    """What waits for the office longest."""
    columns = (_rows.number, _rows.status, _rows.area, _rows.channel, _rows.submitted_at, *_DEADLINE)
    return tuple(Waiting(**row._asdict()) for row in _page(unit, columns, areas, FOR_THE_OFFICE, 0, limit))


@dataclass(frozen=True, slots=True)
class Queued:
    """A row of the queue; nothing of what it says. `reviewer`: who has it in review, empty for nobody."""

    id: int
    number: str
    kind: str
    status: str
    area: str
    reviewer: str
    submitted_at: datetime
    due_on: date | None
    late_after: date | None
    holidays_of: int | None


def queue(
    unit: Unit, areas: Collection[str] | None, statuses: tuple[str, ...], after: int, limit: int
) -> tuple[Queued, ...]:
    """A page of the queue, oldest first, from after an id on."""
    columns = (
        _rows.id, _rows.number, _rows.kind, _rows.status, _rows.area, _rows.reviewer, _rows.submitted_at,
        *_DEADLINE,
    )  # fmt: skip
    return tuple(Queued(**row._asdict()) for row in _page(unit, columns, areas, statuses, after, limit))


def in_line(status: str, after: int = 0) -> Select[Any]:
    """The ids of a status in order, from after one on, read off the index on status and id.

    Comparing and ordering by both columns leaves a planner no other way: open ones are the newest of very many rows,
    and to look for them along the primary key would read all that was ever decided.
    """
    line = tuple_(_rows.status, _rows.id)
    from_after = (line > tuple_(literal(status), literal(after))) & (_rows.status <= status)
    return select(_rows.id).where(from_after).order_by(_rows.status, _rows.id)


def _count(unit: Unit, areas: Collection[str] | None, status: str, today_on: date) -> Count:
    here = true() if areas is None else _rows.area.in_(areas)
    before = tuple_(_rows.status, _rows.late_after) < tuple_(literal(status), literal(today_on))
    late = select(_rows.id).where(before, _rows.status >= status).order_by(_rows.status, _rows.late_after)
    number, number_late = (
        unit.execute(select(func.count()).select_from(wanted.where(here).limit(MOST + 1).subquery())).scalar_one()
        for wanted in (in_line(status), late)
    )
    return Count(number, number_late)


def _page(
    unit: Unit,
    columns: Sequence[ColumnElement[Any]],
    areas: Collection[str] | None,
    statuses: Sequence[str],
    after: int,
    limit: int,
) -> Result[Any]:
    """Rows by id from after one on: a branch for each status and area, so that each reads no more than it gives."""
    places = [true()] if areas is None else [_rows.area == area for area in sorted(areas)]
    firsts = (in_line(status, after).where(place).limit(limit).subquery() for status in statuses for place in places)
    ids = union_all(*(select(first.c.id) for first in firsts)).subquery()
    return unit.execute(select(*columns).where(_rows.id.in_(select(ids.c.id))).order_by(_rows.id).limit(limit))
