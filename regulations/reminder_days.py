"""On which days somebody is reminded: pure arithmetic on a due day and the offsets of its table of reminders."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from regulations.calendar import Calendar
from regulations.errors import CalendarMissing

LONGEST_REST = 14  # no row of rest days is longer


def reminder_days(
    due_on: date, event_on: date, offsets: Sequence[int], calendar: Calendar, late_after: date | None
) -> Mapping[int, date]:
    """Offset in days (-7: a week before, 0: on the day, 1: the day after) → the day of the reminder.

    One up to the due day that falls on a rest day moves to the working day before it, so that offices are open when
    it is heard; never to the day of what happened or before, and never past the due day. Those after it count from
    late_after, the last day on which nobody is late; while that isn't known there are none. Of two on one day the
    later offset stays.
    """
    days: dict[date, int] = {}
    for offset in sorted(offsets):
        day = _day(due_on, event_on, offset, calendar, late_after)
        if day is not None and day > event_on:
            days[day] = offset
    return {offset: day for day, offset in days.items()}


def _day(due_on: date, event_on: date, offset: int, calendar: Calendar, late_after: date | None) -> date | None:
    if offset > 0:
        return None if late_after is None else max(late_after, due_on) + timedelta(days=offset)
    return _moved(due_on + timedelta(days=offset), event_on, calendar)


def _moved(day: date, event_on: date, calendar: Calendar) -> date:
    """The working day until then; the day itself where none lies after what happened, or the year isn't known."""
    earlier = day
    for _ in range(LONGEST_REST):
        if earlier <= event_on:
            return day
        try:
            if calendar.is_working(earlier):
                return earlier
        except CalendarMissing:
            return day
        earlier -= timedelta(days=1)
    return day
