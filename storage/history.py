"""The way of a submission: each step is a row, written with the change it tells of."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from storage import tables
from storage.records import Actor, State, Submission
from storage.unit import Unit

NOTE = "history.note"
DECIDED = frozenset({"registered", "refused", "withdrawn", "left", "accepted", "endorsed"})
ENDED_LATER = frozenset({"changed", "moved", "moved_out"})

_rows = tables.submissions.c
_steps = tables.history.c


@dataclass(frozen=True, slots=True)
class Mark:
    """Who takes a step, when and why. note: JSON values that may identify a person; sealed."""

    actor: Actor
    at: datetime
    staff_id: str = ""
    reason: str = ""
    note: Any = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Passed:
    """A step that was taken. `version` is the submission's after it."""

    version: int
    came_from: State
    went_to: State
    actor: Actor
    staff_id: str
    reason: str
    note: Any
    at: datetime


def begin(unit: Unit, submission_id: int, now: datetime) -> None:
    """The first step: received."""
    _write(unit, submission_id, 0, ("", "received"), Mark("person", now))


def move(
    unit: Unit, submission: Submission, to: State, mark: Mark, more: Mapping[str, Any] | None = None
) -> Submission | None:
    """Take a step from the submission as it was read; None if it moved on since. `more`: columns that change too."""
    as_read = (_rows.id == submission.id) & (_rows.version == submission.version) & (_rows.status == submission.status)
    version = submission.version + 1
    moved = replace(
        submission,
        status=to,
        version=version,
        reviewer=mark.staff_id if to == "in_review" else "",
        lease_until=mark.until if to == "in_review" else None,
        decided_at=_decided_at(submission, to, mark.at),
    )
    columns = {
        "status": to,
        "version": version,
        "reviewer": moved.reviewer,
        "lease_until": moved.lease_until,
        "decided_at": moved.decided_at,
    }
    changed = update(tables.submissions).where(as_read).values(columns | dict(more or {}))
    if not unit.execute(changed).rowcount:
        return None
    _write(unit, submission.id, version, (submission.status, to), mark)
    return moved


def of(unit: Unit, submission_id: int) -> tuple[Passed, ...]:
    """Every step of a submission, in order."""
    found = unit.execute(select(tables.history).where(_steps.submission_id == submission_id).order_by(_steps.version))
    return tuple(_passed(unit, row) for row in found)


def at(unit: Unit, submission_id: int, version: int) -> Passed | None:
    """The step that led to a version."""
    one = select(tables.history).where(_steps.submission_id == submission_id, _steps.version == version)
    row = unit.execute(one).one_or_none()
    return None if row is None else _passed(unit, row)


def _decided_at(submission: Submission, to: State, now: datetime) -> datetime | None:
    stands_again = (submission.status, to) == ("moved_out", "registered")
    if to in ENDED_LATER or stands_again:
        return submission.decided_at or now
    return now if to in DECIDED else None


def _write(unit: Unit, submission_id: int, version: int, way: tuple[State, State], mark: Mark) -> None:
    values = {
        "submission_id": submission_id,
        "version": version,
        "came_from": way[0],
        "went_to": way[1],
        "actor": mark.actor,
        "staff_id": mark.staff_id,
        "reason": mark.reason,
        "note_sealed": None if mark.note is None else unit.vault.seal_json(mark.note, NOTE),
        "at": mark.at,
    }
    unit.execute(insert(tables.history), values)


def _passed(unit: Unit, row: Any) -> Passed:
    note = None if row.note_sealed is None else unit.vault.open_json(row.note_sealed, NOTE)
    return Passed(row.version, row.came_from, row.went_to, row.actor, row.staff_id, row.reason, note, row.at)
