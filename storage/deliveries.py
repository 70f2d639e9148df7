"""The outbox: messages that must reach somebody later. One row, one message, one end."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, update

from storage import tables
from storage.conversations import address_index, address_of
from storage.records import Delivery
from storage.unit import Unit

MESSAGE = "outbox.message"
LEASE = timedelta(seconds=60)

_rows = tables.outbox.c


def enqueue(unit: Unit, key: str, conversation_id: int, message: Any, now: datetime, kind: str = "answer") -> bool:
    """Write a message that is to be sent; False if the same thing (`key`) is there already."""
    found = address_of(unit, conversation_id)
    if found is None:
        return False
    channel, address = found
    values = {
        "once_key": key,
        "conversation_id": conversation_id,
        "channel": channel,
        "address_index": address_index(unit, channel, address),
        "kind": kind,
        "state": "waiting",
        "reason": "",
        "message_sealed": unit.vault.seal_json(message, MESSAGE),
        "attempts": 0,
        "claim": 0,
        "due_at": now,
        "created_at": now,
    }
    return unit.insert_once(tables.outbox, values)


def claim(unit: Unit, channel: str, now: datetime, limit: int = 20, address: str | None = None) -> tuple[Delivery, ...]:
    """Take due messages of a channel, also those whose sender died; oldest first.

    Of an address that has just become reachable everything is taken, due or not.
    """
    free = or_(_rows.state == "waiting", (_rows.state == "claimed") & (_rows.lease_until < now))
    due = select(tables.outbox).where(free, _rows.channel == channel)
    if address is None:
        due = due.where(_rows.due_at <= now)
    else:
        due = due.where(_rows.address_index == address_index(unit, channel, address))
    found = unit.execute(due.order_by(_rows.id).limit(limit).with_for_update(skip_locked=True)).all()
    return tuple(taken for row in found if (taken := _take(unit, row, now)) is not None)


def _take(unit: Unit, row: Any, now: datetime) -> Delivery | None:
    held = {"state": "claimed", "claim": row.claim + 1, "attempts": row.attempts + 1, "lease_until": now + LEASE}
    unit.execute(update(tables.outbox).where(_rows.id == row.id, _rows.claim == row.claim).values(held))
    found = address_of(unit, row.conversation_id)
    if found is None:
        end(unit, row.id, row.claim + 1, "suppressed", "address erased", now)
        return None
    message = unit.vault.open_json(row.message_sealed, MESSAGE)
    return Delivery(row.id, row.conversation_id, row.channel, found[1], message, row.attempts + 1, row.claim + 1)


def end(unit: Unit, row: int, claim_number: int, state: str, reason: str, now: datetime) -> bool:
    """Its one end: sent, failed, expired, suppressed or replaced; False if the claim was lost meanwhile."""
    ended = {"state": state, "reason": reason[:64], "ended_at": now, "lease_until": None}
    return bool(unit.execute(_held(row, claim_number).values(ended)).rowcount)


def again(unit: Unit, row: int, claim_number: int, reason: str, due_at: datetime) -> bool:
    """Let it wait until another attempt."""
    waiting = {"state": "waiting", "reason": reason[:64], "due_at": due_at, "lease_until": None}
    return bool(unit.execute(_held(row, claim_number).values(waiting)).rowcount)


def counts(unit: Unit) -> dict[tuple[str, str], int]:
    """How many messages are in which state, by channel."""
    number = func.count().label("number")
    grouped = select(_rows.channel, _rows.state, number).group_by(_rows.channel, _rows.state)
    return {(row.channel, row.state): row.number for row in unit.execute(grouped)}


def _held(row: int, claim_number: int) -> Any:
    return update(tables.outbox).where(_rows.id == row, _rows.claim == claim_number, _rows.state == "claimed")
