"""The staff of the town: an account for each role, set up by the same steps that everybody takes."""

from dataclasses import dataclass
from datetime import datetime

import pyotp

from handlers.office import passwords, sign_in, staff
from handlers.office.sign_in import Waiting
from handlers.office.staff import Invited
from storage import staff as accounts
from storage import staff_sessions
from storage.records import Area
from storage.staff import Member
from storage.unit import Unit

PASSWORD = "apricot harbour ninth lantern"  # noqa: S105 -- of an invented town on one's own machine
HERE = "demo"
STEP = 30

CREW: tuple[tuple[str, str, str, str], ...] = (
    ("reviewer", "陈静", "reviewer", ""),
    ("reviewer2", "赵磊", "reviewer", ""),
    ("collector", "周小梅", "collector", "S01"),
    ("publisher", "林晓东", "publisher", ""),
    ("publisher2", "孙悦", "publisher", ""),
    ("auditor", "郑国栋", "auditor", ""),
    ("admin", "王芳", "administrator", ""),
)


class NotSetUp(Exception):
    """An account of the town could not be set up."""


@dataclass(frozen=True, slots=True)
class Code:
    """A one-time code as the member's telephone would show it, and for how many seconds more."""

    digits: str
    seconds: int


def hire(unit: Unit, areas: tuple[Area, ...], hashed: str, now: datetime) -> tuple[Member, ...]:
    """Add everybody and let them set up their accounts."""
    return tuple(
        _hired(unit, Member(0, "", login, name, role, area, "zh"), areas, hashed, now)
        for login, name, role, area in CREW
    )


def password_hash() -> str:
    """The hash of the password that all of them have."""
    return passwords.hashed(PASSWORD)


def secrets_of(unit: Unit) -> dict[str, str]:
    """Each login's secret of the one-time codes."""
    return {member.login: accounts.proofs(unit, member.id).totp for member in accounts.everybody(unit)}


def code(secret: str, now: datetime) -> Code:
    """The code of this moment."""
    return Code(pyotp.TOTP(secret).at(now), seconds_left(now))


def seconds_left(now: datetime) -> int:
    """How long the codes of this moment are shown."""
    return STEP - int(now.timestamp()) % STEP


def _hired(unit: Unit, new: Member, areas: tuple[Area, ...], hashed: str, now: datetime) -> Member:
    added = staff.add(unit, new, areas, now)
    if not isinstance(added, Invited):
        raise NotSetUp
    session = staff.set_up(unit, added.token, hashed, now)
    if session is None:
        raise NotSetUp
    shown = code(sign_in.secret_of(unit, added.member, now), now).digits
    entered = sign_in.enter_code(unit, Waiting(session, added.member, HERE), shown, now)
    if not isinstance(entered, str):
        raise NotSetUp
    staff_sessions.end(unit, entered)
    return added.member
