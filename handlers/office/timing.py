"""Whether something was reported in time, by the pack; and by when the office answers, where the law says so."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from handlers.forms.conditions import value
from handlers.visit import Visit
from regulations.calendar import Calendar
from regulations.deadlines import Deadline, deadline, is_late
from regulations.pack import Pack
from storage.records import Answers, Submission

REVIEW = "registration.review"


@dataclass(frozen=True, slots=True)
class Timing:
    """The rule that sets the deadline, the deadline, and whether it was kept (None: not known yet)."""

    rule: str
    due: Deadline
    in_time: bool | None


def timing_of(visit: Visit, answers: Answers, sent_at: datetime) -> Timing | None:
    """The deadline by the pack, counted from the day of arrival; none without one (or without a duty in days)."""
    arrived_on = value(answers, "arrived_on")
    changed = value(answers, "changed")
    if arrived_on is None or changed not in {None, "address"}:
        return None
    key = "registration.deadline" if changed is None else "change.registration"
    rule = visit.office.pack.find(key)
    if rule is None:
        return None
    due = deadline(rule, date.fromisoformat(arrived_on), visit.office.calendar)
    late = is_late(due, sent_at.astimezone(visit.office.zone).date())
    return Timing(key, due, None if late is None else not late)


def late_after(pack: Pack, submission: Submission, calendar: Calendar, zone: ZoneInfo) -> date | None:
    """The last day on which the office may decide without being late; None where the pack's law sets no limit.

    Counted from the local day it was first received; None too while the year's holidays aren't known.
    """
    rule = pack.find(REVIEW)
    if rule is None:
        return None
    return deadline(rule, submission.submitted_at.astimezone(zone).date(), calendar).rolled
