"""What the clock goes through page by page: how it is found from a place on, and what is done about one of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from handlers.visit import Office
from storage.unit import Unit

Place = Any  # a number, or a day and a number: whatever the index is in order of


@dataclass(frozen=True, slots=True)
class Paged:
    """Everything of a kind that a date or a change of the law has moved.

    find: some at most, from after a place on (None: the beginning), nothing of them opened; work: one of them, which
    looks again whether there is anything to do, so that twice is once.
    """

    kind: str
    find: Callable[[Unit, Office, datetime, Place | None, int], Sequence[Place]]
    work: Callable[[Unit, Office, datetime, Place], object]

    def page(self, unit: Unit, office: Office, now: datetime, after: Place | None, limit: int) -> Place | None:
        """Work on some; where to go on, None when all are done."""
        found = self.find(unit, office, now, after, limit)
        for place in found:
            self.work(unit, office, now, place)
        return found[-1] if len(found) == limit else None
