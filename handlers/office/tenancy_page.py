"""Tenancies as the office looks at them: a list by state and area, and one with what each side says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

from handlers.office import contradictions, dwellings
from handlers.office.dwellings import Areas, Lodger
from handlers.office.reviewer import Reviewer
from handlers.office.tenancy_views import CollectorSees
from storage import homes, submissions, tenancies
from storage.records import Home, TenancyState
from storage.unit import Unit

SHOWN: Mapping[str, tuple[TenancyState, ...]] = MappingProxyType(
    {
        "disputed": ("disputed",),
        "open": ("claimed", "reported", "confirmed", "disputed", "leaving"),
        "claimed": ("claimed",),
        "reported": ("reported",),
        "confirmed": ("confirmed",),
        "leaving": ("leaving",),
        "over": ("ended", "merged"),
    }
)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list: the home, and the tenancy as its page tells it."""

    home: Home
    lodger: Lodger


@dataclass(frozen=True, slots=True)
class Opened:
    """One tenancy: both statements with the way so far, and the registration it came with (empty where none)."""

    seen: CollectorSees
    lodger: Lodger
    number: str
    status: str


def page(unit: Unit, areas: Areas, shown: str, after: int, limit: int, today: date) -> tuple[tuple[Row, ...], int]:
    """A page of the list, and the number after which the next one begins (0 for the last)."""
    found = tenancies.page(unit, areas, SHOWN[shown], after, limit + 1)
    homed = ((homes.get(unit, one.home), one) for one in found[:limit])
    rows = tuple(Row(home, dwellings.lodger(unit, home, one, today)) for home, one in homed if home is not None)
    return rows, found[limit - 1].id if len(found) > limit else 0


def look(unit: Unit, reviewer: Reviewer, tenancy_id: int, today: date, now: datetime) -> Opened | None:
    """Open one, which is noted in the audit log; None for one that isn't theirs to see."""
    seen = contradictions.look(unit, reviewer, tenancy_id, now)
    if seen is None:
        return None
    sent = None if seen.tenancy.submission_id is None else submissions.get(unit, seen.tenancy.submission_id)
    told = ("", "") if sent is None else (sent.number, sent.status)
    return Opened(seen, dwellings.lodger(unit, seen.home, seen.tenancy, today), *told)
