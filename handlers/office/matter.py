"""One matter of a person's: how it stands, the next day, and what to do."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

State = Literal[
    "needs_answers", "received", "registered", "waiting", "may_apply", "accepted", "ready", "working", "endorse",
    "endorse_last_day", "suspended", "making", "ended", "to_report", "late_report", "lease", "lease_ends", "lease_over",
    "asked_office", "office_late", "asks_read", "asks_answer",
]  # fmt: skip
DATED = ("on", "until")


@dataclass(frozen=True, slots=True)
class Item:
    """One matter. about: registration, permit, duty, lease, request or broadcast, or the kind of what was sent.

    on: the next day; until: its last one. act: the command that does what is to be done, empty where nothing is; key:
    names it in a calendar for good. rule: the pack's key of what is told with it. reason: why a permit ended, or what a
    request is about. place: the home of a duty; event, acts_as: what is to be reported there, and by whom.
    """

    key: str
    about: str
    state: State
    name: str = ""
    number: str = ""
    on: date | None = None
    until: date | None = None
    act: str = ""
    rule: str = ""
    pick_up: str = ""
    reason: str = ""
    place: str = ""
    event: str = ""
    acts_as: str = ""


def told(one: Item) -> dict[str, Any]:
    """For the words, as JSON values."""
    days = {name: None if getattr(one, name) is None else getattr(one, name).isoformat() for name in DATED}
    return {name: value for name, value in asdict(one).items() if name != "key"} | days


def in_order(one: Item) -> tuple[bool, date]:
    """What the person is to do comes first, that without a day before all; then by the next day."""
    does = bool(one.act) or one.state == "asks_answer"
    return not does, one.on or (date.min if does else date.max)
