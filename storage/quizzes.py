"""Quizzes about the law: what was asked, what was answered, and how many were right."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from storage import tables
from storage.unit import Unit

_rows = tables.quizzes.c


@dataclass(frozen=True, slots=True)
class Quiz:
    """notices: what is asked about, in order; answers: a sign for each one answered, the number of the option shown."""

    id: int
    conversation_id: int
    notices: tuple[str, ...]
    answers: str = ""
    right: int = 0
    ended_at: datetime | None = None

    @property
    def at(self) -> int:
        """How many have been answered: the number of the question that is open, from 0."""
        return len(self.answers)


def begin(unit: Unit, conversation_id: int, notices: Sequence[str], now: datetime) -> Quiz:
    """A new one."""
    values = {
        "conversation_id": conversation_id,
        "notices": json.dumps(list(notices)),
        "answers": "",
        "right_answers": 0,
        "begun_at": now,
    }
    number = unit.execute(insert(tables.quizzes).returning(_rows.id), values).scalar_one()
    return Quiz(number, conversation_id, tuple(notices))


def latest(unit: Unit, conversation_id: int) -> Quiz | None:
    """The account's last one, whether it has ended or not."""
    mine = select(tables.quizzes).where(_rows.conversation_id == conversation_id)
    row = unit.execute(mine.order_by(_rows.id.desc()).limit(1)).one_or_none()
    return None if row is None else _quiz(row)


def answer(unit: Unit, quiz: Quiz, sign: str, now: datetime, *, right: bool) -> Quiz | None:
    """The open question is answered; None if somebody was faster."""
    answers, number = quiz.answers + sign, quiz.right + right
    ended = now if len(answers) == len(quiz.notices) else None
    still = update(tables.quizzes).where(_rows.id == quiz.id, _rows.answers == quiz.answers)
    done = unit.execute(still.values(answers=answers, right_answers=number, ended_at=ended)).rowcount
    return replace(quiz, answers=answers, right=number, ended_at=ended) if done else None


def score(unit: Unit, accounts: Collection[int]) -> tuple[int, int]:
    """How many were right, of how many answered, on all of somebody's accounts."""
    right = func.coalesce(func.sum(_rows.right_answers), 0).label("right")
    answered = func.coalesce(func.sum(func.length(func.replace(_rows.answers, "-", ""))), 0).label("answered")
    row = unit.execute(select(right, answered).where(_rows.conversation_id.in_(accounts))).one()
    return int(row.right), int(row.answered)


def asked(unit: Unit, accounts: Collection[int], limit: int) -> list[str]:
    """The notices that were asked about in the last quizzes, the newest first."""
    mine = select(_rows.notices).where(_rows.conversation_id.in_(accounts)).order_by(_rows.id.desc()).limit(limit)
    return [name for text in unit.execute(mine).scalars() for name in json.loads(text)]


def everything(unit: Unit, conversation_id: int) -> list[Mapping[str, Any]]:
    """An account's quizzes, for the person to take along."""
    columns = (_rows.notices, _rows.answers, _rows.right_answers, _rows.begun_at, _rows.ended_at)
    mine = select(*columns).where(_rows.conversation_id == conversation_id).order_by(_rows.id)
    return [row._asdict() | {"notices": json.loads(row.notices)} for row in unit.execute(mine)]


def _quiz(row: Any) -> Quiz:
    notices = tuple(json.loads(row.notices))
    return Quiz(row.id, row.conversation_id, notices, row.answers, row.right_answers, row.ended_at)
