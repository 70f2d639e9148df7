"""A broadcast's people: frozen at its start, put into the outbox some at a time, and what became of each.

Each row has one state: waiting (not in the outbox yet), queued (in the outbox), sent, failed, expired, suppressed,
stopped, or left_out (never meant to leave, with the reason). So the states always add up to the audience.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage import audiences, claims, tables
from storage.audiences import Terms
from storage.broadcasts import Broadcast
from storage.bundles import CALL
from storage.deliveries import ENDS, PRIORITIES
from storage.unit import Unit

STATES = ("waiting", "queued", "sent", "failed", "expired", "suppressed", "stopped", "left_out")
SOON = timedelta(minutes=1)
MANY_UNREADABLE = 2_000
STOPPED = "stopped"
UNSENDABLE = ("unknown", "the platform's review refused it")  # may have arrived, or would be refused again

_rows = tables.broadcast_rows.c
_out = tables.outbox.c
_casts = tables.broadcasts.c
_owners = tables.conversations.c


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who is to hear a broadcast now; round: how often it was tried anew."""

    id: int
    person: str
    conversation_id: int
    channel: str
    language: str
    round: int


@dataclass(frozen=True, slots=True)
class Said:
    """What is put into the outbox for one of them; None: nothing can be said, with the reason."""

    recipient: Recipient
    message: Any | None
    reason: str = ""


Compose = Callable[[Unit, Sequence[Recipient]], Sequence[Said]]


def freeze(unit: Unit, broadcast: Broadcast, terms: Terms, upto: int) -> int:
    """Write down the people up to a number of account; how many are new. The same again adds nobody."""
    part = audiences.within(terms, broadcast.frozen_to, upto).subquery()
    columns = (
        literal(broadcast.id, tables.Key),
        part.c.person,
        part.c.account,
        part.c.channel,
        part.c.language,
        case((part.c.out == "", "waiting"), else_="left_out"),
        part.c.out,
    )
    names = ("broadcast_id", "person", "conversation_id", "channel", "language", "state", "reason")
    into = postgresql.insert if unit.is_postgres else sqlite.insert
    chosen = select(*columns).where(part.c.first > broadcast.frozen_to)  # SQLite wants a WHERE before ON CONFLICT
    added = into(tables.broadcast_rows).from_select(names, chosen).on_conflict_do_nothing()
    number = len(unit.execute(added.returning(_rows.id)).all())
    moved = {"frozen_to": upto, "total": _casts.total + number}
    unit.execute(update(tables.broadcasts).where(_casts.id == broadcast.id).values(moved))
    return number


def feed(unit: Unit, broadcast: Broadcast, channel: str, wanted: int, compose: Compose, now: datetime) -> int:
    """Put the next people of a channel into the outbox, so many at most; how many."""
    to_do = and_(_rows.broadcast_id == broadcast.id, _rows.state == "waiting", _rows.channel == channel)
    to_do = and_(to_do, _rows.reason == "")  # always so, and then the index gives them in order
    some = select(tables.broadcast_rows).where(to_do).order_by(_rows.id).limit(wanted)
    found = [_recipient(row) for row in unit.execute(some.with_for_update(skip_locked=True))]
    if found:
        _put(unit, broadcast, compose(unit, found), now)
    return len(found)


def settle(unit: Unit, broadcast_id: int, limit: int) -> int:
    """Write down the ends of its messages; how many messages were looked at."""
    ended = select(_out.id).where(_out.broadcast_id == broadcast_id, _out.state.in_(ENDS)).limit(limit)
    ids = list(unit.execute(ended).scalars())
    if ids:
        whose = and_(_rows.id == _out.recipient_id, _out.id.in_(ids), _out.state != "replaced", _rows.state == "queued")
        told = {
            "state": case((_out.reason == STOPPED, STOPPED), else_=_out.state),
            "reason": _out.reason,
            "sent_at": _out.ended_at,
            "channel": _out.channel,
            "conversation_id": _out.conversation_id,
        }
        unit.execute(update(tables.broadcast_rows).where(whose).values(told))
        unit.execute(update(tables.outbox).where(_out.id.in_(ids)).values(broadcast_id=None))
    return len(ids)


