"""The audit log as it is read: newest first, page by page, and whether its newest rows hold together.

Details stay sealed here: they may name the person, and whoever audits the office need not know who that was.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select

from storage import audit, audit_keys, tables
from storage.audit import REASON, START
from storage.audit_keys import Keys
from storage.unit import Unit

_rows = tables.audit.c
_SHOWN = (_rows.id, _rows.at, _rows.who_kind, _rows.who, _rows.action, _rows.subject_kind, _rows.subject)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an auditor looks for; what is empty isn't asked. `since` is in the period, `until` no more."""

    staff: str = ""
    action: str = ""
    kind: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """An entry without its details."""

    number: int
    at: datetime
    who_kind: str
    who: str
    action: str
    subject_kind: str
    subject: str
    reason: str


def search(unit: Unit, wanted: Wanted, before: int, limit: int) -> tuple[Line, ...]:
    """The newest entries that fit; those before a number if it isn't 0."""
    found = select(*_SHOWN, _rows.reason_sealed).where(*_conditions(wanted)).order_by(_rows.id.desc()).limit(limit)
    if before:
        found = found.where(_rows.id < before)
    return tuple(_line(unit, row) for row in unit.execute(found))


def newest_fit(unit: Unit, limit: int) -> bool:
    """Whether the newest rows follow each other unchanged up to the head; all older rows are left to `verify`."""
    head, keys = audit.head(unit), audit_keys.keys(unit)
    newest = select(tables.audit).order_by(_rows.id.desc()).limit(limit)
    rows = tuple(reversed(unit.execute(newest).all()))
    if head is None:
        return not rows
    if not audit.is_sealed(keys.present, head):
        return False
    last = bytes(rows[-1].hash) if rows else START
    whole = len(rows) == min(head.count, limit) and last == head.hash
    return whole and all(_follows(keys, row, rows[place - 1] if place else None) for place, row in enumerate(rows))


def _follows(keys: Keys, row: Any, earlier: Any) -> bool:
    """Whether a row is as it was written, and stands behind the one before it (the first of a page has none)."""
    if earlier is not None and (row.id != earlier.id + 1 or row.previous != earlier.hash):
        return False
    return keys.wrote(row)


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.staff:
        yield (_rows.who_kind == "staff") & (_rows.who == wanted.staff)
    if wanted.action:
        yield _rows.action == wanted.action
    if wanted.kind:
        yield _rows.subject_kind == wanted.kind
    if wanted.subject:
        yield _rows.subject == wanted.subject
    if wanted.since is not None:
        yield _rows.at >= wanted.since
    if wanted.until is not None:
        yield _rows.at < wanted.until


def _line(unit: Unit, row: Any) -> Line:
    reason = unit.vault.open(row.reason_sealed, REASON).decode()
    return Line(row.id, row.at, row.who_kind, row.who, row.action, row.subject_kind, row.subject, reason)
