"""Hand-overs: somebody asked for a person, staff answer, the bot is silent meanwhile. What is said is sealed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update

from storage import tables
from storage.unit import Unit

SAID = "hand_over_lines.said"
UNANSWERED = "no_answer"

_rows = tables.hand_overs.c
_lines = tables.hand_over_lines.c
_accounts = tables.conversations.c

Why = Literal["", "bot", "handed_back", "no_answer", "quiet", "settled", "asked_again"]
Author = Literal["person", "staff"]


@dataclass(frozen=True, slots=True)
class HandOver:
    """One talk between a person and the staff.

    area: whose staff answer, empty for the whole office; step: the question that was open; waits_since: since when the
    person waits for an answer (None: they were answered); silent_until: when the bot speaks again if nobody says
    anything; taken_by: the staff code of who answers (empty: nobody yet); said_at: the staff's last word; why it ended.
    """

    id: int
    conversation_id: int
    area: str
    step: str
    asked_at: datetime
    waits_since: datetime | None
    silent_until: datetime
    taken_by: str = ""
    taken_at: datetime | None = None
    said_at: datetime | None = None
    ended_at: datetime | None = None
    why: Why = ""

    @property
    def is_open(self) -> bool:
        """Whether the bot is silent."""
        return self.ended_at is None

    @property
    def is_unanswered(self) -> bool:
        """Whether it ended because nobody of the staff had time."""
        return self.why == UNANSWERED


@dataclass(frozen=True, slots=True)
class Line:
    """What was said or done. kind: words, place, contact, photo, document, sticker, voice …; taken, given, ended."""

    author: Author
    kind: str
    said: Any
    at: datetime
    staff_code: str = ""
    id: int = 0


@dataclass(frozen=True, slots=True)
class Listed:
    """A hand-over in the staff's list, with the account it is about."""

    hand_over: HandOver
    channel: str
    language: str
    holder_id: str
    reach: str
    window_left: int
    window_until: datetime | None


def begin(unit: Unit, conversation_id: int, area: str, step: str, now: datetime, silent_until: datetime) -> int:
    """A new hand-over; an earlier one of the account that nobody answered needs no answer of its own any more."""
    old = and_(_rows.conversation_id == conversation_id, _rows.why == UNANSWERED)
    unit.execute(update(tables.hand_overs).where(old).values(why="asked_again"))
    values = {
        "conversation_id": conversation_id,
        "area": area,
        "step": step,
        "asked_at": now,
        "waits_since": now,
        "silent_until": silent_until,
    }
    return int(unit.execute(tables.hand_overs.insert().values(values).returning(_rows.id)).scalar_one())


def get(unit: Unit, number: int) -> HandOver | None:
    """One hand-over."""
    row = unit.execute(select(tables.hand_overs).where(_rows.id == number)).one_or_none()
    return None if row is None else HandOver(**row._asdict())


def save(unit: Unit, changed: HandOver) -> None:
    """Write what may change; whoever does so holds the conversation's row."""
    values = {
        "waits_since": changed.waits_since,
        "silent_until": changed.silent_until,
        "taken_by": changed.taken_by,
        "taken_at": changed.taken_at,
        "said_at": changed.said_at,
        "ended_at": changed.ended_at,
        "why": changed.why,
    }
    unit.execute(update(tables.hand_overs).where(_rows.id == changed.id).values(values))


def due(unit: Unit, now: datetime, limit: int) -> tuple[int, ...]:
    """Open ones whose silence has lasted long enough."""
    over = and_(_rows.ended_at.is_(None), _rows.silent_until <= now)
    wanted = select(_rows.id).where(over).order_by(_rows.silent_until).limit(limit)
    return tuple(unit.execute(wanted).scalars())


def open_ones(unit: Unit, areas: Collection[str] | None, limit: int) -> tuple[Listed, ...]:
    """Those that are going on: who waits for an answer first, the longest waiting on top, then the others."""
    wanted = _joined().where(_rows.ended_at.is_(None), _of(areas))
    order = (_rows.waits_since.is_(None), _rows.waits_since, _rows.id)
    return tuple(_listed(row) for row in unit.execute(wanted.order_by(*order).limit(limit)))


def unanswered(unit: Unit, areas: Collection[str] | None, limit: int) -> tuple[Listed, ...]:
    """Those that ended without an answer and still need one, oldest first."""
    wanted = _joined().where(_rows.why == UNANSWERED, _of(areas))
    return tuple(_listed(row) for row in unit.execute(wanted.order_by(_rows.id).limit(limit)))


def listed(unit: Unit, number: int) -> Listed | None:
    """One of them."""
    row = unit.execute(_joined().where(_rows.id == number)).one_or_none()
    return None if row is None else _listed(row)


