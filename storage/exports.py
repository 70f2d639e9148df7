"""Exports: which submissions, page by page; and how far each export is."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, insert, select, true, update

from storage import submissions, tables
from storage.records import Submission
from storage.unit import Unit

REMEMBERED = timedelta(days=7)  # the audit log remembers for good

_rows = tables.exports.c
_sent = tables.submissions.c


@dataclass(frozen=True, slots=True)
class Filter:
    """Which submissions: sent from an instant on and before another, of a status or kind ('' for any), in areas."""

    status: str = ""
    kind: str = ""
    areas: Collection[str] | None = None
    begins_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Extent:
    """How many there are, and the last one's id: what comes in afterwards is not of this export."""

    number: int
    last: int


@dataclass(frozen=True, slots=True)
class Export:
    """An export and how far it is."""

    id: int
    staff_id: str
    format: str
    total: int
    written: int
    begun_at: datetime
    moved_at: datetime
    ended_at: datetime | None


def extent(unit: Unit, wanted: Filter) -> Extent:
    """How much there is to export now."""
    number, last = func.count().label("number"), func.coalesce(func.max(_sent.id), 0).label("last")
    return Extent(**unit.execute(select(number, last).where(_fits(wanted))).one()._asdict())


def page(unit: Unit, wanted: Filter, after: int, last: int, limit: int) -> tuple[Submission, ...]:
    """The next submissions by id."""
    return submissions.page(unit, and_(_fits(wanted), _sent.id > after, _sent.id <= last), limit)


def begin(unit: Unit, staff_id: str, form: str, total: int, now: datetime) -> int:
    """Note that an export begins; its id."""
    unit.execute(delete(tables.exports).where(_rows.begun_at < now - REMEMBERED))
    values = {"staff_id": staff_id, "format": form, "total": total, "written": 0, "begun_at": now, "moved_at": now}
    return int(unit.execute(insert(tables.exports).returning(_rows.id), values).scalar_one())


def move(unit: Unit, export_id: int, written: int, now: datetime, *, ended: bool = False) -> None:
    """Note how many rows are out."""
    moved = {"written": written, "moved_at": now, "ended_at": now if ended else None}
    unit.execute(update(tables.exports).where(_rows.id == export_id).values(moved))


def of(unit: Unit, staff_id: str, limit: int) -> tuple[Export, ...]:
    """A member's exports, newest first."""
    newest = select(tables.exports).where(_rows.staff_id == staff_id).order_by(_rows.id.desc()).limit(limit)
    return tuple(_export(row) for row in unit.execute(newest))


def _export(row: Any) -> Export:
    return Export(**row._asdict())


def _fits(wanted: Filter) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = [true()]
    if wanted.status:
        conditions.append(_sent.status == wanted.status)
    if wanted.kind:
        conditions.append(_sent.kind == wanted.kind)
    if wanted.areas is not None:
        conditions.append(_sent.area.in_(wanted.areas))
    if wanted.begins_at is not None:
        conditions.append(_sent.submitted_at >= wanted.begins_at)
    if wanted.ends_at is not None:
        conditions.append(_sent.submitted_at < wanted.ends_at)
    return and_(*conditions)
