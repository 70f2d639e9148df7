"""Days as answers: the day of arrival, the day of birth."""

from calendar import isleap
from datetime import date, timedelta
from typing import Any, Final

from handlers.answers.text import words
from handlers.answers.written_days import Reading, read
from handlers.messages import Incoming
from handlers.steps import Context, InvalidAnswer
from storage.records import Answers

EARLIEST: Final = 1900
EARLIEST_ARRIVAL: Final = 1950
LONG_GONE: Final = timedelta(days=366)
FEBRUARY: Final = 2
LEAP_DAY: Final = 29
FAR_AHEAD: Final = timedelta(days=92)
YEARS_AHEAD: Final = timedelta(days=20 * 366)
HALF_A_YEAR: Final = timedelta(days=183)


def day_in_the_past(incoming: Incoming, answers: Answers, context: Context) -> Any:
    """The day of arrival, ISO: not in the future, not before birth. Without a year, the most recent such day."""
    day = _day(_reading(incoming, context), context.today, EARLIEST_ARRIVAL)
    birth = answers.get("birth_date")
    if isinstance(day, date) and birth is not None and birth.value and day < date.fromisoformat(birth.value):
        return InvalidAnswer("day_before_birth", {"on": day.isoformat()})
    return day.isoformat() if isinstance(day, date) else day


def birth_date(incoming: Incoming, answers: Answers, context: Context) -> Any:
    """A day of birth, ISO, not in the future; it needs its year."""
    reading = _reading(incoming, context)
    if isinstance(reading, Reading) and reading.days and not reading.has_year:
        return InvalidAnswer("birth_needs_year")
    day = _day(reading, context.today, EARLIEST)
    return day.isoformat() if isinstance(day, date) else day


def day_near(incoming: Incoming, answers: Answers, context: Context) -> Any:
    """A day of leaving, ISO: some time ago or soon. Without a year, the nearest such day."""
    return _near(incoming, context, context.today - LONG_GONE)


def day_ahead(incoming: Incoming, answers: Answers, context: Context) -> Any:
    """A day to come, ISO, such as the last one of a lease. Without a year, the next such day."""
    reading = _reading(incoming, context)
    if isinstance(reading, InvalidAnswer):
        return reading
    if not reading.days:
        return InvalidAnswer("day_impossible")
    today = context.today
    ahead = [day.isoformat() for day in reading.days if today <= day <= today + YEARS_AHEAD]
    if not reading.has_year and not ahead:
        ahead = [
            day.isoformat() for day in (_nearest(one, today + HALF_A_YEAR) for one in reading.days) if day >= today
        ]
    if not ahead:
        return InvalidAnswer("day_not_ahead", {"on": reading.days[0].isoformat()})
    return ahead[0] if len(ahead) == 1 else InvalidAnswer("day_ambiguous", {"options": [[day, day] for day in ahead]})


def day_moved_in(incoming: Incoming, answers: Answers, context: Context) -> Any:
    """A day of moving in, ISO: years ago or soon. Without a year, the nearest such day."""
    return _near(incoming, context, date(EARLIEST_ARRIVAL, 1, 1))


def _near(incoming: Incoming, context: Context, earliest: date) -> str | InvalidAnswer:
    reading = _reading(incoming, context)
    if isinstance(reading, InvalidAnswer):
        return reading
    if not reading.days:
        return InvalidAnswer("day_impossible")
    today = context.today
    days = reading.days if reading.has_year else tuple(_nearest(day, today) for day in reading.days)
    near = [day.isoformat() for day in days if earliest <= day <= today + FAR_AHEAD]
    if not near:
        long_ago = days[0] < earliest and earliest.year == EARLIEST_ARRIVAL
        on = days[0].isoformat()
        return InvalidAnswer("day_too_old" if long_ago else "day_not_near", {"on": on, "year": earliest.year})
    return near[0] if len(near) == 1 else InvalidAnswer("day_ambiguous", {"options": [[day, day] for day in near]})


def _nearest(day: date, today: date) -> date:
    """The same day of the month in the year that puts it nearest to today."""
    years = (day.year, day.year + 1, today.year, today.year + 1)
    leap = (day.month, day.day) == (FEBRUARY, LEAP_DAY)
    same = [day.replace(year=year) for year in years if not leap or isleap(year)]
    return min(same, key=lambda one: abs(one - today))


def _reading(incoming: Incoming, context: Context) -> Reading | InvalidAnswer:
    said = words(incoming)
    if isinstance(said, InvalidAnswer):
        return said
    return read(said, context.today, context.vocabulary) or InvalidAnswer("day_unreadable")


def _day(reading: Reading | InvalidAnswer, today: date, earliest: int) -> date | InvalidAnswer:
    """The one day that was meant, in the year `earliest` or later; of several, none that lies in the future."""
    if isinstance(reading, InvalidAnswer):
        return reading
    if not reading.days:
        return InvalidAnswer("day_impossible")
    past = [day for day in reading.days if day <= today]
    if not past:
        return InvalidAnswer("day_future", {"on": reading.days[0].isoformat()})
    likely = [day for day in past if day.year >= earliest]
    if not likely:
        return InvalidAnswer("day_too_old", {"on": past[0].isoformat(), "year": earliest})
    if len(likely) > 1:
        return InvalidAnswer("day_ambiguous", {"options": [[day.isoformat(), day.isoformat()] for day in likely]})
    return likely[0]
