"""Who is signed in to the console: sessions and set-up links, kept only under the keyed index of their tokens."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update

from storage import staff, tables
from storage.staff import Member
from storage.unit import Unit

Stage = Literal["password", "full"]  # the password was right; so was the one-time code

_rows = tables.staff_sessions.c
_setups = tables.staff_setups.c


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lasts: untouched, at all, and between password and one-time code."""

    idle: timedelta = timedelta(minutes=30)
    whole: timedelta = timedelta(hours=12)
    code: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Session:
    """A session that is in force, and the account as it stands now."""

    member: Member
    stage: Stage
    created_at: datetime
    seen_at: datetime


def open_session(unit: Unit, token: str, member_id: int, stage: Stage, now: datetime) -> None:
    """Begin a session under a fresh token."""
    values = {"staff_id": member_id, "stage": stage, "created_at": now, "seen_at": now}
    unit.insert_once(tables.staff_sessions, {"token_index": _index(unit, token), **values})


def find(unit: Unit, token: str, limits: Limits, now: datetime) -> Session | None:
    """The session of a token; None where it has ended by itself or by somebody, or its account is disabled."""
    wanted = select(_rows.staff_id, _rows.stage, _rows.created_at, _rows.seen_at).where(
        _rows.token_index.in_(unit.vault.indexes("staff_session", token)), _in_force(limits, now)
    )
    row = unit.execute(wanted).one_or_none()
    member = None if row is None else staff.by_id(unit, row.staff_id)
    if row is None or member is None or member.disabled:
        return None
    return Session(member, row.stage, row.created_at, row.seen_at)


def touch(unit: Unit, token: str, now: datetime) -> None:
    """Somebody is at work: the idle time begins anew."""
    mine = _rows.token_index.in_(unit.vault.indexes("staff_session", token))
    unit.execute(update(tables.staff_sessions).where(mine, _rows.seen_at < now).values(seen_at=now))


def exists(unit: Unit, token: str) -> bool:
    """Whether nobody has ended it."""
    mine = _rows.token_index.in_(unit.vault.indexes("staff_session", token))
    return unit.execute(select(_rows.staff_id).where(mine)).first() is not None


def end(unit: Unit, token: str) -> None:
    """End one session."""
    mine = _rows.token_index.in_(unit.vault.indexes("staff_session", token))
    unit.execute(delete(tables.staff_sessions).where(mine))


def end_all(unit: Unit, member_id: int, but: str = "") -> int:
    """End every session of a member, but for one token's if given; how many there were."""
    theirs = _rows.staff_id == member_id
    if but:
        theirs = and_(theirs, _rows.token_index.not_in(unit.vault.indexes("staff_session", but)))
    return unit.execute(delete(tables.staff_sessions).where(theirs)).rowcount


def count(unit: Unit, member_id: int, limits: Limits, now: datetime) -> int:
    """In how many places a member is signed in."""
    theirs = select(func.count()).where(_rows.staff_id == member_id, _rows.stage == "full", _in_force(limits, now))
    return int(unit.execute(theirs).scalar_one())


def keep_setup(unit: Unit, token: str, member_id: int, expires_at: datetime) -> None:
    """Keep a one-time set-up link in place of the member's older ones."""
    unit.execute(delete(tables.staff_setups).where(_setups.staff_id == member_id))
    values = {"token_index": _setup_index(unit, token), "staff_id": member_id, "expires_at": expires_at}
    unit.insert_once(tables.staff_setups, values)


def setup_of(unit: Unit, token: str, now: datetime) -> Member | None:
    """Whose set-up link this is; None where it is spent, too old, or the account disabled."""
    mine = _setups.token_index.in_(unit.vault.indexes("staff_setup", token))
    wanted = select(_setups.staff_id).where(mine, _setups.expires_at > now)
    number = unit.execute(wanted).scalar_one_or_none()
    member = None if number is None else staff.by_id(unit, number)
    return None if member is None or member.disabled else member


def spend_setup(unit: Unit, token: str) -> bool:
    """Use the link up; False where it was used."""
    mine = _setups.token_index.in_(unit.vault.indexes("staff_setup", token))
    return unit.execute(delete(tables.staff_setups).where(mine)).rowcount == 1


def forget_setups(unit: Unit, member_id: int) -> None:
    """No set-up link of that member counts any more."""
    unit.execute(delete(tables.staff_setups).where(_setups.staff_id == member_id))


def prune(unit: Unit, limits: Limits, now: datetime) -> int:
    """Erase what has ended by itself; how many sessions and links."""
    ended = unit.execute(delete(tables.staff_sessions).where(~_in_force(limits, now))).rowcount
    return ended + unit.execute(delete(tables.staff_setups).where(_setups.expires_at <= now)).rowcount


def _in_force(limits: Limits, now: datetime) -> ColumnElement[bool]:
    lasting = and_(_rows.created_at > now - limits.whole, _rows.seen_at > now - limits.idle)
    return and_(lasting, or_(_rows.stage == "full", _rows.created_at > now - limits.code))


def _index(unit: Unit, token: str) -> bytes:
    return unit.vault.index("staff_session", token)


def _setup_index(unit: Unit, token: str) -> bytes:
    return unit.vault.index("staff_setup", token)
