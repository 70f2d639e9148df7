"""What the operator sees of the outbox, and may do to a message by hand. Nothing of its words or its person."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select, update

from storage import tables, tallies
from storage.unit import Unit

_rows = tables.outbox.c
_attempts = tables.attempts.c
_SHOWN = (
    _rows.id, _rows.kind, _rows.channel, _rows.state, _rows.reason, _rows.attempts, _rows.unknown, _rows.due_at,
    _rows.created_at, _rows.ended_at,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """A message of the outbox, without what it says and to whom."""

    id: int
    kind: str
    channel: str
    state: str
    reason: str
    attempts: int
    unknown: int
    due_at: datetime
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try: when it began and ended, and how."""

    number: int
    outcome: str
    reason: str
    started_at: datetime
    ended_at: datetime | None


def entries(unit: Unit, state: str = "", channel: str = "", limit: int = 20) -> tuple[Entry, ...]:
    """The newest messages, of one state or channel if given."""
    wanted = select(*_SHOWN).order_by(_rows.id.desc()).limit(limit)
    if state:
        wanted = wanted.where(_rows.state == state)
    if channel:
        wanted = wanted.where(_rows.channel == channel)
    return tuple(Entry(**row._asdict()) for row in unit.execute(wanted))


def entry(unit: Unit, number: int) -> Entry | None:
    """One message."""
    row = unit.execute(select(*_SHOWN).where(_rows.id == number)).one_or_none()
    return None if row is None else Entry(**row._asdict())


def attempts(unit: Unit, number: int) -> tuple[Attempt, ...]:
    """Every try at a message, in order."""
    columns = (_attempts.number, _attempts.outcome, _attempts.reason, _attempts.started_at, _attempts.ended_at)
    tries = select(*columns).where(_attempts.outbox_id == number).order_by(_attempts.number)
    return tuple(Attempt(**row._asdict()) for row in unit.execute(tries))


def retry(unit: Unit, number: int, now: datetime) -> bool:
    """Send a message that failed once more, and will have a second end; False if it has not failed."""
    failed = and_(_rows.id == number, _rows.state.in_(("failed", "expired")))
    if unit.execute(select(_rows.id).where(failed).with_for_update()).first() is None:
        return False
    tallies.keep_ends(unit, [number])
    waiting = {
        "state": "waiting", "reason": "by hand", "due_at": now, "not_after": None, "ended_at": None, "called_at": None,
        "unknown": 0, "claim": _rows.claim + 1,
    }  # fmt: skip
    return bool(unit.execute(update(tables.outbox).where(failed).values(waiting)).rowcount)


def cancel(unit: Unit, number: int, now: datetime) -> bool:
    """Don't send a message that still waits; False if it is on its way or has ended."""
    waiting = and_(_rows.id == number, _rows.state == "waiting")
    ended = {"state": "suppressed", "reason": "cancelled", "ended_at": now, "claim": _rows.claim + 1}
    return bool(unit.execute(update(tables.outbox).where(waiting).values(ended)).rowcount)
