"""People found by what somebody knows of them: numbers and the exact name lead to rows by keyed indexes only.

Whose submissions are all outside the areas asked for is not found (None stands for every area).
"""

import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, func, select, true, update

from storage import tables
from storage.unit import Unit

PERSON = "people.person"

_people = tables.people.c
_sent = tables.submissions.c
_every = tables.submissions.alias("every_submission").c  # beside the one that is shown
_certificates = tables.certificates.c

Areas = Collection[str] | None
By = Literal["id_number", "phone", "name", "number"]


@dataclass(frozen=True, slots=True)
class Known:
    """A person, with what was sent about them last in the areas asked for. `facts`: name, ID number, phone …"""

    id: int
    facts: Mapping[str, Any]
    birth_year: int | None
    sex: str | None
    region: str | None
    number: str
    status: str
    area: str
    submitted_at: datetime


def name_index(unit: Unit, name: str) -> bytes:
    """The keyed index under which a name is found, however it is spaced and written."""
    folded = "".join(unicodedata.normalize("NFKC", name).casefold().split())
    return unit.vault.index("name", folded)


def id_number_index(unit: Unit, id_number: str) -> bytes:
    """The keyed index under which a person is found by their ID number."""
    return unit.vault.index("id_number", id_number)


def find(unit: Unit, by: By, value: str, areas: Areas, limit: int) -> tuple[Known, ...]:
    """Those people of whom something was sent in these areas, in the order they came to be known.

    value: an ID number, a telephone number (E.164), a name, or the number of a receipt or certificate.
    """
    return _found(unit, CONDITIONS[by](unit, value), areas, limit)


def get(unit: Unit, person_id: int, areas: Areas) -> Known | None:
    """One person."""
    found = _found(unit, _people.id == person_id, areas, 1)
    return found[0] if found else None


def facts(unit: Unit, person_id: int) -> Mapping[str, Any]:
    """Name, ID number, telephone … of a person, whatever is known; empty for nobody."""
    sealed = unit.execute(select(_people.person_sealed).where(_people.id == person_id)).scalar_one_or_none()
    return {} if sealed is None else unit.vault.open_json(sealed, PERSON)


def index_names(unit: Unit, limit: int) -> int:
    """Give people of an older version their index; how many got it. A migration has no keys to do so."""
    nameless = select(_people.id, _people.person_sealed).where(_people.name_index.is_(None)).limit(limit)
    rows = unit.execute(nameless).all()
    for row in rows:
        name = unit.vault.open_json(row.person_sealed, PERSON).get("name") or ""
        unit.execute(update(tables.people).where(_people.id == row.id).values(name_index=name_index(unit, str(name))))
    return len(rows)


def _found(unit: Unit, whom: ColumnElement[bool], areas: Areas, limit: int) -> tuple[Known, ...]:
    here = true() if areas is None else _every.area.in_(areas)
    latest = select(func.max(_every.id)).where(_every.person_id == _people.id, here).scalar_subquery()
    columns = (
        _people.id, _people.person_sealed, _people.birth_year, _people.sex, _people.region,
        _sent.number, _sent.status, _sent.area, _sent.submitted_at,
    )  # fmt: skip
    joined = tables.people.join(tables.submissions, _sent.id == latest)
    rows = unit.execute(select(*columns).select_from(joined).where(whom).order_by(_people.id).limit(limit))
    return tuple(_known(unit, row) for row in rows)


def _known(unit: Unit, row: Any) -> Known:
    told = {name: value for name, value in row._asdict().items() if name != "person_sealed"}
    return Known(facts=unit.vault.open_json(row.person_sealed, PERSON), **told)


def _by_id_number(unit: Unit, id_number: str) -> ColumnElement[bool]:
    return _people.id_number_index.in_(unit.vault.indexes("id_number", id_number))


def _by_phone(unit: Unit, phone: str) -> ColumnElement[bool]:
    return _people.id.in_(select(_every.person_id).where(_every.phone_index == unit.vault.index("phone", phone)))


def _by_name(unit: Unit, name: str) -> ColumnElement[bool]:
    return _people.name_index == name_index(unit, name)


def _by_number(unit: Unit, number: str) -> ColumnElement[bool]:
    receipt = select(_every.person_id).where(_every.number == number)
    certified = select(_certificates.submission_id).where(_certificates.number == number)
    return _people.id.in_(receipt) | _people.id.in_(select(_every.person_id).where(_every.id.in_(certified)))


CONDITIONS: Mapping[By, Callable[[Unit, str], ColumnElement[bool]]] = {
    "id_number": _by_id_number, "phone": _by_phone, "name": _by_name, "number": _by_number,
}  # fmt: skip