def withdraw(unit: Unit, broadcast_id: int, reason: str, now: datetime, limit: int) -> int:
    """End what has not left yet, in the outbox and before it; how many. A call to many that was made is not undone."""
    state = "expired" if reason != STOPPED else STOPPED
    free = and_(_out.broadcast_id == broadcast_id, _out.state == "waiting", ~_out.bundle.startswith(CALL))
    some = select(_out.id).where(free).limit(limit)
    end = "suppressed" if reason == STOPPED else "expired"
    ended = {"state": end, "reason": reason, "ended_at": now, "claim": _out.claim + 1}
    number = int(unit.execute(update(tables.outbox).where(_out.id.in_(some), free).values(ended)).rowcount)
    unsaid = select(_rows.id).where(_rows.broadcast_id == broadcast_id, _rows.state == "waiting").limit(limit)
    values = {"state": state, "reason": reason}
    return number + int(unit.execute(update(tables.broadcast_rows).where(_rows.id.in_(unsaid)).values(values)).rowcount)


def retry(unit: Unit, broadcast_id: int) -> int:
    """Let those try again where that may help: the account can be reached, and nothing is likely to have arrived."""
    reachable = select(_owners.id).where(_owners.reach == "reachable")
    failed = and_(_rows.broadcast_id == broadcast_id, _rows.state == "failed", _rows.reason.not_in(UNSENDABLE))
    again = {"state": "waiting", "reason": "", "round": _rows.round + 1, "sent_at": None}
    wanted = and_(failed, _rows.conversation_id.in_(reachable))
    return int(unit.execute(update(tables.broadcast_rows).where(wanted).values(again)).rowcount)


def retryable(unit: Unit, broadcast_id: int) -> int:
    """For how many that would help."""
    reachable = select(_owners.id).where(_owners.reach == "reachable")
    failed = and_(_rows.broadcast_id == broadcast_id, _rows.state == "failed", _rows.reason.not_in(UNSENDABLE))
    wanted = select(func.count()).select_from(tables.broadcast_rows)
    return int(unit.execute(wanted.where(failed, _rows.conversation_id.in_(reachable))).scalar_one())


def counts(unit: Unit, broadcast_id: int) -> dict[tuple[str, str, str], int]:
    """How many are in which state, by channel and reason, as of one moment."""
    keys = (_rows.state, _rows.channel, _rows.reason)
    found = unit.execute(
        select(*keys, func.count().label("number")).where(_rows.broadcast_id == broadcast_id).group_by(*keys)
    )
    return {(row.state, row.channel, row.reason): row.number for row in found}


def waiting_for_people(unit: Unit, broadcast_id: int, now: datetime) -> Mapping[str, int]:
    """Of those in the outbox: how many wait until their person writes, and how many the platform has taken."""
    later = and_(_out.state == "waiting", _out.due_at > now + SOON)
    of_it = _out.broadcast_id == broadcast_id
    sums = {
        "until_written": select(func.count()).select_from(tables.outbox).where(of_it, later),
        "accepted": select(func.count()).select_from(tables.outbox).where(of_it, _out.state == "accepted"),
    }
    return {name: int(unit.execute(wanted).scalar_one()) for name, wanted in sums.items()}


def is_all_said(unit: Unit, broadcast_id: int, now: datetime) -> bool:
    """Whether nothing is left to do but what waits for people to write, or for the platform's report."""
    to_do = select(_rows.id).where(_rows.broadcast_id == broadcast_id, _rows.state == "waiting").limit(1)
    due = and_(_out.state.in_(("waiting", "claimed")), _out.due_at <= now + SOON)
    leaving = select(_out.id).where(_out.broadcast_id == broadcast_id, due).limit(1)
    unsettled = select(_out.id).where(_out.broadcast_id == broadcast_id, _out.state.in_(ENDS)).limit(1)
    return all(unit.execute(wanted).first() is None for wanted in (to_do, leaving, unsettled))


