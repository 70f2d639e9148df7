"""Residence permits: one row each, every step of its way another; and what is due on a day, some at a time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, insert, or_, select, tuple_, update

from storage import tables
from storage.records import Actor
from storage.unit import Unit

PermitState = Literal["accepted", "issued", "suspended", "ended"]
Card = Literal["", "making", "ready", "handed_out", "electronic"]
StepName = Literal[
    "accepted", "issued", "imported", "ready", "handed_out", "endorsed", "refused", "suspended", "restored",
    "replacing", "replaced", "moved", "counted", "ended",
]  # fmt: skip
Day = Literal["issue_by_on", "endorse_from_on", "endorse_by_on", "endorsed_until", "suspended_on"]

NUMBER = "permits.number"
NOTE = "permit_steps.note"
OPEN: tuple[PermitState, ...] = ("accepted", "issued", "suspended")

_rows = tables.permits.c
_steps = tables.permit_steps.c


@dataclass(frozen=True, slots=True)
class Permit:
    """A permit, from the day an application was accepted until it ends.

    state: accepted (being made), issued (works), suspended (an endorsement is late), ended. card: where the card is.
    submission_id: the application, None for one of before; replacement_id: the replacement being made. issue_by_on: the
    day told, issue_late_after: late is only who issues after it. endorse_from_on, endorse_by_on: the window of the next
    endorsement; endorsed_until: the last day on which it works without that one. valid_from: where residence begins;
    counts_from, left_out_days: what a late endorsement did to the years. counted_by: the rules of the days.
    """

    person_id: int
    area: str
    state: PermitState
    id: int = 0
    holder_id: str = ""
    submission_id: int | None = None
    replacement_id: int | None = None
    number: str = ""
    card: Card = ""
    version: int = 0
    pick_up: str = ""
    accepted_on: date | None = None
    issue_by_on: date | None = None
    issue_late_after: date | None = None
    issued_on: date | None = None
    valid_from: date | None = None
    endorse_from_on: date | None = None
    endorse_by_on: date | None = None
    endorsed_until: date | None = None
    ready_on: date | None = None
    handed_out_on: date | None = None
    suspended_on: date | None = None
    restored_on: date | None = None
    left_out_days: int = 0
    counts_from: date | None = None
    ended_on: date | None = None
    end_reason: str = ""
    counted_by: str = ""

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.state == "ended"

    @property
    def is_in_use(self) -> bool:
        """Whether it was issued and hasn't ended, suspended or not."""
        return self.state in {"issued", "suspended"}


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a permit's way: what, by whom, when; day: the day it counts from. note: JSON values, sealed."""

    step: StepName
    actor: Actor
    at: datetime
    staff_id: str = ""
    reason: str = ""
    submission_id: int | None = None
    day: date | None = None
    note: Any = None


@dataclass(frozen=True, slots=True)
class Due:
    """What a plan needs to know of a permit with something due on a day; nothing in it is sealed."""

    id: int
    day: date
    person_id: int
    holder_id: str
    area: str
    state: PermitState
    card: Card
    pick_up: str
    version: int


class InUse(Exception):
    """Another permit has that number, or the person another one that hasn't ended; nothing was kept."""


def begin(unit: Unit, new: Permit, step: Step) -> tuple[Permit, bool]:
    """Keep a permit, and whether it is new: a person has one that hasn't ended, an application leads to one.

    Raises InUse where something else is in its way.
    """
    values = _values(unit, new) | {"created_at": step.at, "changed_at": step.at}
    fresh = unit.insert_once(tables.permits, values)
    kept = _one(unit, _is_same(new))
    if kept is None:
        raise InUse
    if fresh:
        _write(unit, kept.id, 0, step)
    return kept, fresh


def move(unit: Unit, read: Permit, changed: Permit, step: Step) -> Permit | None:
    """Take a step from the permit as it was read; None if it moved on since."""
    moved = replace(changed, id=read.id, version=read.version + 1)
    as_read = update(tables.permits).where(_rows.id == read.id, _rows.version == read.version)
    if not unit.execute(as_read.values(_values(unit, moved) | {"changed_at": step.at})).rowcount:
        return None
    _write(unit, read.id, moved.version, step)
    return moved


