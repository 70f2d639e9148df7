"""Messages that were taken before their turn could be decided: answered later, through the outbox."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update

from storage import leases, tables
from storage.unit import Unit

INCOMING = "postponed.incoming"
LEASE = timedelta(seconds=30)

_rows = tables.postponed.c


def keep(unit: Unit, key: bytes, incoming: Any, now: datetime) -> bool:
    """Keep a message; False if it is kept already."""
    sealed = unit.vault.seal_json(incoming, INCOMING)
    return unit.insert_once(tables.postponed, {"key": key, "incoming_sealed": sealed, "due_at": now, "attempts": 0})


def claim(unit: Unit, limit: int = 20) -> tuple[tuple[bytes, Any], ...]:
    """Messages to answer now, each left alone by others until its lease ends."""
    now = leases.clock(unit)
    due = select(tables.postponed).where(leases.is_over(_rows.due_at, now)).order_by(_rows.due_at).limit(limit)
    found = unit.execute(due.with_for_update(skip_locked=True)).all()
    for row in found:
        leased = {"due_at": now + LEASE, "attempts": row.attempts + 1}
        unit.execute(update(tables.postponed).where(_rows.key == row.key).values(leased))
    return tuple((row.key, unit.vault.open_json(row.incoming_sealed, INCOMING)) for row in found)


def drop(unit: Unit, key: bytes) -> None:
    """It was answered."""
    unit.execute(delete(tables.postponed).where(_rows.key == key))
