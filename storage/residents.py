"""Homes with who is registered in them, found by the keyed index over area and address."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, func, select, true

from storage import tables
from storage.findings import KINDS, LIVING
from storage.homes import ADDRESS
from storage.records import Home
from storage.submissions import PERSON, home_index
from storage.unit import Unit

_homes = tables.homes.c
_sent = tables.submissions.c
_STANDS = _homes.state != "refused"
_LIVES = and_(_sent.status.in_(LIVING), _sent.kind.in_(KINDS))

Areas = Collection[str] | None


@dataclass(frozen=True, slots=True)
class Resident:
    """Somebody registered in a home, by the latest that was sent about them; `name` is whole."""

    person_id: int
    name: str
    number: str
    status: str
    arrived_on: date | None


def homes(unit: Unit, areas: Areas, after: str, limit: int) -> tuple[Home, ...]:
    """A page of the homes of these areas (None: of all), by code from after one on; none that was refused."""
    here = true() if areas is None else _homes.area.in_(areas)
    wanted = select(tables.homes).where(_homes.code > after, _STANDS, here).order_by(_homes.code).limit(limit)
    return tuple(_home(unit, row) for row in unit.execute(wanted))


def home(unit: Unit, code: str, areas: Areas) -> Home | None:
    """One home; None for one that isn't there or lies elsewhere."""
    here = true() if areas is None else _homes.area.in_(areas)
    row = unit.execute(select(tables.homes).where(_homes.code == code, _STANDS, here)).one_or_none()
    return None if row is None else _home(unit, row)


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


def _home(unit: Unit, row: Any) -> Home:
    return Home(row.code, row.area, unit.vault.open(row.address_sealed, ADDRESS).decode())


def _resident(unit: Unit, row: Any) -> Resident:
    name = unit.vault.open_json(row.person_sealed, PERSON).get("name") or ""
    return Resident(row.person_id, name, row.number, row.status, row.arrived_on)
