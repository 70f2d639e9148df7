"""What a written day can mean: 2026-11-20, 11月20日, 昨天, 3天前, 上周五, last Friday, 20/11, Nov 20."""

import re
from calendar import monthrange
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, timedelta
from typing import Final

from handlers.answers.numerals import in_digits
from handlers.vocabulary import Vocabulary

LONGEST = 60
MONTHS: Final = 12
FIRST_YEAR: Final = 1900
LEAP_GAP: Final = 8  # years at most between two days of 29 February (1896 to 1904)


@dataclass(frozen=True, slots=True)
class Reading:
    """The days that the words can mean (none: there is no such day), and whether they name the year."""

    days: tuple[date, ...]
    has_year: bool = True


@dataclass(frozen=True, slots=True)
class Said:
    """What was written, in small letters and plain digits, month names as `m11`."""

    text: str
    today: date


def read(words: str, today: date, vocabulary: Vocabulary) -> Reading | None:
    """What tidied words can mean, seen from today; None where they are no day."""
    if len(words) > LONGEST:
        return None
    text = words.casefold().strip(_EDGES)
    bare = _bare(text)
    shift = _shift((text, bare, f"the {bare}"), vocabulary)
    if shift is not None:
        return Reading(_days_off(today, shift))
    said = Said(_plain(bare, vocabulary), today)
    return next((reading for reader in READERS if (reading := reader(said)) is not None), None)


_EDGES = " .。,，!！、;；\"'"
_LEAD = re.compile(
    r"(?:我们?|他|她|孩子)?(?:就|才)?(?:是|在|从|自从|自|于|生于|出生于)?"
    r"(?:(?:i|we|he|she) )?(?:(?:arrived|came|moved|moved in|got) )?(?:here )?(?:(?:on|since|from|in) )?(?:the )?"
)
_TRAIL = re.compile(
    r"(?:[t ]\d{1,2}:\d{2}(?::\d{2})?|(?:早上|早晨|上午|中午|下午|晚上|傍晚|凌晨|夜里)| (?:morning|afternoon|evening))$"
)
_VERB = re.compile(r"(?:就|才)?(?:起|开始|以来|[来到搬住生]|抵达|入住|出生)[^\d]{0,6}$")
_DASHES = re.compile(r"[‐‑‒–—−ー~]")
_NEAR_SIGNS = re.compile(r" ?([年月日号號/.\-]) ?")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[/.、 ](?=\d)")
_WORD = re.compile(r"[^\W\d_]{3,}")


def _bare(text: str) -> str:
    """Without what stands around a day: punctuation, I came on …, … in the morning."""
    lead = _LEAD.match(text)
    text = text[lead.end() :] if lead else text
    for around in (_VERB, _TRAIL):
        text = around.sub("", text).strip(_EDGES)
    return text


def _shift(ways: tuple[str, ...], vocabulary: Vocabulary) -> int | None:
    """Days from today, for 昨天 or yesterday; to some of them an article belongs that was taken off."""
    words = vocabulary.relative_days
    return next((words[said] for said in ways if said in words), None)


def _plain(text: str, vocabulary: Vocabulary) -> str:
    named = _WORD.sub(
        lambda word: f" m{vocabulary.months[word[0]]} " if word[0] in vocabulary.months else word[0], text
    )
    digits = _DASHES.sub("-", in_digits(named))
    return _BETWEEN_DIGITS.sub("-", _NEAR_SIGNS.sub(r"\1", " ".join(digits.split())))


_NUMBERS_EN = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_SPELLED = {word: number for number, word in enumerate(_NUMBERS_EN, 1)} | {"a": 1, "an": 1}
_AGO_ZH = re.compile(r"(\d{1,3}|半)(?:(天|日|周|年)|个?(星期|礼拜)|个(月))(?:以前|之前|前)")
_AGO_EN = re.compile(rf"(\d{{1,3}}|{'|'.join(_SPELLED)}) (day|week|month|year)s? (?:ago|before)")
_DAYS_IN = {"天": 1, "日": 1, "day": 1, "周": 7, "星期": 7, "礼拜": 7, "week": 7}
_MONTHS_IN = {"月": 1, "month": 1, "年": MONTHS, "year": MONTHS}
_HALVES = {"年": ("月", 6), "月": ("天", 15)}


