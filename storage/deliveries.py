"""The outbox: messages that must reach somebody later. One row, one message, one end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, delete, exists, func, or_, select, true, update

from storage import claims, paused, tables, tallies
from storage.conversations import address_index, address_of, holder_of, of_holder
from storage.records import Address, Delivery
from storage.unit import Unit

PRIORITIES = {"answer": 0, "notice": 1, "reminder": 2, "broadcast": 3, "legal": 4}
WAITING_FOR_THE_PERSON = "no window"
QUOTA = "the platform's quota is used up"
ENDS = frozenset(tallies.ENDS)

_rows = tables.outbox.c


@dataclass(frozen=True, slots=True)
class Terms:
    """How a message wants to be sent. `kind` is its class: answer, notice, reminder, broadcast or legal.

    due_at: not before; not_after: no use any more; topic: what the person may turn off (empty: nothing);
    urgent: quiet hours don't count; broadcast_id, recipient_id: which broadcast it is part of, and whose row there.
    """

    kind: str = "answer"
    due_at: datetime | None = None
    not_after: datetime | None = None
    topic: str = ""
    urgent: bool = False
    broadcast_id: int | None = None
    recipient_id: int | None = None


@dataclass(frozen=True, slots=True)
class Reported:
    """A message that the platform had accepted: its number, account, class, and attempts so far."""

    id: int
    conversation_id: int
    kind: str
    attempts: int


ANSWER = Terms()


def enqueue(unit: Unit, key: str, conversation_id: int, message: Any, now: datetime, terms: Terms = ANSWER) -> bool:
    """Write a message that is to be sent; False if the same thing (`key`) is there already, or the account is gone."""
    found = address_of(unit, conversation_id)
    if found is None:
        return False
    holder_id, index = holder_of(unit, conversation_id), address_index(unit, *found)
    address = Address(conversation_id, found[0], "reachable", "", holder_id, index)
    return unit.insert_once(tables.outbox, row(unit, key, address, message, now, terms))


def row(unit: Unit, key: str, address: Address, message: Any, now: datetime, terms: Terms) -> dict[str, Any]:
    """The columns of a message that is to be sent, sealed."""
    return {
        "once_key": key,
        "conversation_id": address.conversation_id,
        "channel": address.channel,
        "address_index": address.address_index,
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
        "holder_id": address.holder_id,
        "broadcast_id": terms.broadcast_id,
        "recipient_id": terms.recipient_id,
    }


def accepted(unit: Unit, channel: str, address: str, platform_id: str) -> Reported | None:
    """The oldest message of an address that waits for a report of that id; None for no such message."""
    mine = and_(_rows.channel == channel, _rows.address_index == address_index(unit, channel, address))
    reported = and_(mine, _rows.platform_id == platform_id, _rows.state == "accepted")
    columns = (_rows.id, _rows.conversation_id, _rows.kind, _rows.attempts)
    row = unit.execute(select(*columns).where(reported).order_by(_rows.id).limit(1)).one_or_none()
    return None if row is None else Reported(**row._asdict())


def is_leaving(unit: Unit, channel: str, address: str, now: datetime) -> bool:
    """Whether a message to that address, or one to many, is just being handed to the platform."""
    theirs = or_(_rows.address_index == address_index(unit, channel, address), _rows.bundle != "")
    begun = and_(
        _rows.ended_at.is_(None), _rows.state == "claimed", _rows.started_at.is_not(None), _rows.lease_until > now
    )
    leaving = exists().where(_rows.channel == channel, begun, theirs)
    return bool(unit.execute(select(leaving)).scalar_one())


def is_reported_on(unit: Unit, channel: str, platform_id: str) -> bool:
    """Whether messages are known under the id that the platform gave them."""
    known = exists().where(_rows.channel == channel, _rows.platform_id == platform_id)
    return bool(unit.execute(select(known)).scalar_one())


def confirm(unit: Unit, number: int, state: str, reason: str, now: datetime) -> bool:
    """The end of an accepted message, as the platform reports it; False if it has ended already."""
    waiting = and_(_rows.id == number, _rows.state == "accepted")
    ended = {"state": state, "reason": reason[:64], "ended_at": now}
    return bool(unit.execute(update(tables.outbox).where(waiting).values(ended)).rowcount)


def confirm_all(unit: Unit, channel: str, platform_id: str, state: str, reason: str, now: datetime) -> int:
    """The end of all messages that left under one id; how many."""
    reported = and_(_rows.channel == channel, _rows.platform_id == platform_id, _rows.state == "accepted")
    ended = {"state": state, "reason": reason[:64], "ended_at": now}
    return int(unit.execute(update(tables.outbox).where(reported).values(ended)).rowcount)


def take_back(unit: Unit, number: int, reason: str, due_at: datetime) -> bool:
    """What the platform had accepted and could not deliver waits for another attempt."""
    undelivered = and_(_rows.id == number, _rows.state == "accepted")
    waiting = {"state": "waiting", "reason": reason[:64], "due_at": due_at, "platform_id": None, "accepted_at": None}
    return bool(unit.execute(update(tables.outbox).where(undelivered).values(waiting)).rowcount)


def settle(unit: Unit, before: datetime, now: datetime) -> int:
    """What was accepted before that instant and never reported on counts as sent, unconfirmed; how many."""
    silent = and_(_rows.ended_at.is_(None), _rows.state == "accepted", _rows.accepted_at < before)
    ended = {"state": "sent", "reason": "unconfirmed", "ended_at": now}
    return int(unit.execute(update(tables.outbox).where(silent).values(ended)).rowcount)


def expire(unit: Unit, now: datetime) -> int:
    """End what waits and is of no use any more, also what waits for a person who doesn't write; how many."""
    late = and_(_rows.state == "waiting", _rows.not_after <= now)
    ended = {"state": "expired", "reason": "too late", "ended_at": now}
    return int(unit.execute(update(tables.outbox).where(late).values(ended)).rowcount)


