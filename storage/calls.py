"""The call list: whom no message reaches although a deadline nears, or has not reached; the office telephones."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, case, func, or_, select, update

from storage import tables
from storage.unit import Unit

KINDS = ("notice", "reminder")
STUCK = timedelta(hours=2)  # longer than any pause between two tries: what is due later waits for the person
MISSED_FOR = timedelta(days=30)

_rows = tables.outbox.c
_owners = tables.conversations.c


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody to telephone: the message, why it didn't reach them, by when it matters.

    registration, submission_id, area: of what they sent last, empty where they have sent nothing.
    """

    id: int
    kind: str
    channel: str
    reason: str
    not_after: datetime | None
    registration: str
    area: str
    conversation_id: int = 0
    submission_id: int = 0


def calls(
    unit: Unit,
    now: datetime,
    within: timedelta,
    limit: int = 100,
    areas: Collection[str] | None = None,
    after: int = 0,
) -> tuple[Call, ...]:
    """What waits for a person while its deadline is nearer than `within`, and what has failed; the nearest first.

    areas: only people whose last registration is in one of these; all if None. after: only what comes behind the
    message of that number, also where that one is no longer on the list.
    """
    wanted = [untold(now, within), *_in(areas), *_behind(unit, after)]
    nearest = (_rows.not_after.is_(None), _rows.not_after, _rows.id)
    found = _selected().where(*wanted).order_by(*nearest).limit(limit)
    return tuple(_call(row) for row in unit.execute(found))


def call(unit: Unit, number: int, areas: Collection[str] | None) -> Call | None:
    """One message to somebody whose last registration is in one of these areas, whatever became of it."""
    row = unit.execute(_selected().where(_rows.id == number, _rows.kind.in_(KINDS), *_in(areas))).one_or_none()
    return None if row is None else _call(row)


def was_called(unit: Unit, number: int) -> bool:
    """Whether the person was told by telephone already."""
    return unit.execute(select(_rows.id).where(_rows.id == number, _rows.called_at.is_not(None))).first() is not None


def called(unit: Unit, number: int, now: datetime) -> bool:
    """The person was told by telephone; what still waits needn't be said any more. False where nothing is to tell."""
    theirs = and_(_rows.id == number, _rows.called_at.is_(None), _rows.state.in_(("waiting", "failed", "expired")))
    waits = _rows.state == "waiting"
    told = {
        "called_at": now,
        "state": case((waits, "suppressed"), else_=_rows.state),
        "reason": case((waits, "told by telephone"), else_=_rows.reason),
        "ended_at": case((waits, now), else_=_rows.ended_at),
        "claim": _rows.claim + 1,
    }
    return bool(unit.execute(update(tables.outbox).where(theirs).values(told)).rowcount)


def untold(now: datetime, within: timedelta) -> ColumnElement[bool]:
    """Messages that wait for a person while their deadline nears, and those that failed, not told otherwise since."""
    waits = and_(
        _rows.ended_at.is_(None),
        _rows.state == "waiting",
        _rows.reason != "",
        _rows.due_at > now + STUCK,
        _rows.not_after <= now + within,
    )
    missed = and_(_rows.state.in_(("failed", "expired")), _rows.ended_at > now - MISSED_FOR)
    return and_(_rows.kind.in_(KINDS), _rows.called_at.is_(None), or_(waits, missed))


def _in(areas: Collection[str] | None) -> tuple[ColumnElement[bool], ...]:
    return () if areas is None else (_of_the_last("area").in_(areas),)


def _behind(unit: Unit, after: int) -> tuple[ColumnElement[bool], ...]:
    last = unit.execute(select(_rows.id, _rows.not_after).where(_rows.id == after)).one_or_none()
    if last is None:
        return ()
    if last.not_after is None:
        return (and_(_rows.not_after.is_(None), _rows.id > last.id),)
    later = and_(_rows.not_after == last.not_after, _rows.id > last.id)
    return (or_(_rows.not_after.is_(None), _rows.not_after > last.not_after, later),)


def _selected() -> Select[Any]:
    """A message with what its person sent last."""
    columns = (_rows.id, _rows.kind, _rows.channel, _rows.reason, _rows.not_after, _rows.conversation_id)
    last = {"registration": "number", "area": "area", "submission_id": "id"}
    theirs = (_of_the_last(column).label(name) for name, column in last.items())
    messages = tables.outbox.outerjoin(tables.conversations, _owners.id == _rows.conversation_id)
    return select(*columns, *theirs).select_from(messages)


def _call(row: Any) -> Call:
    values = row._asdict()
    empty = {"registration": values["registration"] or "", "area": values["area"] or ""}
    return Call(**values | empty | {"submission_id": values["submission_id"] or 0})


def _of_the_last(column: str) -> ScalarSelect[Any]:
    """A column of the person's last submission, also where the account is erased."""
    sent = tables.submissions.c
    holder = func.coalesce(func.nullif(_owners.holder_id, ""), _rows.holder_id)
    last = select(sent[column]).where(sent.holder_id == holder).order_by(sent.id.desc()).limit(1)
    return last.correlate(tables.conversations, tables.outbox).scalar_subquery()
