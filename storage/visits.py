"""Visits of the staff to homes: written down once, never changed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select

from storage import tables
from storage.unit import Unit

Outcome = Literal["spoke", "nobody", "refused"]

NOTE = "visits.note"

_rows = tables.visits.c


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit: to which home, by whom, what came of it. `once` names the form it was written in."""

    home: str
    area: str
    staff_id: str
    outcome: Outcome
    visited_at: datetime
    once: str
    note: str = ""
    id: int = 0


def add(unit: Unit, visit: Visit) -> bool:
    """Write a visit down; False where this form was sent before."""
    values = {
        "home": visit.home,
        "area": visit.area,
        "staff_id": visit.staff_id,
        "outcome": visit.outcome,
        "note_sealed": unit.vault.seal(visit.note.encode(), NOTE) if visit.note else None,
        "visited_at": visit.visited_at,
        "once": visit.once,
    }
    return unit.insert_once(tables.visits, values)


def of(unit: Unit, home: str, limit: int) -> tuple[Visit, ...]:
    """The visits to a home, the newest first."""
    found = select(tables.visits).where(_rows.home == home).order_by(_rows.id.desc()).limit(limit)
    return tuple(_visit(unit, row) for row in unit.execute(found))


def _visit(unit: Unit, row: Any) -> Visit:
    note = "" if row.note_sealed is None else unit.vault.open(row.note_sealed, NOTE).decode()
    return Visit(row.home, row.area, row.staff_id, row.outcome, row.visited_at, row.once, note, row.id)
