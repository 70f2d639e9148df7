"""Days as people write them: 2026-11-20, 11月20日, 昨天, 3天前, 上周五, last Friday, 20/11, Nov 20."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from handlers.answers.numerals import number_in, year_in
from handlers.answers.text import words
from handlers.messages import Incoming
from handlers.steps import Context, InvalidAnswer
from handlers.vocabulary import Vocabulary
from storage.records import Answers

EARLIEST = date(1900, 1, 1)
EARLIEST_ARRIVAL = date(1950, 1, 1)
MONTHS = 12

_WEEKDAYS_ZH = {name: number for number, name in enumerate("一二三四五六日")} | {"天": 6}
_WEEKDAYS_EN = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_COUNT = "[0-9]{1,3}|[一二两三四五六七八九十]{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten"
_SPELLED = {"a": 1, "an": 1} | {
    word: n for n, word in enumerate(["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"], 1)
}
_UNITS = {"天": 1, "日": 1, "day": 1, "周": 7, "星期": 7, "礼拜": 7, "week": 7}
_NUMERAL = r"\d{1,2}|[一二三四五六七八九十]{1,3}"
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b")


@dataclass(frozen=True, slots=True)
class Said:
    """What was written, in small letters, with today's day and the words of every language."""

    text: str
    today: date
    vocabulary: Vocabulary


Reading = date | InvalidAnswer | None


def day_in_the_past(incoming: Incoming, answers: Answers, context: Context) -> Any:
    """The day of arrival, ISO: not in the future, not before birth. Without a year, the most recent such day."""
    day = _read(incoming, context)
    if isinstance(day, InvalidAnswer):
        return day
    birth = answers.get("birth_date")
    if day > context.today:
        return InvalidAnswer("day_future", {"day": day.isoformat()})
    if birth is not None and birth.value and day < date.fromisoformat(birth.value):
        return InvalidAnswer("day_before_birth", {"day": day.isoformat()})
    return InvalidAnswer("day_too_old") if day < EARLIEST_ARRIVAL else day.isoformat()


def birth_date(incoming: Incoming, answers: Answers, context: Context) -> Any:
    """A day of birth, ISO; it needs its year."""
    said = words(incoming)
    if isinstance(said, InvalidAnswer):
        return said
    if not re.search(r"\d{4}|[一二〇零两三四五六七八九]{4}", said):
        return InvalidAnswer("birth_needs_year")
    day = _read(incoming, context)
    if isinstance(day, InvalidAnswer):
        return day
    if day > context.today:
        return InvalidAnswer("day_future", {"day": day.isoformat()})
    return InvalidAnswer("day_too_old") if day < EARLIEST else day.isoformat()


def _read(incoming: Incoming, context: Context) -> date | InvalidAnswer:
    text = words(incoming)
    if isinstance(text, InvalidAnswer):
        return text
    said = Said(_ORDINAL.sub("", text.casefold()).strip(" .。,，!！"), context.today, context.vocabulary)
    readings = (reader(said) for reader in READERS)
    return next((reading for reading in readings if reading is not None), InvalidAnswer("day_unreadable"))


def _relative(said: Said) -> Reading:
    """昨天, yesterday."""
    shift = said.vocabulary.relative_days.get(said.text)
    return None if shift is None else said.today + timedelta(days=shift)


def _ago(said: Said) -> Reading:
    """三天前, two weeks ago, 上个月3号."""
    found = re.fullmatch(rf"({_COUNT}) ?个?(天|日|周|星期|礼拜|days?|weeks?)(?:以?之?前| ago)", said.text)
    if found is not None:
        return said.today - timedelta(days=_count(found[1]) * _UNITS[found[2].removesuffix("s")])
    months = re.fullmatch(rf"({_COUNT}) ?(?:个月|months?)(?:以?之?前| ago)", said.text)
    return None if months is None else _months_before(said.today, _count(months[1]))


def _weekday(said: Said) -> Reading:
    """上周五, 这周一, last Friday, Monday."""
    chinese = re.fullmatch(r"(上上|上|这|本)?个?(?:周|星期|礼拜)([一二三四五六日天])", said.text)
    if chinese is not None:
        weeks = {"上上": 2, "上": 1}.get(chinese[1] or "", 0)
        monday = said.today - timedelta(days=said.today.weekday() + 7 * weeks)
        return monday + timedelta(days=_WEEKDAYS_ZH[chinese[2]])
    english = re.fullmatch(r"(last |on |this )?(mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}", said.text)
    if english is None:
        return None
    back = (said.today.weekday() - _WEEKDAYS_EN.index(english[2])) % 7
    return said.today - timedelta(days=back or (7 if (english[1] or "").startswith("last") else 0))


