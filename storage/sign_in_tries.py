"""Tries at signing in, counted before their outcome is known, so that many at once gain nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql, sqlite

from storage import tables
from storage.unit import Unit

KEPT = timedelta(hours=24)  # after a day without a try the count begins anew

_rows = tables.sign_in_tries.c


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose tries are counted, and from which on they lock: for `first`, then twice as long each time, up to `most`."""

    kind: str
    name: str
    free: int
    first: timedelta
    most: timedelta


def begin(unit: Unit, subjects: Sequence[Subject], now: datetime) -> datetime | None:
    """Count one try of all the subjects; where one is locked nothing is counted, and until when is told."""
    ordered = sorted(subjects, key=lambda subject: _index(unit, subject))  # two at once lock rows in the same order
    rows = [(subject, *_row(unit, subject, now)) for subject in ordered]
    locked = [until for _, _, until in rows if until is not None and until > now]
    if locked:
        return max(locked)
    for subject, number, _ in rows:
        _count(unit, subject, number + 1, now)
    return None


def forget(unit: Unit, *subjects: Subject) -> None:
    """It was really them: nothing is held against them."""
    for subject in subjects:
        unit.execute(delete(tables.sign_in_tries).where(_rows.subject_index == _index(unit, subject)))


def prune(unit: Unit, now: datetime) -> int:
    """Erase what no longer counts; how many rows."""
    return unit.execute(delete(tables.sign_in_tries).where(_rows.tried_at < now - KEPT)).rowcount


def _row(unit: Unit, subject: Subject, now: datetime) -> tuple[int, datetime | None]:
    """How many tries there were and until when they lock; the row is there afterwards, and locked."""
    insert = postgresql.insert if unit.is_postgres else sqlite.insert
    fresh = insert(tables.sign_in_tries).values(subject_index=_index(unit, subject), number=0, tried_at=now)
    kept = fresh.on_conflict_do_update(index_elements=[_rows.subject_index], set_={"number": _rows.number})
    row = unit.execute(kept.returning(_rows.number, _rows.tried_at, _rows.locked_until)).one()
    return (0, None) if row.tried_at < now - KEPT else (row.number, row.locked_until)


def _count(unit: Unit, subject: Subject, number: int, now: datetime) -> None:
    over = number - subject.free
    pause = min(subject.first * 2 ** min(over, 20), subject.most) if over >= 0 else None
    values = {"number": number, "tried_at": now, "locked_until": None if pause is None else now + pause}
    unit.execute(update(tables.sign_in_tries).where(_rows.subject_index == _index(unit, subject)).values(values))


def _index(unit: Unit, subject: Subject) -> bytes:
    return unit.vault.index("sign_in", f"{subject.kind} {subject.name}")
