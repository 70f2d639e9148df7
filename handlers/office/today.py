"""The first page of a working day: what waits for this member, what is late, whom to telephone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from handlers.office.coarse import coarse
from handlers.office.rights import can, scope
from storage import broadcasts, calls, hand_overs, homes, privacy_requests, staff, tenancies, waiting
from storage.calls import Call
from storage.records import Area
from storage.staff import Member
from storage.unit import Unit
from storage.waiting import Count, Waiting

SHOWN = 10
CALLS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Talks:
    """How many people wait for a person's answer, how many got none in time, and since when the first waits."""

    waiting: int
    unanswered: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Today:
    """What a member's role lets them see; None where it doesn't, empty where nothing waits.

    counts: by status; oldest: what waits longest; calls: whom no message reaches; not_set_up: accounts nobody has
    signed in to yet; talks: who waits for a person; privacy: requests about data, and how many of them are late;
    homes: those that nobody has confirmed yet; contradictions: between tenants and landlords; to_approve: broadcasts
    that wait for a second person.
    """

    counts: Mapping[str, Count] | None
    oldest: tuple[Waiting, ...] | None
    calls: tuple[Call, ...] | None
    not_set_up: tuple[Member, ...] | None
    talks: Talks | None = None
    privacy: Count | None = None
    homes: int | None = None
    contradictions: int | None = None
    to_approve: int | None = None

    @property
    def is_quiet(self) -> bool:
        """Whether nothing at all waits."""
        counted = any(count.number for count in (self.counts or {}).values())
        talking = self.talks is not None and (self.talks.waiting or self.talks.unanswered)
        asking = self.privacy is not None and self.privacy.number
        at_home = self.homes or self.contradictions or self.to_approve
        return not (counted or talking or asking or at_home or self.oldest or self.calls or self.not_set_up)


@dataclass(frozen=True, slots=True)
class Day:
    """When it is: the instant, the local day, and how near a deadline is that makes the office telephone."""

    now: datetime
    today_on: date
    call_within: timedelta


def of(unit: Unit, member: Member, areas: tuple[Area, ...], day: Day) -> Today:
    """What waits for one member, in their areas only."""
    own = scope(member, areas)
    counted = can(member, "view_queue") or can(member, "see_statistics")
    return Today(
        counts=_told(unit, member, waiting.counts(unit, own, day.today_on)) if counted else None,
        oldest=waiting.oldest(unit, own, SHOWN) if can(member, "view_queue") else None,
        calls=_calls(unit, own, day) if can(member, "reach_people") else None,
        not_set_up=_not_set_up(unit, own) if can(member, "manage_staff") else None,
        talks=Talks(*hand_overs.count(unit, own)) if can(member, "answer_talks") else None,
        privacy=_asked(unit, own, day) if can(member, "answer_privacy") else None,
        homes=homes.count_waiting(unit, own) if can(member, "tend_homes") else None,
        contradictions=tenancies.count_disputed(unit, own) if can(member, "tend_homes") else None,
        to_approve=broadcasts.count(unit, own, "proposed") if can(member, "publish") else None,
    )


def _asked(unit: Unit, own: frozenset[str] | None, day: Day) -> Count:
    return Count(*privacy_requests.count(unit, own, day.today_on))


def _calls(unit: Unit, own: frozenset[str] | None, day: Day) -> tuple[Call, ...]:
    return calls.calls(unit, day.now, day.call_within, CALLS_SHOWN, own)


def _told(unit: Unit, member: Member, counts: Mapping[str, Count]) -> Mapping[str, Count]:
    """The counts; not to the one for those who see only statistics."""
    if can(member, "view_queue"):
        return counts
    tell = coarse(unit)
    return {
        status: Count(
            tell(count.number, f"today {member.area} {status}"), tell(count.late, f"late {member.area} {status}")
        )
        for status, count in counts.items()
    }


def _not_set_up(unit: Unit, own: frozenset[str] | None) -> tuple[Member, ...]:
    theirs = [member for member in staff.everybody(unit) if own is None or member.area in own]
    return tuple(member for member in theirs if not member.has_totp and not member.disabled)