def get(unit: Unit, permit_id: int) -> Permit | None:
    """One permit."""
    return _one(unit, _rows.id == permit_id)


def lock(unit: Unit, permit_id: int) -> Permit | None:
    """The same; nobody else changes it until this transaction ends."""
    row = unit.execute(select(tables.permits).where(_rows.id == permit_id).with_for_update()).one_or_none()
    return None if row is None else _permit(unit, row)


def by_number(unit: Unit, number: str) -> Permit | None:
    """The permit with that number, however it is spaced."""
    return _one(unit, _rows.number_index.in_(unit.vault.indexes("permit", folded(number))))


def by_submission(unit: Unit, submission_id: int) -> Permit | None:
    """The permit that came of an application."""
    return _one(unit, _rows.submission_id == submission_id)


def open_of(unit: Unit, person_id: int) -> Permit | None:
    """The person's permit that hasn't ended, if there is one."""
    return _one(unit, _rows.open_person == person_id)


def of_person(unit: Unit, person_id: int) -> tuple[Permit, ...]:
    """All permits that one person ever had, the newest first."""
    return _found(unit, (_rows.person_id == person_id,), 20)


def of_holder(unit: Unit, holder_id: str) -> tuple[Permit, ...]:
    """The permits of those whom somebody's accounts registered, the newest first; ended ones too."""
    return _found(unit, (_rows.holder_id == holder_id,), 50) if holder_id else ()


def due(
    unit: Unit, day: Day, state: PermitState, until: date, limit: int, after: tuple[date, int] | None = None
) -> tuple[Due, ...]:
    """Permits in a state whose day comes by `until`, by day and id, from after a pair of these on.

    By an index alone, so that a plan over millions reads no more than it gets.
    """
    column: Any = _rows[day]
    return _due(unit, column, _rows.state == state, until, limit, after)


def waiting_for_pick_up(unit: Unit, until: date, limit: int, after: tuple[date, int] | None = None) -> tuple[Due, ...]:
    """Those whose card was ready by then and hasn't been fetched, by day and id."""
    return _due(unit, _rows.ready_on, _rows.card == "ready", until, limit, after)


def counted_otherwise(unit: Unit, counted_by: str, after: int, limit: int) -> Sequence[int]:
    """Permits that work and whose days were counted by other rules than these, from after an id on.

    Nearly always there is none, which the index tells at once; in the order of ids SQLite would look at all that work.
    """
    ranges = (_rows.counted_by < counted_by, _rows.counted_by > counted_by)
    if not any(_is_any(unit, (_rows.state == "issued", beyond)) for beyond in ranges):
        return ()
    otherwise = or_(*ranges)
    return _numbers(unit, (_rows.state == "issued", otherwise, _rows.id > after), limit)


def _is_any(unit: Unit, where: tuple[ColumnElement[bool], ...]) -> bool:
    return unit.execute(select(_rows.id).where(*where).limit(1)).first() is not None


def limit_unknown(unit: Unit, after: int, limit: int) -> Sequence[int]:
    """The numbers of permits being made, the last day for which waits for a year's holidays."""
    return _numbers(unit, (_rows.state == "accepted", _rows.issue_late_after.is_(None), _rows.id > after), limit)


def _numbers(unit: Unit, where: tuple[ColumnElement[bool], ...], limit: int) -> Sequence[int]:
    """None of them is opened: one that can't be read holds up no other."""
    return unit.execute(select(_rows.id).where(*where).order_by(_rows.id).limit(limit)).scalars().all()


def know_limit(unit: Unit, permit_id: int, late_after: date) -> None:
    """The day after which issuing is late is known now; no step of the permit's way."""
    mine = update(tables.permits).where(_rows.id == permit_id, _rows.issue_late_after.is_(None))
    unit.execute(mine.values(issue_late_after=late_after))


def page(
    unit: Unit, where: tuple[ColumnElement[bool], ...], limit: int, order: tuple[ColumnElement[Any], ...] = ()
) -> tuple[Permit, ...]:
    """Those that fulfil the conditions, in the order asked for, by id else."""
    rows = unit.execute(select(tables.permits).where(*where).order_by(*(order or (_rows.id,))).limit(limit))
    return tuple(_permit(unit, row) for row in rows)


