"""Permits of the town in every state: applied for, made, fetched, soon to be endorsed, late, working again, ended."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from random import Random
from typing import Literal
from zoneinfo import ZoneInfo

from bot.demo.deciding import Deciding, deliver
from bot.demo.people import Resident
from bot.demo.talking import Stuck, Talking
from handlers.office import permit_dates, permit_desk, permit_eligibility, permit_endorsing
from handlers.office.permit_desk import Desk, Issue
from handlers.office.reviewer import Reviewer
from handlers.visit import Office
from regulations.permit_days import first_endorsement
from storage import conversations, permits, submissions
from storage.permits import Permit, Step
from storage.records import Submission
from storage.unit import Unit

Story = Literal[
    "working", "soon", "last_days", "asked", "suspended", "restored", "replacing", "ended", "applied", "accepted",
    "ready", "fetched",
]  # fmt: skip

HOW_MANY: tuple[tuple[Story, int], ...] = (
    ("working", 12), ("soon", 5), ("last_days", 3), ("asked", 3), ("suspended", 4), ("restored", 3), ("replacing", 2),
    ("ended", 3), ("applied", 4), ("accepted", 5), ("ready", 4), ("fetched", 4),
)  # fmt: skip
# How many days from now a permit works without its next endorsement.
UNTIL: Mapping[str, tuple[int, int]] = {
    "working": (60, 330), "soon": (20, 36), "last_days": (1, 9), "asked": (3, 25), "suspended": (-40, -2),
    "restored": (-60, -30), "replacing": (90, 300), "ended": (30, 300),
}  # fmt: skip
DAY, HOUR, YEAR = timedelta(days=1), timedelta(hours=1), timedelta(days=365)
BEFORE = timedelta(days=200)  # between the beginning of residence and the permit
NOON = time(12)
ENDINGS = ("conditions_lost", "local_hukou", "other_end")
PAPERS = ("permit_identity", "permit_photo", "permit_proof", "endorse_proof")
OLDEST = 20  # days ago an application was sent at most


class NoPermit(Exception):
    """The office of the town could not take a step with a permit."""


@dataclass(frozen=True, slots=True)
class Permitting:
    """Those who have a permit, or ask for one, and the office's part in it."""

    talking: Talking
    deciding: Deciding
    office: Office
    by: Reviewer
    chance: Random
    zone: ZoneInfo
    now: datetime

    def stories(self, people: Sequence[Resident]) -> Iterator[Callable[[Unit], None]]:
        """A story for each of some people who are registered, as far as there are people and stories."""
        kinds = [story for story, number in HOW_MANY for _ in range(number)]
        for number, (kind, who) in enumerate(zip(kinds, people, strict=False)):
            yield self._story(kind, who, number)

    def lapse(self, unit: Unit) -> None:
        """What was not endorsed in time is suspended, as every night."""
        permit_dates.SUSPENSIONS.page(unit, self.office, self.now, None, sum(number for _, number in HOW_MANY))

    def _story(self, kind: Story, who: Resident, number: int) -> Callable[[Unit], None]:
        return lambda unit: self._tell(unit, kind, who, number)

    def _tell(self, unit: Unit, kind: Story, who: Resident, number: int) -> None:
        if kind in UNTIL:
            self._of_before(unit, kind, who, number)
        else:
            self._asked_for(unit, kind, who, number)

    def _of_before(self, unit: Unit, kind: Story, who: Resident, number: int) -> None:
        """The permit was issued before the office had this program, and brought in from a list."""
        sent = _registration(unit, who)
        first, last = UNTIL[kind]
        until = self.now.astimezone(self.zone).date() + self.chance.randint(first, last) * DAY
        desk = self._desk(sent.submitted_at + DAY)
        issued_on = until - YEAR
        days = first_endorsement(desk.pack, issued_on, issued_on - BEFORE)
        plain = Permit(
            sent.person_id, sent.area, "issued", holder_id=sent.holder_id, number=_number(number), card="handed_out",
            issued_on=issued_on, valid_from=issued_on - BEFORE, counts_from=issued_on - BEFORE,
        )  # fmt: skip
        new = permit_desk.dated(plain, days, desk.pack)
        kept, _ = permits.begin(unit, new, Step("imported", "staff", desk.now, desk.staff_id, day=issued_on))
        permit_eligibility.settle(unit, sent.person_id, self.office, desk.now)
        self._since(unit, kind, who, kept)

    def _since(self, unit: Unit, kind: Story, who: Resident, permit: Permit) -> None:
        """What became of it."""
        at = self._lately(1, 8)
        desk = self._desk(at)
        if kind == "asked":
            self.talking.command(unit, _willing(who), "endorse", at)
        elif kind == "restored":
            _done(permit_endorsing.endorse(unit, desk, permit.id, permit.version))
        elif kind == "replacing":
            self.talking.command(unit, _willing(who), "replace", at)
            self.deciding.approve(unit, self.by, who, at + HOUR)
        elif kind == "ended":
            reason, on = self.chance.choice(ENDINGS), at.astimezone(self.zone).date()
            _done(permit_desk.end(unit, desk, permit.id, permit.version, reason, on))
        deliver(unit, who, at + 2 * HOUR)

    def _asked_for(self, unit: Unit, kind: Story, who: Resident, number: int) -> None:
        """They apply in the talk, the office accepts, issues, hands out: as far as the story goes."""
        at = self._lately(1, 4) if kind == "applied" else self._lately(9, OLDEST)
        self.talking.command(unit, _willing(who), "apply:waiver", at)
        if kind == "applied":
            return
        self.deciding.approve(unit, self.by, who, at + DAY)
        deliver(unit, who, at + DAY + HOUR)
        if kind == "accepted":
            return
        permit, desk = _permit(unit, who), self._desk(at + 4 * DAY)
        told = Issue(_number(number), desk.today, _registration(unit, who).submitted_at.astimezone(self.zone).date())
        permit = _done(permit_desk.issue(unit, desk, permit.id, permit.version, told))
        deliver(unit, who, desk.now + HOUR)
        if kind == "fetched":
            _done(permit_desk.hand_out(unit, self._desk(at + 7 * DAY), permit.id, permit.version))

    def _lately(self, least: int, most: int) -> datetime:
        """Noon of a day, so many days ago."""
        on = self.now.astimezone(self.zone).date() - self.chance.randint(least, most) * DAY
        return datetime.combine(on, NOON, self.zone)

    def _desk(self, at: datetime) -> Desk:
        return Desk(self.by.staff_id, None, self.office, at)


def _willing(who: Resident) -> Resident:
    """What they answer when they are asked about a permit; papers they bring along."""
    told = dict.fromkeys((*PAPERS, "permit_agent_identity", "replace_proof"), "counter")
    return who.answering(
        permit_waiver="talent", permit_condition="dwelling", permit_basis="renting", still_here="same",
        replace_reason="reissue", pick_up="service_body", **told,
    )  # fmt: skip


def _registration(unit: Unit, who: Resident) -> Submission:
    account = conversations.find(unit, who.channel, who.address)
    sent = () if account is None else submissions.in_state(unit, account.holder_id, "registered")
    if not sent:
        raise Stuck("registered")
    return replace(sent[0])


def _permit(unit: Unit, who: Resident) -> Permit:
    found = permits.open_of(unit, _registration(unit, who).person_id)
    if found is None:
        raise NoPermit
    return found


def _done(outcome: permit_desk.Outcome) -> Permit:
    if not isinstance(outcome, Permit):
        raise NoPermit(outcome)
    return outcome


def _number(number: int) -> str:
    """A permit's number as they look; the county's code is nobody's."""
    return f"3301992026{number:08}"
