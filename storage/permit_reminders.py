"""What reminders need to know of permits and of who may apply: plain columns, many at a time, found by an index."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, exists, func, select, tuple_

from storage import tables
from storage.unit import Unit
from storage.waiting import OPEN

After = tuple[date, int]
Column = Literal["endorse_from_on", "endorse_by_on", "suspended_on", "ready_on"]
Begins = tuple[Literal["state", "card"], str]

REACH = timedelta(days=80)  # what lies further back has been told of, or is too old to be

_permits = tables.permits.c
_prospects = tables.permit_prospects.c
_reminders = tables.reminders.c


@dataclass(frozen=True, slots=True)
class PermitDays:
    """A permit's days, and whose it is; nothing of it is sealed. asked: its endorsement is before the office."""

    id: int
    holder_id: str
    area: str
    state: str
    card: str
    pick_up: str
    endorse_from_on: date | None
    endorse_by_on: date | None
    endorsed_until: date | None
    ready_on: date | None
    suspended_on: date | None
    asked: bool


@dataclass(frozen=True, slots=True)
class ProspectDays:
    """Who may apply for a permit from which day on; their registration's number."""

    person_id: int
    holder_id: str
    area: str
    residence_from: date
    eligible_on: date
    number: str


def permits(unit: Unit, ids: Collection[int]) -> tuple[PermitDays, ...]:
    """The permits of these numbers."""
    columns = [_permits[name] for name in PermitDays.__slots__ if name != "asked"]
    asked = _asked("endorsement", _permits.person_id).label("asked")
    wanted = select(*columns, asked).where(_permits.id.in_(ids))
    return tuple(PermitDays(**row._asdict()) for row in unit.execute(wanted))


def prospects(unit: Unit, people: Collection[int]) -> tuple[ProspectDays, ...]:
    """Those of these people who wait for the day from which they may apply, and haven't applied."""
    sent = tables.submissions.c
    columns = [_prospects[name] for name in ProspectDays.__slots__ if name != "number"]
    both = tables.permit_prospects.join(tables.submissions, sent.id == _prospects.submission_id)
    # Told so that SQLite looks up these people, and not all who wait.
    waits = func.coalesce(_prospects.state, "") == "waiting"
    waiting = (_prospects.person_id.in_(people), waits, ~_asked("permit", _prospects.person_id))
    found = unit.execute(select(*columns, sent.number).select_from(both).where(*waiting))
    return tuple(ProspectDays(**row._asdict()) for row in found)


def open_of(unit: Unit, person_id: int) -> int:
    """The number of the person's permit that hasn't ended; 0 for none."""
    return unit.execute(select(_permits.id).where(_permits.open_person == person_id)).scalar_one_or_none() or 0


def _asked(kind: str, person_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the person has asked for it, and the office hasn't decided."""
    sent = tables.submissions.alias("asked_for").c
    return exists().where(sent.person_id == person_id, sent.kind == kind, sent.status.in_(OPEN))


def unplanned(
    unit: Unit, entry: str, begins: Begins, days: tuple[Column, Column], until: date, limit: int,
    after: After | None,
) -> Sequence[After]:  # fmt: skip
    """Permits whose day comes by then and that no reminder of the entry stands for: day and number, in their order.

    begins: the column and value that the index on the day begins with. days: the index's day, and the due day that
    reminders carry. Read along the index, so that a plan over millions holds no more than it gives.
    """
    day, due_on = _permits[days[0]], _permits[days[1]]
    wanted = (_permits[begins[0]] == begins[1], ~_stands(entry, _permits.id, due_on))
    return _page(unit, (day, _permits.id), wanted, until, limit, after)


def unplanned_prospects(unit: Unit, entry: str, until: date, limit: int, after: After | None) -> Sequence[After]:
    """The same for who may apply by then."""
    day, person = _prospects.eligible_on, _prospects.person_id
    wanted = (_prospects.state == "waiting", ~_stands(entry, person, day))
    return _page(unit, (day, person), wanted, until, limit, after)


def _stands(entry: str, subject: ColumnElement[Any], due_on: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a reminder of this very due day is there, whatever became of it.

    A subquery with a limit is looked up row by row; an EXISTS would let a planner that doesn't know yet how many
    reminders there are read all of them for each page.
    """
    same = and_(_reminders.entry == entry, _reminders.subject == subject, _reminders.due_on == due_on)
    one = select(_reminders.id).where(same, _reminders.state.not_in(("replaced", "cancelled"))).limit(1)
    return func.coalesce(one.scalar_subquery(), 0) > 0


def _page(
    unit: Unit, line: tuple[Any, Any], where: Sequence[ColumnElement[bool]], until: date, limit: int,
    after: After | None,
) -> Sequence[After]:  # fmt: skip
    """The index is entered where the page begins: told of two lower bounds, SQLite would enter it at the window's."""
    day, number = line
    begins = day >= until - REACH if after is None else tuple_(*line) > tuple_(*after)
    wanted = select(day.label("day"), number.label("number")).where(*where, begins, day <= until)
    return [(row.day, row.number) for row in unit.execute(wanted.order_by(*line).limit(limit))]