def way(unit: Unit, permit_id: int) -> tuple[Step, ...]:
    """Every step of a permit, in order."""
    found = unit.execute(select(tables.permit_steps).where(_steps.permit_id == permit_id).order_by(_steps.version))
    return tuple(_step(unit, row) for row in found)


def step_at(unit: Unit, permit_id: int, version: int) -> Step | None:
    """The step that led to a version."""
    one = select(tables.permit_steps).where(_steps.permit_id == permit_id, _steps.version == version)
    row = unit.execute(one).one_or_none()
    return None if row is None else _step(unit, row)


def number_index(unit: Unit, number: str) -> bytes:
    """The keyed index under which a permit is found by its number."""
    return unit.vault.index("permit", folded(number))


def folded(number: str) -> str:
    """A permit's number as it is compared: without spaces, in capitals."""
    return "".join(number.split()).upper()


def _due(
    unit: Unit, day: Any, which: ColumnElement[bool], until: date, limit: int, after: tuple[date, int] | None
) -> tuple[Due, ...]:
    columns = [_rows[name] for name in ("person_id", "holder_id", "area", "state", "card", "pick_up", "version")]
    wanted = select(_rows.id, day.label("day"), *columns).where(which, day <= until)
    if after is not None:
        wanted = wanted.where(tuple_(day, _rows.id) > tuple_(*after))
    return tuple(Due(**row._asdict()) for row in unit.execute(wanted.order_by(day, _rows.id).limit(limit)))


def _is_same(new: Permit) -> ColumnElement[bool]:
    if new.submission_id is not None:
        return _rows.submission_id == new.submission_id
    return _rows.open_person == new.person_id


def _one(unit: Unit, whom: ColumnElement[bool]) -> Permit | None:
    row = unit.execute(select(tables.permits).where(whom)).first()
    return None if row is None else _permit(unit, row)


def _found(unit: Unit, where: Iterable[ColumnElement[bool]], limit: int) -> tuple[Permit, ...]:
    return page(unit, tuple(where), limit, (_rows.id.desc(),))


def _values(unit: Unit, one: Permit) -> dict[str, Any]:
    sealed = unit.vault.seal_json(one.number, NUMBER) if one.number else None
    index = number_index(unit, one.number) if one.number else None
    plain = {name: getattr(one, name) for name in PLAIN if name != "id"}
    open_person = None if one.is_over else one.person_id
    return plain | {"number_sealed": sealed, "number_index": index, "open_person": open_person}


def _permit(unit: Unit, row: Any) -> Permit:
    number = "" if row.number_sealed is None else str(unit.vault.open_json(row.number_sealed, NUMBER))
    return Permit(**{name: getattr(row, name) for name in PLAIN}, number=number)


PLAIN = (
    "id", "person_id", "holder_id", "submission_id", "replacement_id", "area", "state", "card", "version", "pick_up",
    "accepted_on", "issue_by_on", "issue_late_after", "issued_on", "valid_from", "endorse_from_on", "endorse_by_on",
    "endorsed_until", "ready_on", "handed_out_on", "suspended_on", "restored_on", "left_out_days", "counts_from",
    "ended_on", "end_reason", "counted_by",
)  # fmt: skip


def _write(unit: Unit, permit_id: int, version: int, step: Step) -> None:
    values = {name: getattr(step, name) for name in _STEP if name != "note"}
    note = None if step.note is None else unit.vault.seal_json(step.note, NOTE)
    unit.execute(
        insert(tables.permit_steps), values | {"permit_id": permit_id, "version": version, "note_sealed": note}
    )


_STEP = ("step", "actor", "at", "staff_id", "reason", "submission_id", "day", "note")


def _step(unit: Unit, row: Any) -> Step:
    note = None if row.note_sealed is None else unit.vault.open_json(row.note_sealed, NOTE)
    return Step(**{name: getattr(row, name) for name in _STEP if name != "note"}, note=note)
