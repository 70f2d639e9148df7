"""A row of a list of homes with their rooms: checked as the talk would, and registered once."""

from typing import Any

from handlers.forms.home import HOME
from handlers.office import homes
from handlers.office.cells import Reading
from handlers.office.import_places import Where, folded
from handlers.office.import_tenants import Taking
from handlers.steps import Step
from storage.records import Home
from storage.unit import Unit

# Each column with its question; one that doesn't apply to what the row says so far may stay empty.
PARSED = (
    ("acts_as", "acts_as"), ("home_kind", "home_kind"), ("street", "area_street"), ("community", "area"),
    ("address", "address"), ("rooms", "home_rooms"), ("capacity", "capacity"), ("owner_kind", "owner_kind"),
    ("owner_name", "owner_name"), ("uscc", "owner_uscc"), ("acting_name", "acting_name"),
    ("contact_phone", "contact_phone"),
)  # fmt: skip
COLUMNS = tuple(column for column, _ in PARSED)
MUST = frozenset(COLUMNS) - {"rooms", "uscc", "acting_name"}
OWNER = ("owner_name", "owner_uscc", "acting_name", "contact_phone")


def check(reading: Reading, where: Where, unit: Unit) -> dict[str, Any]:
    """What a row tells; what is wrong with it stands in the reading."""
    for column, name in PARSED:
        step = _step(name)
        if step.applies(reading.answers, reading.context):
            reading.read(column, step, must=column != "rooms")
    area = reading.value("area")
    if area and not where.covers(area):
        reading.fault("community", "import_area_not_yours")
    return {name: reading.value(name) for _, name in PARSED}


def key(told: dict[str, Any]) -> tuple[str, ...]:
    """What makes a row the same as another one."""
    return (str(told.get("area") or ""), folded(str(told.get("address") or "")))


def is_known(unit: Unit, told: dict[str, Any], where: Where) -> bool:
    """Whether the home is there with all these rooms."""
    found = where.standing(unit, told["area"], told["address"])
    return found is not None and set(_rooms(told)) <= {room.name for room in found.rooms}


def take(unit: Unit, told: dict[str, Any], taking: Taking) -> tuple[bool, str]:
    """Register a row's home, or add the rooms that it lacks: whether there was anything new, and the home's code."""
    standing = taking.where.standing(unit, told["area"], told["address"])
    if standing is None:
        home = homes.enter(unit, _home(told, taking), _rooms(told), taking.now)
        return True, home.code
    missing = [name for name in _rooms(told) if name not in {room.name for room in standing.rooms}]
    homes.add_rooms(unit, standing, missing, taking.now)
    return bool(missing), standing.code


def _home(told: dict[str, Any], taking: Taking) -> Home:
    """As the talk would keep it; what the office enters itself is confirmed with that."""
    owner = {name: told[name] for name in OWNER if told.get(name)}
    agreed = {"consented_at": taking.now.isoformat(), "consent": taking.office.consent_version}
    return Home(
        code="",
        area=told["area"],
        address=told["address"],
        kind=told["home_kind"],
        capacity=told["capacity"],
        state="confirmed" if taking.staff_id else "registered",
        acts_as=told["acts_as"],
        owner_kind=told["owner_kind"],
        holder_id=taking.holder_id,
        owner=owner if taking.staff_id else owner | agreed,
    )


def _rooms(told: dict[str, Any]) -> list[str]:
    named = str(told.get("home_rooms") or "none")
    return [] if named == "none" else named.split()


def _step(name: str) -> Step:
    found = HOME.step(name)
    if found is None:
        raise LookupError(name)
    return found
