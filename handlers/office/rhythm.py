"""A rhythm as staff write it: five fields of cron, of which weekdays are named. Pure.

Numbers of weekdays are refused: cron counts from Sunday, APScheduler from Monday, and both would send on the wrong day.
"""

from dataclasses import dataclass
from typing import Literal

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EXAMPLE = "0 10 * * wed"
FIELDS = 5
LONGEST = 64
HOURS, MINUTES, DAYS = 24, 60, 28  # every month has a 28th

Fault = Literal["five", "minute", "hour", "day", "month", "weekday", "weekday_number", "day_and_weekday", "long"]


@dataclass(frozen=True, slots=True)
class Rhythm:
    """At a minute and an hour, local; on days of a month or weekdays (0 is Monday), every day where both are empty."""

    minute: int
    hour: int
    days: tuple[int, ...] = ()
    weekdays: tuple[int, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The weekdays' names, as APScheduler reads them without doubt."""
        return tuple(WEEKDAYS[number] for number in self.weekdays)


def read_rhythm(written: str) -> Rhythm | Fault:
    """What five fields say, or what is wrong with them."""
    fields = written.split()
    if len(written) > LONGEST:
        return "long"
    if len(fields) != FIELDS:
        return "five"
    minute, hour, day, month, weekday = fields
    parts = (_one(minute, MINUTES), _one(hour, HOURS), _days(day), _weekdays(weekday.casefold()))
    fault = _fault(parts, month, weekday)
    if fault is not None:
        return fault
    return Rhythm(parts[0] or 0, parts[1] or 0, parts[2] or (), parts[3] or ())


Parts = tuple[int | None, int | None, tuple[int, ...] | None, tuple[int, ...] | None]


def _fault(parts: Parts, month: str, weekday: str) -> Fault | None:
    """The first thing wrong; every month counts, as a rhythm that rests for months is a campaign's matter."""
    named: tuple[Fault, ...] = ("minute", "hour", "day", "weekday_number" if _has_digit(weekday) else "weekday")
    wrong = [fault for part, fault in zip(parts, named, strict=True) if part is None]
    if not wrong and month != "*":
        wrong = ["month"]
    if not wrong and parts[2] and parts[3]:
        wrong = ["day_and_weekday"]
    return wrong[0] if wrong else None


def _one(field: str, limit: int) -> int | None:
    """A single number: a notice goes out once on its day."""
    return int(field) if field.isascii() and field.isdecimal() and int(field) < limit else None


def _days(field: str) -> tuple[int, ...] | None:
    if field == "*":
        return ()
    found: set[int] = set()
    for part in field.split(","):
        first, _, last = part.partition("-")
        numbers = [_one(one, DAYS + 1) for one in (first, last or first)]
        if None in numbers or not 1 <= (numbers[0] or 0) <= (numbers[1] or 0):
            return None
        found.update(range(numbers[0] or 0, (numbers[1] or 0) + 1))
    return tuple(sorted(found))


def _weekdays(field: str) -> tuple[int, ...] | None:
    if field == "*":
        return ()
    found: set[int] = set()
    for part in field.split(","):
        first, _, last = part.partition("-")
        if first not in WEEKDAYS or (last or first) not in WEEKDAYS:
            return None
        begin, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
        found.update(number % len(WEEKDAYS) for number in range(begin, end + (7 if end < begin else 0) + 1))
    return tuple(sorted(found))


def _has_digit(field: str) -> bool:
    return any(sign.isdigit() for sign in field)
