"""Which notices about the law an account was shown: sent unasked, or opened by the person."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select, update

from storage import conversations, tables
from storage.unit import Unit

_rows = tables.notice_readings.c


@dataclass(frozen=True, slots=True)
class Reading:
    """One notice and one person: when it was written for them, left, and was read; None for what hasn't happened."""

    notice: str
    pushed_at: datetime | None = None
    sent_at: datetime | None = None
    read_at: datetime | None = None


def open_notice(unit: Unit, conversation_id: int, notice: str, now: datetime) -> bool:
    """The person opened it; whether that is the first time on this account."""
    unit.insert_once(tables.notice_readings, {"conversation_id": conversation_id, "notice": notice})
    unread = and_(_rows.conversation_id == conversation_id, _rows.notice == notice, _rows.read_at.is_(None))
    return bool(unit.execute(update(tables.notice_readings).where(unread).values(read_at=now)).rowcount)


def accounts(unit: Unit, conversation_id: int, holder_id: str) -> Collection[int]:
    """The person's accounts, or the one that belongs to nobody known yet."""
    theirs = conversations.of_holder(unit, holder_id) if holder_id else ()
    return {conversation_id, *(account.conversation_id for account in theirs)}


def of_accounts(unit: Unit, numbers: Collection[int]) -> dict[str, Reading]:
    """What somebody was shown on any of their accounts, by notice; the earliest reading counts."""
    columns = (_rows.notice, _rows.pushed_at, _rows.sent_at, _rows.read_at)
    found: dict[str, Reading] = {}
    for row in unit.execute(select(*columns).where(_rows.conversation_id.in_(numbers)).order_by(_rows.read_at)):
        reading = Reading(**row._asdict())
        former = found.get(reading.notice)
        found[reading.notice] = reading if former is None else _together(former, reading)
    return found


def _together(one: Reading, other: Reading) -> Reading:
    return Reading(
        one.notice,
        max(filter(None, (one.pushed_at, other.pushed_at)), default=None),
        max(filter(None, (one.sent_at, other.sent_at)), default=None),
        min(filter(None, (one.read_at, other.read_at)), default=None),
    )


def everything(unit: Unit, conversation_id: int) -> list[Mapping[str, Any]]:
    """What an account was shown, for the person to take along."""
    columns = (_rows.notice, _rows.pushed_at, _rows.sent_at, _rows.read_at)
    mine = select(*columns).where(_rows.conversation_id == conversation_id).order_by(_rows.notice)
    return [row._asdict() for row in unit.execute(mine)]


def push(unit: Unit, conversation_id: int, notice: str, once_key: str, now: datetime) -> None:
    """A notice was written for this account; one told before is told again."""
    unit.insert_once(tables.notice_readings, {"conversation_id": conversation_id, "notice": notice})
    told = update(tables.notice_readings).where(_rows.conversation_id == conversation_id, _rows.notice == notice)
    unit.execute(told.values(once_key=once_key, pushed_at=now, sent_at=None, read_at=None))


def last_pushed_at(unit: Unit, numbers: Collection[int]) -> datetime | None:
    """When somebody was last sent a notice unasked, on any of these accounts."""
    newest = select(_rows.pushed_at).where(_rows.conversation_id.in_(numbers), _rows.pushed_at.is_not(None))
    return unit.execute(newest.order_by(_rows.pushed_at.desc()).limit(1)).scalar_one_or_none()


def note_sent(unit: Unit, since: datetime, limit: int) -> Sequence[str]:
    """What has left since is marked so; the notices, for counting."""
    sending = tables.outbox.c
    gone_at = func.coalesce(sending.ended_at, sending.accepted_at).label("gone_at")
    joined = tables.notice_readings.join(tables.outbox, sending.once_key == _rows.once_key)
    waiting = and_(_rows.sent_at.is_(None), _rows.read_at.is_(None), _rows.pushed_at > since)
    columns = (_rows.conversation_id, _rows.notice, gone_at)
    left = select(*columns).select_from(joined).where(waiting, sending.state.in_(("sent", "accepted"))).limit(limit)
    return [row.notice for row in unit.execute(left).all() if _mark(unit, row, sent_at=row.gone_at)]


def note_answered(unit: Unit, since: datetime, limit: int) -> Sequence[str]:
    """Whoever wrote after a notice had come has read it; the notices, for counting. No platform tells more."""
    accounts = tables.conversations.c
    joined = tables.notice_readings.join(tables.conversations, accounts.id == _rows.conversation_id)
    unread = and_(_rows.read_at.is_(None), _rows.sent_at > since, accounts.updated_at > _rows.sent_at)
    columns = (_rows.conversation_id, _rows.notice, accounts.updated_at)
    found = unit.execute(select(*columns).select_from(joined).where(unread).limit(limit)).all()
    return [row.notice for row in found if _mark(unit, row, read_at=row.updated_at)]


def _mark(unit: Unit, row: Any, **when: datetime) -> bool:
    """Set an instant that isn't set yet; False if another copy of the program did."""
    (name,) = when
    unset = and_(_rows.conversation_id == row.conversation_id, _rows.notice == row.notice, _rows[name].is_(None))
    return bool(unit.execute(update(tables.notice_readings).where(unset).values(when)).rowcount)
