"""The staff's accounts: added, set up by their owner, changed, reset, disabled; never without an administrator."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from handlers.office import sign_in, staff_chats
from handlers.office.rights import EVERYWHERE, ROLES, can, covers
from storage import sign_in_tries, staff, staff_sessions
from storage.records import Area
from storage.staff import Member
from storage.unit import Unit

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 6
SETUP_LASTS = timedelta(hours=72)
LOGIN_LENGTH, NAME_LENGTH = 40, 40

Refusal = Literal[
    "login_empty", "login_long", "login_signs", "login_taken", "name_empty", "name_long", "role_unknown",
    "area_unknown", "area_not_yours", "last_administrator", "not_yourself",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Invited:
    """An account that its owner can set up: the link's token, shown once."""

    member: Member
    token: str


def refusal(new: Member, areas: tuple[Area, ...]) -> Refusal | None:
    """What is wrong with an account as it was typed, None for nothing."""
    findings: tuple[tuple[bool, Refusal], ...] = (
        (not new.login.strip(), "login_empty"),
        (len(new.login) > LOGIN_LENGTH, "login_long"),
        (any(sign.isspace() for sign in new.login), "login_signs"),
        (not new.name.strip(), "name_empty"),
        (len(new.name) > NAME_LENGTH, "name_long"),
        (new.role not in ROLES, "role_unknown"),
        (new.area != EVERYWHERE and new.area not in {area.code for area in areas}, "area_unknown"),
    )
    return next((reason for wrong, reason in findings if wrong), None)


def add(unit: Unit, new: Member, areas: tuple[Area, ...], now: datetime) -> Invited | Refusal:
    """A new account with its set-up link; sent twice, the same account with a fresh link."""
    wrong = refusal(new, areas)
    if wrong is not None:
        return wrong
    added = staff.add(unit, replace(new, code=_free_code(unit)), now) or _the_same(unit, new)
    return "login_taken" if added is None else invite(unit, added, now)


def invite(unit: Unit, member: Member, now: datetime) -> Invited:
    """A set-up link in place of the member's older ones."""
    token = secrets.token_urlsafe(sign_in.TOKEN_BYTES)
    staff_sessions.keep_setup(unit, token, member.id, now + SETUP_LASTS)
    return Invited(member, token)


def set_up(unit: Unit, token: str, password_hash: str, now: datetime) -> str | None:
    """The owner chose a password: a session that waits for the one-time code; None where the link is spent."""
    member = staff_sessions.setup_of(unit, token, now)
    if member is None or not staff_sessions.spend_setup(unit, token):
        return None
    staff.set_password(unit, member.id, password_hash, now)
    staff_sessions.end_all(unit, member.id)
    sign_in_tries.forget(unit, sign_in.by_name(member.login))
    session = secrets.token_urlsafe(sign_in.TOKEN_BYTES)
    staff_sessions.open_session(unit, session, member.id, "password", now)
    return session


def reset(unit: Unit, member: Member, now: datetime) -> Invited:
    """Password and one-time codes end with every session; the owner sets the account up anew."""
    staff.forget_proofs(unit, member.id, now)
    staff_sessions.end_all(unit, member.id)
    staff_chats.end_all(unit, member, now)
    sign_in_tries.forget(unit, sign_in.by_name(member.login), sign_in.by_code(member))
    return invite(unit, member, now)


def change(unit: Unit, changed: Member, areas: tuple[Area, ...], now: datetime) -> Refusal | None:
    """Keep name, role, area, language or being disabled; the reason why not."""
    staff.lock(unit)
    wrong = refusal(changed, areas)
    if wrong is not None:
        return wrong
    if not _administers(changed) and _is_last_administrator(unit, changed):
        return "last_administrator"
    staff.save(unit, changed, now)
    if changed.disabled:
        staff_sessions.end_all(unit, changed.id)
        staff_sessions.forget_setups(unit, changed.id)
        staff_chats.end_all(unit, changed, now)
    return None


def may_manage(who: Member, member: Member, areas: tuple[Area, ...]) -> bool:
    """Whether an administrator may see and change that account: one of their area or below."""
    return can(who, "manage_staff") and covers(who.area, member.area, areas)


def change_password(unit: Unit, member: Member, password_hash: str, token: str, now: datetime) -> None:
    """A new password; whoever else is signed in with the old one is signed out."""
    staff.set_password(unit, member.id, password_hash, now)
    staff_sessions.end_all(unit, member.id, but=token)
    sign_in_tries.forget(unit, sign_in.by_name(member.login))


def _the_same(unit: Unit, new: Member) -> Member | None:
    """The account of that login, if it is this very one and nobody has set it up."""
    kept = staff.by_login(unit, new.login)
    if kept is None or kept.has_password or kept.disabled:
        return None
    return kept if (kept.name, kept.role, kept.area) == (new.name, new.role, new.area) else None


def _free_code(unit: Unit) -> str:
    taken = {member.code for member in staff.everybody(unit)}
    while True:
        code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
        if code not in taken:
            return code


def _administers(member: Member) -> bool:
    """Whether somebody could let the whole office in again."""
    return can(member, "manage_staff") and member.area == EVERYWHERE


def _is_last_administrator(unit: Unit, member: Member) -> bool:
    administrators = [other.id for other in staff.everybody(unit) if _administers(other)]
    return administrators == [member.id]
