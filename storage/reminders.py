"""Reminders as rows: planned, handed to the outbox, and brought to one end with a reason."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, insert, not_, or_, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from storage import deliveries, tables
from storage.among import among
from storage.unit import Unit

State = Literal[
    "planned", "handed", "told", "joined", "untold", "replaced", "cancelled", "dismissed", "put_off", "skipped",
]  # fmt: skip
Origin = Literal["plan", "asked"]
OPEN: tuple[State, ...] = ("planned", "handed")
ENDS: tuple[State, ...] = ("told", "joined", "untold", "replaced", "cancelled", "dismissed", "put_off", "skipped")
SOME = 500
DONE = "done, they say"

_rows = tables.reminders.c
_OF = select(tables.reminders).where(
    _rows.entry == bindparam("of"), _rows.subject.in_(bindparam("subjects", expanding=True))
)
_PLAN = sqlite.insert(tables.reminders).on_conflict_do_nothing()
_PLAN_ON_POSTGRES = postgresql.insert(tables.reminders).on_conflict_do_nothing()
_HAND = (
    update(tables.reminders)
    .where(_rows.id == bindparam("one"))
    .values(
        state="handed", message_key=bindparam("key"), tells=_rows.tells + 1, made_up=bindparam("made"), open_key=None
    )
)


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder. entry: of the table of entries; subject: the number of what it is about (a duty, a submission …).

    offset_days: from the due day; origin: by the plan, or `asked` for by the person; due_on: the day it reminds of;
    remind_on: its own day; due_at: not before. holder_id or else conversation_id: whom. made_up: what was done where it
    was missed (send, skip, alert). message_key: the outbox's key of the message that carries it; tells: how often one
    was written.
    """

    entry: str
    subject: int
    offset_days: int
    due_on: date
    remind_on: date
    due_at: datetime
    holder_id: str = ""
    conversation_id: int = 0
    area: str = ""
    origin: Origin = "plan"
    state: State = "planned"
    reason: str = ""
    made_up: str = ""
    message_key: str = ""
    tells: int = 0
    id: int = 0
    created_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def matter(self) -> tuple[str, int]:
        """What it is about."""
        return self.entry, self.subject

    @property
    def whom(self) -> tuple[str, int]:
        """Who is reminded: the holder's id, or the conversation of somebody not known yet."""
        return self.holder_id, self.conversation_id

    @property
    def is_open(self) -> bool:
        """Whether it has no end yet."""
        return self.state in OPEN


_KEPT = tuple(name for name in Reminder.__slots__ if name != "id")


def plan(unit: Unit, wanted: Sequence[Reminder], now: datetime) -> None:
    """Keep reminders; one that is open already stays as it is."""
    if wanted:
        once = _PLAN_ON_POSTGRES if unit.is_postgres else _PLAN
        unit.connection.execute(once, [_values(one, now) for one in wanted])


def of(unit: Unit, entry: str, subjects: Collection[int]) -> tuple[Reminder, ...]:
    """Every reminder of an entry about these subjects, whatever became of it."""
    found = unit.execute(_OF, {"of": entry, "subjects": list(subjects)})
    return tuple(_reminder(row) for row in found)


def end(unit: Unit, ids: Collection[int], state: State, reason: str, now: datetime) -> int:
    """Bring open reminders to their end; how many had none yet."""
    return _end(unit, (_rows.id.in_(ids),), state, reason, now) if ids else 0


def skip(unit: Unit, number: int, now: datetime) -> None:
    """It was missed, and by its entry's policy isn't made up."""
    unit.execute(update(tables.reminders).where(_rows.id == number).values(made_up="skip"))
    end(unit, [number], "skipped", "missed", now)


def people_due(unit: Unit, now: datetime, limit: int, but: Collection[int] = ()) -> tuple[tuple[str, int], ...]:
    """Whose reminders are due, who waits longest first; read along the index, however many are due. but: not these."""
    due = select(_rows.holder_id, _rows.conversation_id).where(_rows.state == "planned", _rows.due_at <= now)
    if but:
        due = due.where(not_(among(_rows.id)))
    found = unit.execute(due.order_by(_rows.due_at, _rows.id).limit(limit), {"some": but} if but else None)
    return tuple(dict.fromkeys((row.holder_id, row.conversation_id) for row in found))


