"""Messages of one wording that leave together, in one call to many: gathered, stamped with the call's name, sent.

A bundle is called `text:…` while messages are gathered, and `call:…` from its first attempt on: then it stays as it is,
so that the platform knows a repeated call by its name.
"""

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, insert, literal, or_, select, true, update

from storage import claims, conversations, paused, tables, talk_rows, topics
from storage.records import Delivery
from storage.unit import Unit

GATHERED = "for a message to many"
LEASE = timedelta(minutes=2)
CALL = "call:"
SOME = 20
EACH = true()

_rows = tables.outbox.c


@dataclass(frozen=True, slots=True)
class Bundle:
    """Messages that leave in one call: its name, how many attempts there were, and when this one began.

    Whoever has been overtaken by another attempt of the same call changes nothing any more.
    """

    call: str
    attempts: int
    begun_at: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    """What a bundle says, and to whom. one: one of its messages, all being alike; None where none can be read.

    unreadable: messages whose address can't be read; all of them where there is nothing to say.
    """

    one: Delivery | None
    addresses: tuple[str, ...]
    unreadable: tuple[int, ...]


def gather(unit: Unit, delivery: Delivery, bundle: str) -> bool:
    """Put a claimed message aside for a bundle; False if the claim was lost."""
    aside = {"state": "waiting", "bundle": bundle, "reason": GATHERED, "lease_until": None, "started_at": None}
    held = and_(_rows.id == delivery.id, _rows.claim == delivery.claim, _rows.state == "claimed")
    return bool(unit.execute(update(tables.outbox).where(held).values(aside)).rowcount)


def claim(unit: Unit, channel: str, now: datetime, limit: int, *, quiet: bool) -> Bundle | None:
    """The next bundle to send: one whose call must be repeated, else one to which nothing more comes at the moment."""
    due = and_(_rows.channel == channel, _rows.bundle != "", _rows.due_at <= now, claims.is_free(now))
    if quiet:
        due = and_(due, _rows.urgent)
    is_call = _rows.bundle.startswith(CALL)
    named = select(_rows.bundle, _rows.broadcast_id).where(due, or_(is_call, paused.may_leave()))
    oldest = named.group_by(_rows.bundle, _rows.broadcast_id).order_by(is_call.desc(), func.min(_rows.id)).limit(SOME)
    for name, broadcast_id in [(row.bundle, row.broadcast_id) for row in unit.execute(oldest)]:
        if name.startswith(CALL):
            return _claimed(unit, name, now)
        if not _more_to_come(unit, channel, broadcast_id, now, quiet=quiet):
            return _claimed(unit, _stamped(unit, name, limit), now)
    return None


def accept(unit: Unit, bundle: Bundle, platform_id: str, now: datetime) -> None:
    """The platform took the call and will tell later what became of it."""
    _finish(unit, bundle, "accepted", "", now)
    _set(unit, bundle, {"state": "accepted", "accepted_at": now, "platform_id": platform_id, "reason": ""})


def again(unit: Unit, bundle: Bundle, outcome: str, reason: str, now: datetime, due_at: datetime) -> None:
    """The same call is to be made once more, under the same name."""
    _finish(unit, bundle, outcome, reason, now)
    _set(unit, bundle, {"state": "waiting", "reason": reason[:64], "due_at": due_at})


def end(unit: Unit, bundle: Bundle, outcome: str, state: str, reason: str, now: datetime) -> None:
    """The one end of all of them."""
    _finish(unit, bundle, outcome, reason, now)
    _set(unit, bundle, {"state": state, "reason": reason[:64], "ended_at": now})


def dissolve(unit: Unit, bundle: Bundle, reason: str, now: datetime, due_at: datetime) -> None:
    """They can't leave together: each waits for its person."""
    _finish(unit, bundle, "refused", reason, now)
    conversations.hold_all(unit, _conversations(bundle))
    _set(unit, bundle, {"state": "waiting", "reason": reason, "bundle": "", "due_at": due_at})


def put_out(unit: Unit, bundle: Bundle, found: Opened, now: datetime) -> None:
    """What can't be read doesn't leave with the others: each is due by itself, and `claims.take` sees to its end.

    Where an earlier attempt at the call may have arrived they have their end here: by another name they would be said
    twice. But where nothing of it can be read the call as a whole waits, for a copy that knows it by its name.
    """
    attempts, these = tables.attempts.c, _rows.id.in_(found.unreadable)
    may_be_said = exists().where(attempts.outbox_id == _rows.id, attempts.outcome == "unknown")
    if found.one is None and bundle.attempts < claims.LOOKS and _is_any(unit, and_(_mine(bundle), may_be_said)):
        again(unit, bundle, "refused", claims.UNREADABLE, now, now + claims.LOOKED_AT_AGAIN)
        return
    _finish(unit, bundle, "refused", claims.UNREADABLE, now, these)
    _set(unit, bundle, {"state": "failed", "reason": "unknown", "ended_at": now}, and_(these, may_be_said))
    _set(unit, bundle, {"state": "waiting", "reason": claims.UNREADABLE, "bundle": "", "due_at": now}, these)