def _ago(said: Said) -> Reading | None:
    """3天前, 两周前, 半年前, 3 days ago, a week ago."""
    zh, en = _AGO_ZH.fullmatch(said.text), _AGO_EN.fullmatch(said.text)
    if zh:
        unit = zh[2] or zh[3] or zh[4]
        if zh[1] == "半":
            return _before(said.today, *_HALVES[unit]) if unit in _HALVES else None
        return _before(said.today, unit, int(zh[1]))
    return _before(said.today, en[2], _SPELLED.get(en[1]) or int(en[1])) if en else None


def _before(today: date, unit: str, count: int) -> Reading:
    if unit in _DAYS_IN:
        return Reading(_days_off(today, -_DAYS_IN[unit] * count))
    return Reading((months_before(today, _MONTHS_IN[unit] * count),))


_WEEKDAY_ZH = re.compile(r"(上上|上|这|本)?个?(?:周|星期|礼拜)([1-6日天])")
_WEEKDAY_EN = re.compile(
    r"(last |this |this past |past )?"
    r"(mon(?:day)?|tue(?:s|sday)?|wed(?:nesday)?|thu(?:rs|rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)"
    r"( last week)?"
)
_WEEKDAYS_EN = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SUNDAY: Final = 6


def _weekday(said: Said) -> Reading | None:
    """上周五, 这周一, 周三, last Friday, Monday; without a week the most recent such day."""
    zh, en = _WEEKDAY_ZH.fullmatch(said.text), _WEEKDAY_EN.fullmatch(said.text)
    if zh:
        day = int(zh[2]) - 1 if zh[2].isdecimal() else _SUNDAY
        weeks = {"上上": 2, "上": 1, "这": 0, "本": 0, None: None}[zh[1]]
        return _recent_weekday(said.today, day) if weeks is None else _weekday_of(said.today, weeks, day)
    if not en:
        return None
    day = _WEEKDAYS_EN.index(en[2][:3])
    if en[3]:
        return _weekday_of(said.today, 1, day)
    before = said.today - timedelta(days=1) if en[1] == "last " else said.today
    return _recent_weekday(before, day)


def _weekday_of(today: date, weeks_ago: int, weekday: int) -> Reading:
    return Reading(_days_off(today, weekday - today.weekday() - 7 * weeks_ago))


def _recent_weekday(today: date, weekday: int) -> Reading:
    return Reading(_days_off(today, -((today.weekday() - weekday) % 7)))


_YEARS_AGO = {"今": 0, "去": 1, "前": 2, "大前": 3}
_HAN_DATE = re.compile(r"(?:(\d{4}|\d{2})年|(今|去|前|大前)年)?(\d{1,2})月份?(\d{1,2})[日号號]?")
_IN_MONTH_ZH = re.compile(r"(上上|上|这|本)个?月(?:的)?(\d{1,2})[日号號]?")
_IN_MONTH_EN = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?(?: of)? (last|this) month")
_DAY_ONLY = re.compile(r"(\d{1,2})(?:[日号號]|st|nd|rd|th)")


def _with_signs(said: Said) -> Reading | None:
    """2026年11月20日, 11月20号, 去年3月5日."""
    found = _HAN_DATE.fullmatch(said.text)
    if not found:
        return None
    month, day = int(found[3]), int(found[4])
    if found[2]:
        return _named_year([(said.today.year - _YEARS_AGO[found[2]], month, day)])
    return _either(said.today, found[1], [(month, day)])


def _in_month(said: Said) -> Reading | None:
    """上个月3号, 3rd of last month, 20号, 20th."""
    zh, en = _IN_MONTH_ZH.fullmatch(said.text), _IN_MONTH_EN.fullmatch(said.text)
    if zh or en:
        which, day = (zh[1], zh[2]) if zh else (en[2], en[1]) if en else ("", "")
        first = months_before(said.today.replace(day=1), {"上上": 2, "上": 1, "last": 1}.get(which, 0))
        return _named_year([(first.year, first.month, int(day))])
    found = _DAY_ONLY.fullmatch(said.text)
    if not found:
        return None
    firsts = [months_before(said.today.replace(day=1), back) for back in range(3)]
    days = _real((first.year, first.month, int(found[1])) for first in firsts)
    return Reading(tuple(day for day in days if day <= said.today)[:1], has_year=False)


_EIGHT = re.compile(r"\d{8}")
_PARTS = re.compile(r"(\d{1,4})-(\d{1,2})(?:-(\d{1,4}))?")
_YEAR: Final = 4
_PART: Final = 2


