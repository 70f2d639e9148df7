"""The bench's own recount of who is to be reminded of what on which day: written anew, from what happened."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar

ZONE = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
NINE = time(9)

# As docs/reminders.md promises it to the office; not read from the program.
OFFSETS: Mapping[str, Sequence[int]] = {
    "unfinished_talk": (1, 3, 7),
    "registration_due": (-7, -3, -1, 0, 1, 7, 30),
    "registration_again": (-7, -3, -1, 0, 1, 7, 30),
    "answers_asked": (2, 5, 10, 30),
    "papers_promised": (3, 7, 30),
    "moved_out": (-7, -3, -1, 0, 1, 7, 30),
    "landlord_duty": (-7, -1, 0, 1, 7, 30),
    "permit_may_apply": (-30, 0, 30),
    "permit_ready": (3, 10, 30),
    "endorsement": (-30, -14, -7, -1, 0),
    "permit_suspended": (1, 7, 30),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """How a matter stands from an instant on: what is due, what it counts from, the last day not late; or settled."""

    at: datetime
    due_on: date | None = None
    event_on: date | None = None
    late_after: date | None = None
    dismissed: bool = False


@dataclass(slots=True)
class Log:
    """What happened in the town, by entry and subject."""

    facts: dict[tuple[str, int], list[Fact]] = field(default_factory=dict)

    def note(self, entry: str, subject: int, fact: Fact) -> None:
        """Something about a matter changed."""
        self.facts.setdefault((entry, subject), []).append(fact)

    def settle(self, subject: int, at: datetime, *entries: str) -> None:
        """These matters are over."""
        for entry in entries:
            if (entry, subject) in self.facts:
                self.note(entry, subject, Fact(at))

    def dismiss(self, entry: str, subject: int, at: datetime) -> None:
        """The person says it is done; it counts until its day is another one."""
        self.facts[entry, subject].append(Fact(at, self.facts[entry, subject][-1].due_on, dismissed=True))

    def expected(self, until: datetime) -> set[tuple[str, int, date]]:
        """Every reminder that was to come due until then."""
        return {
            (entry, subject, on)
            for (entry, subject), facts in self.facts.items()
            for on in _days(OFFSETS[entry], facts, until)
        }


def _days(offsets: Sequence[int], facts: Sequence[Fact], until: datetime) -> Iterator[date]:
    ends = [*(fact.at for fact in facts[1:]), until]
    silent: date | None = None
    for fact, end in zip(facts, ends, strict=True):
        if fact.dismissed:
            silent = fact.due_on
        if fact.due_on is None or fact.due_on == silent:
            continue
        for on in _of_fact(offsets, fact):
            if fact.at < datetime.combine(on, NINE, ZONE) < end:
                yield on


def _of_fact(offsets: Sequence[int], fact: Fact) -> set[date]:
    if fact.due_on is None or fact.event_on is None:
        return set()
    found = set()
    for offset in offsets:
        if offset > 0:
            on = None if fact.late_after is None else max(fact.due_on, fact.late_after) + offset * DAY
        else:
            on = _working_day_before(fact.due_on + offset * DAY, fact.event_on)
        if on is not None and on > fact.event_on:
            found.add(on)
    return found


def _working_day_before(day: date, event_on: date) -> date:
    on = day
    while on > event_on:
        if chinese_calendar.is_workday(on):
            return on
        on -= DAY
    return day


def working_days(event_on: date, count: int) -> date:
    """The last of so many working days after an event."""
    on = event_on
    while count:
        on += DAY
        count -= chinese_calendar.is_workday(on)
    return on


def rolled(day: date) -> date:
    """The day, or the next one on which offices are open."""
    while not chinese_calendar.is_workday(day):
        day += DAY
    return day
