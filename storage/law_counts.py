"""How often the law was asked for, sent and read: a number a day, never a person."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Literal

from sqlalchemy import and_, func, select, update

from storage import tables
from storage.unit import Unit

What = Literal["topic", "notice", "search", "missed", "none", "sent", "read", "quiz", "stopped"]

_rows = tables.law_counts.c


def count(unit: Unit, on_day: date, what: What, name: str = "", number: int = 1) -> None:
    """One more of something; name: a topic's or notice's, empty where there is none."""
    unit.insert_once(tables.law_counts, {"on_day": on_day, "what": what, "name": name, "number": 0})
    this = and_(_rows.on_day == on_day, _rows.what == what, _rows.name == name)
    unit.execute(update(tables.law_counts).where(this).values(number=_rows.number + number))


def totals(unit: Unit, from_day: date) -> Counter[tuple[str, str]]:
    """What was counted since a day, by what it is and its name."""
    total = func.sum(_rows.number).label("number")
    found = select(_rows.what, _rows.name, total).where(_rows.on_day >= from_day).group_by(_rows.what, _rows.name)
    return Counter({(row.what, row.name): int(row.number) for row in unit.execute(found)})


def busiest(found: Counter[tuple[str, str]], what: What) -> Sequence[tuple[str, int]]:
    """The names of one kind with their numbers, the largest first."""
    mine = [(name, number) for (kind, name), number in found.items() if kind == what and name]
    return sorted(mine, key=lambda one: (-one[1], one[0]))