def is_over(unit: Unit, broadcast_id: int) -> bool:
    """Whether everybody has an end."""
    to_do = and_(_rows.broadcast_id == broadcast_id, _rows.state.in_(("waiting", "queued")))
    return unit.execute(select(_rows.id).where(to_do).limit(1)).first() is None


def due(unit: Unit, broadcast_id: int, channel: str, now: datetime) -> int:
    """How many of its messages are in the outbox and not put aside for a message to many, or for later.

    What can't be read takes nobody's room: it waits for its end, and there may be many.
    """
    readable = and_(_due(broadcast_id, channel, now), _out.reason != claims.UNREADABLE)
    return int(unit.execute(select(func.count()).select_from(tables.outbox).where(readable)).scalar_one())


def has_many_unreadable(unit: Unit, broadcast_id: int, channel: str, now: datetime) -> bool:
    """Whether so many of these can't be read that no more should be put beside them until they have their end."""
    unread = and_(_due(broadcast_id, channel, now), _out.reason == claims.UNREADABLE)
    some = select(_out.id).where(unread).limit(MANY_UNREADABLE).subquery()
    return int(unit.execute(select(func.count()).select_from(some)).scalar_one()) == MANY_UNREADABLE


def _due(broadcast_id: int, channel: str, now: datetime) -> ColumnElement[bool]:
    here = and_(_out.broadcast_id == broadcast_id, _out.channel == channel, _out.bundle == "")
    return and_(here, _out.state.in_(("waiting", "claimed")), _out.due_at <= now + SOON)


def _put(unit: Unit, broadcast: Broadcast, said: Sequence[Said], now: datetime) -> None:
    owners = select(_owners.id, _owners.address_index, _owners.holder_id)
    ids = [one.recipient.conversation_id for one in said]
    known = {row.id: row for row in unit.execute(owners.where(_owners.id.in_(ids)))}
    gone = [one.recipient.id for one in said if one.recipient.conversation_id not in known]
    nothing = [one for one in said if one.message is None and one.recipient.id not in gone]
    sendable = [one for one in said if one.message is not None and one.recipient.conversation_id in known]
    values = [_values(unit, broadcast, one, known[one.recipient.conversation_id], now) for one in sendable]
    if values:
        into = postgresql.insert if unit.is_postgres else sqlite.insert
        unit.connection.execute(into(tables.outbox).on_conflict_do_nothing(), values)
    _mark(unit, [one.recipient.id for one in sendable], "queued", "", None)
    _mark(unit, gone, "suppressed", "address erased", now)
    for one in nothing:
        _mark(unit, [one.recipient.id], "suppressed", one.reason, now)


def _mark(unit: Unit, ids: Sequence[int], state: str, reason: str, at: datetime | None) -> None:
    if ids:
        values = {"state": state, "reason": reason, "sent_at": at}
        unit.execute(update(tables.broadcast_rows).where(_rows.id.in_(ids)).values(values))


def _values(unit: Unit, broadcast: Broadcast, one: Said, owner: Any, now: datetime) -> dict[str, Any]:
    recipient = one.recipient
    return {
        "once_key": f"cast:{recipient.id}:{recipient.round}",
        "conversation_id": recipient.conversation_id,
        "channel": recipient.channel,
        "address_index": owner.address_index,
        "kind": "broadcast",
        "priority": PRIORITIES["broadcast"],
        "topic": audiences.NEWS,
        "urgent": broadcast.urgent,
        "state": "waiting",
        "reason": "",
        "message_sealed": unit.vault.seal_json(one.message, claims.MESSAGE),
        "attempts": 0,
        "unknown": 0,
        "claim": 0,
        "due_at": now,
        "not_after": broadcast.not_after,
        "created_at": now,
        "holder_id": owner.holder_id,
        "broadcast_id": broadcast.id,
        "recipient_id": recipient.id,
    }


def _recipient(row: Any) -> Recipient:
    return Recipient(row.id, row.person, row.conversation_id, row.channel, row.language, row.round)
