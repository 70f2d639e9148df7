"""Homes, their rooms, and the codes of their posters: one in force for each, those before it retired."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, update

from storage import tables
from storage.records import Home, HomeState, Room
from storage.submissions import home_index
from storage.unit import Unit

ADDRESS = "homes.address"
OWNER = "homes.owner"
ROOM = "rooms.name"

_rows = tables.homes.c
_codes = tables.home_codes.c
_rooms = tables.rooms.c


@dataclass(frozen=True, slots=True)
class Code:
    """A poster's code: of a home, or of one of its rooms."""

    id: int
    code: str
    home: str
    room_id: int | None
    created_at: datetime
    retired_at: datetime | None


def by_code(unit: Unit, code: str) -> Home | None:
    """The home that a poster's code belongs to, with the room if it is a room's; None for an unknown or retired one."""
    found = code_of(unit, code)
    if found is None:
        return get(unit, code) if not _has_codes(unit, code) else None
    home = None if found.retired_at else get(unit, found.home)
    if home is None or found.room_id is None:
        return home
    return replace(home, room=next((room for room in home.rooms if room.id == found.room_id), None))


def code_of(unit: Unit, code: str) -> Code | None:
    """A poster's code, in force or retired."""
    row = unit.execute(select(tables.home_codes).where(_codes.code == code)).one_or_none()
    return None if row is None else _code(row)


def code_by_id(unit: Unit, code_id: int) -> Code | None:
    """The same by its number."""
    row = unit.execute(select(tables.home_codes).where(_codes.id == code_id)).one_or_none()
    return None if row is None else _code(row)


def codes(unit: Unit, home: str) -> tuple[Code, ...]:
    """The codes in force of a home: its own first, then its rooms'."""
    wanted = select(tables.home_codes).where(_codes.home == home, _codes.retired_at.is_(None)).order_by(_codes.id)
    return tuple(_code(row) for row in unit.execute(wanted))


def add_code(unit: Unit, code: str, home: str, room_id: int | None, now: datetime) -> bool:
    """Keep a new code; False when it is taken."""
    return unit.insert_once(
        tables.home_codes, {"code": code, "home": home, "room_id": room_id, "created_at": now, "retired_at": None}
    )


def retire(unit: Unit, code_id: int, now: datetime) -> bool:
    """A poster was lost: its code is over. False if that was so before."""
    in_force = update(tables.home_codes).where(_codes.id == code_id, _codes.retired_at.is_(None))
    return bool(unit.execute(in_force.values(retired_at=now)).rowcount)


def get(unit: Unit, code: str) -> Home | None:
    """The home of that name."""
    row = unit.execute(select(tables.homes).where(_rows.code == code)).one_or_none()
    return None if row is None else _home(unit, row, _rooms_of(unit, [row.code]))


def several(unit: Unit, codes: Collection[str]) -> tuple[Home, ...]:
    """The homes of these names."""
    return _found(unit, select(tables.homes).where(_rows.code.in_(codes)))


def lock(unit: Unit, code: str) -> Home | None:
    """The same; nobody else changes it until this transaction ends."""
    row = unit.execute(select(tables.homes).where(_rows.code == code).with_for_update()).one_or_none()
    return None if row is None else _home(unit, row, _rooms_of(unit, [row.code]))


def by_draft(unit: Unit, draft: str) -> Home | None:
    """The home registered in a talk, if it was."""
    row = unit.execute(select(tables.homes).where(_rows.draft == draft)).one_or_none()
    return None if row is None else _home(unit, row, _rooms_of(unit, [row.code]))


def of_holder(unit: Unit, holder_id: str) -> tuple[Home, ...]:
    """The homes that somebody answers for, the oldest first; not those that the office refused."""
    if not holder_id:
        return ()
    own = select(tables.homes).where(_rows.holder_id == holder_id, _rows.state != "refused")
    return _found(unit, own.order_by(_rows.created_at, _rows.code))


def waiting(unit: Unit, areas: Iterable[str] | None, limit: int = 100) -> tuple[Home, ...]:
    """The homes that the office has not looked at yet, in these areas (None: everywhere), the oldest first."""
    wanted = select(tables.homes).where(_rows.state == "registered")
    if areas is not None:
        wanted = wanted.where(_rows.area.in_(list(areas)))
    return _found(unit, wanted.order_by(_rows.created_at, _rows.code).limit(limit))


def count_waiting(unit: Unit, areas: Iterable[str] | None) -> int:
    """How many wait for the office."""
    counted = select(func.count()).select_from(tables.homes).where(_rows.state == "registered")
    here = counted if areas is None else counted.where(_rows.area.in_(list(areas)))
    return int(unit.execute(here).scalar_one())


