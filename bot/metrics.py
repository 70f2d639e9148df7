"""What the operator's Prometheus sees. Labels never hold anything of a person."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from time import perf_counter

from prometheus_client import REGISTRY, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)

TURNS = Counter("anju_turns", "Messages answered", ["channel", "outcome"])
TURN_SECONDS = Histogram("anju_turn_seconds", "From decoded message to committed answer", ["channel"], buckets=SECONDS)
OUTBOX = Gauge("anju_outbox_rows", "Outbox messages without an end, by class and state", ["channel", "kind", "state"])
OLDEST = Gauge("anju_outbox_oldest_seconds", "How long the oldest due message waits")
FILES = Counter("anju_files", "Paper files received", ["outcome"])
LAST_YEAR = Gauge("anju_calendar_last_year", "The last year whose holidays are known")
WAITING_FOR_HOLIDAYS = Gauge("anju_deadlines_waiting", "Deadlines that wait for a year's holidays", ["year"])
REMINDED = Counter("anju_reminders_due", "Reminders that came due: told, or settled, moved or skipped instead")
REMINDERS_OLDEST = Gauge("anju_reminders_oldest_seconds", "How long the oldest reminder that is due waits")
CLOCK_JUMPS = Counter("anju_clock_jumps", "How often this machine's clock jumped")
CLOCK_APART = Gauge("anju_clock_apart_seconds", "How far this machine's clock is ahead of the database's")
REJECTED = Counter("anju_rejected_requests", "Requests refused before they were read", ["channel", "reason"])

PARTS = (
    "broadcasts", "deadlines", "lists", "notices", "outbox", "papers", "permits", "postponed", "purge", "reminders",
    "silences",
)  # fmt: skip
PASSED_OVER = Counter("anju_passed_over", "Rows that could not be worked on and held up no other", ["part"])
for part in PARTS:
    PASSED_OVER.labels(part)  # there from the beginning, so that Prometheus sees the first one too


class Total(Collector):
    """A counter that the database keeps: also of what other copies and commands did, and the same in every copy."""

    def __init__(self, name: str, documentation: str, labels: Iterable[str]) -> None:
        self.name, self.documentation, self.labels = name, documentation, tuple(labels)
        self.numbers: Mapping[tuple[str, ...], int] = {}
        REGISTRY.register(self)

    def collect(self) -> Iterator[CounterMetricFamily]:
        """What was last read from the database."""
        family = CounterMetricFamily(self.name, self.documentation, labels=self.labels)
        for values, number in self.numbers.items():
            family.add_metric(values, number)
        yield family


DELIVERIES = Total("anju_deliveries", "Ends of outbox messages, over all copies", ["channel", "kind", "state"])
UNKNOWN = Total("anju_unknown_attempts", "Attempts whose outcome nobody knows, over all copies", ["channel", "kind"])


@contextmanager
def turn(channel: str) -> Iterator[None]:
    """Count and time one message."""
    begun = perf_counter()
    try:
        yield
    except Exception:
        TURNS.labels(channel, "failed").inc()
        raise
    seconds, answered = _of_channel(channel)
    seconds.observe(perf_counter() - begun)
    answered.inc()


@cache
def _of_channel(channel: str) -> tuple[Histogram, Counter]:
    return TURN_SECONDS.labels(channel), TURNS.labels(channel, "answered")
