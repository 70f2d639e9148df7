"""Homes as the office looks at them: how many live there, and who, masked; each look is noted in the audit log."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from handlers.office.certificates import masked
from handlers.office.hints import LIMITS
from storage import audit, residents
from storage.audit import Act, Subject, Who
from storage.records import Home
from storage.residents import Resident
from storage.unit import Unit

Areas = Collection[str] | None


@dataclass(frozen=True, slots=True)
class Row:
    """A home of the list, with how many are registered there."""

    home: Home
    people: int

    @property
    def crowded(self) -> bool:
        """Whether so many are registered there that somebody should look."""
        return self.people >= LIMITS.in_home


@dataclass(frozen=True, slots=True)
class Household:
    """A home with a page of its people, their names masked. `more`: the id after which the next page begins, or 0."""

    row: Row
    people: tuple[Resident, ...]
    more: int


def page(unit: Unit, areas: Areas, after: str, limit: int) -> tuple[tuple[Row, ...], str]:
    """A page of the list, and the code after which the next one begins (empty for the last)."""
    found = residents.homes(unit, areas, after, limit + 1)
    shown = found[:limit]
    counts = residents.counts(unit, shown)
    return tuple(Row(one, counts[one.code]) for one in shown), shown[-1].code if len(found) > limit else ""


def look(
    unit: Unit, staff_id: str, areas: Areas, code: str, now: datetime, *, after: int, limit: int
) -> Household | None:
    """Open a home; None for one that isn't there, or not theirs to see."""
    home = residents.home(unit, code, areas)
    if home is None:
        return None
    found = residents.of(unit, home, after, limit + 1)
    people = tuple(replace(one, name=masked(one.name)) for one in found[:limit])
    row = Row(home, residents.counts(unit, (home,))[code])
    audit.append(unit, Act(Who("staff", staff_id), "looked", Subject("home", code)), now)
    return Household(row, people, people[-1].person_id if len(found) > limit else 0)
