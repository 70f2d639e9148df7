"""Claims on the outbox: who sends a message now, each attempt, and its one end."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Executable,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    func,
    insert,
    literal_column,
    or_,
    select,
    union_all,
    update,
)

from storage import leases, paused, tables, talk_rows, topics
from storage.among import among
from storage.conversations import address_index
from storage.records import Delivery
from storage.unit import Unit

MESSAGE = "outbox.message"
BACK = "they are back"
ASKED = "asked the other copies"
ASKED_LATE = "they are back, asked the other copies"  # so that it is still told that it waited
SENDER_DIED = "the sender died"
LEASE = timedelta(seconds=30)
UNKNOWN_ALLOWED = {"answer": 2, "notice": 2, "reminder": 2, "broadcast": 0, "legal": 0}
ERASED = ("suppressed", "address erased")
UNREADABLE = "unreadable"
LOOKED_AT_AGAIN = timedelta(minutes=1)
LOOKS = 60  # an hour in which a copy can read it that has the key, or gets it back, or is of a newer version
CLASSES = (0, 1, 2, 3, 4)  # `deliveries.PRIORITIES`

_rows = tables.outbox.c
_at = bindparam("at", type_=tables.Instant())
_OVER = or_(_rows.lease_until <= _at, _rows.lease_until > bindparam("never", type_=tables.Instant()))
_IN_ORDER = (_rows.priority, _rows.due_at, _rows.id)
_MAY_LEAVE = and_(_rows.ended_at.is_(None), literal_column("outbox.bundle = ''"))  # word by word as its index has it
_attempts = tables.attempts.c


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A message that couldn't be opened, or is of an unknown class, and why."""

    id: int
    kind: str
    fault: Exception


