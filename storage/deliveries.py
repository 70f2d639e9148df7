"""The outbox: messages that must reach somebody later. One row, one message, one end."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, select, update

from storage import claims, tables
from storage.conversations import address_index, address_of
from storage.records import Delivery
from storage.unit import Unit

PRIORITIES = {"answer": 0, "notice": 1, "reminder": 2, "broadcast": 3}
WAITING_FOR_THE_PERSON = "no window"
ENDS = frozenset({"sent", "failed", "expired", "suppressed", "replaced"})

_rows = tables.outbox.c


@dataclass(frozen=True, slots=True)
class Terms:
    """How a message wants to be sent. `kind` is its class: answer, notice, reminder or broadcast.

    due_at: not before; not_after: no use any more; topic: what the person may turn off (empty: nothing);
    urgent: quiet hours don't count.
    """

    kind: str = "answer"
    due_at: datetime | None = None
    not_after: datetime | None = None
    topic: str = ""
    urgent: bool = False


ANSWER = Terms()


def enqueue(unit: Unit, key: str, conversation_id: int, message: Any, now: datetime, terms: Terms = ANSWER) -> bool:
    """Write a message that is to be sent; False if the same thing (`key`) is there already, or the account is gone."""
    found = address_of(unit, conversation_id)
    if found is None:
        return False
    channel, address = found
    values = {
        "once_key": key,
        "conversation_id": conversation_id,
        "channel": channel,
        "address_index": address_index(unit, channel, address),
        "kind": terms.kind,
        "priority": PRIORITIES[terms.kind],
        "topic": terms.topic,
        "urgent": terms.urgent,
        "state": "waiting",
        "reason": "",
        "message_sealed": unit.vault.seal_json(message, claims.MESSAGE),
        "attempts": 0,
        "unknown": 0,
        "claim": 0,
        "due_at": terms.due_at or now,
        "not_after": terms.not_after,
        "created_at": now,
    }
    return unit.insert_once(tables.outbox, values)


def confirm(unit: Unit, channel: str, platform_id: str, state: str, reason: str, now: datetime) -> bool:
    """The platform's report on what it had taken; False for one that isn't waited for."""
    reported = and_(_rows.channel == channel, _rows.platform_id == platform_id, _rows.state == "accepted")
    ended = {"state": state, "reason": reason[:64], "ended_at": now}
    return bool(unit.execute(update(tables.outbox).where(reported).values(ended)).rowcount)


def settle(unit: Unit, before: datetime, now: datetime) -> int:
    """What was accepted before that instant and never reported on counts as sent, unconfirmed; how many."""
    silent = and_(_rows.state == "accepted", _rows.accepted_at < before)
    ended = {"state": "sent", "reason": "unconfirmed", "ended_at": now}
    return int(unit.execute(update(tables.outbox).where(silent).values(ended)).rowcount)


def expire(unit: Unit, now: datetime) -> int:
    """End what waits and is of no use any more, also what waits for a person who doesn't write; how many."""
    late = and_(_rows.state == "waiting", _rows.not_after <= now)
    ended = {"state": "expired", "reason": "too late", "ended_at": now}
    return int(unit.execute(update(tables.outbox).where(late).values(ended)).rowcount)


def prune(unit: Unit, before: datetime, limit: int = 5_000) -> int:
    """Forget messages that ended before that instant, with their attempts, some at a time; how many."""
    ended = select(_rows.id).where(_rows.ended_at < before).order_by(_rows.id).limit(limit)
    old = unit.execute(ended).scalars().all()
    attempts = tables.attempts
    unit.execute(delete(attempts).where(attempts.c.outbox_id.in_(old)))
    return int(unit.execute(delete(tables.outbox).where(_rows.id.in_(old))).rowcount)


def release(unit: Unit, conversation_id: int, now: datetime) -> int:
    """What waited for the person to write may go; how many messages."""
    waiting = and_(
        _rows.conversation_id == conversation_id, _rows.state == "waiting", _rows.reason == WAITING_FOR_THE_PERSON
    )
    return int(unit.execute(update(tables.outbox).where(waiting).values(due_at=now, reason="")).rowcount)


def hand_over(unit: Unit, delivery: Delivery, conversation_id: int, reason: str, now: datetime) -> bool:
    """Let another account of the person have the message: a row of its own in place of this one."""
    row = unit.execute(select(tables.outbox).where(_rows.id == delivery.id)).one()
    key = f"{row.once_key.partition('>')[0]}>{conversation_id}"
    terms = Terms(row.kind, now, row.not_after, row.topic, urgent=row.urgent)
    fresh = enqueue(unit, key, conversation_id, delivery.message, now, terms)
    return fresh and claims.end(unit, delivery.id, delivery.claim, "replaced", reason, now)


def counts(unit: Unit) -> dict[tuple[str, str, str], int]:
    """How many messages are in which state, by channel and class."""
    number = func.count().label("number")
    columns = (_rows.channel, _rows.kind, _rows.state)
    found = unit.execute(select(*columns, number).group_by(*columns))
    return {(row.channel, row.kind, row.state): row.number for row in found}


def oldest_waiting(unit: Unit, now: datetime) -> float:
    """How long the oldest due message waits, in seconds."""
    due = and_(_rows.state.in_(("waiting", "claimed")), _rows.due_at <= now)
    oldest: datetime | None = unit.execute(select(func.min(_rows.due_at)).where(due)).scalar_one()
    return 0.0 if oldest is None else max(0.0, (now - oldest).total_seconds())
