"""The audit log: who did what to whose data, chained so that nobody can change it unseen.

Each row's hash is an HMAC over the hash before it and the row itself; a head row keeps how many there are and the
last hash. Appends queue up behind the head row, so the chain never forks.
"""

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import insert, or_, select, update

from storage import tables
from storage.unit import Unit

REASON = "audit.reason"
DETAILS = "audit.details"
PURPOSE = "audit chain"
START = bytes(32)
HEAD = 1

_rows = tables.audit.c
_head = tables.audit_head.c


@dataclass(frozen=True, slots=True)
class Who:
    """Who acted: `staff` with their id, `person` with their holder's id, or the `program` itself."""

    kind: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose data it is about: a kind (`submission`, `person`, `certificate`, `conversation` …) and its id."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody did. `reason` and `details` are sealed; the rest stands in the clear and must identify nobody."""

    who: Who
    action: str
    subject: Subject
    reason: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """An act with its number in the log and its time."""

    number: int
    at: datetime
    act: Act


@dataclass(frozen=True, slots=True)
class Head:
    """How many entries there are, the last one's hash, and the proof that the program wrote both."""

    count: int
    hash: bytes
    seal: bytes


PROGRAM = Who("program")


def append(unit: Unit, act: Act, now: datetime) -> int:
    """Write an act at the end of the log; its number, from 1. Let it be the last thing a transaction does."""
    key = unit.vault.derive(PURPOSE)
    head = _locked_head(unit, key)
    values = _values(unit, act, head, now)
    link = chained(key, head.hash, values)
    unit.execute(insert(tables.audit), values | {"previous": head.hash, "hash": link})
    moved = {"length": head.count + 1, "hash": link, "seal": seal(key, head.count + 1, link)}
    unit.execute(update(tables.audit_head).where(_head.id == HEAD).values(moved))
    return head.count + 1


def about(unit: Unit, subjects: Iterable[Subject], limit: int = 50) -> tuple[Entry, ...]:
    """What was done to these subjects, newest first."""
    wanted = [(_rows.subject_kind == subject.kind) & (_rows.subject == subject.id) for subject in subjects]
    if not wanted:
        return ()
    found = select(tables.audit).where(or_(*wanted)).order_by(_rows.id.desc()).limit(limit)
    return tuple(_entry(unit, row) for row in unit.execute(found))


def of_kind(unit: Unit, kind: str, limit: int) -> tuple[Entry, ...]:
    """The last entries about subjects of a kind, newest first."""
    found = select(tables.audit).where(_rows.subject_kind == kind).order_by(_rows.id.desc()).limit(limit)
    return tuple(_entry(unit, row) for row in unit.execute(found))


def newest(unit: Unit, limit: int = 50, before: int | None = None) -> tuple[Entry, ...]:
    """The newest entries, or those before a number."""
    found = select(tables.audit).order_by(_rows.id.desc()).limit(limit)
    if before is not None:
        found = found.where(_rows.id < before)
    return tuple(_entry(unit, row) for row in unit.execute(found))


def head(unit: Unit) -> Head | None:
    """The head as it stands; None before the first entry."""
    row = unit.execute(select(tables.audit_head).where(_head.id == HEAD)).one_or_none()
    return None if row is None else Head(row.length, bytes(row.hash), bytes(row.seal))


def is_sealed(key: bytes, head: Head) -> bool:
    """Whether the program wrote the head, with that key."""
    return hmac.compare_digest(seal(key, head.count, head.hash), head.seal)


def chained(key: bytes, previous: bytes, values: Mapping[str, Any]) -> bytes:
    """A row's hash: HMAC-SHA-256 over the hash before it and the row in its one canonical form."""
    return hmac.digest(key, previous + _canonical(values), "sha256")


def seal(key: bytes, count: int, last: bytes) -> bytes:
    """The head's proof, so that whoever cuts rows off can't write a fitting head."""
    return hmac.digest(key, b"head" + count.to_bytes(8) + last, "sha256")


def _locked_head(unit: Unit, key: bytes) -> Head:
    """The head, held until this transaction ends: the next append waits here."""
    first = {"id": HEAD, "length": 0, "hash": START, "seal": seal(key, 0, START)}
    unit.insert_once(tables.audit_head, first)
    row = unit.execute(select(tables.audit_head).where(_head.id == HEAD).with_for_update()).one()
    return Head(row.length, bytes(row.hash), bytes(row.seal))


def _values(unit: Unit, act: Act, head: Head, now: datetime) -> dict[str, Any]:
    return {
        "id": head.count + 1,
        "at": now.astimezone(UTC),
        "who_kind": act.who.kind,
        "who": act.who.id,
        "action": act.action,
        "subject_kind": act.subject.kind,
        "subject": act.subject.id,
        "reason_sealed": unit.vault.seal(act.reason.encode(), REASON),
        "details_sealed": unit.vault.seal_json(dict(act.details), DETAILS),
    }


def _canonical(values: Mapping[str, Any]) -> bytes:
    """The same row gives the same bytes on either database: a JSON array, lengths and all."""
    return orjson.dumps(
        [
            values["id"],
            f"{values['at'].astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}",
            *(values[name] for name in ("who_kind", "who", "action", "subject_kind", "subject")),
            bytes(values["reason_sealed"]).hex(),
            bytes(values["details_sealed"]).hex(),
        ]
    )


def _entry(unit: Unit, row: Any) -> Entry:
    act = Act(
        who=Who(row.who_kind, row.who),
        action=row.action,
        subject=Subject(row.subject_kind, row.subject),
        reason=unit.vault.open(row.reason_sealed, REASON).decode(),
        details=unit.vault.open_json(row.details_sealed, DETAILS),
    )
    return Entry(row.id, row.at, act)
