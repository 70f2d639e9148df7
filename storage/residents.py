"""Who is registered in a home, found by the keyed index over area and address."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, select

from storage import tables
from storage.findings import KINDS, LIVING
from storage.records import Home
from storage.submissions import PERSON, home_index
from storage.unit import Unit

_sent = tables.submissions.c
_LIVES = and_(_sent.status.in_(LIVING), _sent.kind.in_(KINDS))


@dataclass(frozen=True, slots=True)
class Sent:
    """Something that was sent about a home: a registration, change, leaving or withdrawal; nothing of what it says."""

    number: str
    kind: str
    status: str
    submitted_at: datetime


@dataclass(frozen=True, slots=True)
class Resident:
    """Somebody registered in a home, by the latest that was sent about them; `name` is whole."""

    person_id: int
    name: str
    number: str
    status: str
    arrived_on: date | None


def counts(unit: Unit, some: Collection[Home]) -> dict[str, int]:
    """How many different people are registered in each of these homes, by its code."""
    indexes = {one.code: home_index(unit, one.area, one.address) for one in some}
    people = func.count(_sent.person_id.distinct()).label("people")
    found = select(_sent.home_index, people).where(_sent.home_index.in_(indexes.values()), _LIVES)
    rows = unit.execute(found.group_by(_sent.home_index))
    known = {bytes(row.home_index): int(row.people) for row in rows}
    return {code: known.get(index, 0) for code, index in indexes.items()}


def of(unit: Unit, one: Home, after: int, limit: int) -> tuple[Resident, ...]:
    """A page of a home's people, by their id from after one on."""
    people = tables.people.c
    index = home_index(unit, one.area, one.address)
    here = and_(_sent.home_index == index, _LIVES, _sent.person_id > after)
    latest = select(func.max(_sent.id)).where(here).group_by(_sent.person_id)
    columns = (_sent.person_id, people.person_sealed, _sent.number, _sent.status, _sent.arrived_on)
    joined = tables.submissions.join(tables.people, people.id == _sent.person_id)
    rows = select(*columns).select_from(joined).where(_sent.id.in_(latest)).order_by(_sent.person_id).limit(limit)
    return tuple(_resident(unit, row) for row in unit.execute(rows))


def sent(unit: Unit, one: Home, limit: int) -> tuple[Sent, ...]:
    """What was sent about a home, whatever became of it, the newest first."""
    columns = (_sent.number, _sent.kind, _sent.status, _sent.submitted_at)
    here = _sent.home_index == home_index(unit, one.area, one.address)
    found = select(*columns).where(here).order_by(_sent.id.desc()).limit(limit)
    return tuple(Sent(**row._asdict()) for row in unit.execute(found))


def _resident(unit: Unit, row: Any) -> Resident:
    name = unit.vault.open_json(row.person_sealed, PERSON).get("name") or ""
    return Resident(row.person_id, name, row.number, row.status, row.arrived_on)
