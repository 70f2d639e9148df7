"""Leases: one copy of the program at a time does a thing, and a dead one's place is taken by another."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, bindparam, func, or_, select, update

from storage import tables
from storage.unit import Unit

WRONG = timedelta(minutes=10)  # no lease and no pause of a worker is longer by so much: its end is a wrong clock's

_rows = tables.leases.c
_FREE = or_(_rows.holder == bindparam("me"), _rows.until <= bindparam("at"), _rows.until > bindparam("never"))
_TAKE = (
    update(tables.leases)
    .where(_rows.name == bindparam("lease"), _FREE)
    .values(holder=bindparam("me"), until=bindparam("end"), fence=_rows.fence + 1)
    .returning(_rows.fence)
)


def clock(unit: Unit) -> datetime:
    """The database's clock: copies on several machines must agree on what is over. SQLite has but one machine."""
    if not unit.is_postgres:
        return datetime.now(UTC)
    found: datetime = unit.execute(select(func.clock_timestamp())).scalar_one()
    return found.astimezone(UTC)


def is_over(until: ColumnElement[datetime], now: datetime) -> ColumnElement[bool]:
    """Whether something is left alone no longer: its time is over, or so far away that a clock was wrong."""
    return or_(until <= now, until > now + WRONG)


def take(unit: Unit, name: str, holder: str, lasts: timedelta) -> int | None:
    """Take or renew a lease; its fencing number, or None while another holder has it."""
    now = clock(unit)
    ends_at = now + lasts
    wanted = {"lease": name, "me": holder, "at": now, "end": ends_at, "never": ends_at + WRONG}
    taken = unit.execute(_TAKE, wanted).scalar_one_or_none()
    if taken is None and unit.insert_once(tables.leases, {"name": name, "holder": "", "fence": 0, "until": now}):
        taken = unit.execute(_TAKE, wanted).scalar_one_or_none()
    return None if taken is None else int(taken)


def holds(unit: Unit, name: str, holder: str) -> bool:
    """Whether the holder has the lease at this moment."""
    mine = select(_rows.name).where(_rows.name == name, _rows.holder == holder, _rows.until > clock(unit))
    return unit.execute(mine).one_or_none() is not None


def give_back(unit: Unit, name: str, holder: str) -> None:
    """End a lease early, so that another copy needn't wait for its end."""
    mine = update(tables.leases).where(_rows.name == name, _rows.holder == holder)
    unit.execute(mine.values(until=clock(unit)))