def due(unit: Unit, people: Sequence[tuple[str, int]], now: datetime) -> tuple[Reminder, ...]:
    """What these people are to be told now; nobody else tells it meanwhile."""
    theirs = select(tables.reminders).where(_of_people(people), _rows.state == "planned", _rows.due_at <= now)
    return _found(unit, theirs.order_by(_rows.due_at, _rows.id).with_for_update(skip_locked=True)) if people else ()


def handed_to(unit: Unit, people: Sequence[tuple[str, int]]) -> tuple[Reminder, ...]:
    """What these people were written and have not read, as far as is known."""
    theirs = select(tables.reminders).where(_of_people(people), _rows.state == "handed").order_by(_rows.id)
    return _found(unit, theirs) if people else ()


def hand(unit: Unit, told: Iterable[tuple[Reminder, str, str]]) -> None:
    """The outbox has messages with these reminders: each with what was made up, and its message's key.

    Their own keys are free: a day may move now, and the new one be planned beside it.
    """
    values = [{"one": one.id, "made": made_up or one.made_up, "key": key} for one, made_up, key in told]
    if values:
        unit.connection.execute(_HAND, values)


def cancel(unit: Unit, subjects: Iterable[tuple[str, int]], reason: str, now: datetime) -> int:
    """These matters are settled: nobody is reminded any more, also not by what waits in the outbox; how many."""
    keys = [and_(_rows.entry == entry, _rows.subject == number) for entry, number in subjects]
    if not keys:
        return 0
    found = _found(unit, select(tables.reminders).where(or_(*keys), _rows.state.in_(OPEN)))
    withdraw(unit, found, "cancelled", reason, now)
    return len(found)


def withdraw(unit: Unit, found: Sequence[Reminder], state: State, reason: str, now: datetime) -> None:
    """End open reminders. A message that still waits with one is taken back; what else it said is said anew."""
    gone = [one.id for one in found if one.state == "planned"]
    for key in {one.message_key for one in found if one.state == "handed"}:
        if deliveries.take_away(unit, key, "settled", now):
            gone += [one.id for one in found if one.message_key == key and one.state == "handed"]
            others = (_rows.message_key == key, _rows.state == "handed", _rows.id.not_in(gone))
            unit.execute(update(tables.reminders).where(*others).values(state="planned", due_at=now))
    end(unit, gone, state, reason, now)


def readdress(unit: Unit, found: Sequence[Reminder], whom: tuple[str, int], area: str) -> None:
    """Somebody else is meant: the account has become known as a person's, or the person's office is another."""
    if found:
        values = {"holder_id": whom[0], "conversation_id": whom[1], "area": area}
        unit.execute(update(tables.reminders).where(_rows.id.in_([one.id for one in found])).values(values))


def latest_told(unit: Unit, whoms: Sequence[tuple[str, int]]) -> tuple[Reminder, ...]:
    """The reminders of the newest message that a person was written."""
    mine = or_(*(and_(*_of_whom(whom)) for whom in whoms))
    told = (mine, _rows.message_key != "", _rows.state.in_(("handed", "told", "joined")))
    newest = select(_rows.message_key).where(*told).order_by(_rows.due_at.desc(), _rows.id.desc()).limit(1)
    key = unit.execute(newest).scalar_one_or_none()
    return () if key is None else _found(unit, select(tables.reminders).where(*told, _rows.message_key == key))


def coming(unit: Unit, whoms: Sequence[tuple[str, int]], limit: int) -> tuple[Reminder, ...]:
    """What a person will be reminded of, the nearest first."""
    return page(unit, (or_(*(and_(*_of_whom(whom)) for whom in whoms)), _rows.state == "planned"), limit)


def of_message(unit: Unit, key: str) -> tuple[Reminder, ...]:
    """The reminders that one message told."""
    return _found(unit, select(tables.reminders).where(_rows.message_key == key))


def dismiss(unit: Unit, one: Reminder, now: datetime) -> None:
    """The person says that it is done: what is still to come about this due day isn't told, and none is planned."""
    same = [other for other in of(unit, one.entry, [one.subject]) if other.due_on == one.due_on]
    withdraw(unit, [other for other in same if other.is_open], "dismissed", DONE, now)
    ended = (_rows.id.in_([other.id for other in same]), _rows.state == "dismissed")
    if unit.execute(select(_rows.id).where(*ended)).first() is None:
        unit.execute(insert(tables.reminders).values(_note_of(one, now)))


