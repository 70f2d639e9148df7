"""Chat accounts of the staff: which account belongs to which member, until when; and the codes that link them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select

from storage import staff, tables
from storage.staff import Member
from storage.unit import Unit

_links = tables.staff_chats.c
_codes = tables.staff_chat_codes.c


@dataclass(frozen=True, slots=True)
class StaffChat:
    """A chat account that a member has linked."""

    conversation_id: int
    channel: str
    linked_at: datetime
    ends_at: datetime


def keep_code(unit: Unit, code: str, staff_id: int, expires_at: datetime) -> bool:
    """Keep a member's one-time code in place of older ones; False if the code is in use."""
    unit.execute(delete(tables.staff_chat_codes).where(_codes.staff_id == staff_id))
    values = {"code_index": _index(unit, code), "staff_id": staff_id, "expires_at": expires_at}
    return unit.insert_once(tables.staff_chat_codes, values)


def spend_code(unit: Unit, code: str, now: datetime) -> Member | None:
    """The member a code stands for, once; None if it is wrong, spent or too old, or the member is disabled."""
    wanted = _codes.code_index.in_(unit.vault.indexes("staff_chat_code", code))
    row = unit.execute(delete(tables.staff_chat_codes).where(wanted).returning(tables.staff_chat_codes)).one_or_none()
    return _working(unit, row.staff_id) if row is not None and row.expires_at > now else None


def link(unit: Unit, conversation_id: int, staff_id: int, now: datetime, ends_at: datetime) -> None:
    """The account belongs to that member from now on, and to nobody else."""
    unit.execute(delete(tables.staff_chats).where(_links.conversation_id == conversation_id))
    values = {"conversation_id": conversation_id, "staff_id": staff_id, "linked_at": now, "ends_at": ends_at}
    unit.execute(insert(tables.staff_chats), values)


def member_of(unit: Unit, conversation_id: int, now: datetime) -> Member | None:
    """The member who writes from an account; None for everybody else, and where the link has ended."""
    theirs = select(_links.staff_id).where(_links.conversation_id == conversation_id, _links.ends_at > now)
    found = unit.execute(theirs).scalar_one_or_none()
    return None if found is None else _working(unit, found)


def of_member(unit: Unit, staff_id: int, now: datetime) -> tuple[StaffChat, ...]:
    """The accounts of a member, the newest first."""
    talks = tables.conversations.c
    columns = (_links.conversation_id, talks.channel, _links.linked_at, _links.ends_at)
    joined = tables.staff_chats.join(tables.conversations, talks.id == _links.conversation_id)
    wanted = select(*columns).select_from(joined).where(_links.staff_id == staff_id, _links.ends_at > now)
    return tuple(StaffChat(**row._asdict()) for row in unit.execute(wanted.order_by(_links.linked_at.desc())))


def unlink(unit: Unit, staff_id: int, conversation_id: int) -> bool:
    """A member's account is nobody's again; False if it wasn't theirs."""
    theirs = (_links.conversation_id == conversation_id) & (_links.staff_id == staff_id)
    return bool(unit.execute(delete(tables.staff_chats).where(theirs)).rowcount)


def forget(unit: Unit, staff_id: int) -> int:
    """All accounts and codes of a member; how many accounts there were."""
    unit.execute(delete(tables.staff_chat_codes).where(_codes.staff_id == staff_id))
    return unit.execute(delete(tables.staff_chats).where(_links.staff_id == staff_id)).rowcount


def prune(unit: Unit, now: datetime) -> int:
    """Forget links and codes that have ended; how many."""
    codes = unit.execute(delete(tables.staff_chat_codes).where(_codes.expires_at <= now)).rowcount
    return codes + unit.execute(delete(tables.staff_chats).where(_links.ends_at <= now)).rowcount


def _working(unit: Unit, staff_id: int) -> Member | None:
    member = staff.by_id(unit, staff_id)
    return None if member is None or member.disabled else member


def _index(unit: Unit, code: str) -> bytes:
    return unit.vault.index("staff_chat_code", code)
