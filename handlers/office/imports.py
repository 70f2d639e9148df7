"""Lists that are handed in: their kinds, their rows checked some at a time and taken some at a time."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from handlers.office import import_homes, import_permits, import_tenants
from handlers.office.cells import Cell, Reading
from handlers.office.cells import Fault as RowFault
from handlers.office.import_places import Where, Within, own
from handlers.office.import_tenants import Taking
from handlers.office.rights import below
from handlers.steps import Context
from handlers.visit import Office
from storage import conversations, imports
from storage.errors import StorageError
from storage.imports import Import, Line
from storage.unit import Unit

TAKEN_AT_ONCE = 5  # rows in a piece of work: a tenant takes some two milliseconds on SQLite
MOST_TOLD = 4
GOOD, BAD, KNOWN, TAKEN = "good", "bad", "known", "taken"

Row = tuple[int, Mapping[str, Cell]]


@dataclass(frozen=True, slots=True)
class ListKind:
    """A kind of list: its columns, those that must be there, and what is done with a row.

    take: whether there was anything new and what is passed on, or what is wrong with it since it was checked.
    """

    columns: tuple[str, ...]
    must: frozenset[str]
    check: Callable[[Reading, Where, Unit], dict[str, Any]]
    key: Callable[[dict[str, Any]], tuple[str, ...]]
    is_known: Callable[[Unit, dict[str, Any], Where], bool]
    take: Callable[[Unit, dict[str, Any], Taking], tuple[bool, str] | RowFault]


KINDS: Mapping[str, ListKind] = MappingProxyType(
    {
        "tenants": ListKind(
            import_tenants.COLUMNS,
            import_tenants.MUST,
            import_tenants.check,
            import_tenants.key,
            lambda unit, told, where: import_tenants.is_known(unit, told),
            import_tenants.take,
        ),
        "homes": ListKind(
            import_homes.COLUMNS,
            import_homes.MUST,
            import_homes.check,
            import_homes.key,
            import_homes.is_known,
            import_homes.take,
        ),
        "permits": ListKind(
            import_permits.COLUMNS,
            import_permits.MUST,
            import_permits.check,
            import_permits.key,
            lambda unit, told, where: import_permits.is_known(unit, told),
            import_permits.take,
        ),
    }
)


@dataclass(slots=True)
class Checking:
    """A list while it is checked: which homes it may speak of, by which words and law, and which rows it had so far."""

    kind: ListKind
    where: Where
    office: Office
    language: str
    seen: dict[bytes, int] = field(default_factory=dict)

    def check(self, unit: Unit, rows: Iterable[Row], now: datetime) -> list[Line]:
        """Some rows as lines to keep."""
        context = context_of(self.office, self.language, now)
        return [self._line(unit, number, cells, context) for number, cells in rows]

    def _line(self, unit: Unit, number: int, cells: Mapping[str, Cell], context: Context) -> Line:
        reading = Reading(cells, context, tuple(self.office.vocabularies.values()))
        told = self.kind.check(reading, self.where, unit)
        if not reading.faults:
            self._compare(unit, reading, told, number)
        faults = [_kept(fault) for fault in reading.faults]
        state = BAD if faults else KNOWN if self.kind.is_known(unit, told, self.where) else GOOD
        said = {column: cell.text for column, cell in cells.items() if cell.text}
        return {
            "n": number,
            "state": state,
            "cells": said,
            "told": {} if faults else told,
            "faults": faults,
            "code": "",
        }

    def _compare(self, unit: Unit, reading: Reading, told: dict[str, Any], number: int) -> None:
        """The same row twice in one list is one too many."""
        digest = unit.vault.index("row", "\x1f".join(self.kind.key(told)))
        first = self.seen.setdefault(digest, number)
        if first != number:
            reading.fault(self.kind.columns[0], "import_row_twice", row=first)


@dataclass(frozen=True, slots=True)
class Fault:
    """One way of failing in a list: its column and reason, how often, and the first row that has it."""

    column: str
    reason: str
    data: Mapping[str, Any]
    row: int
    n: int


def where_of(unit: Unit, one: Import, office: Office) -> Where:
    """Which homes a list may speak of."""
    if one.staff_id:
        areas = office.areas()
        return Within(below(one.area, areas) if one.area else None, areas)
    return own(unit, conversations.holder_of(unit, one.conversation_id or 0))


def acts_as(where: Where) -> str:
    """What whoever hands in a list is to the homes in it, for their own words; as an owner where that differs."""
    roles = {home.acts_as for found in getattr(where, "by_address", {}).values() for home in found}
    return roles.pop() if len(roles) == 1 else "owner"


def context_of(office: Office, language: str, now: datetime) -> Context:
    """What the parsers may know."""
    today = now.astimezone(office.zone).date()
    vocabulary = office.vocabularies[office.language(language)]
    return Context(now, office.zone, office.pack.on(today), vocabulary, office.areas())


def counted(lines: Sequence[Line]) -> dict[str, int]:
    """How many lines are good, bad, known."""
    states = Counter(line["state"] for line in lines)
    return {"total": len(lines), **{name: states[name] for name in (GOOD, BAD, KNOWN)}}


def take_some(unit: Unit, one: Import, taking: Taking, at_most: int = TAKEN_AT_ONCE) -> Import | None:
    """Take the good ones of the next rows; the list as it stands then, None behind the last row. Raises CalledOff."""
    return _go_on(unit, one, taking.now, at_most, lambda line: _take(unit, one, line, taking))


def pass_over(unit: Unit, one: Import, now: datetime) -> Import | None:
    """Leave out the next row, which can't be taken: its sender reads so in the report. Raises CalledOff."""
    wrong = RowFault(KINDS[one.kind].columns[0], "import_not_taken")
    return _go_on(unit, one, now, 1, lambda line: _spoil(line, wrong))