def _digits_only(said: Said) -> Reading | None:
    """20261120; 20112026 where the year can't come first."""
    if not _EIGHT.fullmatch(said.text):
        return None
    text = said.text
    orders = [(text[:4], text[4:6], text[6:]), (text[4:], text[2:4], text[:2]), (text[4:], text[:2], text[2:4])]
    readings = (_named_year([(int(year), int(month), int(day))]) for year, month, day in orders)
    plausible = (
        reading for reading in readings if reading.days and FIRST_YEAR <= reading.days[0].year <= said.today.year
    )
    return next(plausible, _named_year([(int(text[:4]), int(text[4:6]), int(text[6:]))]))


def _parted(said: Said) -> Reading | None:
    """2026-11-20, 20/11/2026, 20/11, 11.20: all orders that make a day."""
    found = _PARTS.fullmatch(said.text)
    if not found:
        return None
    first, second, third = found[1], found[2], found[3]
    if third is None:
        return _either(said.today, None, _both_orders(first, second)) if len(first) <= _PART else None
    if len(first) == _YEAR and len(third) <= _PART:
        return _named_year([(int(first), int(second), int(third))])
    if len(first) > _PART or len(third) not in {_PART, _YEAR}:
        return None
    last = [(year_of(third, said.today), *order) for order in _both_orders(first, second)]
    short = [(year_of(first, said.today), int(second), int(third))] if len(first) == len(third) else []
    return _named_year(short + last)


def _both_orders(first: str, second: str) -> list[tuple[int, int]]:
    """Month and day, the day first, then the month."""
    return [(int(second), int(first)), (int(first), int(second))]


_TOKEN = re.compile(r"m\d{1,2}|\d+|[^\W\d_]+")
_FILLERS = frozenset({"of", "the", "on", "st", "nd", "rd", "th"})


def _named_month(said: Said) -> Reading | None:
    """Nov 20, 20 November 2026, Friday, November 20th, 2026."""
    tokens = [
        token for token in _TOKEN.findall(said.text) if token not in _FILLERS and not _WEEKDAY_EN.fullmatch(token)
    ]
    months = [int(token[1:]) for token in tokens if re.fullmatch(r"m\d+", token)]
    numbers = [token for token in tokens if token.isdecimal()]
    if len(months) != 1 or len(months) + len(numbers) != len(tokens):
        return None
    years = [number for number in numbers if len(number) == _YEAR]
    days = [number for number in numbers if len(number) <= _PART]
    if len(years) + len(days) != len(numbers) or not days or len(numbers) > _PART:
        return None
    year = years[0] if years else days[1] if len(days) > 1 else None
    return _either(said.today, year, [(months[0], int(days[0]))])


READERS: tuple[Callable[[Said], Reading | None], ...] = (
    _ago,
    _weekday,
    _with_signs,
    _in_month,
    _digits_only,
    _parted,
    _named_month,
)


def year_of(written: str, today: date) -> int:
    """A year of four digits, or of two: the most recent one that isn't in the future."""
    year = int(written)
    if len(written) != _PART:
        return year
    century = today.year - today.year % 100
    return century + year if century + year <= today.year else century - 100 + year


def months_before(day: date, months: int) -> date:
    """The same day some months before, or that month's last day."""
    year, month = divmod(day.year * MONTHS + day.month - 1 - months, MONTHS)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _either(today: date, year: str | None, orders: list[tuple[int, int]]) -> Reading:
    """Months and days of a written year, or without one the most recent such day of each."""
    if year is not None:
        return _named_year([(year_of(year, today), *order) for order in orders])
    days = [day for month, number in orders for day in _most_recent(today, month, number)]
    return Reading(tuple(dict.fromkeys(days)), has_year=False)


def _most_recent(today: date, month: int, number: int) -> tuple[date, ...]:
    days = _real((today.year - back, month, number) for back in range(LEAP_GAP + 1))
    return tuple(day for day in days if day <= today)[:1]


def _named_year(written: list[tuple[int, int, int]]) -> Reading:
    return Reading(tuple(dict.fromkeys(_real(written))))


def _real(written: Iterable[tuple[int, int, int]]) -> tuple[date, ...]:
    """Those that are days of the calendar."""
    return tuple(date(*parts) for parts in written if _is_day(*parts))


def _is_day(year: int, month: int, number: int) -> bool:
    return MINYEAR <= year <= MAXYEAR and 1 <= month <= MONTHS and 1 <= number <= monthrange(year, month)[1]


def _days_off(today: date, days: int) -> tuple[date, ...]:
    ordinal = today.toordinal() + days
    return (date.fromordinal(ordinal),) if 1 <= ordinal <= date.max.toordinal() else ()
