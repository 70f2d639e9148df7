"""What was written by a clock that ran ahead: it would wait until the right one gets there."""

from datetime import datetime

from sqlalchemy import and_, exists, or_, update

from storage import tables
from storage.unit import Unit

_rows = tables.outbox.c
_attempts = tables.attempts.c


def pull(unit: Unit, now: datetime) -> int:
    """Messages that were to leave at once, or after a pause, and that a clock running ahead put off are due; how many.

    They tell of themselves: they were written, or tried last, later than now. What has a day of its own keeps it.
    """
    at_once = and_(_rows.created_at > now, _rows.due_at <= _rows.created_at)
    last = and_(_attempts.outbox_id == _rows.id, _attempts.number == _rows.attempts, _attempts.started_at > now)
    put_off = and_(_rows.ended_at.is_(None), _rows.state.in_(("waiting", "claimed")), _rows.due_at > now)
    late = update(tables.outbox).where(put_off, or_(at_once, exists().where(last))).values(due_at=now)
    return int(unit.execute(late).rowcount)
