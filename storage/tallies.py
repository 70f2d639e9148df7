"""Ends of messages, and attempts whose outcome nobody knows, counted for good.

The outbox itself tells what it holds, whoever ended it; here is what has left it. So no count ever falls: whoever takes
an end or attempts out of the outbox keeps their number here, in the same transaction.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, func, literal, literal_column, select, union_all, update

from storage import tables
from storage.unit import Unit

UNKNOWN = "unknown"
ENDS = ("sent", "failed", "expired", "suppressed", "replaced")
_IS_UNKNOWN = literal_column(f"'{UNKNOWN}'", String)  # told in the statement, so that the index of the few is used

_rows = tables.outbox.c
_attempts = tables.attempts.c
_kept = tables.tallies.c


def numbers(unit: Unit) -> Counter[tuple[str, str, str]]:
    """How many ever, by channel, class, and end state or UNKNOWN; one statement, so that nothing leaves meanwhile."""
    kept = select(_kept.channel, _kept.kind, _kept.what, _kept.number)
    found: Counter[tuple[str, str, str]] = Counter()
    for row in unit.execute(union_all(_ends(), _unknown(), kept)):
        found[row.channel, row.kind, row.what] += row.number
    return found


def keep_ends(unit: Unit, messages: Sequence[int]) -> None:
    """The ends of these messages, locked by the caller, leave the outbox."""
    _keep(unit, _ends(_rows.id.in_(messages)))


def keep_attempts(unit: Unit, messages: Sequence[int]) -> None:
    """The attempts at these messages, locked by the caller, leave the outbox."""
    _keep(unit, _unknown(_rows.id.in_(messages)))


def _ends(*which: ColumnElement[bool]) -> Select[Any]:
    by = (_rows.channel, _rows.kind, _rows.state.label("what"))
    return select(*by, func.count().label("number")).where(_rows.state.in_(ENDS), *which).group_by(*by)


def _unknown(*which: ColumnElement[bool]) -> Select[Any]:
    by = (_rows.channel, _rows.kind)
    tries = tables.outbox.join(tables.attempts, _attempts.outbox_id == _rows.id)
    counted = select(*by, literal(UNKNOWN).label("what"), func.count().label("number")).select_from(tries)
    return counted.where(_attempts.outcome == _IS_UNKNOWN, *which).group_by(*by)


def _keep(unit: Unit, leaving: Select[Any]) -> None:
    for row in sorted(unit.execute(leaving)):  # in one order, so that two never wait for each other
        unit.insert_once(tables.tallies, {"channel": row.channel, "kind": row.kind, "what": row.what, "number": 0})
        this = and_(_kept.channel == row.channel, _kept.kind == row.kind, _kept.what == row.what)
        unit.execute(update(tables.tallies).where(this).values(number=_kept.number + row.number))
