"""What the staff look up from a chat: submissions by a mobile number or an ID number, in their areas, newest first."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, select, true

from storage import submissions, tables
from storage.records import Submission
from storage.unit import Unit

Areas = Collection[str] | None

_rows = tables.submissions.c


def by_phone(unit: Unit, phone: str, areas: Areas, limit: int) -> tuple[Submission, ...]:
    """Those that name this mobile number (E.164)."""
    return _found(unit, _rows.phone_index.in_(unit.vault.indexes("phone", phone)), areas, limit)


def by_id_number(unit: Unit, id_number: str, areas: Areas, limit: int) -> tuple[Submission, ...]:
    """Those about the person with this ID number."""
    people = tables.people.c
    theirs = select(people.id).where(people.id_number_index.in_(unit.vault.indexes("id_number", id_number)))
    return _found(unit, _rows.person_id.in_(theirs), areas, limit)


def by_number(unit: Unit, number: str, areas: Areas) -> tuple[Submission, ...]:
    """The one with this receipt number."""
    return _found(unit, _rows.number == number, areas, 1)


def _found(unit: Unit, condition: ColumnElement[bool], areas: Areas, limit: int) -> tuple[Submission, ...]:
    within = true() if areas is None else _rows.area.in_(areas)
    ids = select(_rows.id).where(condition, within).order_by(_rows.id.desc()).limit(limit)
    found = (submissions.get(unit, number) for number in unit.execute(ids).scalars().all())
    return tuple(one for one in found if one is not None)
