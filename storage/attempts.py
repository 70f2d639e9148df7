"""Attempts at several messages at once: begun in one transaction, ended in one, each still fenced by its claim."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import and_, bindparam, delete, insert, literal, select, update

from storage import claims, tables
from storage.records import Delivery
from storage.unit import Unit

_rows = tables.outbox.c
_attempts = tables.attempts.c
_at = bindparam("at", type_=tables.Instant())
_some = bindparam("some", expanding=True, type_=tables.Key)
_mine = and_(_rows.id.in_(_some), _rows.claim == bindparam("number"), _rows.state == "claimed")
_theirs = and_(_attempts.outbox_id.in_(_some), _attempts.number == bindparam("of_them"), _attempts.outcome == "begun")
_HELD = select(_rows.id).where(_mine, _rows.lease_until > _at).with_for_update()
_START = update(tables.outbox).where(_rows.id.in_(_some))
_START = _START.values(
    started_at=_at, attempts=_rows.attempts + 1, lease_until=bindparam("over", type_=tables.Instant())
)
_BEGIN = insert(tables.attempts).from_select(
    ("outbox_id", "number", "outcome", "reason", "started_at"),
    select(_rows.id, _rows.attempts, literal("begun"), literal(""), _at).where(_rows.id.in_(_some)),
)
_FINISH = update(tables.attempts).where(_theirs).values(outcome="sent", reason="", ended_at=_at)
_END = update(tables.outbox).where(_mine)
_END = _END.values(state="sent", reason="", ended_at=_at, lease_until=None, started_at=None)
_FORGET = delete(tables.attempts).where(_theirs)


def held(unit: Unit, some: Sequence[Delivery], now: datetime) -> tuple[Delivery, ...]:
    """Those whose claim is still this one's and whose lease isn't over, locked until this transaction ends."""
    found: set[int] = set()
    for number, ids in _alike((one.claim, one.id) for one in some):
        found |= set(unit.execute(_HELD, {"some": ids, "number": number, "at": now}).scalars())
    return tuple(delivery for delivery in some if delivery.id in found)


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
