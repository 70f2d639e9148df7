"""Whether something was reported in time, by the pack; and by when the office answers, where the law says so."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from handlers.forms.conditions import value
from handlers.visit import Office
from regulations.calendar import Calendar
from regulations.deadlines import Deadline, deadline, is_late
from regulations.pack import Pack
from storage.records import Answers, Submission, Value

REVIEW = "registration.review"


@dataclass(frozen=True, slots=True)
class Timing:
    """The rule that sets the deadline, the deadline, and whether it was kept (None: not known yet).

    event_on: what the deadline is counted from; the rule is the version of that day. holidays_of: the year whose
    holidays have to be announced before everything is known.
    """

    rule: str
    event_on: date
    due: Deadline
    in_time: bool | None
    holidays_of: int | None

    def told(self) -> Mapping[str, Value]:
        """For the words: `due.txt.j2` tells a deadline from this, whether its exact day is known or not."""
        return {
            "rule": self.rule,
            "event_on": self.event_on.isoformat(),
            "due_on": None if self.due.nominal is None else self.due.nominal.isoformat(),
            "safe_on": self.due.safe.isoformat(),
            "in_time": self.in_time,
            "missing_year": self.holidays_of,
        }


def timing_of(office: Office, answers: Answers, sent_at: datetime) -> Timing | None:
    """The deadline by the pack, counted from the day of arrival; none without one (or without a duty in days)."""
    arrived_on = value(answers, "arrived_on")
    changed = value(answers, "changed")
    if arrived_on is None or changed not in {None, "address"}:
        return None
    key = "registration.deadline" if changed is None else "change.registration"
    event_on = date.fromisoformat(arrived_on)
    rule = office.pack.find(key, event_on)
    if rule is None:
        return None
    due = deadline(rule, event_on, office.calendar)
    late = is_late(due, sent_at.astimezone(office.zone).date())
    return Timing(key, event_on, due, None if late is None else not late, _awaited(due, office.calendar))


def dated(submission: Submission, timing: Timing | None) -> Submission:
    """The submission with its deadline: the day told, the day after which it is late, what is not known yet."""
    if timing is None:
        return replace(submission, due_on=None, late_after=None, in_time=None, holidays_of=None)
    return replace(
        submission,
        due_on=timing.due.nominal,
        late_after=timing.due.rolled,
        in_time=timing.in_time,
        holidays_of=timing.holidays_of,
    )


def change_by(office: Office, moved_on: date | None) -> dict[str, Any]:
    """Until when a change is to be reported after a move, as JSON values; empty strings without such a rule."""
    rule = None if moved_on is None else office.pack.on(moved_on).find("change.registration")
    if rule is None or moved_on is None:
        return {"rule": "", "due_on": None}
    return {"rule": rule.key, "due_on": deadline(rule, moved_on, office.calendar).told.isoformat()}


def late_after(pack: Pack, submission: Submission, calendar: Calendar, zone: ZoneInfo) -> date | None:
    """The last day on which the office may decide without being late; None where the pack's law sets no limit.

    Counted from the local day it was first received; None too while the year's holidays aren't known.
    """
    received_on = submission.submitted_at.astimezone(zone).date()
    rule = pack.find(REVIEW, received_on)
    return None if rule is None else deadline(rule, received_on, calendar).rolled


def _awaited(due: Deadline, calendar: Calendar) -> int | None:
    """The year to wait for: one before the first that is known never comes."""
    year = due.missing_year
    return None if year is None or year < calendar.first_year else year
