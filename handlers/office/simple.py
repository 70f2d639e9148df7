"""Submissions in which nothing looks odd: shown a few at a time, and approved together.

Each is approved by itself, as the reviewer saw it and only if still nothing looks odd: a hint that came up meanwhile,
a colleague or a change of the person leaves that one out.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice

from handlers.office import casework, review
from handlers.office.casework import Case
from handlers.office.hints import hints
from handlers.office.reviewer import Deciding, Done, NotTaken, Reviewer, Taken
from handlers.visit import Office
from storage import findings, history, submissions, waiting
from storage.records import Submission
from storage.unit import Unit

SHOWN = 10
LOOKED_THROUGH = 50  # so that a queue full of hints costs no more than a page


@dataclass(frozen=True, slots=True)
class HasHints:
    """Something looks odd about it by now: it wants a look of its own."""

    submission: Submission


Approving = Deciding | HasHints


def waiting_without_hints(unit: Unit, reviewer: Reviewer, now: datetime) -> tuple[Case, ...]:
    """The oldest that nobody has in review and that have no hint; each look is in the audit log."""
    rows = waiting.queue(unit, reviewer.areas, ("received",), 0, LOOKED_THROUGH)
    found = (submissions.by_number(unit, row.number) for row in rows)
    plain = islice((one.number for one in found if one is not None and not _hinted(unit, one)), SHOWN)
    cases = (casework.look(unit, reviewer, number, now) for number in list(plain))
    return tuple(case for case in cases if case is not None)


def approve(unit: Unit, reviewer: Reviewer, number: str, version: int, office: Office, now: datetime) -> Approving:
    """Take one and approve it, if it is as it was seen; sent twice, it is done once."""
    found = submissions.by_number(unit, number)
    if found is None or not reviewer.sees(found):
        return None
    if found.version != version:
        return _moved_on(unit, reviewer, found, version, now)
    if _hinted(unit, found):
        return HasHints(found)
    taken = review.take(unit, reviewer, number, now)
    if not isinstance(taken, Taken):
        return taken
    step = partial(review.approve, office=office, now=now)
    return casework.decide(unit, step, reviewer, number, taken.submission.version, now)


def _hinted(unit: Unit, one: Submission) -> bool:
    return bool(hints(one, findings.of(unit, one)))


def _moved_on(unit: Unit, reviewer: Reviewer, found: Submission, version: int, now: datetime) -> Approving:
    """Taken and approved by the same click before, decided by somebody else, or changed by the person."""
    after = history.at(unit, found.id, version + 2)
    if after is not None and (after.went_to, after.staff_id) == (review.APPROVED[found.kind], reviewer.staff_id):
        return Done(found, again=True)
    if found.status in review.WAITING:
        return NotTaken(found)
    looked = review.take(unit, reviewer, found.number, now)
    return None if isinstance(looked, Taken) else looked
