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
    """A message that was put off; attempts: how often it failed before."""

    key: bytes
    incoming_sealed: bytes
    attempts: int


def keep(unit: Unit, key: bytes, incoming: Any, now: datetime) -> bool:
    """Keep a message; False if it is kept already."""
    sealed = unit.vault.seal_json(incoming, INCOMING)
    return unit.insert_once(tables.postponed, {"key": key, "incoming_sealed": sealed, "due_at": now, "attempts": 0})


def claim(unit: Unit, limit: int = 20) -> tuple[Postponed, ...]:
    """Messages to answer now, each left alone by others until its lease ends."""
    now = leases.clock(unit)
    due = select(tables.postponed).where(leases.is_over(_rows.due_at, now)).order_by(_rows.due_at).limit(limit)
    found = unit.execute(due.with_for_update(skip_locked=True)).all()
    if found:
        leased = update(tables.postponed).where(_rows.key.in_([row.key for row in found]))
        unit.execute(leased.values(due_at=now + LEASE))
    return tuple(Postponed(row.key, row.incoming_sealed, row.attempts) for row in found)


def note_failed(unit: Unit, one: Postponed) -> None:
    """It failed for a reason of its own: it is tried again after a pause that grows."""
    due_at = leases.clock(unit) + LEASE * 2 ** min(one.attempts, DOUBLED)
    again = {"due_at": due_at, "attempts": min(one.attempts + 1, MOST)}
    unit.execute(update(tables.postponed).where(_rows.key == one.key).values(again))


def opened(unit: Unit, one: Postponed) -> Any:
    """The message itself, as JSON values."""
    return unit.vault.open_json(one.incoming_sealed, INCOMING)


def drop(unit: Unit, key: bytes) -> None:
    """It was answered."""
    unit.execute(delete(tables.postponed).where(_rows.key == key))
