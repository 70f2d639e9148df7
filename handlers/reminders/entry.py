"""What an entry of the table of reminders is, and what it finds for each of its subjects."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from handlers.visit import Office
from regulations.deadlines import Deadline, is_late
from storage.unit import Unit

Late = Literal["send", "skip", "alert"]
Subject = Literal["conversation", "submission", "duty", "lease", "prospect", "permit"]


@dataclass(frozen=True, slots=True)
class Cause:
    """That somebody is to be reminded of something, as it stands now.

    due_on: the day that offsets count from; event_on: what happened before it, so that no reminder comes earlier;
    late_after: the last day on which nobody is late, from which offsets after the due day count (None: not known, or
    the due day itself is what happened). holder_id or else conversation_id: whom. data: for the words, JSON values.
    """

    due_on: date
    event_on: date
    late_after: date | None
    holder_id: str = ""
    conversation_id: int = 0
    area: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def whom(self) -> tuple[str, int]:
        """Who is reminded: the holder, or a conversation of somebody not known yet."""
        return (self.holder_id, 0) if self.holder_id else ("", self.conversation_id)


Causes = Callable[[Unit, Office, Sequence[int], datetime], Mapping[int, Cause]]
After = tuple[Any, ...]  # where a page ended; empty at the beginning and at the end
Page = tuple[Sequence[int], After]
Candidates = Callable[[Unit, After, int, date], Page]


def by_id(find: Callable[[Unit, int, int], Sequence[int]]) -> Candidates:
    """Candidates in the order of their ids, from after one on."""

    def candidates(unit: Unit, after: After, limit: int, until: date) -> Page:
        found = find(unit, after[0] if after else 0, limit)
        return found, (found[-1],) if found else ()

    return candidates


@dataclass(frozen=True, slots=True)
class Entry:
    """One kind of reminder. Its words are `remind/<name>`.

    causes: subjects → what they are reminded of now; a subject that is missing is settled. candidates: what may have a
    cause that comes due by a day, a page at a time: for planning what no message was the cause of. offsets: days
    from the due day. late: what is done about one that was missed while the program stood still: it is sent all the
    same, skipped, or sent and the office alerted. useful: for how many days a message may wait for the person once the
    due day is over. controls: what is offered to do at once. yields_to: an entry that says this one's thing too.
    """

    name: str
    subject: Subject
    causes: Causes
    candidates: Candidates
    offsets: tuple[int, ...]
    late: Late = "send"
    useful: int = 30
    controls: tuple[str, ...] = ()
    yields_to: str = ""
    kind: Literal["notice", "reminder"] = "reminder"


def told(due: Deadline, rule: str, event_on: date, today: date) -> dict[str, Any]:
    """A deadline for the words: its day or the safe one, the year that is missing, whether it is over."""
    return {
        "rule": rule,
        "event_on": event_on.isoformat(),
        "due_on": None if due.nominal is None else due.nominal.isoformat(),
        "safe_on": due.safe.isoformat(),
        "missing_year": due.missing_year,
        "late": is_late(due, today) is True,
    }
