"""The operator's table of holidays: a TOML file that extends or corrects what the holiday library knows.

Each `[[years]]` has its `year`, the `source` (the State Council's notice), `rest` (days and stretches that are
holidays: "2027-02-06" or "2027-02-06/2027-02-12"), `work` (weekend days that are worked), and `complete`: true if the
whole arrangement of that year is there, so that its other days go by the weekday.
"""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from regulations.calendar import Calendar
from regulations.errors import BadHolidays

_FIELDS = frozenset({"year", "source", "complete", "rest", "work"})
_FRIDAY = 4
_NEVER_MISSING = ((1, 1), (5, 1), (10, 1))  # 全国年节及纪念日放假办法 art. 2: every year has these
_LONGEST = 31


def read_holidays(text: str) -> Calendar:
    """The calendar with that table in it; raises BadHolidays with the first thing wrong."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadHolidays(str(error)) from error
    if set(raw) != {"years"} or not isinstance(raw["years"], list):
        raise BadHolidays("(the file has [[years]] tables and nothing else)")
    days: dict[date, bool] = {}
    whole: set[int] = set()
    for entry in raw["years"]:
        year = _year(entry)
        _add(days, year, entry)
        if entry.get("complete", False):
            _check_whole(year, days)
            whole.add(year)
    return Calendar(MappingProxyType(days), frozenset(whole))


def _year(entry: Mapping[str, Any]) -> int:
    if unknown := sorted(set(entry) - _FIELDS):
        raise BadHolidays(f"({', '.join(unknown)}: not a field of [[years]])")
    year = entry.get("year")
    if not isinstance(year, int) or isinstance(year, bool):
        raise BadHolidays("(year = 2027 is needed)")
    if not isinstance(entry.get("source"), str) or not entry["source"].strip():
        raise BadHolidays(f"({year}: source is needed, the notice it is taken from)")
    if not isinstance(entry.get("complete", False), bool):
        raise BadHolidays(f"({year}: complete is true or false)")
    return year


def _add(days: dict[date, bool], year: int, entry: Mapping[str, Any]) -> None:
    for name, works in (("rest", False), ("work", True)):
        for day in _days(year, name, entry.get(name, [])):
            if day in days:
                raise BadHolidays(f"({day} stands there twice)")
            if works and day.weekday() <= _FRIDAY:
                raise BadHolidays(f"({day} is a {day:%A}, which is worked anyway: only weekend days go under work)")
            days[day] = works


def _days(year: int, name: str, listed: object) -> Iterator[date]:
    if not isinstance(listed, list):
        raise BadHolidays(f"({year}: {name} is a list of days)")
    for entry in listed:
        first, last = _stretch(str(entry))
        if {first.year, last.year} != {year}:
            raise BadHolidays(f"({entry} isn't in {year}: put it under its own year)")
        yield from (first + timedelta(days=n) for n in range((last - first).days + 1))


def _stretch(text: str) -> tuple[date, date]:
    first, _, last = text.partition("/")
    try:
        found = date.fromisoformat(first), date.fromisoformat(last or first)
    except ValueError:
        raise BadHolidays(f"({text}: a day is written 2027-02-06, a stretch 2027-02-06/2027-02-12)") from None
    if not 0 <= (found[1] - found[0]).days < _LONGEST:
        raise BadHolidays(f"({text}: a stretch goes from a day to a later one of the same holiday)")
    return found


def _check_whole(year: int, days: Mapping[date, bool]) -> None:
    missing = [day for month, number in _NEVER_MISSING if days.get(day := date(year, month, number)) is not False]
    if missing:
        raise BadHolidays(f"({year} is not complete: {', '.join(map(str, missing))} must be under rest)")