def at(unit: Unit, area: str, address: str) -> Home | None:
    """The home at an address that the office hasn't refused; of several the one that was there first."""
    there = select(tables.homes).where(_rows.home_index == home_index(unit, area, address), _rows.state != "refused")
    row = unit.execute(there.order_by(_rows.created_at, _rows.code).limit(1)).one_or_none()
    return None if row is None else _home(unit, row, _rooms_of(unit, [row.code]))


def at_any(unit: Unit, areas: Iterable[str], address: str) -> tuple[Home, ...]:
    """The homes at an address in any of these communities."""
    indexes = [home_index(unit, area, address) for area in areas]
    there = select(tables.homes).where(_rows.home_index.in_(indexes))
    return _found(unit, there.order_by(_rows.created_at, _rows.code))


def within(unit: Unit, areas: Iterable[str] | None, limit: int) -> tuple[Home, ...]:
    """The homes of these areas (None: everywhere) that the office hasn't refused, the oldest first."""
    standing = select(tables.homes).where(_rows.state != "refused")
    wanted = standing if areas is None else standing.where(_rows.area.in_(list(areas)))
    return _found(unit, wanted.order_by(_rows.created_at, _rows.code).limit(limit))


def add(unit: Unit, new: Home, now: datetime) -> bool:
    """Keep a home under its code, which is its first poster's too; False when the code (or the talk) is taken."""
    values = {
        "code": new.code,
        "area": new.area,
        "address_sealed": unit.vault.seal(new.address.encode(), ADDRESS),
        "created_at": now,
        "draft": new.draft,
        "kind": new.kind,
        "capacity": new.capacity,
        "state": new.state,
        "version": new.version,
        "acts_as": new.acts_as,
        "owner_kind": new.owner_kind,
        "holder_id": new.holder_id,
        "owner_sealed": unit.vault.seal_json(dict(new.owner), OWNER) if new.owner else None,
        "home_index": home_index(unit, new.area, new.address),
    }
    return unit.insert_once(tables.homes, values) and add_code(unit, new.code, new.code, None, now)


def add_room(unit: Unit, home: str, name: str, position: int) -> int | None:
    """Keep a room of a home; None where it is there already."""
    index = room_index(unit, home, name)
    values = {"home": home, "name_index": index, "name_sealed": unit.vault.seal(name.encode(), ROOM)}
    if not unit.insert_once(tables.rooms, values | {"position": position}):
        return None
    return int(unit.execute(select(_rooms.id).where(_rooms.home == home, _rooms.name_index == index)).scalar_one())


def room_index(unit: Unit, home: str, name: str) -> bytes:
    """The keyed index by which a home has no two rooms of one name."""
    return unit.vault.index("room", f"{home} {name.casefold()}")


def decide(unit: Unit, home: Home, state: HomeState, now: datetime) -> Home | None:
    """The office's word on a home as it was read; None if somebody else was quicker."""
    as_read = update(tables.homes).where(_rows.code == home.code, _rows.version == home.version)
    changed = as_read.values(state=state, version=home.version + 1, decided_at=now)
    return replace(home, state=state, version=home.version + 1) if unit.execute(changed).rowcount else None


def _has_codes(unit: Unit, home: str) -> bool:
    return unit.execute(select(_codes.id).where(_codes.home == home).limit(1)).first() is not None


def _code(row: Any) -> Code:
    return Code(row.id, row.code, row.home, row.room_id, row.created_at, row.retired_at)


def _found(unit: Unit, wanted: Select[Any]) -> tuple[Home, ...]:
    rows = unit.execute(wanted).all()
    rooms = _rooms_of(unit, [row.code for row in rows])
    return tuple(_home(unit, row, rooms) for row in rows)


def _home(unit: Unit, row: Any, rooms: Mapping[str, Sequence[Room]]) -> Home:
    owner = {} if row.owner_sealed is None else unit.vault.open_json(row.owner_sealed, OWNER)
    return Home(
        code=row.code,
        area=row.area,
        address=unit.vault.open(row.address_sealed, ADDRESS).decode(),
        rooms=tuple(rooms.get(row.code, ())),
        kind=row.kind,
        capacity=row.capacity,
        state=row.state,
        version=row.version,
        acts_as=row.acts_as,
        owner_kind=row.owner_kind,
        holder_id=row.holder_id,
        owner=owner,
        draft=row.draft,
    )


def _rooms_of(unit: Unit, homes: Collection[str]) -> Mapping[str, Sequence[Room]]:
    found: dict[str, list[Room]] = {}
    wanted = select(tables.rooms).where(_rooms.home.in_(homes)).order_by(_rooms.position, _rooms.id)
    for row in unit.execute(wanted):
        found.setdefault(row.home, []).append(Room(row.id, unit.vault.open(row.name_sealed, ROOM).decode()))
    return found
