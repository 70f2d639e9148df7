"""Deadlines counted anew once a year's holidays are known, and the exact day told to who was promised it."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from handlers.messages import Reply
from handlers.office.states import OPEN, STANDING
from handlers.office.tell import tell
from handlers.office.timing import Timing, dated, timing_of
from handlers.visit import Office
from storage import recounts, submissions
from storage.records import Submission
from storage.unit import Unit

BACK = timedelta(days=60)  # a table of holidays that is corrected moves no deadline further than that


def ready(unit: Unit, office: Office, limit: int, but: Collection[str] = ()) -> Sequence[str]:
    """Numbers of some of those whose year is known by now. but: not these."""
    years = [year for year in recounts.waiting(unit) if office.calendar.knows(year)]
    numbers = recounts.ready(unit, [recounts.ANEW, *years], limit + len(but))
    return [number for number in numbers if number not in but][:limit]


def recount(unit: Unit, office: Office, numbers: Sequence[str], now: datetime) -> int:
    """Count them anew; how many were looked at. Twice, nothing happens twice."""
    for number in numbers:
        _recount_one(unit, office, number, now)
    return len(numbers)


def begin(unit: Unit, office: Office, now: datetime) -> int:
    """At a start, with a calendar or a pack that may be another: the open ones are counted anew."""
    return recounts.ask_anew(unit, now.astimezone(office.zone).date() - BACK)


def _recount_one(unit: Unit, office: Office, number: str, now: datetime) -> None:
    before = submissions.lock(unit, number)
    if before is None or before.holidays_of is None:
        return
    timing = timing_of(office, before.answers, before.submitted_at)
    after = dated(before, timing)
    if after.holidays_of == before.holidays_of:
        return
    if recounts.settle(unit, after, before.holidays_of) and _was_promised(before, after) and timing is not None:
        tell(unit, f"due:{before.id}", before.holder_id, _known(after, timing), now)


def _was_promised(before: Submission, after: Submission) -> bool:
    """Who was told that the exact day would follow: it wasn't known whether they were in time, and it is now."""
    hoped = before.holidays_of != recounts.ANEW and before.in_time is None
    return hoped and after.in_time is not None and before.status in {*OPEN, *STANDING}


def _known(submission: Submission, timing: Timing) -> Reply:
    return Reply("say/due_known", {"number": submission.number, "in_time": submission.in_time, **timing.told()})
