"""The endorsements (签注) of permits: one for each anniversary, in time or late."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from storage import tables
from storage.unit import Unit

_rows = tables.endorsements.c


@dataclass(frozen=True, slots=True)
class Endorsement:
    """One endorsement. due_on: the anniversary it was due for; until_on: the last day the permit works with it.

    suspended_from, suspended_until: the days on which the permit didn't work because it was late.
    """

    permit_id: int
    due_on: date
    endorsed_on: date
    until_on: date
    late: bool
    at: datetime
    suspended_from: date | None = None
    suspended_until: date | None = None
    submission_id: int | None = None
    staff_id: str = ""


def keep(unit: Unit, new: Endorsement) -> bool:
    """Keep one; False where that anniversary has its endorsement."""
    return unit.insert_once(tables.endorsements, {name: getattr(new, name) for name in _NAMES})


def of(unit: Unit, permit_id: int) -> tuple[Endorsement, ...]:
    """All of a permit, in order."""
    found = unit.execute(select(tables.endorsements).where(_rows.permit_id == permit_id).order_by(_rows.due_on))
    return tuple(_endorsement(row) for row in found)


_NAMES = (
    "permit_id", "due_on", "endorsed_on", "until_on", "late", "at", "suspended_from", "suspended_until",
    "submission_id", "staff_id",
)  # fmt: skip


def _endorsement(row: Any) -> Endorsement:
    return Endorsement(**{name: getattr(row, name) for name in _NAMES})