def _is_any(unit: Unit, which: ColumnElement[bool]) -> bool:
    return unit.execute(select(_rows.id).where(which).limit(1)).first() is not None


def opened(unit: Unit, bundle: Bundle) -> Opened:
    """A claimed bundle in the clear; whoever was erased meanwhile is no longer among its people."""
    owners = tables.conversations.c
    people = select(_rows.id, _rows.conversation_id, owners.address_sealed).order_by(_rows.id)
    rows = unit.execute(people.where(owners.id == _rows.conversation_id, _mine(bundle))).all()
    one = _first_readable(unit, bundle)
    if one is None:
        return Opened(None, (), tuple(row.id for row in rows))
    addresses, unreadable = dict[int, str](), list[int]()
    for row in rows:
        try:
            addresses[row.conversation_id] = talk_rows.address_in(unit, row)
        except Exception:  # noqa: BLE001 -- told where it has its end
            unreadable.append(row.id)
    return Opened(one, tuple(addresses.values()), tuple(unreadable))


def _first_readable(unit: Unit, bundle: Bundle) -> Delivery | None:
    last = 0
    first = select(tables.outbox).where(_mine(bundle)).order_by(_rows.id).limit(SOME)
    while rows := unit.execute(first.where(_rows.id > last)).all():
        for row in rows:
            with suppress(Exception):  # another says the same
                return claims.delivery(unit, row)
        last = rows[-1].id
    return None


def _more_to_come(unit: Unit, channel: str, broadcast_id: int | None, now: datetime, *, quiet: bool) -> bool:
    """Whether messages of the same broadcast may leave now that haven't been put aside, or into the outbox, yet."""
    others = and_(_rows.channel == channel, _rows.kind == "broadcast", _rows.bundle == "", _rows.due_at <= now)
    others = and_(others, _rows.broadcast_id.is_not_distinct_from(broadcast_id))
    if quiet:
        others = and_(others, _rows.urgent)
    here = exists().where(others, _rows.state.in_(("waiting", "claimed")))
    to_do = tables.broadcast_rows.c
    coming = and_(to_do.broadcast_id == broadcast_id, to_do.state == "waiting", to_do.channel == channel)
    return bool(unit.execute(select(or_(here, exists().where(coming)))).scalar_one())


def _stamped(unit: Unit, name: str, limit: int) -> str:
    """A call's own name for as many of the gathered as it takes."""
    call = f"{CALL}{secrets.token_hex(12)}"
    first = select(_rows.id).where(_rows.bundle == name).order_by(_rows.id).limit(limit)
    unit.execute(update(tables.outbox).where(_rows.id.in_(first)).values(bundle=call))
    return call


def _claimed(unit: Unit, call: str, now: datetime) -> Bundle | None:
    """Everything of the call, an attempt begun for each; not what the person has turned off meanwhile."""
    held = {
        "state": "claimed", "claim": _rows.claim + 1, "lease_until": now + LEASE, "started_at": now,
        "attempts": _rows.attempts + 1,
    }  # fmt: skip
    claims.note_lost(unit, _rows.bundle == call, now)
    unit.execute(update(tables.outbox).where(_rows.bundle == call, claims.is_free(now)).values(held))
    mine = and_(_rows.bundle == call, _rows.state == "claimed")
    unwanted = {"state": "suppressed", "reason": "topic off", "ended_at": now, "lease_until": None, "started_at": None}
    off = and_(mine, _rows.topic != "", _rows.conversation_id.in_(topics.accounts_off(_rows.topic)))
    unit.execute(update(tables.outbox).where(off).values(unwanted))
    one = unit.execute(select(_rows.attempts).where(mine).order_by(_rows.id).limit(1)).one_or_none()
    if one is None:
        return None
    begun = select(_rows.id, _rows.attempts, literal("begun"), literal(""), literal(now, tables.Instant()))
    columns = ("outbox_id", "number", "outcome", "reason", "started_at")
    unit.execute(insert(tables.attempts).from_select(columns, begun.where(mine)))
    return Bundle(call, one.attempts, now)


def _mine(bundle: Bundle) -> ColumnElement[bool]:
    return and_(_rows.bundle == bundle.call, _rows.state == "claimed", _rows.started_at == bundle.begun_at)


def _conversations(bundle: Bundle) -> Select[tuple[int]]:
    return select(_rows.conversation_id).where(_mine(bundle))


def _finish(
    unit: Unit, bundle: Bundle, outcome: str, reason: str, now: datetime, which: ColumnElement[bool] = EACH
) -> None:
    attempts = tables.attempts.c
    mine = select(_rows.id).where(_rows.bundle == bundle.call, which)
    this = and_(attempts.outcome == "begun", attempts.started_at == bundle.begun_at)
    begun = and_(attempts.outbox_id.in_(mine), this)
    values = {"outcome": outcome, "reason": reason[:64], "ended_at": now}
    unit.execute(update(tables.attempts).where(begun).values(values))


def _set(unit: Unit, bundle: Bundle, values: dict[str, Any], which: ColumnElement[bool] = EACH) -> None:
    free = {"lease_until": None, "started_at": None}
    unit.execute(update(tables.outbox).where(_mine(bundle), which).values(values | free))
