"""Attempts at several messages at once: begun in one transaction, ended in one, each still fenced by its claim."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, delete, func, insert, literal, select, update

from storage import claims, paused, tables
from storage.among import among
from storage.records import Delivery, Reach
from storage.unit import Unit

_rows = tables.outbox.c
_people = tables.conversations.c
_attempts = tables.attempts.c
_at = bindparam("at", type_=tables.Instant())
# `coalesce`, so that SQLite looks the few up by their keys and not all that are claimed by an index of states.
_mine = and_(among(_rows.id), _rows.claim == bindparam("number"), func.coalesce(_rows.state, "") == "claimed")
_theirs = and_(among(_attempts.outbox_id), _attempts.number == bindparam("of_them"), _attempts.outcome == "begun")
_HELD = (
    select(_rows.id, paused.may_leave().label("goes"), _people.reach)
    .outerjoin(tables.conversations, _people.id == _rows.conversation_id)
    .where(_mine, _rows.lease_until > _at)
    .with_for_update(of=tables.outbox)
)
_START = update(tables.outbox).where(among(_rows.id))
_START = _START.values(
    started_at=_at, attempts=_rows.attempts + 1, lease_until=bindparam("over", type_=tables.Instant())
)
_BEGIN = insert(tables.attempts).from_select(
    ("outbox_id", "number", "outcome", "reason", "started_at"),
    select(_rows.id, _rows.attempts, literal("begun"), literal(""), _at).where(among(_rows.id)),
)
_FINISH = update(tables.attempts).where(_theirs).values(outcome="sent", reason="", ended_at=_at)
_END = update(tables.outbox).where(_mine)
_END = _END.values(state="sent", reason="", ended_at=_at, lease_until=None, started_at=None)
_FORGET = delete(tables.attempts).where(_theirs)


@dataclass(frozen=True, slots=True)
class Held:
    """A message whose claim is still one's own; goes: its broadcast is under way, if it is part of one.

    reach: of its account, None where that was erased.
    """

    delivery: Delivery
    goes: bool
    reach: Reach | None


def held(unit: Unit, some: Sequence[Delivery], now: datetime) -> tuple[Held, ...]:
    """Those whose claim is still this one's and whose lease isn't over, locked until this transaction ends."""
    found: dict[int, Any] = {}
    for number, ids in _alike((one.claim, one.id) for one in some):
        found |= {row.id: row for row in unit.execute(_HELD, {"some": ids, "number": number, "at": now})}
    mine = (one for one in some if one.id in found)
    return tuple(Held(one, bool(found[one.id].goes), found[one.id].reach) for one in mine)


def begin(unit: Unit, some: Sequence[Delivery], now: datetime) -> tuple[Delivery, ...]:
    """Note that an attempt begins at each, just before they leave. They must be `held` in this transaction.

    The lease begins anew, so that a send shorter than it ends before anybody else takes the message.
    """
    if not some:
        return ()
    ids = [delivery.id for delivery in some]
    unit.execute(_START, {"some": ids, "at": now, "over": now + claims.LEASE})
    unit.execute(_BEGIN, {"some": ids, "at": now})
    return tuple(replace(delivery, attempts=delivery.attempts + 1) for delivery in some)


def unbegin(unit: Unit, delivery: Delivery, due_at: datetime) -> bool:
    """It has not left, and certainly won't by this attempt: it waits as if that had not begun; False if it was lost."""
    if not claims.is_held(unit, delivery):
        return False
    unit.execute(_FORGET, {"some": [delivery.id], "of_them": delivery.attempts})
    waiting = {
        "state": "waiting", "reason": "", "due_at": due_at, "lease_until": None, "started_at": None,
        "attempts": _rows.attempts - 1,
    }  # fmt: skip
    unit.execute(update(tables.outbox).where(_rows.id == delivery.id).values(waiting))
    return True


def sent(unit: Unit, some: Sequence[Delivery], now: datetime) -> None:
    """The platform took them and will tell no more: their one end, where the claim wasn't lost meanwhile."""
    for number, ids in _alike((one.attempts, one.id) for one in some):
        unit.execute(_FINISH, {"some": ids, "of_them": number, "at": now})
    for number, ids in _alike((one.claim, one.id) for one in some):
        unit.execute(_END, {"some": ids, "number": number, "at": now})


def _alike(pairs: Iterable[tuple[int, int]]) -> Iterator[tuple[int, list[int]]]:
    """Keys by their number, which nearly all of them share."""
    keys: dict[int, list[int]] = defaultdict(list)
    for number, key in pairs:
        keys[number].append(key)
    yield from sorted(keys.items())
