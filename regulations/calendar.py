"""Which days are working days in mainland China, as far as the yearly notices are known."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from types import MappingProxyType

from chinese_calendar.constants import holidays, workdays

from regulations.errors import CalendarMissing

_FRIDAY = 4
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Working days: what the holiday library knows, corrected and extended by the operator's table.

    table: day → whether it is a working day; it wins over the library. years: further years whose whole
    arrangement is in the table, so that their other days go by the weekday. A single day in the table
    doesn't make its year known. Basis: 国务院关于职工工作时间的规定 art. 7; 全国年节及纪念日放假办法 arts. 2, 6, 7.
    """

    table: Mapping[date, bool] = field(default_factory=lambda: MappingProxyType({}))
    years: frozenset[int] = frozenset()

    def is_working(self, day: date) -> bool:
        """Whether offices work on that day; raises CalendarMissing for a year not known."""
        if (listed := self.table.get(day)) is not None:
            return listed
        if not self.knows(day.year):
            raise CalendarMissing(day.year)
        return day in workdays or (day.weekday() <= _FRIDAY and day not in holidays)

    def is_holiday(self, day: date) -> bool:
        """Whether that rest day is a holiday, and not only a Saturday or Sunday."""
        listed = self.table.get(day)
        return day in holidays if listed is None else not listed

    def knows(self, year: int) -> bool:
        """Whether the holiday arrangement of that year is known."""
        return year in _library_years() or year in self.years

    @property
    def first_year(self) -> int:
        """The first year known; what lies before it is nobody's business any more."""
        return _library_years()[0]

    @property
    def last_year(self) -> int:
        """The last year known without a gap; working-day deadlines beyond it can't be stated."""
        year = _library_years()[-1]
        while year + 1 in self.years:
            year += 1
        return year

    def working_days_after(self, day: date) -> Iterator[date]:
        """The working days after that day, in order; raises CalendarMissing on reaching a year not known."""
        while True:
            day += _DAY
            if self.is_working(day):
                yield day

    def working_day_until(self, day: date) -> date:
        """That day, or the last working day before it; raises CalendarMissing on reaching a year not known."""
        while not self.is_working(day):
            day -= _DAY
        return day

    def roll(self, day: date) -> date:
        """That day, or the first working day after it where it is a rest day (民法典 art. 203 para. 1)."""
        return day if self.is_working(day) else next(self.working_days_after(day))


@cache
def _library_years() -> range:
    years = {day.year for day in holidays}
    return range(min(years), max(years) + 1)
