"""Claims on the outbox: who sends a message now, each attempt, and its one end."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, insert, or_, select, update

from storage import leases, paused, tables, topics
from storage.conversations import address_index, address_of
from storage.records import Delivery
from storage.unit import Unit

MESSAGE = "outbox.message"
BACK = "they are back"
ASKED = "asked the other copies"
ASKED_LATE = "they are back, asked the other copies"  # so that it is still told that it waited
SENDER_DIED = "the sender died"
LEASE = timedelta(seconds=30)
UNKNOWN_ALLOWED = {"answer": 2, "notice": 2, "reminder": 2, "broadcast": 0, "legal": 0}

_rows = tables.outbox.c
_attempts = tables.attempts.c


def claim(
    unit: Unit, channel: str, now: datetime, limit: int = 20, address: str | None = None, *, quiet: bool = False
) -> tuple[Delivery, ...]:
    """Take due messages of a channel, also those whose sender died; the most pressing first, then the oldest.

    Of an address that has just become reachable also what pauses between two tries is taken. While it is `quiet`
    only answers and urgent messages are taken. A message that is too late, unwanted, or whose outcome was unknown too
    often is ended here; whatever is taken is left alone by others until its lease ends.
    """
    found = unit.execute(_due(unit, channel, now, address, quiet=quiet).limit(limit).with_for_update(skip_locked=True))
    return tuple(taken for row in found.all() if (taken := _take(unit, row, now)) is not None)


def _due(unit: Unit, channel: str, now: datetime, address: str | None, *, quiet: bool) -> Select[Any]:
    due = select(tables.outbox).where(is_free(now), _rows.channel == channel, _rows.bundle == "", paused.may_leave())
    if address is None:
        due = due.where(_rows.due_at <= now, paused.is_next(now))
    else:
        tried = or_(_rows.due_at <= now, _rows.reason != "")  # what is not to be said before its day waits for it
        due = due.where(_rows.address_index == address_index(unit, channel, address), tried)
    if quiet:
        due = due.where(or_(_rows.kind == "answer", _rows.urgent))
    return due.order_by(_rows.priority, _rows.due_at, _rows.id)


def is_free(now: datetime) -> ColumnElement[bool]:
    """Whether nobody holds it. What has ended is left out first, so that the index of the open ones is used."""
    return and_(
        _rows.ended_at.is_(None),
        _rows.state.in_(("waiting", "claimed")),
        or_(_rows.state == "waiting", leases.is_over(_rows.lease_until, now)),
    )


def _take(unit: Unit, row: Any, now: datetime) -> Delivery | None:
    """Claim one row, or end it; an attempt that its dead sender had begun counts as unknown."""
    lost = row.state == "claimed" and row.started_at is not None
    unknown = row.unknown + lost
    held = {
        "state": "claimed", "claim": row.claim + 1, "lease_until": now + LEASE, "started_at": None, "unknown": unknown,
    }  # fmt: skip
    if lost:
        _record(unit, row.id, row.attempts, "unknown", SENDER_DIED, now)
    unit.execute(update(tables.outbox).where(_rows.id == row.id, _rows.claim == row.claim).values(held))
    found = address_of(unit, row.conversation_id)
    ending = ("suppressed", "address erased") if found is None else _ending(unit, row, unknown, now)
    if ending is not None or found is None:
        end(unit, row.id, row.claim + 1, *(ending or ("suppressed", "address erased")), now)
        return None
    return replace(delivery(unit, row), address=found[1], claim=row.claim + 1, unknown=unknown)


def delivery(unit: Unit, row: Any) -> Delivery:
    """A row's message, without its address."""
    message = unit.vault.open_json(row.message_sealed, MESSAGE)
    return Delivery(
        row.id, row.conversation_id, row.channel, "", message, row.attempts, row.claim, row.kind, row.unknown, row.said,
        row.topic, row.reason in {BACK, ASKED_LATE}, row.reason in {ASKED, ASKED_LATE}, row.broadcast_id,
    )  # fmt: skip


