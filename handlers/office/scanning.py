"""What a scanned code leads to: a poster's home or room, or the home of an invitation or of answers typed there."""

from dataclasses import replace
from datetime import datetime

from handlers.office import home_codes
from storage import helps, homes, invitations, tenancies
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
        return _helped_in(unit, code)
    return with_room(home, tenancy.room_id)


def home_of(unit: Unit, code: str) -> Home | None:
    """The home of that name, unless the office refused it."""
    home = homes.get(unit, code)
    return home if home is not None and home.state != "refused" else None


def with_room(home: Home, room_id: int | None) -> Home:
    """The home with one of its rooms picked."""
    return replace(home, room=next((room for room in home.rooms if room.id == room_id), None))


def _helped_in(unit: Unit, code: str) -> Home | None:
    """The home in which somebody of the office typed the answers that this code was given for."""
    found = helps.by_code(unit, code) if len(code) == home_codes.INVITATION_LENGTH else None
    return None if found is None else home_of(unit, found.home)


def invited(unit: Unit, code: str, now: datetime) -> Tenancy | None:
    """The tenancy that an invitation is for; None for one that is unknown, used or over."""
    if len(code) != home_codes.INVITATION_LENGTH:
        return None
    tenancy_id = invitations.look(unit, code, now)
    return None if tenancy_id is None else tenancies.get(unit, tenancy_id)