def prune(unit: Unit, before: datetime, limit: int = 5_000) -> int:
    """Forget messages that ended before that instant, with their attempts, some at a time; how many."""
    is_old = and_(_rows.state.in_(ENDS), _rows.ended_at < before)
    ended = select(_rows.id).where(is_old).order_by(_rows.ended_at).limit(limit)
    old = unit.execute(ended.with_for_update(skip_locked=True)).scalars().all()
    tallies.keep_ends(unit, old)
    tallies.keep_attempts(unit, old)
    attempts = tables.attempts
    unit.execute(delete(attempts).where(attempts.c.outbox_id.in_(old)))
    return int(unit.execute(delete(tables.outbox).where(_rows.id.in_(old))).rowcount)


def release(unit: Unit, conversation_id: int, now: datetime, holder: str = "") -> int:
    """What waited for the person to write, on this or another account of theirs, may go to this one; how many.

    holder: whose account it turns out to be in this very message.
    """
    found = address_of(unit, conversation_id)
    if found is None:
        return 0
    here = {"conversation_id": conversation_id, "channel": found[0], "address_index": address_index(unit, *found)}
    elsewhere = _rows.conversation_id != conversation_id
    said = case((elsewhere, 0), else_=_rows.said)  # parts said on another account weren't heard on this one
    free = {"due_at": now, "reason": claims.BACK, "said": said, **here}
    waiting = and_(
        _rows.conversation_id.in_(_accounts(unit, conversation_id, holder or holder_of(unit, conversation_id))),
        _rows.state == "waiting",
        _rows.reason.in_((WAITING_FOR_THE_PERSON, QUOTA)),
    )
    return int(unit.execute(update(tables.outbox).where(waiting).values(free)).rowcount)


def _accounts(unit: Unit, conversation_id: int, holder: str) -> list[int]:
    """The person's accounts, this one among them."""
    others = [account.conversation_id for account in of_holder(unit, holder)] if holder else []
    return [conversation_id, *others]


def drop(unit: Unit, key: str, reason: str, now: datetime) -> bool:
    """What still waits under that key, or was handed over from it, needn't be said any more."""
    same = or_(_rows.once_key == key, _rows.once_key.startswith(f"{key}>", autoescape=True))
    ended = {"state": "suppressed", "reason": reason[:64], "ended_at": now, "claim": _rows.claim + 1}
    return bool(unit.execute(update(tables.outbox).where(same, _rows.state == "waiting").values(ended)).rowcount)