def next_row(unit: Unit, one: Import) -> int | None:
    """The number that a spreadsheet gives to the next row; None behind the last."""
    first, lines = imports.lines(unit, one.id, one.reached)
    return int(lines[one.reached - first]["n"]) if lines else None


class CalledOff(StorageError):
    """Somebody else works on the list, or it is over: what this piece of work did is taken back."""


def faults(unit: Unit, import_id: int) -> tuple[Fault, ...]:
    """What fails most in a list."""
    found: dict[tuple[str, str], Fault] = {}
    at = 0
    while (kept := imports.lines(unit, import_id, at))[1]:
        first, lines = kept
        for line in lines:
            for column, reason, data in line["faults"]:
                before = found.get((column, reason)) or Fault(column, reason, data, line["n"], 0)
                found[column, reason] = Fault(column, reason, before.data, before.row, before.n + 1)
        at = first + len(lines)
    return tuple(sorted(found.values(), key=lambda fault: (-fault.n, fault.row)))


def _go_on(unit: Unit, one: Import, now: datetime, at_most: int, work: Callable[[Line], None]) -> Import | None:
    """Do something with the good ones of the next rows; what became of them is kept and counted."""
    first, lines = imports.lines(unit, one.id, one.reached)
    place = one.reached - first
    some = lines[place : place + at_most]
    if not some:
        return None
    good = [line for line in some if line["state"] == GOOD]
    for line in good:
        work(line)
    imports.keep_lines(unit, one.id, first, lines)
    if not imports.note(unit, one, now, reached=one.reached + len(some), **_recounted(one, good)):
        raise CalledOff
    return imports.get(unit, one.id)


def _recounted(one: Import, gone_through: Sequence[Line]) -> dict[str, int]:
    """The list's numbers after some of its good rows were taken, or turned out to be bad."""
    states = Counter(line["state"] for line in gone_through)
    return {"taken": one.taken + states[TAKEN], "good": one.good - states[BAD], "bad": one.bad + states[BAD]}


def _take(unit: Unit, one: Import, line: Line, taking: Taking) -> None:
    """What became of a line is written into it."""
    took = KINDS[one.kind].take(unit, line["told"], taking)
    if isinstance(took, RowFault):
        _spoil(line, took)
        return
    fresh, line["code"] = took
    line["state"] = TAKEN if fresh else KNOWN


def _spoil(line: Line, wrong: RowFault) -> None:
    """A line that was good is bad."""
    line.update(state=BAD, told={}, faults=[_kept(wrong)])


def _kept(wrong: RowFault) -> list[Any]:
    return [wrong.column, wrong.reason, dict(wrong.data)]
