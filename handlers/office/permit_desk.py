"""The office's steps with a permit: accepted, issued, handed out, ended; and how a step is taken.

Each names the version that was seen, is written to the permit's way, and is told to the person in the same transaction.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from handlers.office import permit_eligibility, permit_notices
from handlers.reminders import planning
from handlers.visit import Office
from regulations.pack import Pack
from regulations.permit_days import (
    COUNTS_ENDORSEMENT,
    EndorsementDays,
    counted_by,
    first_endorsement,
    issue_deadline,
)
from storage import permits, prospects
from storage.permits import Permit, Step
from storage.queue import Areas
from storage.records import Submission
from storage.unit import Unit

NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{3,31}")
DEATH = "death"

Problem = Literal[
    "gone", "moved_on", "not_now", "bad_number", "number_used", "bad_day", "too_early", "bad_reason", "has_permit",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Desk:
    """A member of the staff with a permit before them: whose areas, when, by what law."""

    staff_id: str
    areas: Areas
    office: Office
    now: datetime

    @property
    def today(self) -> date:
        """The office's day."""
        return self.now.astimezone(self.office.zone).date()

    @property
    def pack(self) -> Pack:
        """The law of today."""
        return self.office.pack.on(self.today)

    def step(self, name: permits.StepName, **more: Any) -> Step:
        """A step of theirs."""
        return Step(name, "staff", self.now, self.staff_id, **more)

    def sees(self, permit: Permit) -> bool:
        """Whether it is of their areas."""
        return self.areas is None or permit.area in self.areas


@dataclass(frozen=True, slots=True)
class Issue:
    """What is written on a permit: its number, the day of issue, where residence begins, whether there is a card."""

    number: str
    issued_on: date
    valid_from: date
    electronic: bool = False


Outcome = Permit | Problem
Change = Callable[[Permit], Permit | Problem]


def accepted(unit: Unit, submission: Submission, desk: Desk) -> Permit:
    """The application is accepted: the limit for issuing runs (`permit.issue_limit`); once for each application."""
    due = issue_deadline(desk.pack, desk.today, desk.office.calendar)
    pick_up = submission.answers.get("pick_up")
    new = Permit(
        person_id=submission.person_id,
        area=submission.area,
        state="accepted",
        holder_id=submission.holder_id,
        submission_id=submission.id,
        card="making",
        pick_up="" if pick_up is None else str(pick_up.value),
        accepted_on=desk.today,
        issue_by_on=None if due is None else due.told,
        issue_late_after=None if due is None else due.rolled,
    )
    kept, fresh = permits.begin(unit, new, desk.step("accepted", submission_id=submission.id, day=desk.today))
    if fresh:
        prospects.over(unit, submission.person_id, desk.now)
        planning.plan(unit, "prospect", submission.person_id, desk.office, desk.now)
        permit_notices.say(unit, kept, permit_notices.accepted(submission, due), desk.now)
    return kept


def issue(unit: Unit, desk: Desk, permit_id: int, version: int, told: Issue) -> Outcome:
    """Issue a permit that was accepted."""
    problem = _unfit(unit, permit_id, told, desk.today)
    if problem is not None:
        return problem
    days = first_endorsement(desk.pack, told.issued_on, told.valid_from)

    def change(permit: Permit) -> Permit | Problem:
        if permit.state != "accepted":
            return "not_now"
        plain = replace(permit, number=told.number.strip(), state="issued", issued_on=told.issued_on)
        plain = replace(plain, valid_from=told.valid_from, counts_from=told.valid_from)
        return dated(carded(plain, desk, electronic=told.electronic), days, desk.pack)

    step = desk.step("issued", day=told.issued_on)
    return take(unit, desk, permit_id, version, change, step, permit_notices.issued)


def hand_out(unit: Unit, desk: Desk, permit_id: int, version: int) -> Outcome:
    """The person has fetched the card."""

    def change(permit: Permit) -> Permit | Problem:
        return replace(permit, card="handed_out", handed_out_on=desk.today) if permit.card == "ready" else "not_now"

    return take(unit, desk, permit_id, version, change, desk.step("handed_out", day=desk.today))


def end(unit: Unit, desk: Desk, permit_id: int, version: int, reason: str, on: date | None) -> Outcome:
    """The permit ends, for a reason that the pack lists (`permit.end`); nobody writes to the dead."""
    if reason not in end_reasons(desk.pack):
        return "bad_reason"
    if on is None or on > desk.today:
        return "bad_day"

    def change(permit: Permit) -> Permit | Problem:
        return "not_now" if permit.is_over else replace(permit, state="ended", ended_on=on, end_reason=reason)

    step = desk.step("ended", reason=reason, day=on)
    outcome = take(
        unit, desk, permit_id, version, change, step, None if reason == DEATH else permit_notices.ended
    )  # fmt: skip
    if isinstance(outcome, Permit) and reason != DEATH:
        permit_eligibility.settle(unit, outcome.person_id, desk.office, desk.now)
    return outcome


def end_reasons(pack: Pack) -> tuple[str, ...]:
    """Why a permit may end here."""
    rule = pack.find("permit.end")
    return () if rule is None else rule.names


def dated(permit: Permit, days: EndorsementDays, pack: Pack) -> Permit:
    """The permit with the days of its next endorsement."""
    return replace(
        permit,
        endorse_from_on=days.from_on,
        endorse_by_on=days.by_on,
        endorsed_until=days.until_on,
        counted_by=counted_by(pack, COUNTS_ENDORSEMENT),
    )


def take(
    unit: Unit,
    desk: Desk,
    permit_id: int,
    version: int,
    change: Change,
    step: Step,
    notice: Callable[[Permit], Any] | None = None,
) -> Outcome:
    """The step, if the permit is as it was seen; the same click twice does it once."""
    found = permits.lock(unit, permit_id)
    if found is None or not desk.sees(found):
        return "gone"
    if found.version != version:
        return again(unit, found, version, desk, (step.step,)) or "moved_on"
    changed = change(found)
    if not isinstance(changed, Permit):
        return changed
    moved = permits.move(unit, found, changed, step)
    if moved is None:
        return "moved_on"
    planning.plan(unit, "permit", moved.id, desk.office, desk.now)
    if notice is not None:
        permit_notices.say(unit, moved, notice(moved), desk.now)
    return moved


def again(unit: Unit, found: Permit, version: int, desk: Desk, names: tuple[str, ...]) -> Permit | None:
    """The permit, where the same member has taken that step from that version before."""
    before = permits.step_at(unit, found.id, version + 1)
    return found if before is not None and before.step in names and before.staff_id == desk.staff_id else None


def carded(permit: Permit, desk: Desk, *, electronic: bool) -> Permit:
    """The permit with a card that waits to be fetched, or electronic."""
    if electronic:
        return replace(permit, card="electronic", ready_on=desk.today, handed_out_on=desk.today)
    return replace(permit, card="ready", ready_on=desk.today, handed_out_on=None)


def _unfit(unit: Unit, permit_id: int, told: Issue, today: date) -> Problem | None:
    if told.issued_on > today or told.valid_from > told.issued_on:
        return "bad_day"
    return bad_number(unit, permit_id, told.number.strip())


def bad_number(unit: Unit, permit_id: int, number: str) -> Problem | None:
    """Why a permit can't have that number; None where it can."""
    if not NUMBER.fullmatch(number):
        return "bad_number"
    other = permits.by_number(unit, number)
    return None if other is None or other.id == permit_id else "number_used"
