"""What would happen if a broadcast began now: how many hear it in which way, who is left out, how long it takes."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from handlers.office.bundles import MOST

Counts = Mapping[tuple[str, str, str, str], int]  # by channel, language, why left out (empty: not), way
SECONDS_A_CALL = 20  # the clock that makes calls to many ticks so often


@dataclass(frozen=True, slots=True)
class Plan:
    """people: all that are meant; told: how many of them are to hear it; out: how many are not, by reason; ways: how
    many hear it in which way, by channel and way; missing: how many speak a language without a text, by language;
    calls: how many calls to many are made; seconds: how long it takes, but for those who have to write first."""

    people: int
    told: int
    out: Mapping[str, int]
    ways: Mapping[tuple[str, str], int]
    missing: Mapping[str, int]
    calls: int
    seconds: int


def plan(counts: Counts, rates: Mapping[str, float]) -> Plan:
    """From counts of people; `rates`: messages a second, by channel."""
    out: Counter[str] = Counter()
    ways: Counter[tuple[str, str]] = Counter()
    by_language: Counter[str] = Counter()
    missing: Counter[str] = Counter()
    for (channel, language, reason, way), number in counts.items():
        if reason:
            out[reason] += number
            missing.update({language: number} if reason == "no text" else {})
        else:
            ways[channel, way] += number
            by_language.update({language: number} if way == "mass" else {})
    calls = sum(ceil(number / MOST) for number in by_language.values())
    told = sum(ways.values())
    return Plan(told + sum(out.values()), told, out, ways, missing, calls, _seconds(ways, rates, calls))


def _seconds(ways: Mapping[tuple[str, str], int], rates: Mapping[str, float], calls: int) -> int:
    """The channels send side by side, so the slowest counts."""
    single: Counter[str] = Counter()
    for (channel, way), number in ways.items():
        if way in {"message", "customer"}:
            single[channel] += number
    slowest = max((number / rates[channel] for channel, number in single.items() if rates.get(channel)), default=0.0)
    return ceil(max(slowest, calls * SECONDS_A_CALL))
