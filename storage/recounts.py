"""Submissions whose deadline waits for a year's holidays, or is to be counted anew."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from sqlalchemy import func, select, update

from storage import tables
from storage.records import Submission
from storage.unit import Unit
from storage.waiting import OPEN

ANEW = 0  # instead of a year: not waiting for holidays, only to be counted again

_rows = tables.submissions.c


def waiting(unit: Unit) -> Mapping[int, int]:
    """Year whose holidays are missing → how many submissions wait for it."""
    number = func.count().label("number")
    years = select(_rows.holidays_of, number).where(_rows.holidays_of > ANEW).group_by(_rows.holidays_of)
    return {row.holidays_of: row.number for row in unit.execute(years)}


def ready(unit: Unit, years: Collection[int], limit: int) -> tuple[str, ...]:
    """Numbers of submissions that wait for one of these years, the oldest first."""
    wanted = select(_rows.number).where(_rows.holidays_of.in_(years)).order_by(_rows.holidays_of, _rows.id)
    return tuple(unit.execute(wanted.limit(limit)).scalars())


def ask_anew(unit: Unit, since: date) -> int:
    """Let the open submissions that may be late, or may become so, be counted again; how many those are."""
    not_asked = func.coalesce(_rows.holidays_of, ANEW - 1) == ANEW - 1  # is null for nearly all: no index to begin with
    near = _rows.status.in_(OPEN) & (_rows.late_after >= since) & not_asked
    return int(unit.execute(update(tables.submissions).where(near).values(holidays_of=ANEW)).rowcount)


def settle(unit: Unit, submission: Submission, waited_for: int) -> bool:
    """Keep the deadline as it is counted now; False if somebody else has settled it meanwhile."""
    mine = (_rows.id == submission.id) & (_rows.holidays_of == waited_for)
    told: dict[str, Any] = {
        "due_on": submission.due_on,
        "late_after": submission.late_after,
        "in_time": submission.in_time,
        "holidays_of": submission.holidays_of,
    }
    return bool(unit.execute(update(tables.submissions).where(mine).values(told)).rowcount)