@dataclass(frozen=True, slots=True)
class Claimed:
    """Messages to be sent; and those that can't be, which hold up no other: to be told."""

    deliveries: tuple[Delivery, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()


def claim(
    unit: Unit, channel: str, now: datetime, limit: int = 20, address: str | None = None, *, quiet: bool = False
) -> tuple[Delivery, ...]:
    """What `take` takes, for whoever tells nobody of what can't be read."""
    return take(unit, channel, now, limit, address, quiet=quiet).deliveries


def take(
    unit: Unit, channel: str, now: datetime, limit: int = 20, address: str | None = None, *, quiet: bool = False
) -> Claimed:
    """Take due messages of a channel, also those whose sender died; the most pressing first, then the oldest.

    Of an address that has just become reachable also what pauses between two tries is taken. While it is `quiet`
    only answers and urgent messages are taken. A message that is too late, unwanted, or whose outcome was unknown too
    often is ended here; whatever is taken is left alone by others until its lease ends. One that can't be read is
    looked at again each minute, for another copy may be able to; after some sixty of these it has failed.
    """
    moments = {"at": now, "soon": now + paused.SOON, "never": now + leases.WRONG}
    bound: dict[str, Any] = {"channel": channel, "most": limit, **moments}
    due: Executable = _DUE[quiet]
    if address is not None:
        due, bound["address"] = _DUE_THERE[quiet], address_index(unit, channel, address)
    ids = unit.execute(due, bound).scalars().all()
    rows = unit.execute(_FREE, {"some": ids, "most": limit, **moments}).all() if ids else ()
    if not rows:
        return Claimed()
    for row in rows:
        if _is_lost(row):
            _record(unit, row.id, row.attempts, "unknown", SENDER_DIED, now)
    unit.execute(_HOLD, {"some": [row.id for row in rows], "over": now + LEASE})
    return _wanted(unit, rows, now)


def is_free(now: datetime) -> ColumnElement[bool]:
    """Whether nobody holds it. What has ended is left out first, so that the index of the open ones is used."""
    return _free(leases.is_over(_rows.lease_until, now))


def _free(lease_is_over: ColumnElement[bool], state: ColumnElement[str] = _rows.state) -> ColumnElement[bool]:
    open_ones = state.in_(("waiting", "claimed"))
    return and_(_rows.ended_at.is_(None), open_ones, or_(state == "waiting", lease_is_over))


def _wanted(unit: Unit, rows: Sequence[Any], now: datetime) -> Claimed:
    """What was claimed and is to be sent; the rest has ended, or waits."""
    off = topics.off_of(unit, {(row.conversation_id, row.topic) for row in rows if row.topic})
    wanted, unreadable = [], []
    for row in rows:
        try:
            found = _opened(unit, row, off, now)
        except Exception as fault:  # noqa: BLE001 -- told by whom it is returned to
            _leave_unread(unit, row, now)
            unreadable.append(Unreadable(row.id, row.kind, fault))
            continue
        if isinstance(found, Delivery):
            wanted.append(found)
        else:
            end(unit, row.id, row.claim + 1, *found, now)
    return Claimed(tuple(wanted), tuple(unreadable))


def _opened(unit: Unit, row: Any, off: Collection[tuple[int, str]], now: datetime) -> Delivery | tuple[str, str]:
    """A claimed row as it is to be sent, or its end. Asks nothing of the database."""
    unknown = row.unknown + _is_lost(row)
    ending = ERASED if row.address_sealed is None else _ending(row, unknown, off, now)
    return ending or _delivery(unit, row, talk_rows.address_in(unit, row), row.claim + 1, unknown)


def _leave_unread(unit: Unit, row: Any, now: datetime) -> None:
    if row.reason == UNREADABLE and row.claim >= LOOKS:
        end(unit, row.id, row.claim + 1, "failed", UNREADABLE, now)
    else:
        waiting = {"state": "waiting", "reason": UNREADABLE, "due_at": now + LOOKED_AT_AGAIN, "lease_until": None}
        unit.execute(update(tables.outbox).where(_held(row.id, row.claim + 1)).values(waiting))


def _is_lost(row: Any) -> bool:
    """Whether its dead sender had begun an attempt, whose outcome nobody knows."""
    return bool(row.state == "claimed" and row.begun)


def delivery(unit: Unit, row: Any) -> Delivery:
    """A row's message, without its address."""
    return _delivery(unit, row, "", row.claim, row.unknown)


def _delivery(unit: Unit, row: Any, address: str, claim: int, unknown: int) -> Delivery:
    message = unit.vault.open_json(row.message_sealed, MESSAGE)
    return Delivery(
        row.id, row.conversation_id, row.channel, address, message, row.attempts, claim, row.kind, unknown, row.said,
        row.topic, row.reason in {BACK, ASKED_LATE}, row.reason in {ASKED, ASKED_LATE}, row.broadcast_id,
    )  # fmt: skip


def _ending(row: Any, unknown: int, off: Collection[tuple[int, str]], now: datetime) -> tuple[str, str] | None:
    """Why a message isn't sent any more; None if it is."""
    if unknown > UNKNOWN_ALLOWED[row.kind]:
        return "failed", "unknown"
    if row.not_after is not None and row.not_after <= now:
        return "expired", "too late"
    if (row.conversation_id, row.topic) in off:
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


def finish(unit: Unit, delivery: Delivery, outcome: str, reason: str, now: datetime) -> bool:
    """Note how an attempt ended: sent, accepted, refused or unknown; False if that was noted before."""
    return _record(unit, delivery.id, delivery.attempts, outcome, reason, now)


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


def _record(unit: Unit, row: int, number: int, outcome: str, reason: str, now: datetime) -> bool:
    mine = and_(_attempts.outbox_id == row, _attempts.number == number, _attempts.outcome == "begun")
    values = {"outcome": outcome, "reason": reason[:64], "ended_at": now}
    return bool(unit.execute(update(tables.attempts).where(mine).values(values)).rowcount)


def _held(row: int, claim_number: int) -> Any:
    return and_(_rows.id == row, _rows.claim == claim_number, _rows.state == "claimed")


def _due(*, quiet: bool) -> CompoundSelect[tuple[int]]:
    """Which are due, found in order by the index of what may leave, one class after another."""
    left_behind = and_(_rows.state == "claimed", _OVER)
    classes = [and_(_rows.state == "waiting", _rows.priority == one) for one in CLASSES]
    here = (*_may_leave(quiet=quiet), _rows.due_at <= _at, paused.is_next(bindparam("soon", type_=tables.Instant())))
    return union_all(*(select(_first(*here, which).subquery()) for which in (*classes, left_behind)))


def _due_there(*, quiet: bool) -> Select[tuple[int]]:
    """The same of one address; what is not to be said before its day waits for it, what was tried doesn't.

    What can't be read waits for its minute: the person being there makes it no more readable.
    """
    tried = _rows.reason.not_in(("", UNREADABLE))
    theirs = and_(_rows.address_index == bindparam("address"), or_(_rows.due_at <= _at, tried))
    return _first(*_may_leave(quiet=quiet), theirs, _free(_OVER))


def _may_leave(*, quiet: bool) -> Sequence[ColumnElement[bool]]:
    here = (_MAY_LEAVE, _rows.channel == bindparam("channel"), paused.may_leave())
    return (*here, or_(_rows.kind == "answer", _rows.urgent)) if quiet else here


def _first(*which: ColumnElement[bool]) -> Select[tuple[int]]:
    return select(_rows.id).where(*which).order_by(*_IN_ORDER).limit(bindparam("most", type_=Integer()))


_DUE = {quiet: _due(quiet=quiet) for quiet in (False, True)}
_DUE_THERE = {quiet: _due_there(quiet=quiet) for quiet in (False, True)}
_STATE = func.coalesce(_rows.state, "")  # no way in: without it SQLite goes through all that are open, and not by id
_FREE = (
    select(
        _rows.id, _rows.conversation_id, _rows.channel, _rows.kind, _rows.topic, _rows.state, _rows.reason,
        _rows.message_sealed, _rows.attempts, _rows.unknown, _rows.said, _rows.claim, _rows.not_after,
        _rows.broadcast_id, _rows.started_at.is_not(None).label("begun"), tables.conversations.c.address_sealed,
    )
    .outerjoin(tables.conversations, tables.conversations.c.id == _rows.conversation_id)
    .where(among(_rows.id), _free(_OVER, _STATE))
    .order_by(*_IN_ORDER)
    .limit(bindparam("most", type_=Integer()))
    .with_for_update(skip_locked=True, of=tables.outbox)
)  # fmt: skip
_HOLD = update(tables.outbox).where(among(_rows.id))
_HOLD = _HOLD.values(
    state="claimed",
    claim=_rows.claim + 1,
    lease_until=bindparam("over", type_=tables.Instant()),
    started_at=None,
    unknown=_rows.unknown + case((_rows.started_at.is_not(None), 1), else_=0),
)
