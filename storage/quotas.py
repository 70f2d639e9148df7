"""What a platform allows in a day or month: how much of it is used. A `period` is such a day or month, in ISO form."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, bindparam, delete, select, update

from storage import tables
from storage.unit import Unit

_rows = tables.quotas.c
_SPEND = update(tables.quotas).where(
    _rows.name == bindparam("what"), _rows.period == bindparam("of"), _rows.used <= bindparam("most")
)
_SPEND = _SPEND.values(used=_rows.used + bindparam("number"))
LONGEST = timedelta(days=31)  # of a period
USED_UP = 2_000_000_000  # more than any quota


def spend(unit: Unit, name: str, period: str, number: int, limit: int) -> bool:
    """Use so many; False, and nothing used, if the limit would be passed."""
    bound = {"what": name, "of": period, "number": number, "most": limit - number}
    if unit.execute(_SPEND, bound).rowcount:
        return True
    is_first = unit.insert_once(tables.quotas, {"name": name, "period": period, "used": 0})
    return is_first and bool(unit.execute(_SPEND, bound).rowcount)


def give_back(unit: Unit, name: str, period: str, number: int) -> None:
    """They were not used after all."""
    counted = and_(_quota(name, period), _rows.used >= number, _rows.used < USED_UP)
    unit.execute(update(tables.quotas).where(counted).values(used=_rows.used - number))


def close(unit: Unit, name: str, period: str) -> None:
    """The platform takes no more before the period is over, whatever was counted here."""
    unit.insert_once(tables.quotas, {"name": name, "period": period, "used": 0})
    unit.execute(update(tables.quotas).where(_quota(name, period)).values(used=USED_UP))


def used(unit: Unit, name: str, period: str) -> int:
    """How many were used."""
    return unit.execute(select(_rows.used).where(_quota(name, period))).scalar_one_or_none() or 0


def is_over(before: datetime) -> ColumnElement[bool]:
    """Periods that were over long before that instant."""
    return _rows.period < f"{before - LONGEST:%Y-%m-%d}"


def prune(unit: Unit, before: datetime) -> int:
    """Forget them; how many."""
    return int(unit.execute(delete(tables.quotas).where(is_over(before))).rowcount)


def _quota(name: str, period: str) -> ColumnElement[bool]:
    return and_(_rows.name == name, _rows.period == period)
