"""Broadcasts: what is said, to whom, in which state, and every step that somebody took."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select, true, update

from storage import tables, uploads
from storage.audiences import Audience, packed_audience, unpacked_audience
from storage.unit import Unit

CONTENT = "broadcasts.content"
AUDIENCE = "broadcasts.audience"
NOTE = "broadcast_steps.note"
AT_WORK = ("freezing", "running", "paused", "sent", "stopping")

BESIDE = (tables.broadcast_answers, tables.broadcast_files, tables.broadcast_lists, tables.broadcast_steps)

_rows = tables.broadcasts.c
_steps = tables.broadcast_steps.c


@dataclass(frozen=True, slots=True)
class Content:
    """What is said: a text for each language, with places that are filled for each person; a link, a file.

    title: for the office only; ask: `read` (a button that confirms), `answer` (words are gathered), or nothing; why:
    the reason for which it may break quiet hours; file, file_name: its code and what people see it called.
    """

    title: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    link: str = ""
    ask: str = ""
    why: str = ""
    file: str = ""
    file_name: str = ""


@dataclass(frozen=True, slots=True)
class Broadcast:
    """A broadcast as it stands. area: of the one who wrote it, empty for the whole office; tested: the version that
    its author sent to themselves; approved_by: the second person; frozen_to: how far its audience is written down,
    which then has `total` people."""

    id: int
    state: str
    version: int
    area: str
    author: str
    content: Content
    audience: Audience
    urgent: bool = False
    starts_at: datetime | None = None
    not_after: datetime | None = None
    tested: int = 0
    approved_by: str = ""
    frozen_to: int = 0
    total: int = 0
    begun_at: datetime | None = None
    ended_at: datetime | None = None
    created_at: datetime | None = None
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What somebody did to a broadcast, and the state it led to; `note`: their words."""

    version: int
    action: str
    went_to: str
    staff_id: str
    note: str
    at: datetime


def add(unit: Unit, new: Broadcast, now: datetime) -> Broadcast:
    """Keep a new one."""
    values = _values(unit, new) | {"area": new.area, "author": new.author, "created_at": now, "changed_at": now}
    number = unit.execute(insert(tables.broadcasts).returning(_rows.id), values).scalar_one()
    return _found(unit, _rows.id == number)[0]


def get(unit: Unit, number: int) -> Broadcast | None:
    """One broadcast."""
    return next(iter(_found(unit, _rows.id == number)), None)


def lock(unit: Unit, number: int) -> Broadcast | None:
    """One broadcast; nobody else changes it until this transaction ends."""
    row = unit.execute(select(tables.broadcasts).where(_rows.id == number).with_for_update()).one_or_none()
    return None if row is None else _broadcast(unit, row)


def save(unit: Unit, changed: Broadcast, now: datetime) -> None:
    """Write one that is locked. What is sealed stays as it is unless it changed: a newer version may say more there."""
    values, before = _values(unit, changed) | {"changed_at": now}, get(unit, changed.id)
    for name in ("content", "audience"):
        if before is not None and getattr(before, name) == getattr(changed, name):
            del values[f"{name}_sealed"]
    unit.execute(update(tables.broadcasts).where(_rows.id == changed.id).values(values))


def listed(unit: Unit, areas: Collection[str] | None, before: int, limit: int) -> tuple[Broadcast, ...]:
    """Those of these areas (None: of all), the newest first, from before an id on (0: from the newest)."""
    here: ColumnElement[bool] = true() if areas is None else _rows.area.in_(areas)
    older: ColumnElement[bool] = _rows.id < before if before else true()
    found = select(tables.broadcasts).where(here, older).order_by(_rows.id.desc()).limit(limit)
    return tuple(_broadcast(unit, row) for row in unit.execute(found))


def count(unit: Unit, areas: Collection[str] | None, state: str) -> int:
    """How many of these areas (None: of all) are in a state."""
    here: ColumnElement[bool] = true() if areas is None else _rows.area.in_(areas)
    found = select(func.count()).select_from(tables.broadcasts).where(_rows.state == state, here)
    return int(unit.execute(found).scalar_one())


