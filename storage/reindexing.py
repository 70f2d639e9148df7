"""The new index key takes the former one's place: everything is found by it, and nothing by the former alone.

No copy of the program runs meanwhile: one that has only the former key would write what nobody finds. Each batch is
one transaction, and how far its table is stands in it too, so that what broke off goes on there and nothing is done
twice.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Integer, Row, Select, Table, Update, bindparam, delete, func, select, update

from storage import audit_keys, contents, tables
from storage.conversations import carried_over
from storage.database import Database
from storage.errors import StorageError
from storage.index_key import CHANGE, MARK, end_change, fits_log, mark, marks, put
from storage.indexed import ANEW, ENDS, Indexed, postponed_keys
from storage.unit import Unit

SOME = 1_000

Tell = Callable[[str, int], None]

_messages = tables.messages.c
_postponed = tables.postponed.c


class NoFormerKey(StorageError):
    """To change the index key, ANJU_KEYS must hold the new one as index and the one until now as index-old."""


class NotTheFormerKey(StorageError):
    """The key named index-old is not the one by which what is stored is found; nothing was changed."""


class OtherChange(StorageError):
    """A change to another index key broke off; finish it with the keys that it was begun with."""


@dataclass(frozen=True, slots=True)
class Reindexing:
    """`tell` hears a table's name and how many more of its rows are done."""

    database: Database
    tell: Tell

    def total(self) -> int:
        """How many rows there are to go through."""
        every = [*ENDS, *(one.table for one in ANEW), tables.messages]
        with contents.snapshot(self.database.engine) as seen:
            return sum(contents.count(seen, table) for table in every)

    def run(self, now: datetime) -> bool:
        """Go on from where it stands; False where everything is found by the new key already.

        NoFormerKey, NotTheFormerKey or OtherChange, and nothing is changed, where the keys don't fit what is stored.
        """
        if not self.database.run_now(_begin):
            return False
        for table in ENDS:
            self._repeat(table, partial(_end_some, table=table))
        for one in ANEW:
            self._repeat(one.table, partial(_renew_some, one=one))
        self.database.run_now(_renew_postponed)
        self._repeat(tables.messages, _carry_some)
        self.database.run_now(partial(_finish, now=now))
        return True

    def _repeat(self, table: Table, step: Callable[[Unit], int]) -> None:
        while number := self.database.run_now(step):
            self.tell(str(table.name), number)


def _begin(unit: Unit) -> bool:
    stand, (newest, *former) = marks(unit), unit.vault.index_names
    if stand.get(MARK) == newest and CHANGE not in stand:
        return False
    if not former:
        raise NoFormerKey
    if stand.get(CHANGE, newest) != newest:
        raise OtherChange
    if stand.get(MARK, former[0]) != former[0] or not fits_log(unit, 1):
        raise NotTheFormerKey
    put(unit, CHANGE, newest)
    return True


def _end_some(unit: Unit, table: Table) -> int:
    (key,) = table.primary_key.columns
    some = select(key).limit(SOME)
    return int(unit.execute(delete(table).where(key.in_(some))).rowcount)


def _renew_some(unit: Unit, one: Indexed) -> int:
    rows = unit.execute(_next(one, mark(unit, _place(one.table)))).all()
    if rows:
        changes = [_change(unit, one, row) for row in rows]
        unit.connection.execute(_write(one.table, one.columns), changes)
        put(unit, _place(one.table), str(rows[-1][0]))
    return len(rows)


def _next(one: Indexed, after: str) -> Select[Any]:
    (key,) = one.table.primary_key.columns
    source = one.table if one.source is None else one.source
    wanted = select(key, *one.needs).select_from(source).order_by(key).limit(one.rows)
    if not after:
        return wanted
    return wanted.where(key > (int(after) if isinstance(key.type, Integer) else after))


def _change(unit: Unit, one: Indexed, row: Row[Any]) -> dict[str, Any]:
    fresh = one.renew(unit, row)
    return {"of_row": row[0]} | {f"new_{name}": fresh[name] for name in one.columns}


def _write(table: Table, columns: Sequence[str]) -> Update:
    (key,) = table.primary_key.columns
    return update(table).where(key == bindparam("of_row")).values({name: bindparam(f"new_{name}") for name in columns})


def _carry_some(unit: Unit) -> int:
    """By the time they came, all of one instant together: their own order changes with their keys."""
    since = mark(unit, _place(tables.messages))
    later = _messages.received_at > datetime.fromisoformat(since) if since else _messages.received_at.is_not(None)
    some = select(_messages.received_at).where(later).order_by(_messages.received_at).limit(SOME).subquery()
    until = unit.execute(select(func.max(some.c.received_at))).scalar_one()
    if until is None:
        return 0
    found = unit.execute(select(_messages.key).where(later, _messages.received_at <= until)).scalars().all()
    changes = [{"of_row": key, "new_key": carried_over(unit.vault, bytes(key))} for key in found]
    unit.connection.execute(_write(tables.messages, ("key",)), changes)
    put(unit, _place(tables.messages), until.isoformat())
    return len(found)


def _renew_postponed(unit: Unit) -> None:
    for key, fresh in postponed_keys(unit).items():
        unit.execute(update(tables.postponed).where(_postponed.key == key).values(key=fresh))


def _place(table: Table) -> str:
    """The mark that tells how far a table is."""
    return f"{CHANGE}:{table.name}"


def _finish(unit: Unit, now: datetime) -> None:
    """The log tells of the change, and goes on under the new key."""
    audit_keys.record(unit, now)
    end_change(unit)
