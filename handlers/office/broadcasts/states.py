"""The way of a broadcast: from which state which act leads where, and whether its own authors may take it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

State = Literal[
    "draft", "proposed", "approved", "freezing", "running", "paused", "sent", "done", "stopping", "stopped",
    "discarded",
]  # fmt: skip
Act = Literal[
    "edit", "test", "propose", "take_back", "approve", "send_back", "start", "pause", "resume", "stop", "discard",
    "retry",
]  # fmt: skip

STATES: tuple[State, ...] = get_args(State)
ACTS: tuple[Act, ...] = get_args(Act)
EDITABLE: frozenset[str] = frozenset({"draft", "proposed", "approved"})


@dataclass(frozen=True, slots=True)
class Way:
    """Where an act leads from a state. by_another: never one of those who wrote it."""

    to: State
    by_another: bool = False


# `freezing`: the audience is being written down; `sent`: all is said but what waits for people to write.
WAYS: Mapping[tuple[State, Act], Way] = {
    ("draft", "edit"): Way("draft"),
    ("proposed", "edit"): Way("draft"),
    ("approved", "edit"): Way("draft"),
    ("draft", "test"): Way("draft"),
    ("proposed", "test"): Way("proposed"),
    ("approved", "test"): Way("approved"),
    ("draft", "propose"): Way("proposed"),
    ("proposed", "take_back"): Way("draft"),
    ("proposed", "approve"): Way("approved", by_another=True),
    ("proposed", "send_back"): Way("draft", by_another=True),
    ("approved", "start"): Way("freezing"),
    ("running", "pause"): Way("paused"),
    ("paused", "resume"): Way("running"),
    ("freezing", "stop"): Way("stopping"),
    ("running", "stop"): Way("stopping"),
    ("paused", "stop"): Way("stopping"),
    ("sent", "stop"): Way("stopping"),
    ("sent", "retry"): Way("running"),
    ("done", "retry"): Way("running"),
    ("draft", "discard"): Way("discarded"),
    ("proposed", "discard"): Way("discarded"),
    ("approved", "discard"): Way("discarded"),
}


def way(state: str, act: str) -> Way | None:
    """Where that leads; None for what can't be done there."""
    return next((found for (at, does), found in WAYS.items() if (at, does) == (state, act)), None)


def open_acts(state: str, *, wrote_it: bool) -> tuple[Act, ...]:
    """What may be done to a broadcast now, by somebody who wrote it or by somebody else."""
    return tuple(act for (at, act), found in WAYS.items() if at == state and not (found.by_another and wrote_it))
