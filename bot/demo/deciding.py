"""What the office of the town does: reviews by the program's own steps, and what became of each message."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from bot.channels.channel import PLAIN
from bot.demo.people import Resident
from handlers.office import casework, review, sending
from handlers.office.casework import Step
from handlers.office.outbox import Failure
from handlers.office.reviewer import Done, Reviewer, Taken
from handlers.office.sending import End, Wish
from handlers.visit import Office
from storage import claims, conversations, submissions
from storage.records import Ask, Submission
from storage.unit import Unit

MINUTES = timedelta(minutes=1)
GONE: Mapping[str, Failure] = {
    "wechat": Failure("no longer following", retryable=False, reach="unfollowed"),
    "telegram": Failure("blocked by the person, or the account is gone", retryable=False, reach="blocked"),
    "web": Failure("not connected", retryable=False),
}


class NotDecided(Exception):
    """The office of the town could not take a step that its story needs."""


@dataclass(frozen=True, slots=True)
class Deciding:
    """The reviewers at work."""

    office: Office

    def approve(self, unit: Unit, by: Reviewer, who: Resident, at: datetime) -> None:
        """Register what waits of somebody, or the change, leaving or withdrawal."""
        found = _taken(unit, by, who, at - MINUTES)
        _decide(unit, by, found, at, partial(review.approve, office=self.office, now=at))

    def ask(self, unit: Unit, by: Reviewer, who: Resident, at: datetime, asks: Mapping[str, Ask]) -> None:
        """Ask answers again."""
        found = self.look(unit, by, who, at - 3 * MINUTES)
        _decide(unit, by, found, at, partial(review.ask_again, asks=asks, office=self.office, now=at))

    def refuse(self, unit: Unit, by: Reviewer, who: Resident, at: datetime, reason: str) -> None:
        """Refuse, for a reason of the list."""
        found = self.look(unit, by, who, at - 2 * MINUTES)
        _decide(unit, by, found, at, partial(review.refuse, reason=Ask(reason), office=self.office, now=at))

    def look(self, unit: Unit, by: Reviewer, who: Resident, at: datetime) -> Submission:
        """Take what somebody sent last, and look at it."""
        found = _taken(unit, by, who, at)
        casework.look(unit, by, found.number, at)
        return found


def deliver(unit: Unit, who: Resident, at: datetime, failure: Failure | None = None) -> None:
    """What the office told somebody reaches them, or does not."""
    for claimed in claims.claim(unit, who.channel, at, address=who.address):
        begun = sending.begin(unit, [Wish(claimed, PLAIN)], at)
        sending.note(unit, [End(one, failure=failure) for one in begun.values()], at)


def _newest(unit: Unit, who: Resident) -> Submission:
    account = conversations.find(unit, who.channel, who.address)
    sent = submissions.of_holder(unit, account.holder_id, 1) if account is not None else ()
    if not sent:
        raise NotDecided
    return sent[0]


def _taken(unit: Unit, by: Reviewer, who: Resident, at: datetime) -> Submission:
    taken = review.take(unit, by, _newest(unit, who).number, at)
    if not isinstance(taken, Taken):
        raise NotDecided
    return taken.submission


def _decide(unit: Unit, by: Reviewer, found: Submission, at: datetime, step: Step) -> None:
    if not isinstance(casework.decide(unit, step, by, found.number, found.version, at), Done):
        raise NotDecided
