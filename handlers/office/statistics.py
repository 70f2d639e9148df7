"""The charts' numbers for one member: of their areas only, and coarse where the role sees only statistics."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from handlers.engine import CONFIRM
from handlers.forms.migrant import MIGRANT
from handlers.office.coarse import FEW, Telling, coarse, exact
from handlers.office.rights import below, can, scope
from storage import statistics
from storage.records import Area
from storage.staff import Member
from storage.statistics import Spread, Wanted
from storage.unit import Unit

PERIODS = (4, 12, 26, 52)
USUAL = 12
WEEK = timedelta(days=7)
SILENT = timedelta(days=1)  # who hasn't answered for so long has stopped, for now

OUTCOMES: Mapping[str, tuple[str, ...]] = {
    "open": ("received", "in_review", "needs_answers"),
    "registered": ("registered", "moved_out"),
    "refused": ("refused",),
    "withdrawn": ("withdrawn",),
    "over": ("changed", "moved", "left", "erased"),
}
ENDS: Mapping[str, tuple[str, ...]] = {
    "under_way": ("waiting", "claimed", "accepted"),
    "sent": ("sent",),
    "failed": ("failed",),
    "expired": ("expired",),
    "needless": ("suppressed", "replaced"),
}
AGES: Mapping[str, tuple[int, int]] = {
    "0-15": (0, 15), "16-24": (16, 24), "25-34": (25, 34), "35-44": (35, 44), "45-59": (45, 59), "60+": (60, 130),
}  # fmt: skip
KINDS = ("registration", "change", "leaving", "withdrawal")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of numbers, a number a column; FEW stands for one that isn't told. whole: of the row, as told."""

    key: str
    numbers: tuple[int, ...]
    whole: int


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart's numbers. columns: their names, one where there is nothing to part."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(row.whole or any(row.numbers) for row in self.rows)


@dataclass(frozen=True, slots=True)
class Time:
    """How long decisions of a kind took, in days, as told; None where there were too few to tell."""

    kind: str
    number: int
    days: tuple[float, float, float] | None


