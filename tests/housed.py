"""Homes, landlords and tenants for tests in which the talk itself isn't the matter. Everybody is invented."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from handlers.office import home_codes, tenancies
from handlers.office.reviewer import Reviewer
from handlers.visit import Office
from storage import homes as kept
from storage.records import Home, Submission
from storage.unit import Unit
from tests.conftest import NOW
from tests.handlers.filed import OFFICE, account, file

LANDLORD, OTHER_LANDLORD = "l" * 32, "o" * 32
CLERK = Reviewer("clerk")
OWNER = {"owner_name": "王芳", "contact_phone": "+8613912345678"}


def let(
    unit: Unit,
    *rooms: str,
    holder: str = LANDLORD,
    area: str = "S01-02",
    address: str = "幸福路20号",
    state: str = "confirmed",
    **more: Any,
) -> Home:
    """A home that somebody answers for, with rooms that have codes of their own."""
    told = {"kind": "urban_village", "capacity": 8, "acts_as": "owner", "owner_kind": "person", "owner": OWNER}
    blank = Home("", area, address, state=state, holder_id=holder, **(told | more))  # type: ignore[arg-type]  # a state
    home = replace(blank, code=home_codes.draw())
    assert kept.add(unit, home, NOW)
    for position, name in enumerate(rooms):
        room = kept.add_room(unit, home.code, name, position)
        home_codes.issue(unit, home.code, room, NOW)
    found = kept.get(unit, home.code)
    assert found is not None
    return found


def landlord(unit: Unit, holder: str = LANDLORD, now: datetime = NOW) -> str:
    """A landlord with an account that can be told something."""
    account(unit, f"landlord {holder[:1]}", holder, now=now)
    return holder


def tenant(unit: Unit, number: str, holder: str, home: Home, office: Office = OFFICE, **answers: Any) -> Submission:
    """Somebody registers at a home whose code they scanned."""
    told = {"home": "yes", "stay_kind": "rented", "address": home.address, "area": home.area} | answers
    sent = file(unit, number, holder, **told)
    tenancies.claim(unit, sent, home, home.code, office, NOW)
    return sent


__all__ = ["CLERK", "LANDLORD", "OTHER_LANDLORD", "landlord", "let", "tenant"]