def take_away(unit: Unit, key: str, reason: str, now: datetime) -> bool:
    """What waits under exactly that key needn't be said; False where it has left, is leaving, or was handed over."""
    waits = and_(_rows.once_key == key, _rows.state == "waiting")
    ended = {"state": "suppressed", "reason": reason[:64], "ended_at": now, "claim": _rows.claim + 1}
    return bool(unit.execute(update(tables.outbox).where(waits).values(ended)).rowcount)


def hand_over(unit: Unit, delivery: Delivery, conversation_id: int, reason: str, now: datetime) -> bool:
    """Let another account of the person have the message, once each: a row of its own in place of this one."""
    row = unit.execute(select(tables.outbox).where(_rows.id == delivery.id)).one()
    begun = row.once_key.partition(">")[0]
    if _first_account(unit, begun) == conversation_id or not claims.is_held(unit, delivery):
        return False
    terms = Terms(row.kind, now, row.not_after, row.topic, row.urgent, row.broadcast_id, row.recipient_id)
    fresh = enqueue(unit, f"{begun}>{conversation_id}", conversation_id, delivery.message, now, terms)
    return fresh and claims.end(unit, delivery.id, delivery.claim, "replaced", reason, now)


def _first_account(unit: Unit, key: str) -> int | None:
    """Where a message was to go at first."""
    return unit.execute(select(_rows.conversation_id).where(_rows.once_key == key)).scalar_one_or_none()


def move(unit: Unit, conversation_id: int, to: int, now: datetime) -> None:
    """What waits at one account waits at another of the person instead, from its first part, not before its day."""
    found = address_of(unit, to)
    if found is not None:
        waiting = and_(_rows.conversation_id == conversation_id, _rows.state == "waiting")
        there = {"conversation_id": to, "channel": found[0], "address_index": address_index(unit, *found)}
        due_at = case((_rows.reason != "", now), else_=_rows.due_at)
        values = {"due_at": due_at, "reason": "", "bundle": "", "said": 0, "claim": _rows.claim + 1, **there}
        unit.execute(update(tables.outbox).where(waiting).values(values))


def wipe(unit: Unit, conversation_id: int, reason: str, now: datetime) -> None:
    """An account is erased: what has no end yet has failed, and nothing of what was said there is kept."""
    mine = _rows.conversation_id == conversation_id
    claims.note_lost(unit, mine, now)
    ended = {"state": "failed", "reason": reason, "ended_at": now, "lease_until": None, "claim": _rows.claim + 1}
    unit.execute(update(tables.outbox).where(mine, _rows.state.not_in(ENDS)).values(ended))
    unit.execute(update(tables.outbox).where(mine).values(message_sealed=b"", address_index=b""))


def states(unit: Unit, keys: Sequence[str]) -> dict[str, tuple[str, str]]:
    """State and reason of the messages under these keys."""
    found = unit.execute(select(_rows.once_key, _rows.state, _rows.reason).where(_rows.once_key.in_(keys)))
    return {row.once_key: (row.state, row.reason) for row in found}


def counts(unit: Unit) -> dict[tuple[str, str, str], int]:
    """How many messages are in which state, by channel and class."""
    number = func.count().label("number")
    columns = (_rows.channel, _rows.kind, _rows.state)
    found = unit.execute(select(*columns, number).group_by(*columns))
    return {(row.channel, row.kind, row.state): row.number for row in found}


def open_counts(unit: Unit) -> dict[tuple[str, str, str], int]:
    """The same of those that have no end yet, which doesn't take longer the longer the history is."""
    columns = (_rows.channel, _rows.kind, _rows.state)
    wanted = select(*columns, func.count().label("number")).where(_rows.ended_at.is_(None)).group_by(*columns)
    return {(row.channel, row.kind, row.state): row.number for row in unit.execute(wanted)}


def oldest_waiting(unit: Unit, now: datetime, *, quiet: bool = False) -> float:
    """How long the oldest message waits that is due and may leave, in seconds; while it is `quiet` few may."""
    due = and_(_rows.ended_at.is_(None), _rows.state.in_(("waiting", "claimed")), _rows.due_at <= now)
    leaving = and_(due, paused.may_leave(), or_(_rows.kind == "answer", _rows.urgent) if quiet else true())
    oldest: datetime | None = unit.execute(select(func.min(_rows.due_at)).where(leaving)).scalar_one()
    return 0.0 if oldest is None else max(0.0, (now - oldest).total_seconds())
