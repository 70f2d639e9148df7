"""What waits for the office: submissions without a decision, by status and the oldest first."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, case, func, select

from storage import tables
from storage.unit import Unit

OPEN = ("received", "in_review", "needs_answers")  # the index on status leads to these, however many were decided
FOR_THE_OFFICE = ("received", "in_review")

_rows = tables.submissions.c


@dataclass(frozen=True, slots=True)
class Count:
    """How many submissions have a status, and for how many of them the legal day has passed."""

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


def counts(unit: Unit, areas: Collection[str] | None, today_on: date) -> dict[str, Count]:
    """The open submissions by status, of these areas or (None) of all; every open status is there."""
    late = func.sum(case((_rows.due_on < today_on, 1), else_=0))
    columns = (_rows.status, func.count().label("number"), late.label("late"))
    wanted = select(*columns).where(_of(areas, OPEN)).group_by(_rows.status)
    found = {row.status: Count(row.number, int(row.late)) for row in unit.execute(wanted)}
    return {status: found.get(status, Count(0, 0)) for status in OPEN}


def oldest(unit: Unit, areas: Collection[str] | None, limit: int) -> tuple[Waiting, ...]:
    """What waits for the office longest."""
    columns = (_rows.number, _rows.status, _rows.area, _rows.channel, _rows.submitted_at, _rows.due_on)
    wanted = select(*columns).where(_of(areas, FOR_THE_OFFICE)).order_by(_rows.id).limit(limit)
    return tuple(Waiting(**row._asdict()) for row in unit.execute(wanted))


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


def queue(
    unit: Unit, areas: Collection[str] | None, statuses: tuple[str, ...], after: int, limit: int
) -> tuple[Queued, ...]:
    """A page of the queue, oldest first, from after an id on."""
    columns = (
        _rows.id, _rows.number, _rows.kind, _rows.status, _rows.area, _rows.reviewer, _rows.submitted_at, _rows.due_on,
    )  # fmt: skip
    wanted = select(*columns).where(_of(areas, statuses), _rows.id > after).order_by(_rows.id).limit(limit)
    return tuple(Queued(**row._asdict()) for row in unit.execute(wanted))


def _of(areas: Collection[str] | None, statuses: tuple[str, ...]) -> ColumnElement[bool]:
    wanted = _rows.status.in_(statuses)
    return wanted if areas is None else and_(wanted, _rows.area.in_(areas))
