"""What a publisher does about notices: the rhythm, campaigns, and questions without an answer; all in the audit log."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from handlers.office.rhythm import Fault, read_rhythm
from handlers.office.traits import TRAITS
from storage import audit, campaigns, notice_rounds
from storage.audit import Act, Subject, Who
from storage.campaigns import Campaign
from storage.unit import Unit

LONGEST_TITLE = 30
LONGEST = timedelta(days=366)
NUMBERS = range(1, 100)
SUBJECT = "notices"

Problem = Literal["title", "notices", "order", "begins", "ends", "past", "backwards", "longest"]


@dataclass(frozen=True, slots=True)
class Typed:
    """A campaign as it was typed. order: notice → its number, empty where it is left out."""

    title: str
    order: Mapping[str, str]
    audience: tuple[str, ...]
    begins: str
    ends: str


def set_rhythm(unit: Unit, cron: str, version: int, member: str, now: datetime, *, is_on: bool) -> Fault | bool:
    """Set it, unless it can't be read (what is wrong), or a colleague has set it meanwhile (False)."""
    read = read_rhythm(cron)
    if isinstance(read, str):
        return read
    plain = " ".join(cron.split()).casefold()
    if not notice_rounds.set_rhythm(unit, plain, member, version, now, is_on=is_on):
        return False
    _write(unit, member, "rhythm_set", "rhythm", {"cron": plain, "on": is_on}, now)
    return True


def checked(typed: Typed, there: Collection[str], today: date, member: str) -> Campaign | Problem:
    """The campaign that was typed, or the first thing wrong with it. there: the notices that may be sent here."""
    begins_on, ends_on = _day(typed.begins), _day(typed.ends)
    notices = _ordered(typed.order, there)
    if not 1 <= len(typed.title) <= LONGEST_TITLE:
        return "title"
    if notices is None or not notices:
        return "order" if notices is None else "notices"
    if begins_on is None or ends_on is None:
        return "begins" if begins_on is None else "ends"
    problem = _period(begins_on, ends_on, today)
    audience = tuple(trait for trait in TRAITS if trait in typed.audience)
    return problem or Campaign(typed.title, notices, audience, begins_on, ends_on, member)


def begin(unit: Unit, new: Campaign, now: datetime) -> int:
    """Put a campaign on; its number."""
    number = campaigns.add(unit, new, now)
    details = {"notices": list(new.notices), "audience": list(new.audience), "title": new.title}
    _write(unit, new.changed_by, "campaign_begun", str(number), details, now)
    return number


def stop(unit: Unit, number: int, member: str, now: datetime) -> bool:
    """Nothing more of it is sent; False if that is no news."""
    if not campaigns.stop(unit, number, member, now):
        return False
    _write(unit, member, "campaign_stopped", str(number), {}, now)
    return True


def _period(begins_on: date, ends_on: date, today: date) -> Problem | None:
    if ends_on < begins_on:
        return "backwards"
    if ends_on < today:
        return "past"
    return "longest" if ends_on - begins_on > LONGEST else None


def _ordered(order: Mapping[str, str], there: Collection[str]) -> tuple[str, ...] | None:
    """The notices that have a number, by it; None where something else was typed."""
    numbers = {name: typed for name, typed in order.items() if typed and name in there}
    if any(not typed.isascii() or not typed.isdecimal() or int(typed) not in NUMBERS for typed in numbers.values()):
        return None
    return tuple(sorted(numbers, key=lambda name: int(numbers[name])))


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None


def _write(unit: Unit, member: str, action: str, subject: str, details: Mapping[str, object], now: datetime) -> None:
    audit.append(unit, Act(Who("staff", member), action, Subject(SUBJECT, subject), details=details), now)
