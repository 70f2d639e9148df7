"""Homes by need: which of them somebody of the office should look after first, and why."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, exists, func, literal, or_, select, true

from storage import tables
from storage.calls import untold
from storage.findings import KINDS, LIVING
from storage.homes import ADDRESS
from storage.records import Home
from storage.unit import Unit

Areas = Collection[str] | None
Here = tuple[ColumnElement[bool], ...]

# The gravest first; each weighs more than all below it together.
NEEDS = ("confirm", "contradiction", "unreached", "crowded", "nobody", "unvisited")
MANY = 10_000  # homes: the order by need is computed over all of a list
WEIGHTS = {need: 1 << place for place, need in enumerate(reversed(NEEDS))}

_homes = tables.homes.c
_sent = tables.submissions.c
_LIVES = and_(_sent.status.in_(LIVING), _sent.kind.in_(KINDS))


@dataclass(frozen=True, slots=True)
class Measure:
    """When it is; how near a deadline is that makes the office look for somebody whom no message reaches; and from
    how many people on a home is crowded that doesn't say how many may live there."""

    now: datetime
    call_within: timedelta
    many: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: behind a home of this weight and code."""

    weight: int
    code: str


FIRST = Place(sum(WEIGHTS.values()) + 1, "")


@dataclass(frozen=True, slots=True)
class Needing:
    """A home of the list: how many are registered there, and the sum of its needs' weights."""

    home: Home
    people: int
    weight: int

    @property
    def needs(self) -> tuple[str, ...]:
        """What it needs, the gravest first."""
        return tuple(need for need in NEEDS if self.weight & WEIGHTS[need])

    @property
    def place(self) -> Place:
        """Where it stands in the list."""
        return Place(self.weight, self.home.code)


def page(unit: Unit, areas: Areas, by: Measure, need: str, after: Place, limit: int) -> tuple[Needing, ...]:
    """A page of the homes of these areas (None: of all), the neediest first; `need`: only those that have it."""
    selected, weight, flags = _selected(areas, by)
    behind = or_(weight < after.weight, and_(weight == after.weight, _homes.code > after.code))
    here = true() if areas is None else _homes.area.in_(areas)
    wanted = selected.where(_homes.state != "refused", here, behind, flags.get(need, true()))
    rows = unit.execute(wanted.order_by(weight.desc(), _homes.code).limit(limit))
    return tuple(Needing(_home(unit, row), int(row.people), int(row.weight)) for row in rows)


def by_area(unit: Unit, areas: Areas) -> Mapping[str, int]:
    """How many homes each of these areas has, if together they are more than one list is made of; else nothing."""
    here = and_(_homes.state != "refused", true() if areas is None else _homes.area.in_(areas))
    some = select(_homes.area).where(here).limit(MANY + 1).subquery()
    if unit.execute(select(func.count()).select_from(some)).scalar_one() <= MANY:
        return {}
    counted = select(_homes.area, func.count().label("number")).where(here).group_by(_homes.area)
    return {row.area: int(row.number) for row in unit.execute(counted.order_by(_homes.area))}


def one(unit: Unit, home: Home, by: Measure) -> tuple[str, ...]:
    """What a single home needs."""
    selected, _, _ = _selected({home.area}, by, select(_homes.home_index).where(_homes.code == home.code))
    row = unit.execute(selected.where(_homes.code == home.code)).one_or_none()
    return () if row is None else Needing(home, int(row.people), int(row.weight)).needs


def _selected(
    areas: Areas, by: Measure, only: Select[Any] | None = None
) -> tuple[Any, ColumnElement[int], dict[str, ColumnElement[bool]]]:
    here = _here(areas) if only is None else (*_here(areas), _sent.home_index == only.scalar_subquery())
    people, unreached = _people(here), _unreached(here, by)
    tenancies, visits = tables.tenancies.c, tables.visits.c
    disputed = exists().where(tenancies.home == _homes.code, tenancies.state == "disputed")
    number = func.coalesce(people.c.people, 0)
    flags: dict[str, ColumnElement[bool]] = {
        "confirm": _homes.state == "registered",
        "contradiction": disputed,
        "unreached": unreached.c.home_index.is_not(None),
        "crowded": number > func.coalesce(_homes.capacity, by.many - 1),
        "nobody": number == 0,
        "unvisited": ~exists().where(visits.home == _homes.code),
    }
    weight: ColumnElement[int] = sum(
        (case((flag, WEIGHTS[need]), else_=0) for need, flag in flags.items()), start=literal(0)
    )
    joined = tables.homes.outerjoin(people, people.c.home_index == _homes.home_index).outerjoin(
        unreached, unreached.c.home_index == _homes.home_index
    )
    columns = (_homes.code, _homes.area, _homes.address_sealed, _homes.kind, _homes.capacity, _homes.state)
    selected = select(*columns, number.label("people"), weight.label("weight")).select_from(joined)
    return selected, weight, flags


def _people(here: Here) -> Subquery:
    """How many different people are registered under each home's index."""
    people = func.count(_sent.person_id.distinct()).label("people")
    return select(_sent.home_index, people).where(_LIVES, *here).group_by(_sent.home_index).subquery()


def _unreached(here: Here, by: Measure) -> Subquery:
    """The homes of people whom a message didn't reach, or won't in time."""
    owners = tables.conversations.c
    holder = func.coalesce(func.nullif(owners.holder_id, ""), tables.outbox.c.holder_id)
    messages = tables.outbox.outerjoin(tables.conversations, owners.id == tables.outbox.c.conversation_id)
    theirs = messages.join(tables.submissions, and_(_sent.holder_id == holder, _LIVES))
    homes = select(_sent.home_index).distinct().select_from(theirs)
    return homes.where(untold(by.now, by.call_within), *here).subquery()


def _here(areas: Areas) -> Here:
    return () if areas is None else (_sent.area.in_(areas),)


def _home(unit: Unit, row: Any) -> Home:
    address = unit.vault.open(row.address_sealed, ADDRESS).decode()
    return Home(row.code, row.area, address, kind=row.kind, capacity=row.capacity, state=row.state)
