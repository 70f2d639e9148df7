"""The newest encryption key over what older ones sealed, some rows at a time, while the program runs.

Nothing is lost by breaking off: what has been sealed anew is passed over by the next round. The audit log can't be
changed, so the keys that sealed its entries must stay, behind the newest.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from sqlalchemy import Column, Table, and_, literal, select, tuple_, update

from storage import contents, tables
from storage.database import Database
from storage.probe import place, sealed_columns
from storage.secrets import KeyMissing, SealBroken
from storage.unit import Unit

ROWS = 200
UNKNOWN = "a key that is not here"
FIXED = (tables.audit,)  # its triggers refuse every change

Tell = Callable[[str, int], None]


@dataclass(slots=True)
class Found:
    """What a round found: values by the name of the key that seals them now, and those that no key opens."""

    changed: int = 0
    sealed_by: Counter[str] = field(default_factory=Counter)
    unreadable: Counter[str] = field(default_factory=Counter)

    def add(self, part: "Found") -> None:
        """What one more chunk found."""
        self.changed += part.changed
        self.sealed_by.update(part.sealed_by)
        self.unreadable.update(part.unreadable)


@dataclass(frozen=True, slots=True)
class Rotation:
    """Seals anew; `tell` hears a table's name and how many more of its rows were looked at."""

    database: Database
    tell: Tell

    def run(self) -> Found:
        """One round over every table."""
        found = Found()
        for table, columns in self._sealed():
            for number in self._reseal(table, columns, found):
                self.tell(str(table.name), number)
        return found

    def total(self) -> int:
        """How many rows there are to look at."""
        with contents.snapshot(self.database.engine) as seen:
            return sum(contents.count(seen, table) for table, _ in self._sealed())

    def _sealed(self) -> list[tuple[Table, Sequence[Column[bytes]]]]:
        by_table = groupby(sealed_columns(), key=lambda entry: entry[0])
        return [(table, [column for _, column in entries]) for table, entries in by_table]

    def _reseal(self, table: Table, columns: Sequence[Column[bytes]], found: Found) -> Iterator[int]:
        last: Sequence[Any] = ()
        limit = contents.HEAVY.get(table.name, ROWS)
        number = limit
        while number == limit:
            number, last, part = self.database.run_now(_Chunk(table, columns, last, limit).reseal)
            found.add(part)
            yield number


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Some rows of a table behind a key, in one transaction; it may run again, so what it finds is its own."""

    table: Table
    columns: Sequence[Column[bytes]]
    after: Sequence[Any]
    limit: int

    def reseal(self, unit: Unit) -> tuple[int, Sequence[Any], Found]:
        """How many rows there were, the last one's key, and what was found."""
        found = Found()
        rows = self._rows(unit)
        for row in rows:
            for column in self.columns:
                if row[column.name]:
                    self._renew(unit, row, column, found)
        last = [rows[-1][key.name] for key in self._keys] if rows else self.after
        return len(rows), last, found

    @property
    def _keys(self) -> Sequence[Column[Any]]:
        return list(self.table.primary_key.columns)

    def _rows(self, unit: Unit) -> Sequence[Any]:
        wanted = select(*self._keys, *self.columns).order_by(*self._keys).limit(self.limit)
        if self.after:
            pairs = zip(self._keys, self.after, strict=True)
            wanted = wanted.where(tuple_(*self._keys) > tuple_(*(literal(value, key.type) for key, value in pairs)))
        return unit.execute(wanted).mappings().all()

    def _renew(self, unit: Unit, row: Any, column: Column[bytes], found: Found) -> None:
        """One value; who has written it meanwhile has sealed it with the newest key anyway."""
        sealed, where = bytes(row[column.name]), place(self.table, column)
        if self.table not in FIXED and unit.vault.needs_resealing(sealed):
            try:
                fresh = unit.vault.seal(unit.vault.open(sealed, where), where)
            except (KeyMissing, SealBroken):
                found.unreadable[where] += 1
                return
            mine = and_(*(key == row[key.name] for key in self._keys), column == sealed)
            found.changed += unit.execute(update(self.table).where(mine).values({column.name: fresh})).rowcount
            sealed = fresh
        found.sealed_by[unit.vault.key_name(sealed) or UNKNOWN] += 1
