"""How often notices go out (the rhythm), and each time that they do (a round): how far it is, how many it told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select, update

from storage import tables
from storage.unit import Unit

WEEKLY = "weekly"

_rhythms = tables.notice_rhythms.c
_rounds = tables.notice_rounds.c
_accounts = tables.conversations.c


@dataclass(frozen=True, slots=True)
class Rhythm:
    """cron: five fields, local time, weekdays by name; is_on: whether anything is sent; version: as it was read."""

    cron: str
    is_on: bool
    changed_at: datetime
    changed_by: str
    version: int


@dataclass(frozen=True, slots=True)
class Round:
    """begun_at: when the rhythm called for it; reached: the account looked at last; told: how many people got one."""

    begun_at: datetime
    reached: int
    told: int
    ended_at: datetime | None


def rhythm(unit: Unit) -> Rhythm | None:
    """What the staff set; None before they did."""
    row = unit.execute(select(tables.notice_rhythms).where(_rhythms.name == WEEKLY)).one_or_none()
    return None if row is None else Rhythm(row.cron, row.is_on, row.changed_at, row.changed_by, row.version)


def set_rhythm(unit: Unit, cron: str, member: str, version: int, now: datetime, *, is_on: bool) -> bool:
    """Set it as somebody who saw that version; False if somebody else was faster."""
    first = {"name": WEEKLY, "cron": cron, "is_on": False, "changed_at": now, "changed_by": member, "version": 0}
    unit.insert_once(tables.notice_rhythms, first)
    seen = update(tables.notice_rhythms).where(_rhythms.name == WEEKLY, _rhythms.version == version)
    values = {"cron": cron, "is_on": is_on, "changed_at": now, "changed_by": member, "version": version + 1}
    return bool(unit.execute(seen.values(values)).rowcount)


def begin(unit: Unit, begun_at: datetime) -> bool:
    """A round, once for each time the rhythm calls; False if it is there already."""
    return unit.insert_once(tables.notice_rounds, {"begun_at": begun_at, "reached": 0, "told": 0})


def newest(unit: Unit, limit: int) -> Sequence[Round]:
    """The last rounds, the newest first."""
    found = select(tables.notice_rounds).order_by(_rounds.begun_at.desc()).limit(limit)
    return [_round(row) for row in unit.execute(found)]


def unfinished(unit: Unit) -> Round | None:
    """The oldest round that hasn't come to its end."""
    open_ones = select(tables.notice_rounds).where(_rounds.ended_at.is_(None)).order_by(_rounds.begun_at).limit(1)
    row = unit.execute(open_ones).one_or_none()
    return None if row is None else _round(row)


def advance(unit: Unit, read: Round, reached: int, told: int, ended_at: datetime | None) -> bool:
    """The round has come so far; False if another copy of the program has taken it further."""
    as_read = and_(_rounds.begun_at == read.begun_at, _rounds.reached == read.reached, _rounds.ended_at.is_(None))
    values = {"reached": reached, "told": read.told + told, "ended_at": ended_at}
    return bool(unit.execute(update(tables.notice_rounds).where(as_read).values(values)).rowcount)


def people(unit: Unit, after: int, limit: int) -> Sequence[tuple[int, str]]:
    """The next people, each with the first of their accounts, by which they are ordered."""
    first = func.min(_accounts.id).label("first")
    known = select(first, _accounts.holder_id).where(_accounts.holder_id != "").group_by(_accounts.holder_id)
    rows = unit.execute(known.having(first > after).order_by(first).limit(limit))
    return [(int(row.first), row.holder_id) for row in rows]


def written_at(unit: Unit, accounts: Sequence[int], since: datetime, limit: int = 200) -> Sequence[datetime]:
    """When somebody wrote on these accounts, the newest first."""
    rows = tables.messages.c
    theirs = select(rows.received_at).where(rows.conversation_id.in_(accounts), rows.received_at > since)
    return list(unit.execute(theirs.order_by(rows.received_at.desc()).limit(limit)).scalars())


def _round(row: Any) -> Round:
    return Round(row.begun_at, row.reached, row.told, row.ended_at)
