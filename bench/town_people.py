"""People of the simulated town as far as they register: what each deed does, and the fact that it makes."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any

from bench.town_recount import DAY, ZONE, Fact, Log, working_days
from handlers.forms.migrant import MIGRANT
from handlers.office import review
from handlers.office.reviewer import Reviewer, Taken
from handlers.office.states import lead
from handlers.reminders import planning
from handlers.visit import Office
from storage import conversations, reminders, submissions
from storage.history import Mark
from storage.records import Answer, Ask, Home, Submission
from storage.unit import Unit
from tests.handlers.filed import blank

NOON = time(12)
LATER = {"files": [], "plan": "later"}
CLERK = Reviewer("clerk")
TALK = ("unfinished_talk", "registration_due")

Deed = Callable[[Unit, datetime], None]
Life = Iterator[tuple[int, Deed]]  # so many days later somebody does something


@dataclass(slots=True)
class Town:
    """The office, the homes, the log of what happened, and chance."""

    office: Office
    log: Log
    chance: random.Random
    homes: list[Home] = field(default_factory=list)
    number: int = 0

    def between(self, first: int, last: int) -> int:
        """Some days."""
        return self.chance.randint(first, last)

    def happens(self, share: float) -> bool:
        """Whether it happens to this person."""
        return self.chance.random() < share


@dataclass(slots=True)
class Settler:
    """One person and what the office has of them."""

    town: Town
    number: int
    conversation: int = 0
    sent: int = 0
    times: int = 0
    came_on: date | None = None
    person: int = 0

    @property
    def holder(self) -> str:
        """The holder of their accounts."""
        return f"{self.number:032x}"

    @property
    def name(self) -> str:
        """The number of what they send, another one each time."""
        return f"T{self.number}.{self.times}"

    def register(self) -> Life:
        yield 0, self.begins
        for _ in range(self.town.between(0, 3)):
            yield self.town.between(1, 6), self.town.chance.choice((self.says_more, self.arrived, self.arrived))
        if self.town.happens(0.1):
            yield 1, self.says_it_is_done
        yield self.town.between(0, 12), self.sends

    def be_refused(self) -> Life:
        """The office refuses it for something that can be put right, and they come again."""
        yield self.town.between(0, 9), self.is_refused
        yield from self._comes_again()

    def _comes_again(self) -> Life:
        yield self.town.between(1, 45), self.begins
        if self.town.happens(0.5):
            yield self.town.between(0, 3), self.arrived
        yield self.town.between(0, 9), self.sends

    def be_asked(self) -> Life:
        yield self.town.between(1, 3), self.is_asked
        yield self.town.between(0, 20), self.answers

    def begins(self, unit: Unit, at: datetime) -> None:
        """A talk, agreed to."""
        begun = conversations.begin(unit, "telegram", f"p{self.number}", "zh", at)
        self.conversation = begun.id
        given = {"consent": Answer("given", "agree")}
        self._save(unit, at, form=MIGRANT.name, draft=f"d{self.name}", status="active", answers=given)
        self._plan("conversation", self.conversation, unit, at)
        self._talked(at)

    def says_more(self, unit: Unit, at: datetime) -> None:
        """A turn that changes nothing of a reminder: the program plans nothing then, and looks when it tells."""
        self._save(unit, at)
        self._talked(at)

    def arrived(self, unit: Unit, at: datetime) -> None:
        """They say when they arrived, or correct it."""
        on = at.date() - self.town.between(0, 9) * DAY
        self.came_on = on
        self.log_again(at)
        given = {"consent": Answer("given", "agree"), "arrived_on": Answer("given", on.isoformat())}
        self._save(unit, at, answers=given)
        self._plan("conversation", self.conversation, unit, at)
        self._talked(at)
        last = self._last_day(on)
        self.town.log.note("registration_due", self.conversation, Fact(at, last, on, last))

    def says_it_is_done(self, unit: Unit, at: datetime) -> None:
        """They want to hear no more of the talk that they have not finished."""
        mine = [one for one in reminders.of(unit, "unfinished_talk", [self.conversation]) if one.is_open]
        if mine:
            reminders.dismiss(unit, mine[0], at)
            self.town.log.dismiss("unfinished_talk", self.conversation, at)

    def sends(self, unit: Unit, at: datetime) -> None:
        """The registration is sent; some papers are promised."""
        self._save(unit, at, draft="", answers={}, status="ended", holder_id=self.holder)
        self._plan("conversation", self.conversation, unit, at)
        self.town.log.settle(self.conversation, at, *TALK)
        self.log_again(at)
        self.came_on = self.came_on or at.date()
        promised = {"paper_dwelling": LATER} if self.town.happens(0.5) else {}
        new = blank(self.name, self.holder, id_number="none", arrived_on=self.came_on.isoformat(), **promised)
        kept_one = submissions.submit(unit, replace(new, submitted_at=at))
        self.sent, self.person = kept_one.id, kept_one.person_id
        planning.plan_sent(unit, kept_one, self.town.office, at)
        if promised:
            self.town.log.note("papers_promised", self.sent, on_day(at))

    def is_asked(self, unit: Unit, at: datetime) -> None:
        """The office asks again."""
        taken = review.take(unit, CLERK, self.name, at)
        if isinstance(taken, Taken):
            version = taken.submission.version
            asks = {"name": Ask("unclear")}
            review.ask_again(unit, CLERK, self.name, version, asks, self.town.office, at)
            self.town.log.settle(self.sent, at, "papers_promised")
            self.town.log.note("answers_asked", self.sent, on_day(at))

    def is_refused(self, unit: Unit, at: datetime) -> None:
        """The office refuses; the duty to register stands."""
        taken = review.take(unit, CLERK, self.name, at)
        if isinstance(taken, Taken) and self.came_on is not None:
            reason, version = Ask("no_answer"), taken.submission.version
            review.refuse(unit, CLERK, self.name, version, reason, self.town.office, at)
            self.town.log.settle(self.sent, at, "papers_promised")
            due = max(self._last_day(self.came_on), at.date())
            self.town.log.note("registration_again", self.sent, Fact(at, due, at.date(), due))
            self.times += 1

    def log_again(self, at: datetime) -> None:
        """What was refused is settled: they have come again, or are about to and are reminded of that."""
        self.town.log.settle(self.sent, at, "registration_again")

    def _last_day(self, on: date) -> date:
        rule = self.town.office.pack.rule("registration.deadline", on)
        return working_days(on, int(str(rule.value)))

    def answers(self, unit: Unit, at: datetime) -> None:
        """And they answer."""
        found = self._submission(unit)
        if found.status == "needs_answers":
            submissions.answer_again(unit, found, found.answers, Mark("person", at))
            self._plan("submission", self.sent, unit, at)
            self.town.log.settle(self.sent, at, "answers_asked")
            if ("papers_promised", self.sent) in self.town.log.facts:
                first = self.town.log.facts["papers_promised", self.sent][0]
                self.town.log.note("papers_promised", self.sent, replace(first, at=at))

    def is_registered(self, unit: Unit, at: datetime) -> None:
        """The office approves."""
        found = self._submission(unit)
        taken = lead(unit, found, "in_review", Mark("staff", at, "clerk", until=at + DAY))
        if taken is not None:
            lead(unit, taken, "registered", Mark("staff", at, "clerk"))
            self.town.log.settle(self.sent, at, "papers_promised")

    def _submission(self, unit: Unit) -> Submission:
        found = submissions.get(unit, self.sent)
        if found is None:
            raise LookupError("a submission of the town is not there")
        return found

    def _save(self, unit: Unit, at: datetime, **changes: Any) -> None:
        found = conversations.get(unit, self.conversation)
        if found is not None:
            conversations.save(unit, replace(found, **changes), at)

    def _talked(self, at: datetime) -> None:
        self.town.log.note("unfinished_talk", self.conversation, on_day(at))

    def _plan(self, subject: Any, number: int, unit: Unit, at: datetime) -> None:
        planning.plan(unit, subject, number, self.town.office, at)


def on_day(at: datetime) -> Fact:
    """Counted from the day itself."""
    return Fact(at, at.date(), at.date(), at.date())


def noon(day: date) -> datetime:
    """When things happen."""
    return datetime.combine(day, NOON, ZONE)
