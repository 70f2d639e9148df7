"""Charts as shapes: where each bar stands, in units of a drawing 400 wide. What it is called is the page's matter."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from handlers.office.coarse import FEW
from handlers.office.statistics import Chart, Row, Time

WIDTH = 400
ROW = 40
SHOWN = 12
FEW_DRAWN = 2.5  # a count that isn't told is drawn as the middle of what it may be
COLUMNS_HIGH = 180
LEFT, TOP = 36, 12
LABELS = 6


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle; `series` names its colour."""

    series: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A text's place: what it labels, or the number on an axis."""

    text: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing. rows: labels and numbers beside bars; ticks: lines of an axis; dots: medians."""

    height: float
    bars: tuple[Bar, ...]
    rows: tuple[Mark, ...] = ()
    ticks: tuple[Mark, ...] = ()
    dots: tuple[Mark, ...] = ()
    width: int = WIDTH


def rows(chart: Chart) -> Plot:
    """A bar a row, its parts one after another; the first dozen."""
    return _bars(chart.rows[:SHOWN], [[*zip(chart.columns, row.numbers, strict=True)] for row in chart.rows[:SHOWN]])


def reached(chart: Chart) -> Plot:
    """A bar for each question where somebody stopped: who went on, then who didn't."""
    shown = [row for row in chart.rows if row.numbers[1]]
    parts = [[("went_on", max(_drawn(r) - _drawn(s), 0)), ("stopped", s)] for r, s in (row.numbers for row in shown)]
    return _bars(shown, parts)


def times(found: Sequence[Time]) -> Plot:
    """From the first to the third quartile, with a dot at the median."""
    told = [(time.kind, time.days) for time in found if time.days is not None]
    most = max((days[2] for _, days in told), default=0) or 1
    scale = (WIDTH - 8) / most
    bars, dots, marks = [], [], []
    for number, (kind, (first, median, third)) in enumerate(told):
        top = number * ROW
        bars.append(Bar("spread", 4 + first * scale, top + 22, max((third - first) * scale, 2), 8))
        dots.append(Mark("", 4 + median * scale, top + 26))
        marks.append(Mark(kind, 0, top + 15))
    return Plot(max(len(told) * ROW, 1), tuple(bars), tuple(marks), (), tuple(dots))


def columns(chart: Chart) -> Plot:
    """A column a row, its parts stacked, with an axis."""
    sums = [sum(_drawn(number) for number in row.numbers) for row in chart.rows]
    step, lines = _axis(max(sums, default=0))
    scale, width = COLUMNS_HIGH / (step * lines), (WIDTH - LEFT) / max(len(chart.rows), 1)
    bars = [
        bar
        for place, row in enumerate(chart.rows)
        for bar in _stack(row, chart.columns, LEFT + place * width, width, scale)
    ]
    base = TOP + COLUMNS_HIGH
    ticks = tuple(Mark(str(step * line), LEFT - 6, base - step * line * scale) for line in range(lines + 1))
    every = ceil(len(chart.rows) / LABELS)
    labels = (
        Mark(row.key, LEFT + (place + 0.5) * width, base + 20)
        for place, row in enumerate(chart.rows)
        if not place % every
    )
    return Plot(base + 28, tuple(bars), tuple(labels), ticks)


def _bars(found: Sequence[Row], parts: Sequence[Sequence[tuple[str, float]]]) -> Plot:
    most = max((sum(_drawn(number) for _, number in row) for row in parts), default=0) or 1
    bars: list[Bar] = []
    for place, row in enumerate(parts):
        x = 0.0
        for series, number in row:
            width = _drawn(number) * WIDTH / most
            if width:
                bars.append(Bar(series, x, place * ROW + 22, max(width, 2), 10))
            x += width
    marks = tuple(Mark(row.key, 0, place * ROW + 15) for place, row in enumerate(found))
    return Plot(max(len(found) * ROW, 1), tuple(bars), marks)


def _stack(row: Row, series: Sequence[str], x: float, width: float, scale: float) -> Iterator[Bar]:
    base: float = TOP + COLUMNS_HIGH
    gap = min(width * 0.2, 6)
    for name, number in zip(series, row.numbers, strict=True):
        height = _drawn(number) * scale
        base -= height
        if height:
            yield Bar(name, x + gap / 2, base, width - gap, height)


def _axis(most: float) -> tuple[int, int]:
    """The step of an axis (1, 2 or 5 times a power of ten) and how many of them reach the largest number."""
    rough = max(most / 4, 1)
    power = 10 ** floor(log10(rough))
    step = next(int(times * power) for times in (1, 2, 5, 10) if times * power >= rough)
    return step, max(ceil(most / step), 1)


def _drawn(number: float) -> float:
    return FEW_DRAWN if number == FEW else number
