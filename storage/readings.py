"""Which notices about the law an account was shown: sent unasked, or opened by the person."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select, update

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
