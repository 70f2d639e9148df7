"""Which broadcasts may leave now: a paused or stopped one sends nothing, however much of it stands in the outbox."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, and_, exists, func, not_, or_, select

from storage import tables

LEAVING = ("running", "sent")  # `sent`: all has been said but what waits for a person to write
SOON = timedelta(hours=2)  # longer than any pause between two tries

_rows = tables.outbox.c
_casts = tables.broadcasts.c
_earlier = tables.outbox.alias("earlier")


def may_leave() -> ColumnElement[bool]:
    """Whether a message of the outbox belongs to no broadcast, or to one that is under way."""
    return or_(_rows.broadcast_id.is_(None), _rows.broadcast_id.in_(_under_way()))


def is_next(soon: BindParameter[datetime]) -> ColumnElement[bool]:
    """Whether no earlier broadcast is just being said to the same person: each person hears them in their order.

    soon: now and `SOON`; what is due later waits for its person to write.
    """
    before = _earlier.c
    open_and_due = and_(before.state.in_(("waiting", "claimed")), _no_bundle(before), before.due_at <= soon)
    same = and_(before.conversation_id == _rows.conversation_id, before.kind == "broadcast", before.id < _rows.id)
    leaving = or_(before.broadcast_id.is_(None), before.broadcast_id.in_(_under_way()))
    pressing = or_(before.urgent, not_(_rows.urgent))  # what may leave at night doesn't wait for what may not
    return or_(_rows.kind != "broadcast", not_(exists().where(same, open_and_due, leaving, pressing)))


def _no_bundle(outbox: Any) -> ColumnElement[bool]:
    """Told so that SQLite looks through the person's own messages and not through all that are in no bundle."""
    return func.coalesce(outbox.bundle, "") == ""


def _under_way() -> Select[tuple[int]]:
    return select(_casts.id).where(_casts.state.in_(LEAVING))