def _ending(unit: Unit, row: Any, unknown: int, now: datetime) -> tuple[str, str] | None:
    """Why a message isn't sent any more; None if it is."""
    if unknown > UNKNOWN_ALLOWED[row.kind]:
        return "failed", "unknown"
    if row.not_after is not None and row.not_after <= now:
        return "expired", "too late"
    if row.topic and topics.is_off(unit, row.conversation_id, row.topic):
        return "suppressed", "topic off"
    return None


def begin(unit: Unit, delivery: Delivery, now: datetime) -> Delivery | None:
    """Note that an attempt begins, just before it leaves; None if the claim was lost or its lease is over."""
    number = delivery.attempts + 1
    mine = and_(_held(delivery.id, delivery.claim), _rows.lease_until > now)
    started = update(tables.outbox).where(mine).values(started_at=now, attempts=number)
    if not unit.execute(started).rowcount:
        return None
    values = {"outbox_id": delivery.id, "number": number, "outcome": "begun", "reason": "", "started_at": now}
    unit.execute(insert(tables.attempts), values)
    return replace(delivery, attempts=number)


def is_held(unit: Unit, delivery: Delivery) -> bool:
    """Whether the claim is still this one's."""
    held = select(_rows.id).where(_held(delivery.id, delivery.claim))
    return unit.execute(held.with_for_update()).first() is not None


def begun_at(unit: Unit, delivery: Delivery) -> datetime | None:
    """When the attempt began."""
    this = and_(_attempts.outbox_id == delivery.id, _attempts.number == delivery.attempts)
    return unit.execute(select(_attempts.started_at).where(this)).scalar_one_or_none()


def end(unit: Unit, row: int, claim_number: int, state: str, reason: str, now: datetime) -> bool:
    """Its one end: sent, failed, expired, suppressed or replaced; False if the claim was lost meanwhile."""
    ended = {"state": state, "reason": reason[:64], "ended_at": now, "lease_until": None, "started_at": None}
    return bool(unit.execute(update(tables.outbox).where(_held(row, claim_number)).values(ended)).rowcount)


def finish(unit: Unit, delivery: Delivery, outcome: str, reason: str, now: datetime) -> None:
    """Note how an attempt ended: sent, accepted, refused or unknown."""
    _record(unit, delivery.id, delivery.attempts, outcome, reason, now)


def note_lost(unit: Unit, which: ColumnElement[bool], now: datetime) -> None:
    """Nobody knows the outcome of attempts at these messages that dead senders had begun."""
    lost = select(_rows.id).where(which, _rows.state == "claimed", leases.is_over(_rows.lease_until, now))
    begun = and_(_attempts.outbox_id.in_(lost), _attempts.outcome == "begun")
    values = {"outcome": "unknown", "reason": SENDER_DIED, "ended_at": now}
    unit.execute(update(tables.attempts).where(begun).values(values))


def accept(unit: Unit, delivery: Delivery, platform_id: str, now: datetime) -> bool:
    """The platform took it and will tell later what became of it."""
    accepted = {
        "state": "accepted", "reason": "", "accepted_at": now, "platform_id": platform_id, "lease_until": None,
        "started_at": None,
    }  # fmt: skip
    held = _held(delivery.id, delivery.claim)
    return bool(unit.execute(update(tables.outbox).where(held).values(accepted)).rowcount)


def again(
    unit: Unit, delivery: Delivery, reason: str, due_at: datetime, *, unknown: bool = False, said: int = 0
) -> bool:
    """Let it wait until another attempt; an attempt with an unknown outcome is counted, what was said is kept."""
    waiting = {
        "state": "waiting", "reason": reason[:64], "due_at": due_at, "lease_until": None, "started_at": None,
        "unknown": delivery.unknown + unknown, "said": max(delivery.said, said),
    }  # fmt: skip
    held = _held(delivery.id, delivery.claim)
    return bool(unit.execute(update(tables.outbox).where(held).values(waiting)).rowcount)


def _record(unit: Unit, row: int, number: int, outcome: str, reason: str, now: datetime) -> None:
    mine = and_(_attempts.outbox_id == row, _attempts.number == number, _attempts.outcome == "begun")
    values = {"outcome": outcome, "reason": reason[:64], "ended_at": now}
    unit.execute(update(tables.attempts).where(mine).values(values))


def _held(row: int, claim_number: int) -> Any:
    return and_(_rows.id == row, _rows.claim == claim_number, _rows.state == "claimed")
