"""Who can't be told: reminders of the coming weeks that reach nobody as things stand, and what did not arrive."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, String, and_, cast, exists, func, literal, or_, select, tuple_, update

from storage import tables
from storage.conversations import PAGES
from storage.quotas import USED_UP
from storage.reminders import Reminder, get
from storage.unit import Unit

Show = Literal["coming", "missed"]
AHEAD = timedelta(days=30)
BACK = timedelta(days=30)
NO_ACCOUNT, PAGE, NO_WINDOW = "no account", "not connected", "no window"
TOLD = "told by telephone"

_rows = tables.reminders.c
_accounts = tables.conversations.c
_outbox = tables.outbox.c
_Areas = Collection[str] | None


@dataclass(frozen=True, slots=True)
class Untold:
    """A reminder that doesn't reach its person: why, and what they sent last (empty: nothing)."""

    reminder: Reminder
    why: str
    registration: str


@dataclass(frozen=True, slots=True)
class Carried:
    """What an approved template carries: these entries in a language; grant: the template of notifications that the
    person has to have agreed to, empty where nobody is asked."""

    language: str
    entries: Collection[str]
    grant: str = ""


@dataclass(frozen=True, slots=True)
class Silent:
    """A channel on which people have to write first, and what goes without.

    refused: under which name, before the account's number, it is noted in a period that a person takes no templates.
    """

    channel: str
    carried: Sequence[Carried] = ()
    refused: str = ""
    period: str = ""


def coming(unit: Unit, now: datetime, areas: _Areas, silent: Silent, after: int, limit: int) -> tuple[Untold, ...]:
    """What is planned for the coming weeks, or waits in the outbox, and can't be told; the nearest day first."""
    planned = and_(_rows.state == "planned", _rows.due_at <= now + AHEAD, ~_can_be_told(silent))
    waits = exists().where(_outbox.once_key == _rows.message_key, _outbox.state == "waiting", _outbox.reason != "")
    stuck = and_(_rows.state == "handed", waits)
    return _listed(unit, (or_(planned, stuck), *_in(areas)), silent, after, limit)


def missed(unit: Unit, now: datetime, areas: _Areas, silent: Silent, after: int, limit: int) -> tuple[Untold, ...]:
    """What did not arrive in the last weeks, or came late after a stop where the office wants to know."""
    called = exists().where(_outbox.once_key == _rows.message_key, _outbox.called_at.is_not(None))
    untold = and_(_rows.state == "untold", ~called)
    late = and_(_rows.made_up == "alert", _rows.state.in_(("told", "joined")))
    where = (_rows.ended_at > now - BACK, or_(untold, late), *_in(areas))
    return _listed(unit, where, silent, after, limit)


def one(unit: Unit, number: int, areas: _Areas) -> Reminder | None:
    """One reminder of somebody in these areas."""
    seen = select(_rows.id).where(_rows.id == number, *_in(areas))
    return None if unit.execute(seen).first() is None else get(unit, number)


def called(unit: Unit, number: int, now: datetime) -> bool:
    """The person was told by telephone; False where that is known, or they were told."""
    told = {"state": "told", "reason": TOLD, "ended_at": now, "open_key": None}
    open_ones = update(tables.reminders).where(_rows.id == number, _rows.state.in_(("planned", "untold")))
    return bool(unit.execute(open_ones.values(told)).rowcount)


def submission_of(unit: Unit, reminder: Reminder) -> int:
    """What the person sent last; 0 for nothing."""
    sent = tables.submissions.c
    last = select(func.max(sent.id)).where(sent.holder_id == reminder.holder_id, sent.holder_id != "")
    return unit.execute(last).scalar_one() or 0


def _in(areas: _Areas) -> tuple[ColumnElement[bool], ...]:
    return () if areas is None else (_rows.area.in_(areas),)


def _theirs() -> ColumnElement[bool]:
    return or_(
        and_(_rows.holder_id != "", _accounts.holder_id == _rows.holder_id), _accounts.id == _rows.conversation_id
    )


def _can_be_told(silent: Silent) -> ColumnElement[bool]:
    """Whether the person has an account on which this can be said unasked, on its day."""
    window = and_(_accounts.window_left > 0, _accounts.window_until > _rows.due_at)
    carried = or_(window, *(_is_carried(one, silent) for one in silent.carried))
    speaks = or_(_accounts.channel.not_in((*PAGES, silent.channel)), and_(_accounts.channel == silent.channel, carried))
    return exists().where(_theirs(), _accounts.reach == "reachable", speaks)


def _is_carried(one: Carried, silent: Silent) -> ColumnElement[bool]:
    """Whether a template carries it, and the person takes it."""
    fits = and_(_accounts.language == one.language, _rows.entry.in_(one.entries))
    if one.grant:
        granted, agreed = tables.grants.c, or_(tables.grants.c.lasting, tables.grants.c.notices_left > 0)
        return and_(
            fits, exists().where(granted.conversation_id == _accounts.id, granted.template == one.grant, agreed)
        )
    full = tables.quotas.c
    name = literal(f"{silent.refused}:").concat(cast(_accounts.id, String))
    refuses = exists().where(full.name == name, full.period == silent.period, full.used >= USED_UP)
    return and_(fits, ~refuses)


def _listed(
    unit: Unit, where: Sequence[ColumnElement[bool]], silent: Silent, after: int, limit: int
) -> tuple[Untold, ...]:
    wanted: Select[Any] = select(_rows.id, _rows.message_key).where(*where)
    behind = unit.execute(select(_rows.due_at, _rows.id).where(_rows.id == after)).one_or_none()
    if behind is not None:
        wanted = wanted.where(tuple_(_rows.due_at, _rows.id) > tuple_(behind.due_at, behind.id))
    found = unit.execute(wanted.order_by(_rows.due_at, _rows.id).limit(limit)).all()
    listed = ((get(unit, row.id), row.message_key) for row in found)
    return tuple(
        Untold(one, _why(unit, one, key, silent), _registration(unit, one)) for one, key in listed if one is not None
    )


def _why(unit: Unit, reminder: Reminder, key: str, silent: Silent) -> str:
    """The outbox's reason where there is a message, else what of the person's accounts keeps it from them."""
    if reminder.ended_at is not None:
        return "late" if reminder.state != "untold" else reminder.reason
    if reminder.state == "handed":
        return unit.execute(select(_outbox.reason).where(_outbox.once_key == key)).scalar_one_or_none() or ""
    accounts = select(_accounts.channel, _accounts.reach).where(
        _accounts.holder_id == reminder.holder_id if reminder.holder_id else _accounts.id == reminder.conversation_id
    )
    found = unit.execute(accounts.order_by(_accounts.id)).all()
    reachable = {row.channel for row in found if row.reach == "reachable"}
    if not found:
        return NO_ACCOUNT
    if not reachable:
        return str(found[0].reach)
    return NO_WINDOW if silent.channel in reachable else PAGE


def _registration(unit: Unit, reminder: Reminder) -> str:
    number = submission_of(unit, reminder)
    if not number:
        return ""
    sent = tables.submissions.c
    return str(unit.execute(select(sent.number).where(sent.id == number)).scalar_one())
