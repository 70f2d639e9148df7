"""What single people have to do with a broadcast: the list of who heard it and who not, and what they answered."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, delete, exists, func, insert, or_, select, true, update

from storage import tables
from storage.unit import Unit

WORDS = "broadcast_answers.words"
NO_HOLDER = "c:"  # before the number of an account that nobody has registered from

_rows = tables.broadcast_rows.c
_answers = tables.broadcast_answers.c
_sent = tables.submissions.c


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a broadcast for one person; registration, area: of what they sent last, empty for nothing."""

    id: int
    person: str
    channel: str
    language: str
    state: str
    reason: str
    sent_at: datetime | None
    read_at: datetime | None
    answered_at: datetime | None
    registration: str
    area: str


@dataclass(frozen=True, slots=True)
class Told:
    """A broadcast that somebody heard: their row in it."""

    row: int
    broadcast_id: int
    sent_at: datetime | None
    read_at: datetime | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class AnswerTo:
    """What somebody wrote after a broadcast, and the number of what they registered last."""

    id: int
    words: str
    at: datetime
    registration: str


def page(
    unit: Unit, broadcast_id: int, states: Collection[str], reason: str | None, after: int, limit: int
) -> tuple[Fate, ...]:
    """People in one of these states (none named: in any), with a reason (None: any), from after a row on."""
    wanted = [_rows.broadcast_id == broadcast_id, _rows.id > after]
    wanted += [_rows.state.in_(states)] if states else []
    wanted += [_rows.reason == reason] if reason is not None else []
    plain = ("id", "person", "channel", "language", "state", "reason", "sent_at", "read_at", "answered_at")
    columns = [*(_rows[name] for name in plain), _last("number").label("registration"), _last("area").label("area")]
    found = select(*columns).where(and_(true(), *wanted)).order_by(_rows.id).limit(limit)
    return tuple(Fate(**_filled(row)) for row in unit.execute(found))


def heard(unit: Unit, conversation_id: int, holder_id: str, broadcast_id: int = 0) -> Told | None:
    """The broadcast of that number, else the last one, that has left for an account or its person."""
    mine = [f"{NO_HOLDER}{conversation_id}", *([holder_id] if holder_id else [])]
    wanted = [_rows.person.in_(mine), or_(_rows.state == "sent", and_(_rows.state == "queued", _has_left()))]
    wanted += [_rows.broadcast_id == broadcast_id] if broadcast_id else []
    columns = (_rows.id.label("row"), _rows.broadcast_id, _rows.sent_at, _rows.read_at, _rows.answered_at)
    found = unit.execute(select(*columns).where(*wanted).order_by(_rows.id.desc()).limit(1))
    row = found.one_or_none()
    return None if row is None else Told(**row._asdict())


def _has_left() -> ColumnElement[bool]:
    """Whether the platform has it, though its end isn't written down yet."""
    out = tables.outbox.c
    left = out.state.in_(("claimed", "accepted", "sent"))
    return exists().where(out.conversation_id == _rows.conversation_id, left, out.recipient_id == _rows.id)


def confirm(unit: Unit, row: int, now: datetime) -> bool:
    """They say that they have read it; whether that is news."""
    unread = and_(_rows.id == row, _rows.read_at.is_(None))
    return bool(unit.execute(update(tables.broadcast_rows).where(unread).values(read_at=now)).rowcount)


def keep_answer(unit: Unit, told: Told, conversation_id: int, words: str, now: datetime) -> None:
    """Gather what they wrote beside the broadcast."""
    sealed = unit.vault.seal(words.encode(), WORDS)
    values = {"broadcast_id": told.broadcast_id, "row_id": told.row, "conversation_id": conversation_id}
    unit.execute(insert(tables.broadcast_answers), values | {"words_sealed": sealed, "at": now})
    unit.execute(update(tables.broadcast_rows).where(_rows.id == told.row).values(answered_at=now))


def answers(unit: Unit, broadcast_id: int, after: int, limit: int) -> tuple[AnswerTo, ...]:
    """What was answered, in the order it came in."""
    columns = (_answers.id, _answers.words_sealed, _answers.at, _last("number").label("registration"))
    joined = tables.broadcast_answers.join(tables.broadcast_rows, _rows.id == _answers.row_id)
    wanted = select(*columns).select_from(joined).where(_answers.broadcast_id == broadcast_id, _answers.id > after)
    found = unit.execute(wanted.order_by(_answers.id).limit(limit))
    opened = ((row, unit.vault.open(row.words_sealed, WORDS).decode()) for row in found)
    return tuple(AnswerTo(row.id, words, row.at, row.registration or "") for row, words in opened)


def tally(unit: Unit, broadcast_id: int) -> tuple[int, int]:
    """How many confirmed that they have read it, and how many answered."""
    mine = _rows.broadcast_id == broadcast_id
    read, said = func.count(_rows.read_at), func.count(_rows.answered_at)
    row = unit.execute(select(read.label("read"), said.label("said")).where(mine)).one()
    return int(row.read), int(row.said)


def erase(unit: Unit, conversation_id: int) -> None:
    """What was answered on an account goes with it."""
    unit.execute(delete(tables.broadcast_answers).where(_answers.conversation_id == conversation_id))


def everything(unit: Unit, conversation_id: int) -> list[dict[str, Any]]:
    """What was answered on an account, for its own person."""
    mine = _answers.conversation_id == conversation_id
    found = unit.execute(select(tables.broadcast_answers).where(mine).order_by(_answers.id))
    return [{"words": unit.vault.open(row.words_sealed, WORDS).decode(), "at": row.at} for row in found]


def list_numbers(unit: Unit, broadcast_id: int, numbers: Sequence[str], areas: Collection[str] | None) -> list[str]:
    """Let a broadcast go to those registrations, which must be in these areas; the numbers that are not there."""
    here = true() if areas is None else _sent.area.in_(areas)
    found = unit.execute(select(_sent.id, _sent.number).where(_sent.number.in_(numbers), here)).all()
    for row in found:
        unit.insert_once(tables.broadcast_lists, {"broadcast_id": broadcast_id, "submission_id": row.id})
    known = {row.number for row in found}
    return [number for number in numbers if number not in known]


def drop_list(unit: Unit, broadcast_id: int) -> None:
    """Forget the list."""
    unit.execute(delete(tables.broadcast_lists).where(tables.broadcast_lists.c.broadcast_id == broadcast_id))


def listed(unit: Unit, broadcast_id: int) -> int:
    """How many registrations are listed."""
    mine = tables.broadcast_lists.c.broadcast_id == broadcast_id
    return int(unit.execute(select(func.count()).select_from(tables.broadcast_lists).where(mine)).scalar_one())


def _last(column: str) -> ScalarSelect[Any]:
    """A column of what the person sent last."""
    sent = tables.submissions.alias("last_sent").c
    last = select(sent[column]).where(sent.holder_id == _rows.person).order_by(sent.id.desc()).limit(1)
    return last.correlate(tables.broadcast_rows).scalar_subquery()


def _filled(row: Any) -> dict[str, Any]:
    values: dict[str, Any] = row._asdict()
    return values | {name: values[name] or "" for name in ("registration", "area")}
