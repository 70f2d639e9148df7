"""Deadlines from rules: pure arithmetic on days, counted as the Civil Code counts."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import islice

from regulations.calendar import Calendar
from regulations.errors import CalendarMissing, NotANumber, NotAPeriod
from regulations.rule import Rule

_MONTHS = {"calendar_months": 1, "years": 12}


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day of a period.

    nominal: the last day by the calendar, told to the person; None where the year's holidays aren't known.
    rolled: the same moved off rest days (民法典 art. 203 para. 1, read widely); late is only who acts after it.
    safe: the last day if every day were a working day: never later than the true one. missing_year: the year
    whose holiday arrangement would be needed for what is None. rule: the version that sets it.
    """

    nominal: date | None
    rolled: date | None
    safe: date
    missing_year: int | None = None
    rule: Rule | None = field(default=None, compare=False)

    @property
    def citation(self) -> Mapping[str, str]:
        """Where the deadline is written, by language."""
        return {} if self.rule is None else self.rule.citation

    @property
    def problem(self) -> str:
        """`holiday_calendar_missing_2027`, or empty where every day is known."""
        return f"holiday_calendar_missing_{self.missing_year}" if self.missing_year else ""

    @property
    def told(self) -> date:
        """The day to tell a person: the nominal one, or the safe one while it isn't known."""
        return self.nominal or self.safe


def deadline(rule: Rule, event_on: date, calendar: Calendar) -> Deadline:
    """The last day to act on a rule after an event; the event's own day isn't counted (民法典 art. 201 para. 1).

    Raises NotAPeriod for a rule that isn't in working days, calendar days, calendar months or years.
    """
    if rule.unit == "working_days":
        return replace(_working(number(rule), event_on, calendar), rule=rule)
    return replace(_rolled(last_day(rule, event_on), calendar), rule=rule)


def last_day(rule: Rule, event_on: date) -> date:
    """The last day by the calendar of a period in calendar days, months or years; not moved for holidays."""
    count = number(rule)
    if rule.unit == "calendar_days":
        return event_on + timedelta(days=count)
    if rule.unit in _MONTHS:
        return add_months(event_on, count * _MONTHS[rule.unit])
    raise NotAPeriod(f"(rule {rule.key}, unit {rule.unit})")


def moment(rule: Rule, event_at: datetime) -> datetime:
    """The end of a period in hours, which runs from the moment itself (民法典 art. 201 para. 2)."""
    if rule.unit != "hours":
        raise NotAPeriod(f"(rule {rule.key}, unit {rule.unit})")
    return event_at + timedelta(hours=number(rule))


def is_late(due: Deadline, done_on: date) -> bool | None:
    """Whether acting on that day was late: only after the rolled day; None while that isn't known.

    Whoever acted by the safe day is in time whatever the holidays turn out to be.
    """
    if done_on <= due.safe:
        return False
    return None if due.rolled is None else done_on > due.rolled


def add_months(day: date, months: int) -> date:
    """The corresponding day that many months on, or that month's last day if it has none (民法典 art. 202)."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def reaches(rule: Rule, count: int) -> bool:
    """Whether a count is the rule's number or more; 以上 includes the number itself (民法典 art. 1259)."""
    return count >= number(rule)


def is_within(rule: Rule, count: int) -> bool:
    """Whether a count is the rule's number or less; 以下 includes the number itself (民法典 art. 1259)."""
    return count <= number(rule)


def is_under_age(rule: Rule, born_on: date, today: date) -> bool:
    """Whether someone hasn't reached the rule's age in full years; the birthday itself counts as reached."""
    if rule.unit != "years":
        raise NotANumber(f"(rule {rule.key}, unit {rule.unit})")
    return today < add_months(born_on, 12 * number(rule))


def number(rule: Rule) -> int:
    """The rule's value as a whole number; raises NotANumber for a flag, a name or names."""
    if isinstance(rule.value, bool) or not isinstance(rule.value, int):
        raise NotANumber(f"(rule {rule.key}, unit {rule.unit})")
    return rule.value


def _working(count: int, event_on: date, calendar: Calendar) -> Deadline:
    safe = event_on + timedelta(days=count)
    try:
        last = next(islice(calendar.working_days_after(event_on), count - 1, None)) if count else event_on
    except CalendarMissing as missing:
        return Deadline(None, None, safe, missing.year)
    return Deadline(last, last, safe)


def _rolled(nominal: date, calendar: Calendar) -> Deadline:
    try:
        return Deadline(nominal, calendar.roll(nominal), nominal)
    except CalendarMissing as missing:
        return Deadline(nominal, None, nominal, missing.year)
