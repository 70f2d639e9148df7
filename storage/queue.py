"""The review queue: what waits, oldest first; taken by one reviewer at a time, for as long as a lease lasts."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, select, true, update

from storage import submissions, tables
from storage.records import Submission
from storage.unit import Unit
from storage.waiting import in_line

Areas = Collection[str] | None

_rows = tables.submissions.c


def held(unit: Unit, staff_id: str, now: datetime, after: int = 0) -> Submission | None:
    """The oldest that this reviewer has in review."""
    mine = and_(_rows.reviewer == staff_id, _rows.status == "in_review", _rows.lease_until >= now, _rows.id > after)
    return _first(unit, select(_rows.id).where(mine).order_by(_rows.id))


def free(unit: Unit, areas: Areas, now: datetime, after: int = 0) -> Submission | None:
    """The oldest that nobody has in review, in these areas (None: all of them).

    What a reviewer left lying comes first, for it was taken from the front. PostgreSQL locks the row and leaves out
    those that others lock; SQLite's writer is alone. The step that takes it is conditional all the same.
    """
    left_lying = in_line("in_review", after).where(_rows.lease_until < now)
    return _free(unit, left_lying, areas) or _free(unit, in_line("received", after), areas)


def renew(unit: Unit, submission_id: int, staff_id: str, until: datetime) -> bool:
    """Keep what one has in review for longer; False if one has it no more."""
    mine = and_(_rows.id == submission_id, _rows.reviewer == staff_id, _rows.status == "in_review")
    return bool(unit.execute(update(tables.submissions).where(mine).values(lease_until=until)).rowcount)


def _free(unit: Unit, line: Select[Any], areas: Areas) -> Submission | None:
    within = true() if areas is None else _rows.area.in_(areas)
    return _first(unit, line.where(within).with_for_update(skip_locked=True))


def _first(unit: Unit, wanted: Select[Any]) -> Submission | None:
    found = unit.execute(wanted.limit(1)).scalar_one_or_none()
    return None if found is None else submissions.get(unit, found)