@dataclass(frozen=True, slots=True)
class Board:
    """All charts. questions: None where a talk's area would have to be known."""

    charts: tuple[Chart, ...]
    times: tuple[Time, ...]
    questions: Chart | None
    deliveries: Chart


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be counted: the last so many weeks, and the area chosen ('' for all that are the member's)."""

    weeks: int
    area: str
    now: datetime
    zone: ZoneInfo


def mondays(question: Question, *, whole_weeks: bool) -> tuple[date, ...]:
    """The Mondays on which the period's weeks begin, and the one after it. whole_weeks: without the present week."""
    today = question.now.astimezone(question.zone).date()
    this = today - timedelta(days=today.weekday())
    end = this if whole_weeks else this + WEEK
    return tuple(end - WEEK * back for back in range(question.weeks, -1, -1))


def board(unit: Unit, member: Member, areas: tuple[Area, ...], question: Question) -> Board:
    """Everything on the page."""
    exactly = can(member, "view_queue")
    tell = exact if exactly else coarse(unit)
    days = mondays(question, whole_weeks=not exactly)
    instants = [datetime.combine(day, time(), question.zone) for day in days]
    where = scope(member, areas) if not question.area else below(question.area, areas)
    wanted = Wanted(instants[0], instants[-1], where)
    asked = f"{question.area or member.area} {days[0]} {days[-1]}"
    telling = _named(tell, asked)
    year = days[-1].year
    return Board(
        charts=(
            _weeks(unit, wanted, days[:-1], instants[:-1], telling),
            _parted("area", statistics.by_area(unit, wanted), telling),
            _parted("channel", statistics.by_channel(unit, wanted), telling),
            _parted("origin", _provinces(statistics.by_origin(unit, wanted)), telling),
            _in_order("age", _ages(statistics.by_birth_year(unit, wanted), year), telling, (*AGES, "")),
            _in_order("education", statistics.by_education(unit, wanted), telling),
        ),
        times=tuple(_time(spread, telling, exactly=exactly) for spread in statistics.times(unit, wanted)),
        questions=_questions(unit, wanted, question.now, telling) if where is None else None,
        deliveries=_deliveries(statistics.deliveries(unit, wanted), telling),
    )


def _named(tell: Telling, asked: str) -> Telling:
    return lambda number, cell: tell(number, f"{asked} {cell}")


def _weeks(unit: Unit, wanted: Wanted, days: tuple[date, ...], instants: list[datetime], tell: Telling) -> Chart:
    found = statistics.weeks(unit, wanted, instants)
    parts = {
        day.isoformat(): [sum(found.get((place, status), 0) for status in group) for group in OUTCOMES.values()]
        for place, day in enumerate(days)
    }
    return _chart("weeks", tuple(OUTCOMES), parts, tell)


def _parted(name: str, found: Mapping[str, int], tell: Telling) -> Chart:
    """The most frequent first, by what is told: the true order would tell more."""
    chart = _in_order(name, found, tell)
    return replace(chart, rows=tuple(sorted(chart.rows, key=lambda row: -abs(row.whole))))


def _in_order(name: str, found: Mapping[str, int], tell: Telling, order: Iterable[str] | None = None) -> Chart:
    keys = sorted(found, key=lambda key: (not key, key)) if order is None else order
    return _chart(name, ("number",), {key: [found.get(key, 0)] for key in keys if found.get(key)}, tell)


def _chart(name: str, columns: tuple[str, ...], parts: Mapping[str, list[int]], tell: Telling) -> Chart:
    rows = tuple(
        Row(
            key,
            tuple(tell(number, f"{name} {key} {column}") for column, number in zip(columns, numbers, strict=True)),
            tell(sum(numbers), f"{name} {key}"),
        )
        for key, numbers in parts.items()
    )
    return Chart(name, columns, rows)


def _provinces(found: Mapping[str, int]) -> dict[str, int]:
    return {f"{digits}0000" if digits else "": number for digits, number in found.items()}


def _ages(found: Mapping[int, int], year: int) -> dict[str, int]:
    """By the age that is reached in that year; '' where no year of birth is known."""
    groups = dict.fromkeys((*AGES, ""), 0)
    for born, number in found.items():
        groups[_age_group(year - born) if born else ""] += number
    return groups


def _age_group(age: int) -> str:
    return next((name for name, (least, most) in AGES.items() if least <= age <= most), "")


def _time(spread: Spread, tell: Telling, *, exactly: bool) -> Time:
    number = tell(spread.number, f"times {spread.kind}")
    if number == FEW:
        return Time(spread.kind, number, None)
    first, median, third = (
        round(seconds / 86_400, 1 if exactly else 0) for seconds in (spread.first, spread.median, spread.third)
    )
    return Time(spread.kind, number, (first, median, third))


def _questions(unit: Unit, wanted: Wanted, now: datetime, tell: Telling) -> Chart:
    """How many reached each question, and how many of them stopped there.

    Whoever stopped at a later question, or sent the form, has reached the earlier ones: those that didn't apply to
    them too, so that the numbers only fall.
    """
    silent = Wanted(wanted.begins_at, min(wanted.ends_at, now - SILENT))
    stopped = statistics.stopped(unit, MIGRANT.name, silent)
    reached = statistics.sent(unit, MIGRANT.name, wanted)
    found: dict[str, tuple[int, int]] = {}
    for step in reversed((*(step.name for step in MIGRANT.steps), CONFIRM)):
        here = stopped.get(step, 0)
        reached += here
        found[step] = (reached, here)
    rows = tuple(
        Row(step, (tell(reached, f"reached {step}"), tell(here, f"stopped {step}")), 0)
        for step, (reached, here) in reversed(found.items())
    )
    return Chart("questions", ("reached", "stopped"), rows)


def _deliveries(found: Mapping[tuple[str, str, str], int], tell: Telling) -> Chart:
    ways = sorted({(channel, kind) for channel, kind, _ in found})
    parts = {
        f"{channel} {kind}": [sum(found.get((channel, kind, state), 0) for state in group) for group in ENDS.values()]
        for channel, kind in ways
    }
    return _chart("deliveries", tuple(ENDS), parts, tell)
