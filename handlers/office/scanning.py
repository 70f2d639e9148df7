"""What a scanned code leads to: a poster's home or room, or the home that an invitation is for."""

from dataclasses import replace
from datetime import datetime

from handlers.office import home_codes
from storage import homes, invitations, tenancies
from storage.records import Home
from storage.tenancies import Tenancy
from storage.unit import Unit


def scanned(unit: Unit, code: str, now: datetime) -> Home | None:
    """The home that a scanned code leads to: a poster's, or an invitation's, which also knows the room."""
    home = homes.by_code(unit, code)
    if home is not None and home.state != "refused":
        return home
    tenancy = invited(unit, code, now)
    home = None if tenancy is None else homes.get(unit, tenancy.home)
    if home is None or tenancy is None:
        return None
    return with_room(home, tenancy.room_id)


def with_room(home: Home, room_id: int | None) -> Home:
    """The home with one of its rooms picked."""
    return replace(home, room=next((room for room in home.rooms if room.id == room_id), None))


def invited(unit: Unit, code: str, now: datetime) -> Tenancy | None:
    """The tenancy that an invitation is for; None for one that is unknown, used or over."""
    if len(code) != home_codes.INVITATION_LENGTH:
        return None
    tenancy_id = invitations.look(unit, code, now)
    return None if tenancy_id is None else tenancies.get(unit, tenancy_id)
