"""What each side is told when the other one says something. Each notice is an outbox row of the same transaction."""

from datetime import datetime
from typing import Any

from handlers.messages import Choice, Reply, control
from handlers.office.tell import tell
from storage import homes, tenancies
from storage.records import Home
from storage.tenancies import Tenancy
from storage.unit import Unit

MOST_NAMES = 6


def choice(word: str, *numbers: int, label: str = "") -> Choice:
    """A word about a tenancy, as a button: `tenancy:yes:12`."""
    value = ":".join(("tenancy", word, *(str(number) for number in numbers)))
    return Choice(value, codes="commands", label=label, role="control")


def facts(home: Home, tenancy: Tenancy) -> dict[str, Any]:
    """Which home and room, since when, and what the one who reports is to it. Nothing of who the tenant is."""
    begins_on, left_on = tenancy.begins_on, tenancy.left_on
    return {
        "area": home.area,
        "address": home.address,
        "room": room_name(home, tenancy),
        "since": None if begins_on is None else begins_on.isoformat(),
        "left_on": None if left_on is None else left_on.isoformat(),
        "acts_as": home.acts_as,
    }


def room_name(home: Home, tenancy: Tenancy) -> str:
    """The room, if it is one of the home's."""
    return next((room.name for room in home.rooms if room.id == tenancy.room_id), "")


def reporter(home: Home) -> str:
    """Who answers for a home, by the name they gave: what a tenant is told."""
    return str(home.owner.get("acting_name") or home.owner.get("owner_name") or "")


def ask_landlord(unit: Unit, home: Home, tenancy: Tenancy) -> Reply:
    """Somebody says they live there: yes, no, not yet; or the one whom the landlord reported."""
    named = [one for one in tenancies.unnamed(unit, home.code) if _may_be(one, tenancy)][:MOST_NAMES]
    same = tuple(choice("is", tenancy.id, one.id, label=one.name) for one in named)
    words = tuple(choice(word, tenancy.id) for word in ("yes", "no", "not_yet"))
    data = facts(home, tenancy) | {"since": _iso(tenancy.since_on), "named": len(named)}
    return Reply("say/tenant_says", data, (*same, *words))


def claimed(unit: Unit, home: Home, tenancy: Tenancy, now: datetime) -> None:
    """Ask whoever answers for the home, once the office has confirmed it."""
    if home.state == "confirmed" and home.holder_id:
        tell(unit, key(tenancy, "landlord"), home.holder_id, ask_landlord(unit, home, tenancy), now)


def joined(unit: Unit, home: Home, tenancy: Tenancy, now: datetime) -> None:
    """The one whom they invited has come."""
    data = facts(home, tenancy) | {"name": tenancy.name}
    tell(unit, key(tenancy, "landlord"), home.holder_id, Reply("say/tenant_joined", data, (control("my_homes"),)), now)


def tell_tenant(unit: Unit, tenancy: Tenancy, template: str, choices: tuple[Choice, ...], now: datetime) -> None:
    """Tell the tenant what the other side said, and who that is."""
    home = homes.get(unit, tenancy.home)
    if home is not None and tenancy.holder_id:
        data = facts(home, tenancy) | {"by": reporter(home)}
        tell(unit, key(tenancy, "tenant"), tenancy.holder_id, Reply(template, data, choices), now)


def tell_landlord(unit: Unit, tenancy: Tenancy, template: str, choices: tuple[Choice, ...], now: datetime) -> None:
    """Tell whoever answers for the home what the tenant said; by the name that they reported, and nothing else."""
    home = homes.get(unit, tenancy.home)
    if home is not None and home.holder_id and home.state == "confirmed":
        data = facts(home, tenancy) | {"name": tenancy.name}
        tell(unit, key(tenancy, "landlord"), home.holder_id, Reply(template, data, choices), now)


def key(tenancy: Tenancy, side: str) -> str:
    """The outbox's key: one notice for each side and step."""
    return f"tenancy:{tenancy.id}:{tenancy.version}:{side}"


def _may_be(reported: Tenancy, claimed: Tenancy) -> bool:
    """A report of another room is about somebody else."""
    return reported.room_id is None or claimed.room_id is None or reported.room_id == claimed.room_id


def _iso(day: Any) -> str | None:
    return None if day is None else str(day.isoformat())
