"""A permit's days by the pack: when the next endorsement opens and ends, by when it is issued, who may apply when.

Pure, and the same for whoever plans reminders, shows a page or records a change of state.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from regulations.calendar import Calendar
from regulations.deadlines import Deadline, deadline
from regulations.eligibility import waiting
from regulations.endorsement import Restored, Window, anchor, next_window, restored
from regulations.pack import Pack

COUNTS_ENDORSEMENT = ("endorse.cycle", "endorse.window", "endorse.anchor")
COUNTS_WAITING = ("permit.eligibility.residence", "permit.residence_start")

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class EndorsementDays:
    """The next endorsement of a permit.

    from_on: the window opens; by_on: the last day to promise; until_on: the last day on which the permit works
    without the endorsement. It is suspended from the day after that.
    """

    from_on: date
    by_on: date
    until_on: date


def first_endorsement(pack: Pack, issued_on: date, residence_from: date) -> EndorsementDays:
    """The first endorsement after the issue."""
    return _days(next_window(pack, anchor(pack, issued_on, residence_from), issued_on + _DAY))


def next_endorsement(
    pack: Pack, issued_on: date, residence_from: date, endorsed_until: date, endorsed_on: date
) -> EndorsementDays:
    """The one after an endorsement on that day, in time or late."""
    start = anchor(pack, issued_on, residence_from)
    return _days(next_window(pack, start, max(endorsed_until, endorsed_on) + _DAY))


def same_endorsement(pack: Pack, issued_on: date, residence_from: date, endorsed_until: date) -> EndorsementDays:
    """The days of the endorsement that is due by then, counted anew after the law has changed."""
    return _days(next_window(pack, anchor(pack, issued_on, residence_from), endorsed_until))


def late_endorsement(
    pack: Pack, issued_on: date, residence_from: date, endorsed_until: date, endorsed_on: date
) -> Restored | None:
    """What an endorsement after the permit's last day does to the years that count; None where it was in time."""
    if endorsed_on <= endorsed_until:
        return None
    start = anchor(pack, issued_on, residence_from)
    return restored(pack, start, next_window(pack, start, endorsed_until), endorsed_on)


def eligible_on(pack: Pack, residence_from: date) -> date:
    """The first day on which somebody may apply without any doubt (`permit.eligibility.residence`)."""
    return waiting(pack.rule("permit.eligibility.residence"), residence_from).safe_from


def issue_deadline(pack: Pack, accepted_on: date, calendar: Calendar) -> Deadline | None:
    """By when a permit accepted on that day is issued (`permit.issue_limit`); None where the law sets no limit."""
    rule = pack.find("permit.issue_limit", accepted_on)
    return None if rule is None else deadline(rule, accepted_on, calendar)


def counted_by(pack: Pack, keys: tuple[str, ...]) -> str:
    """A mark of the rules that days were counted by: another one tells that they are to be counted anew."""
    rules = (pack.find(key) for key in keys)
    told = [f"{rule.value} {rule.unit}" if rule is not None else "" for rule in rules]
    return sha256("\x1f".join(told).encode()).hexdigest()[:32]


def _days(found: Window) -> EndorsementDays:
    return EndorsementDays(found.opens, found.last_safe, found.anniversary)
