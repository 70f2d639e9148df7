"""Counts for those who see only statistics: small ones are not told, and can't be worked out from the others.

Hiding the small cells alone isn't enough: a total less its other parts gives them away, and so does one question asked
twice with filters that differ by a day. So every count from FEWEST on, totals too, is rounded up or down to a multiple
of FEWEST by a keyed chance that weighs how near it is. Each is off by up to FEWEST - 1 either way, which is as much
as a small cell can hold; the same question always gets the same answer, so asking again doesn't even it out.
"""

from collections.abc import Callable

from storage.unit import Unit

FEWEST = 5  # smaller counts could point at a person
FEW = -1  # stands for 1 to FEWEST - 1

Telling = Callable[[int, str], int]


def exact(number: int, cell: str) -> int:
    """For those who see the people themselves."""
    return number


def coarse(unit: Unit) -> Telling:
    """A way to tell a count; `cell` names what was counted, with all filters."""

    def tell(number: int, cell: str) -> int:
        if number < FEWEST:
            return FEW if number else 0
        left = number % FEWEST
        chance = int.from_bytes(unit.vault.index("count", f"{cell} {number}")[:8]) % FEWEST
        return number - left + (FEWEST if chance < left else 0)

    return tell