def _year_first(said: Said) -> Reading:
    """2026-11-20, 2026年11月20日, 20261120, 二〇二六年十一月二十日, 去年11月20日."""
    text = re.sub(r"^[〇零一二两三四五六七八九]{4}(?=年)", lambda found: year_in(found[0]), said.text)
    text = re.sub(r"^(今年|去年|前年)", lambda f: f"{said.today.year - ('今年', '去年', '前年').index(f[1])}年", text)
    compact = re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text)
    parted = re.fullmatch(rf"(\d{{4}}) ?[-/.年 ] ?({_NUMERAL}) ?[-/.月 ] ?({_NUMERAL}) ?[日号]?", text)
    found = compact or parted
    return None if found is None else _made(int(found[1]), number_in(found[2]), number_in(found[3]))


def _month_and_day(said: Said) -> Reading:
    """11月20日, 上个月3号, 20号."""
    found = re.fullmatch(rf"({_NUMERAL}) ?月 ?({_NUMERAL}) ?[日号]?", said.text)
    if found is not None:
        return _most_recent(said.today, number_in(found[1]), number_in(found[2]))
    last_month = re.fullmatch(rf"(上上|上|这|本)个?月 ?({_NUMERAL}) ?[日号]?", said.text)
    if last_month is not None:
        first = _months_before(said.today.replace(day=1), {"上上": 2, "上": 1}.get(last_month[1], 0))
        return _made(first.year, first.month, number_in(last_month[2]))
    day_only = re.fullmatch(rf"({_NUMERAL}) ?[日号]", said.text)
    return None if day_only is None else _day_of_month(said.today, number_in(day_only[1]))


def _numbers(said: Said) -> Reading:
    """20/11 (day first), 11/20 where only that is possible, 20/11/2026; 3/4 could be either and is asked."""
    found = re.fullmatch(r"(\d{1,2}) ?[-/. ] ?(\d{1,2})(?: ?[-/. ] ?(\d{4}|\d{2}))?", said.text)
    if found is None:
        return None
    first, second = int(found[1]), int(found[2])
    orders = [(second, first), (first, second)] if first != second else [(first, second)]
    days = [day for month, number in orders if isinstance(day := _in_year(said.today, found[3], month, number), date)]
    if len(days) > 1:
        return InvalidAnswer("day_ambiguous", {"options": [[day.isoformat(), day.isoformat()] for day in days]})
    return days[0] if days else InvalidAnswer("day_impossible")


def _named_month(said: Said) -> Reading:
    """Nov 20, 20 November 2026, November 20, 2026."""
    parts = re.findall(r"[a-z]+|\d+", said.text)
    months = [said.vocabulary.months[part] for part in parts if part in said.vocabulary.months]
    numbers = [part for part in parts if part.isdecimal()]
    others = [
        part
        for part in parts
        if not part.isdecimal() and part not in said.vocabulary.months and part not in {"of", "the", "on"}
    ]
    if len(months) != 1 or others or not 1 <= len(numbers) <= 2:  # noqa: PLR2004 -- a day, and perhaps a year
        return None
    years = [number for number in numbers if len(number) == len("2026")]
    days = [number for number in numbers if number not in years]
    return None if len(days) != 1 else _in_year(said.today, years[0] if years else None, months[0], int(days[0]))


READERS: tuple[Callable[[Said], Reading], ...] = (
    _relative,
    _ago,
    _weekday,
    _year_first,
    _month_and_day,
    _numbers,
    _named_month,
)


def _count(text: str) -> int:
    return _SPELLED.get(text) or number_in(text) or 0


def _in_year(today: date, year: str | None, month: int, day: int) -> date | InvalidAnswer:
    if year is None:
        return _most_recent(today, month, day)
    return _made(int(year) + (2000 if len(year) == len("26") else 0), month, day)


def _made(year: int, month: int | None, day: int | None) -> date | InvalidAnswer:
    try:
        return date(year, month or 0, day or 0)
    except ValueError:
        return InvalidAnswer("day_impossible")


def _most_recent(today: date, month: int | None, day: int | None) -> date | InvalidAnswer:
    """The latest such day that isn't in the future; 29 February looks back up to eight years."""
    found = [
        made for year in range(today.year, today.year - 9, -1) if isinstance(made := _made(year, month, day), date)
    ]
    return next((made for made in found if made <= today), InvalidAnswer("day_impossible"))


def _day_of_month(today: date, day: int | None) -> date | InvalidAnswer:
    months = (_months_before(today.replace(day=1), back) for back in range(3))
    days = [made for first in months if isinstance(made := _made(first.year, first.month, day), date)]
    return next((made for made in days if made <= today), InvalidAnswer("day_impossible"))


def _months_before(day: date, months: int) -> date:
    """The same day some months before, or that month's last day."""
    index = day.year * MONTHS + day.month - 1 - months
    year, month = divmod(index, MONTHS)
    for last in range(day.day, 27, -1):
        if isinstance(made := _made(year, month + 1, last), date):
            return made
    return date(year, month + 1, day.day)
