"""Many messages at once: where each person is told things, and the outbox's rows, by one statement each."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, select
from sqlalchemy.dialects import postgresql, sqlite

from storage import tables
from storage.conversations import PAGES
from storage.deliveries import Terms, row
from storage.records import Address
from storage.unit import Unit

_rows = tables.conversations.c
_COLUMNS = (
    _rows.id.label("conversation_id"), _rows.channel, _rows.reach, _rows.language, _rows.holder_id, _rows.address_index,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Written:
    """A message that is to be sent: its key, where to, what it says as JSON values, how it wants to be sent."""

    key: str
    address: Address
    message: Any
    terms: Terms


def preferred(unit: Unit, holders: Collection[str]) -> dict[str, Address]:
    """The account on which each of these people is told things, where they have one.

    The one they prefer, else the one used last, of those that can be reached; pages, which close, come last. Where
    none can be reached the first all the same.
    """
    prefers = select(tables.holders.c.prefers).where(tables.holders.c.id == _rows.holder_id).scalar_subquery()
    order = case((_rows.channel == prefers, 0), (_rows.channel.in_(PAGES), 2), else_=1)
    theirs = select(*_COLUMNS).where(_rows.holder_id.in_(holders))
    found: dict[str, Address] = {}
    for one in _found(unit, theirs.order_by(order, _rows.updated_at.desc(), _rows.id)) if holders else ():
        first = found.setdefault(one.holder_id, one)
        if first.reach != "reachable" and one.reach == "reachable":
            found[one.holder_id] = one
    return found


def addresses(unit: Unit, conversation_ids: Collection[int]) -> dict[int, Address]:
    """Accounts by their number; those that were erased are missing."""
    wanted = select(*_COLUMNS).where(_rows.id.in_(conversation_ids))
    return {one.conversation_id: one for one in _found(unit, wanted)} if conversation_ids else {}


def enqueue(unit: Unit, written: Sequence[Written], now: datetime) -> frozenset[str]:
    """Write messages that are to be sent; the keys of those that weren't there already."""
    if not written:
        return frozenset()
    insert = postgresql.insert if unit.is_postgres else sqlite.insert
    once = insert(tables.outbox).on_conflict_do_nothing().returning(tables.outbox.c.once_key)
    rows = [row(unit, one.key, one.address, one.message, now, one.terms) for one in written]
    return frozenset(unit.connection.execute(once, rows).scalars())


def _found(unit: Unit, wanted: Select[Any]) -> list[Address]:
    return [Address(**found._asdict()) for found in unit.execute(wanted)]