def count(unit: Unit, areas: Collection[str] | None) -> tuple[int, int, datetime | None]:
    """How many wait for the staff's word, how many were not answered, and since when the oldest of the first waits."""
    waits = and_(_rows.ended_at.is_(None), _rows.waits_since.is_not(None), _of(areas))
    found = unit.execute(select(func.count().label("number"), func.min(_rows.waits_since).label("oldest")).where(waits))
    row = found.one()
    missed = select(func.count()).select_from(tables.hand_overs).where(_rows.why == UNANSWERED, _of(areas))
    return int(row.number), int(unit.execute(missed).scalar_one()), row.oldest


def add_line(unit: Unit, hand_over: int, line: Line, once_key: str) -> int | None:
    """Write a line; its number, or None where the same (`once_key`) is there already."""
    values = {
        "hand_over_id": hand_over,
        "author": line.author,
        "staff_code": line.staff_code,
        "kind": line.kind,
        "said_sealed": unit.vault.seal_json(line.said, SAID),
        "once_key": once_key,
        "at": line.at,
    }
    if not unit.insert_once(tables.hand_over_lines, values):
        return None
    mine = and_(_lines.hand_over_id == hand_over, _lines.once_key == once_key)
    return int(unit.execute(select(_lines.id).where(mine)).scalar_one())


def has_line(unit: Unit, hand_over: int, once_key: str) -> bool:
    """Whether that was said already."""
    same = and_(_lines.hand_over_id == hand_over, _lines.once_key == once_key)
    return unit.execute(select(_lines.id).where(same)).first() is not None


def lines(unit: Unit, hand_over: int) -> tuple[Line, ...]:
    """Everything that was said, in order."""
    wanted = select(tables.hand_over_lines).where(_lines.hand_over_id == hand_over).order_by(_lines.id)
    return tuple(_line(unit, row) for row in unit.execute(wanted))


def last_words(unit: Unit, hand_over_ids: Collection[int]) -> dict[int, Line]:
    """The last line that the person said, of each of these."""
    of_these = and_(_lines.hand_over_id.in_(hand_over_ids), _lines.author == "person")
    newest = select(func.max(_lines.id)).where(of_these).group_by(_lines.hand_over_id)
    rows = unit.execute(select(tables.hand_over_lines).where(_lines.id.in_(newest)))
    return {row.hand_over_id: _line(unit, row) for row in rows}


def everything(unit: Unit, conversation_id: int) -> list[dict[str, Any]]:
    """All hand-overs of an account with what was said, as JSON values: the person may take them along."""
    found = unit.execute(select(tables.hand_overs).where(_rows.conversation_id == conversation_id).order_by(_rows.id))
    return [
        {
            "asked_at": row.asked_at,
            "ended_at": row.ended_at,
            "said": [
                {"at": line.at, "by": line.staff_code or line.author, "kind": line.kind, "said": line.said}
                for line in lines(unit, row.id)
            ],
        }
        for row in found.all()
    ]


def erase(unit: Unit, conversation_id: int) -> None:
    """Forget an account's hand-overs and what was said in them."""
    _drop(unit, list(unit.execute(select(_rows.id).where(_rows.conversation_id == conversation_id)).scalars()))
    silent = update(tables.conversations).where(_accounts.id == conversation_id)
    unit.execute(silent.values(hand_over=None))


def is_old(before: datetime) -> ColumnElement[bool]:
    """Ended before that instant."""
    return _rows.ended_at < before


def prune(unit: Unit, before: datetime, limit: int) -> int:
    """Forget hand-overs that ended before that instant, some at a time; how many."""
    return _drop(unit, list(unit.execute(select(_rows.id).where(is_old(before)).limit(limit)).scalars()))


def _drop(unit: Unit, numbers: list[int]) -> int:
    unit.execute(delete(tables.hand_over_lines).where(_lines.hand_over_id.in_(numbers)))
    return int(unit.execute(delete(tables.hand_overs).where(_rows.id.in_(numbers))).rowcount)


def _of(areas: Collection[str] | None) -> ColumnElement[bool]:
    """Of these areas, or of none: who belongs nowhere yet is everybody's to answer."""
    return _rows.id.is_not(None) if areas is None else or_(_rows.area == "", _rows.area.in_(areas))


def _joined() -> Any:
    account = (
        _accounts.channel, _accounts.language, _accounts.holder_id, _accounts.reach, _accounts.window_left,
        _accounts.window_until,
    )  # fmt: skip
    both = tables.hand_overs.join(tables.conversations, _accounts.id == _rows.conversation_id)
    return select(tables.hand_overs, *account).select_from(both)


def _listed(row: Any) -> Listed:
    values = row._asdict()
    account = {name: values.pop(name) for name in Listed.__dataclass_fields__ if name != "hand_over"}
    return Listed(HandOver(**values), **account)


def _line(unit: Unit, row: Any) -> Line:
    said = unit.vault.open_json(row.said_sealed, SAID)
    return Line(row.author, row.kind, said, row.at, row.staff_code, row.id)
