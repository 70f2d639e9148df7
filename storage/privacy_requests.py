"""What people ask about their data and the machine can't finish alone: an office answers, within a time."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select, true, update

from storage import tables
from storage.unit import Unit

WORDS = "privacy_requests.words"
ANSWER = "privacy_requests.answer"

Kind = Literal["erase", "correct", "complaint"]
State = Literal["open", "done", "refused", "answered"]
Areas = Collection[str] | None

_rows = tables.privacy_requests.c


@dataclass(frozen=True, slots=True)
class Request:
    """What an account asked in its own words, the day by which the office answers, and what it answered.

    area: whose office it is; empty where nothing of the person's tells, then everybody's.
    """

    id: int
    conversation_id: int
    area: str
    kind: Kind
    words: str
    asked_at: datetime
    due_on: date
    state: State = "open"
    answer: str = ""
    answered_by: str = ""
    answered_at: datetime | None = None


def add(unit: Unit, request: Request) -> Request:
    """Keep a new request; it gets its number."""
    values = {
        "conversation_id": request.conversation_id,
        "area": request.area,
        "kind": request.kind,
        "words_sealed": unit.vault.seal(request.words.encode(), WORDS),
        "asked_at": request.asked_at,
        "due_on": request.due_on,
        "state": "open",
    }
    row = unit.execute(insert(tables.privacy_requests).values(values).returning(tables.privacy_requests)).one()
    return _request(unit, row)


def open_of(unit: Unit, conversation_id: int) -> tuple[Request, ...]:
    """What an account has asked and nobody has answered yet, oldest first."""
    return _found(unit, and_(_rows.conversation_id == conversation_id, _rows.state == "open"))


def waiting(unit: Unit, areas: Areas, after: int, limit: int) -> tuple[Request, ...]:
    """Those that wait for an answer, oldest first, behind the one of that number."""
    wanted = and_(_rows.state == "open", _rows.id > after, _of(areas))
    found = select(tables.privacy_requests).where(wanted).order_by(_rows.id).limit(limit)
    return tuple(_request(unit, row) for row in unit.execute(found))


def answered(unit: Unit, areas: Areas, limit: int) -> tuple[Request, ...]:
    """Those that were answered last, newest first."""
    wanted = and_(_rows.answered_at.is_not(None), _of(areas))
    found = select(tables.privacy_requests).where(wanted).order_by(_rows.answered_at.desc(), _rows.id.desc())
    return tuple(_request(unit, row) for row in unit.execute(found.limit(limit)))


def count(unit: Unit, areas: Areas, today_on: date) -> tuple[int, int]:
    """How many wait, and how many of these are past their day."""
    late = func.count().filter(_rows.due_on < today_on).label("late")
    numbers = select(func.count().label("waiting"), late).where(_rows.state == "open", _of(areas))
    row = unit.execute(numbers).one()
    return int(row.waiting), int(row.late)


def get(unit: Unit, number: int, areas: Areas) -> Request | None:
    """One of these areas; None for others' too."""
    found = _found(unit, and_(_rows.id == number, _of(areas)))
    return found[0] if found else None


def settle(unit: Unit, request: Request) -> bool:
    """Keep an answer; False where somebody was quicker, and then nothing changes."""
    values = {
        "state": request.state,
        "answer_sealed": unit.vault.seal(request.answer.encode(), ANSWER),
        "answered_by": request.answered_by,
        "answered_at": request.answered_at,
    }
    mine = and_(_rows.id == request.id, _rows.state == "open")
    return bool(unit.execute(update(tables.privacy_requests).where(mine).values(values)).rowcount)


def everything(unit: Unit, conversation_id: int) -> list[dict[str, Any]]:
    """All that an account has asked, as JSON values: the person may take it along."""
    return [
        {
            "asked_at": one.asked_at,
            "kind": one.kind,
            "words": one.words,
            "state": one.state,
            "answer": one.answer,
            "answered_at": one.answered_at,
        }
        for one in _found(unit, _rows.conversation_id == conversation_id)
    ]


def erase(unit: Unit, conversation_id: int) -> None:
    """Forget what an account that is gone has asked: nobody can be told an answer any more."""
    unit.execute(delete(tables.privacy_requests).where(_rows.conversation_id == conversation_id))


def _found(unit: Unit, wanted: ColumnElement[bool]) -> tuple[Request, ...]:
    found = select(tables.privacy_requests).where(wanted).order_by(_rows.id)
    return tuple(_request(unit, row) for row in unit.execute(found))


def _of(areas: Areas) -> ColumnElement[bool]:
    return true() if areas is None else or_(_rows.area == "", _rows.area.in_(areas))


def _request(unit: Unit, row: Any) -> Request:
    answer = "" if row.answer_sealed is None else unit.vault.open(row.answer_sealed, ANSWER).decode()
    words = unit.vault.open(row.words_sealed, WORDS).decode()
    sealed = {"words_sealed", "answer_sealed"}
    plain = {name: value for name, value in row._asdict().items() if name not in sealed}
    return Request(words=words, answer=answer, **plain)
