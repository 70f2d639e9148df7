"""A broadcast on its way, a small step at a time: each may be repeated after a crash, and adds nobody twice.

Whoever takes a step holds the lease that lets one copy of the program do so.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from handlers.office.broadcasts.deciding import started
from storage import audiences, broadcasts, recipients
from storage.audiences import Terms
from storage.broadcasts import Broadcast
from storage.recipients import Recipient, Said
from storage.unit import Unit

PROGRAM = ""
PEOPLE_AT_ONCE = 500  # accounts looked at in a step of freezing
ENDS_AT_ONCE = 500
TOO_LATE = "too late"

Compose = Callable[[Unit, Sequence[Recipient]], Sequence[Said]]


@dataclass(frozen=True, slots=True)
class Room:
    """How many messages of one broadcast stand in the outbox at most, by channel: some seconds' worth."""

    channel: str
    messages: int


def begin(unit: Unit, number: int, now: datetime) -> None:
    """An approved one whose hour has come begins; one whose day has passed is discarded."""
    found = broadcasts.lock(unit, number)
    if found is None or found.state != "approved":
        return
    if _is_too_late(found, now):
        _go(unit, replace(found, state="discarded", ended_at=now), "expire", now)
    elif found.starts_at is not None and found.starts_at <= now:
        _go(unit, started(found, now), "start", now)


def freeze(unit: Unit, number: int, terms: Terms, now: datetime) -> bool:
    """Write down the next part of the audience; whether there is more."""
    found = broadcasts.lock(unit, number)
    if found is None or found.state != "freezing":
        return False
    last = audiences.highest(unit)
    upto = min(found.frozen_to + PEOPLE_AT_ONCE, last)
    recipients.freeze(unit, found, terms, upto)
    if upto < last:
        return True
    frozen = broadcasts.get(unit, number)
    if frozen is not None:
        _go(unit, replace(frozen, state="running"), "run", now)
    return False


def feed(unit: Unit, number: int, room: Room, at_once: int, compose: Compose, now: datetime) -> int:
    """Put the next people into the outbox, at most so many at once; how many."""
    found = broadcasts.lock(unit, number)
    if found is None or found.state != "running" or _is_too_late(found, now):
        return 0
    wanted = min(at_once, room.messages - recipients.due(unit, number, room.channel, now))
    if wanted > 0 and recipients.has_many_unreadable(unit, number, room.channel, now):
        return 0
    return recipients.feed(unit, found, room.channel, wanted, compose, now) if wanted > 0 else 0


def settle(unit: Unit, number: int, now: datetime) -> bool:
    """Write down what became of some messages, and end what is stopped or too late; whether there is more."""
    looked = recipients.settle(unit, number, ENDS_AT_ONCE)
    found = broadcasts.get(unit, number)
    ended = 0
    if found is not None and (found.state == "stopping" or _is_too_late(found, now)):
        reason = recipients.STOPPED if found.state == "stopping" else TOO_LATE
        ended = recipients.withdraw(unit, number, reason, now, ENDS_AT_ONCE)
    return looked >= ENDS_AT_ONCE or ended > 0


def conclude(unit: Unit, number: int, now: datetime) -> None:
    """From running to sent once all is said, and from there to done (or stopped) once everybody has an end."""
    found = broadcasts.lock(unit, number)
    if found is None or found.state not in {"running", "paused", "sent", "stopping"}:
        return
    if recipients.is_over(unit, number):
        end = "stopped" if found.state == "stopping" else "done"
        _go(unit, replace(found, state=end, ended_at=now), "end", now)
    elif found.state == "running" and recipients.is_all_said(unit, number, now):
        _go(unit, replace(found, state="sent"), "all_said", now)


def _is_too_late(found: Broadcast, now: datetime) -> bool:
    return found.not_after is not None and found.not_after <= now


def _go(unit: Unit, changed: Broadcast, action: str, now: datetime) -> None:
    broadcasts.save(unit, changed, now)
    broadcasts.note(unit, changed, action, PROGRAM, now)
