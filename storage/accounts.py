"""Who holds which accounts: link codes, and tries at codes."""

from datetime import datetime

from sqlalchemy import delete, func, insert, select, update

from storage import tables
from storage.unit import Unit

HELD = (
    tables.submissions, tables.conversations, tables.outbox, tables.homes, tables.tenancies, tables.duties,
    tables.permits, tables.permit_prospects,
)  # fmt: skip


def keep_code(unit: Unit, code: str, holder_id: str, expires_at: datetime) -> bool:
    """Keep a holder's one-time code in place of older ones; False if the code is in use."""
    codes = tables.link_codes
    unit.execute(delete(codes).where(codes.c.holder_id == holder_id))
    values = {"code_index": unit.vault.index("link_code", code), "holder_id": holder_id, "expires_at": expires_at}
    return unit.insert_once(codes, values)


def spend_code(unit: Unit, code: str, now: datetime) -> str | None:
    """The holder a code stands for, once; None if it is wrong, spent or too old."""
    codes = tables.link_codes
    spent = delete(codes).where(codes.c.code_index == unit.vault.index("link_code", code)).returning(codes)
    row = unit.execute(spent).one_or_none()
    return row.holder_id if row is not None and row.expires_at > now else None


def count_try(unit: Unit, conversation_id: int, since: datetime, now: datetime, kind: str = "link") -> tuple[int, int]:
    """Note a try at a code; how many of its kind there were since then, from this conversation and from all."""
    tries = tables.link_tries
    unit.execute(insert(tries), {"conversation_id": conversation_id, "tried_at": now, "kind": kind})
    return tries_since(unit, conversation_id, since, kind)


def tries_since(unit: Unit, conversation_id: int, since: datetime, kind: str) -> tuple[int, int]:
    """How many tries of a kind there were since then, from this conversation and from all."""
    tries = tables.link_tries
    recent = select(func.count()).select_from(tries).where(tries.c.tried_at >= since, tries.c.kind == kind)
    own = unit.execute(recent.where(tries.c.conversation_id == conversation_id)).scalar_one()
    return int(own), int(unit.execute(recent).scalar_one())


def begin_holder(unit: Unit, holder_id: str, now: datetime) -> None:
    """Somebody who sends something for the first time; once."""
    unit.insert_once(tables.holders, {"id": holder_id, "created_at": now})


def join(unit: Unit, old_holder: str, new_holder: str) -> None:
    """Two holders turn out to be one: what the old one sent, talks about and prefers belongs to the new one."""
    prefer(unit, new_holder, preferred(unit, new_holder) or preferred(unit, old_holder))
    for table in HELD:
        unit.execute(update(table).where(table.c.holder_id == old_holder).values(holder_id=new_holder))
    reported = tables.tenancies.c.reported_by == old_holder
    unit.execute(update(tables.tenancies).where(reported).values(reported_by=new_holder))


def prefer(unit: Unit, holder_id: str, channel: str) -> None:
    """On which channel the person wants to be told things first; empty for the one used last."""
    unit.execute(update(tables.holders).where(tables.holders.c.id == holder_id).values(prefers=channel))


def preferred(unit: Unit, holder_id: str) -> str:
    """The channel they asked for; empty if they never did."""
    holders = tables.holders.c
    return unit.execute(select(holders.prefers).where(holders.id == holder_id)).scalar_one_or_none() or ""
