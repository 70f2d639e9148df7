"""Messages that were taken before their turn could be decided: answered later, through the outbox."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update

from storage import leases, tables
from storage.unit import Unit

INCOMING = "postponed.incoming"
LEASE = timedelta(seconds=30)
DOUBLED = 4  # times that the pause before another try doubles: to eight minutes, which no clock takes for wrong

MOST = 1_000  # attempts that are counted; the column holds 32,767

_rows = tables.postponed.c


@dataclass(frozen=True, slots=True)
class Postponed:
    """A message that was put off; attempts: how often it was tried, this time included."""

    key: bytes
    incoming_sealed: bytes
    attempts: int


def keep(unit: Unit, key: bytes, incoming: Any, now: datetime) -> bool:
    """Keep a message; False if it is kept already."""
    sealed = unit.vault.seal_json(incoming, INCOMING)
    return unit.insert_once(tables.postponed, {"key": key, "incoming_sealed": sealed, "due_at": now, "attempts": 0})


def claim(unit: Unit, limit: int = 20) -> tuple[Postponed, ...]:
    """Messages to answer now, each left alone by others until its lease ends; longer where it failed before."""
    now = leases.clock(unit)
    due = select(tables.postponed).where(leases.is_over(_rows.due_at, now)).order_by(_rows.due_at).limit(limit)
    found = unit.execute(due.with_for_update(skip_locked=True)).all()
    for row in found:
        pause = LEASE * 2 ** min(row.attempts, DOUBLED)
        leased = {"due_at": now + pause, "attempts": min(row.attempts + 1, MOST)}
        unit.execute(update(tables.postponed).where(_rows.key == row.key).values(leased))
    return tuple(Postponed(row.key, row.incoming_sealed, row.attempts + 1) for row in found)


def opened(unit: Unit, one: Postponed) -> Any:
    """The message itself, as JSON values."""
    return unit.vault.open_json(one.incoming_sealed, INCOMING)


def drop(unit: Unit, key: bytes) -> None:
    """It was answered."""
    unit.execute(delete(tables.postponed).where(_rows.key == key))