def in_state(unit: Unit, *states: str) -> Sequence[int]:
    """The numbers of all in one of these states, the oldest first; none of them is opened."""
    return unit.execute(select(_rows.id).where(_rows.state.in_(states)).order_by(_rows.id)).scalars().all()


def due(unit: Unit, now: datetime) -> Sequence[int]:
    """The numbers of approved ones whose hour has come, or whose day has passed; none of them is opened."""
    is_due = and_(_rows.state == "approved", or_(_rows.starts_at <= now, _rows.not_after <= now))
    return unit.execute(select(_rows.id).where(is_due).order_by(_rows.id)).scalars().all()


def note(unit: Unit, broadcast: Broadcast, action: str, staff_id: str, now: datetime, words: str = "") -> None:
    """Remember a step; `broadcast` as it is after it."""
    values = {
        "broadcast_id": broadcast.id,
        "version": broadcast.version,
        "action": action,
        "went_to": broadcast.state,
        "staff_id": staff_id,
        "note_sealed": unit.vault.seal(words.encode(), NOTE) if words else None,
        "at": now,
    }
    unit.execute(insert(tables.broadcast_steps), values)


def steps(unit: Unit, number: int, limit: int = 100) -> tuple[Step, ...]:
    """What was done to one, the newest first."""
    found = select(tables.broadcast_steps).where(_steps.broadcast_id == number).order_by(_steps.id.desc()).limit(limit)
    return tuple(_step(unit, row) for row in unit.execute(found))


def is_old(before: datetime) -> ColumnElement[bool]:
    """Those that ended before that instant."""
    return _rows.ended_at < before


def prune(unit: Unit, before: datetime, limit: int) -> int:
    """Forget the oldest of them with all that belongs to it, its people some at a time; how many rows went."""
    oldest = unit.execute(select(_rows.id).where(is_old(before)).order_by(_rows.id).limit(1)).scalar_one_or_none()
    if oldest is None:
        return 0
    people = tables.broadcast_rows.c
    some = select(people.id).where(people.broadcast_id == oldest).limit(limit)
    gone = int(unit.execute(delete(tables.broadcast_rows).where(people.id.in_(some))).rowcount)
    if gone == limit:
        return gone
    uploads.forget_all(unit, oldest)
    for table in BESIDE:
        unit.execute(delete(table).where(table.c.broadcast_id == oldest))
    unit.execute(delete(tables.broadcasts).where(_rows.id == oldest))
    return limit  # there may be more


def _found(unit: Unit, wanted: ColumnElement[bool]) -> tuple[Broadcast, ...]:
    return tuple(_broadcast(unit, row) for row in unit.execute(select(tables.broadcasts).where(wanted)))


def _values(unit: Unit, one: Broadcast) -> dict[str, Any]:
    plain = (
        "state", "version", "urgent", "starts_at", "not_after", "tested", "approved_by", "frozen_to", "total",
        "begun_at", "ended_at",
    )  # fmt: skip
    sealed = {
        "content_sealed": unit.vault.seal_json(asdict(one.content), CONTENT),
        "audience_sealed": unit.vault.seal_json(packed_audience(one.audience), AUDIENCE),
    }
    return {name: getattr(one, name) for name in plain} | sealed


def _broadcast(unit: Unit, row: Any) -> Broadcast:
    values = row._asdict()
    content = _unpacked_content(unit.vault.open_json(values.pop("content_sealed"), CONTENT))
    audience = unpacked_audience(unit.vault.open_json(values.pop("audience_sealed"), AUDIENCE))
    return Broadcast(**values, content=content, audience=audience)


def _unpacked_content(data: Mapping[str, Any]) -> Content:
    """From JSON values; what a newer program wrote besides is left out."""
    known = {one.name for one in fields(Content)}
    return Content(**{name: value for name, value in data.items() if name in known})


def _step(unit: Unit, row: Any) -> Step:
    words = unit.vault.open(row.note_sealed, NOTE).decode() if row.note_sealed else ""
    return Step(row.version, row.action, row.went_to, row.staff_id, words, row.at)