def ask_again(unit: Unit, again: Reminder, now: datetime) -> None:
    """The person wants to hear it on another day: what they asked for before is put off to that day."""
    others = [other for other in of(unit, again.entry, [again.subject]) if other.state == "planned"]
    if any(other.remind_on == again.remind_on for other in others):
        return
    before = [other.id for other in others if other.origin == "asked"]
    end(unit, before, "put_off", "asked for another day", now)
    plan(unit, [again], now)


def get(unit: Unit, number: int) -> Reminder | None:
    """One reminder."""
    found = _found(unit, select(tables.reminders).where(_rows.id == number))
    return found[0] if found else None


def open_matters(unit: Unit, after: tuple[str, int], until: datetime, limit: int = SOME) -> list[tuple[str, int]]:
    """What somebody is to be reminded of until an instant, from after an entry and subject on."""
    behind = tuple_(_rows.entry, _rows.subject) > after
    soon = select(_rows.entry, _rows.subject).where(_rows.state == "planned", _rows.due_at <= until, behind)
    found = unit.execute(soon.distinct().order_by(_rows.entry, _rows.subject).limit(limit))
    return [(row.entry, row.subject) for row in found]


def oldest_due(unit: Unit, now: datetime) -> float:
    """How long the oldest reminder that is due waits to be told, in seconds."""
    oldest: datetime | None = unit.execute(
        select(func.min(_rows.due_at)).where(_rows.state == "planned", _rows.due_at <= now)
    ).scalar_one()
    return 0.0 if oldest is None else (now - oldest).total_seconds()


def page(unit: Unit, where: Sequence[ColumnElement[bool]], limit: int) -> tuple[Reminder, ...]:
    """Those that fulfil conditions, by their day."""
    return _found(unit, select(tables.reminders).where(*where).order_by(_rows.due_at, _rows.id).limit(limit))


def due_until(unit: Unit, until: datetime, limit: int) -> tuple[Reminder, ...]:
    """What is planned until an instant, the nearest first."""
    return page(unit, (_rows.state == "planned", _rows.due_at <= until), limit)


def _note_of(one: Reminder, now: datetime) -> dict[str, Any]:
    """That a person said of a due day that it is done, where nothing was to come that could keep it."""
    told = {"state": "dismissed", "origin": "asked", "reason": DONE, "message_key": "", "tells": 0, "made_up": ""}
    return _values(one, now) | told | {"open_key": None, "ended_at": now}


def _end(unit: Unit, which: Sequence[ColumnElement[bool]], state: State, reason: str, now: datetime) -> int:
    ended = {"state": state, "reason": reason[:64], "ended_at": now, "open_key": None}
    still_open = update(tables.reminders).where(*which, _rows.state.in_(OPEN))
    return int(unit.execute(still_open.values(ended)).rowcount)


def _of_people(people: Collection[tuple[str, int]]) -> ColumnElement[bool]:
    holders = [holder for holder, _ in people if holder]
    accounts = [account for holder, account in people if not holder]
    unknown = and_(_rows.conversation_id.in_(accounts), _rows.holder_id == "")
    return or_(_rows.holder_id.in_(holders), unknown) if accounts else _rows.holder_id.in_(holders)


def _of_whom(whom: tuple[str, int]) -> tuple[ColumnElement[bool], ...]:
    holder_id, conversation_id = whom
    if holder_id:
        return (_rows.holder_id == holder_id,)
    return (_rows.conversation_id == conversation_id, _rows.holder_id == "")


def _values(one: Reminder, now: datetime) -> dict[str, Any]:
    offset = "asked" if one.origin == "asked" else str(one.offset_days)
    values = {name: getattr(one, name) for name in _KEPT}
    return values | {"open_key": f"{one.entry}:{one.subject}:{offset}", "created_at": now}


def _found(unit: Unit, wanted: Select[Any]) -> tuple[Reminder, ...]:
    return tuple(_reminder(row) for row in unit.execute(wanted))


def _reminder(row: Any) -> Reminder:
    values = dict(row._mapping)
    del values["open_key"]
    return Reminder(**values)
