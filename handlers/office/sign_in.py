"""Signing in to the console: password, then one-time code; tries are counted and lock."""

import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import pyotp
from pyotp.exceptions import OTPVerificationError

from storage import sign_in_tries, staff, staff_sessions
from storage.sign_in_tries import Subject
from storage.staff import Member
from storage.unit import Unit

TOKEN_BYTES = 32
STEPS_BESIDE = 1  # clocks of telephones differ: the step before and after count too


@dataclass(frozen=True, slots=True)
class Locked:
    """Too many tries: nothing is looked at until then."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who named an account: the account and its password's hash, both empty for nobody's."""

    member: Member | None
    password_hash: str


@dataclass(frozen=True, slots=True, repr=False)
class Waiting:
    """Somebody whose password was right: the session's token, the account, the network address."""

    token: str
    member: Member
    address: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """Nobody is let in: the code was wrong or used before, or the session had ended."""

    what: Literal["code", "ended"]


def by_name(login: str) -> Subject:
    """Tries at one account's password, whether there is one of that name or not."""
    return Subject("login", staff.normalised(login)[:200], 5, timedelta(minutes=1), timedelta(minutes=15))


def by_address(address: str) -> Subject:
    """Tries from one network address, which a whole office may share."""
    return Subject("address", address, 30, timedelta(minutes=1), timedelta(hours=1))


def by_code(member: Member) -> Subject:
    """Tries at the one-time code by somebody who knows the password."""
    return Subject("code", str(member.id), 5, timedelta(minutes=1), timedelta(hours=1))


def begin(unit: Unit, login: str, address: str, now: datetime) -> Candidate | Locked:
    """Count a try at a password, and find what it is compared with."""
    until = sign_in_tries.begin(unit, (by_name(login), by_address(address)), now)
    if until is not None:
        return Locked(until)
    member = staff.by_login(unit, login)
    if member is None or member.disabled:
        return Candidate(None, "")
    return Candidate(member, staff.proofs(unit, member.id).password)


def password_was_right(unit: Unit, member: Member, address: str, now: datetime) -> str:
    """The token of a session that waits for the one-time code."""
    sign_in_tries.forget(unit, by_name(member.login), by_address(address))
    return _session(unit, member, "password", now)


def secret_of(unit: Unit, member: Member, now: datetime) -> str:
    """The secret of a member's one-time codes; made here at the first set-up, and the same until it is confirmed."""
    return staff.offer_totp(unit, member.id, pyotp.random_base32(), now)


def enter_code(unit: Unit, waiting: Waiting, code: str, now: datetime) -> str | Locked | Wrong:
    """A whole session's token in exchange for the waiting one's, which a second click finds ended."""
    member, by = waiting.member, by_address(waiting.address)
    until = sign_in_tries.begin(unit, (by_code(member), by), now)
    if until is not None:
        return Locked(until)
    if not staff_sessions.exists(unit, waiting.token):
        return Wrong("ended")
    if not _is_right(unit, member, code, now):
        return Wrong("code")
    staff_sessions.end(unit, waiting.token)
    staff.confirm_totp(unit, member.id, now)
    sign_in_tries.forget(unit, by_code(member), by)
    return _session(unit, member, "full", now)


def provisioning_uri(member: Member, secret: str, office: str) -> str:
    """What an authenticator app reads from the QR code (Google Authenticator's key URI format)."""
    return pyotp.TOTP(secret).provisioning_uri(name=member.login, issuer_name=office)


def _is_right(unit: Unit, member: Member, code: str, now: datetime) -> bool:
    """A code of this moment, whose step was not used before."""
    digits = "".join(unicodedata.normalize("NFKC", code).split())
    secret = staff.proofs(unit, member.id).totp
    try:
        step = pyotp.TOTP(secret).verify_and_get_timecode(digits, for_time=now, valid_window=STEPS_BESIDE)
    except OTPVerificationError:
        return False
    return bool(secret) and staff.spend_step(unit, member.id, step)


def _session(unit: Unit, member: Member, stage: staff_sessions.Stage, now: datetime) -> str:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    staff_sessions.open_session(unit, token, member.id, stage, now)
    return token
