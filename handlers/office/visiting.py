"""Visits to a home: written down by whoever was there, once, and never changed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from handlers.office.dwellings import note, theirs
from handlers.office.reviewer import Reviewer
from storage import visits
from storage.unit import Unit
from storage.visits import Outcome, Visit

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
LONGEST = 500

Recorded = Literal["done", "gone", "outcome", "long"]


@dataclass(frozen=True, slots=True)
class Told:
    """What the form says of a visit. `once`: names the form, so that a second click is no second visit."""

    outcome: str
    note: str
    once: str


def record(unit: Unit, reviewer: Reviewer, code: str, told: Told, now: datetime) -> Recorded:
    """Write a visit down; a second click changes nothing."""
    home = theirs(unit, reviewer, code)
    if home is None:
        return "gone"
    outcome = next((one for one in OUTCOMES if one == told.outcome), None)
    if outcome is None:
        return "outcome"
    if len(told.note) > LONGEST:
        return "long"
    if visits.add(unit, Visit(code, home.area, reviewer.staff_id, outcome, now, told.once, told.note)):
        note(unit, reviewer, "visited", code, now, outcome=outcome)
    return "done"
