"""The yearly endorsement (签注) of a residence permit: when it may be done, what a late one does.

Which day the years are counted from is the pack's `endorse.anchor`: the permit's issue, or the beginning of residence.
Counting backward has no rule in 民法典 arts. 200 to 204; the pack's `count.backward` tells the reading used here.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from regulations.calendar import Calendar
from regulations.deadlines import add_months, number
from regulations.errors import CalendarMissing, NotThisName
from regulations.pack import Pack
from regulations.rule import Rule

State = Literal["early", "open", "anniversary", "late"]

_DAY = timedelta(days=1)
_YEAR = 12


@dataclass(frozen=True, slots=True)
class Window:
    """The days on which one year's endorsement is done.

    year: the 1st, 2nd … full year. last_safe: the last day about which there is no doubt; the anniversary itself
    may count or not, so it is no day to promise. rule: the version of `endorse.window` that sets it.
    """

    year: int
    opens: date
    last_safe: date
    anniversary: date
    rule: Rule

    def state_on(self, today: date) -> State:
        """How an endorsement not done yet stands; suspension is asserted only after the anniversary."""
        if today > self.anniversary:
            return "late"
        if today == self.anniversary:
            return "anniversary"
        return "open" if today >= self.opens else "early"


@dataclass(frozen=True, slots=True)
class OfficeDay:
    """The last day of a window on which offices are open; unknown while a year's holidays are."""

    on: date | None
    missing_year: int | None = None


@dataclass(frozen=True, slots=True)
class Suspension:
    """First and last day on which the permit didn't work, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days that is."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Restored:
    """What a late endorsement does.

    count_from: years of residence are counted on from that day. left_out: days that don't count as residence;
    None where the law doesn't say what becomes of them (promise nothing). next_anniversary: None where the years
    aren't counted from the issue, as then the law is silent.
    """

    on: date
    count_from: date
    suspended: Suspension
    left_out: Suspension | None
    next_anniversary: date | None
    rule: Rule


def window(pack: Pack, anchor_on: date, year: int) -> Window:
    """The window of the n-th full year after the day that the pack counts from (`anchor`)."""
    opening = pack.rule("endorse.window")
    anniversary = _anniversary(pack, anchor_on, year)
    opens = add_months(anniversary, -number(opening))
    return Window(year, opens, anniversary - _DAY, anniversary, opening)


def next_window(pack: Pack, anchor_on: date, today: date) -> Window:
    """The window whose anniversary is today or comes next."""
    return window(pack, anchor_on, _years_until(pack, anchor_on, today))


def anchor(pack: Pack, issued_on: date, residence_from: date) -> date:
    """The day that full years are counted from, as `endorse.anchor` says."""
    rule = pack.rule("endorse.anchor")
    days = {"issue": issued_on, "residence": residence_from}
    if rule.value not in days:
        raise NotThisName(f"(rule {rule.key}, value {rule.value})")
    return days[str(rule.value)]


def last_office_day(found: Window, calendar: Calendar) -> OfficeDay:
    """The last day of the window on which offices are open: remind before it, not before a holiday."""
    try:
        return OfficeDay(calendar.working_day_until(found.last_safe))
    except CalendarMissing as missing:
        return OfficeDay(None, missing.year)


def restored(pack: Pack, anchor_on: date, missed: Window, endorsed_on: date) -> Restored:
    """What an endorsement after the missed window's anniversary does (`endorse.restore`)."""
    rule = pack.rule("endorse.restore")
    suspended = Suspension(missed.anniversary + _DAY, endorsed_on - _DAY)
    left_out = {
        "counted_from_endorsement": None,
        "suspended_time_left_out": suspended,
        "past_year_left_out": Suspension(_anniversary(pack, anchor_on, missed.year - 1), missed.anniversary),
    }
    if rule.value not in left_out:
        raise NotThisName(f"(rule {rule.key}, value {rule.value})")
    from_issue = pack.rule("endorse.anchor").value == "issue"
    following = next_window(pack, anchor_on, endorsed_on + _DAY).anniversary if from_issue else None
    return Restored(endorsed_on, endorsed_on, suspended, left_out[str(rule.value)], following, rule)


def _anniversary(pack: Pack, anchor_on: date, year: int) -> date:
    return add_months(anchor_on, _YEAR * number(pack.rule("endorse.cycle")) * year)


def _years_until(pack: Pack, anchor_on: date, today: date) -> int:
    """Which full year ends today or next; at least the first."""
    cycle = number(pack.rule("endorse.cycle"))
    passed = max(1, (today.year - anchor_on.year) // cycle)
    return passed if _anniversary(pack, anchor_on, passed) >= today else passed + 1
