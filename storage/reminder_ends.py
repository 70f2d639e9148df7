"""What became of reminders that were handed to the outbox: the end of their message is theirs."""

from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select, update

from storage import deliveries, tables
from storage.conversations import of_holder
from storage.reminders import State
from storage.unit import Unit

BY_TELEPHONE = "told by telephone"
LOST = "the message is gone"

_rows = tables.reminders.c
_outbox = tables.outbox.c


def settle(unit: Unit, now: datetime, limit: int = 500) -> int:
    """Bring handed reminders to the end that their message has come to; how many."""
    ended = or_(_outbox.state.in_(deliveries.ENDS), _outbox.id.is_(None))
    messages = tables.reminders.outerjoin(tables.outbox, _outbox.once_key == _rows.message_key)
    columns = (_rows.id, _rows.message_key, _outbox.state, _outbox.reason)
    done = select(*columns).select_from(messages).where(_rows.state == "handed", ended).order_by(_rows.id)
    found = unit.execute(done.limit(limit).with_for_update(skip_locked=True, of=tables.reminders)).all()
    for row in found:
        _end(unit, row, now)
    return len(found)


def _end(unit: Unit, row: Any, now: datetime) -> None:
    successor = _successor(unit, row) if row.state == "replaced" else None
    if successor is not None:
        unit.execute(update(tables.reminders).where(_rows.id == row.id).values(message_key=successor))
        return
    state, reason = _told(row)
    ended = {"state": state, "reason": reason[:64], "ended_at": now, "open_key": None}
    still_handed = and_(_rows.id == row.id, _rows.state == "handed", _rows.message_key == row.message_key)
    unit.execute(update(tables.reminders).where(still_handed).values(ended))


def _told(row: Any) -> tuple[State, str]:
    """Told, or joined where the message is named after another one; untold with the reason of the outbox."""
    if row.state == "sent" or row.reason == BY_TELEPHONE:
        return ("told" if row.message_key.startswith(f"remind:{row.id}:") else "joined"), row.reason or "sent"
    return "untold", row.reason or row.state or LOST


def _successor(unit: Unit, row: Any) -> str | None:
    """The row that another account of the person got in place of this one."""
    begun = row.message_key.partition(">")[0]
    this = select(_outbox.holder_id, _outbox.id).where(_outbox.once_key == row.message_key)
    old = unit.execute(this).one()
    keys = [f"{begun}>{account.conversation_id}" for account in of_holder(unit, old.holder_id)]
    later = select(_outbox.once_key).where(_outbox.once_key.in_(keys), _outbox.id > old.id)
    return unit.execute(later.order_by(_outbox.id).limit(1)).scalar_one_or_none()
