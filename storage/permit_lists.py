"""Lists of permits for the office: a shelf for each state, ordered by the day that matters there, page by page."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import ColumnElement, func, select, tuple_

from storage import permits, tables
from storage.permits import Permit
from storage.unit import Unit

Shelf = Literal["making", "ready", "endorse", "suspended", "working", "replacing", "ended"]
MOST = 1_000  # counted no further

_rows = tables.permits.c


@dataclass(frozen=True, slots=True)
class Wanted:
    """A page of a shelf: of these areas (None: all), with a day until then, from after a day and id on."""

    shelf: Shelf
    areas: Collection[str] | None
    today: date
    until: date | None = None
    after: tuple[date, int] | None = None


DAYS: Mapping[Shelf, str] = {
    "making": "issue_by_on", "ready": "ready_on", "endorse": "endorse_by_on", "suspended": "suspended_on",
    "working": "endorse_by_on", "replacing": "issued_on", "ended": "ended_on",
}  # fmt: skip


def page(unit: Unit, wanted: Wanted, limit: int) -> tuple[Permit, ...]:
    """By the shelf's day, then by id."""
    day: Any = _rows[DAYS[wanted.shelf]]
    where = _where(wanted)
    if wanted.until is not None:
        where = (*where, day <= wanted.until)
    if wanted.after is not None:
        where = (*where, tuple_(day, _rows.id) > tuple_(*wanted.after))
    return permits.page(unit, where, limit, (day, _rows.id))


def counts(unit: Unit, areas: Collection[str] | None, today: date, shelves: Collection[Shelf]) -> dict[Shelf, int]:
    """How many stand on each shelf; MOST + 1 means more."""
    found: dict[Shelf, int] = {}
    for shelf in shelves:
        some = select(_rows.id).where(*_where(Wanted(shelf, areas, today))).limit(MOST + 1).subquery()
        found[shelf] = int(unit.execute(select(func.count()).select_from(some)).scalar_one())
    return found


def _where(wanted: Wanted) -> tuple[ColumnElement[bool], ...]:
    conditions: Mapping[Shelf, tuple[ColumnElement[bool], ...]] = {
        "making": (_rows.state == "accepted",),
        "ready": (_rows.card == "ready", _rows.ready_on.is_not(None)),
        "endorse": (_rows.state == "issued", _rows.endorse_from_on <= wanted.today),
        "suspended": (_rows.state == "suspended",),
        "working": (_rows.state == "issued",),
        "replacing": (_rows.card == "making", _rows.state.in_(("issued", "suspended"))),
        "ended": (_rows.state == "ended",),
    }
    here = conditions[wanted.shelf]
    return here if wanted.areas is None else (*here, _rows.area.in_(list(wanted.areas)))
