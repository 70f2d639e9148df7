"""In which way a message may leave: what each way uses up of what a platform allows, and which is open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from storage import conversations, grants, quotas
from storage.records import Reach
from storage.unit import Unit

GRANT = "grant"


@dataclass(frozen=True, slots=True)
class Quota:
    """So many in a day, or in a month, of the platform's calendar; of the whole account or `of_each` person."""

    name: str
    limit: int
    zone: ZoneInfo
    number: int = 1
    monthly: bool = False
    of_each: bool = False

    def period(self, now: datetime) -> str:
        """The day or month, as 2026-11-24 or 2026-11."""
        return f"{now.astimezone(self.zone):%Y-%m}" if self.monthly else f"{now.astimezone(self.zone):%Y-%m-%d}"

    def renewed_at(self, now: datetime) -> datetime:
        """When the next period begins."""
        local = now.astimezone(self.zone)
        first = local.replace(day=1) + timedelta(days=32) if self.monthly else local + timedelta(days=1)
        return first.replace(day=1 if self.monthly else first.day, hour=0, minute=0, second=0, microsecond=0)

    def name_for(self, conversation_id: int) -> str:
        """Under which name it is counted."""
        return f"{self.name}:{conversation_id}" if self.of_each else self.name


@dataclass(frozen=True, slots=True)
class Way:
    """One way in which a platform takes a message, and what it uses up.

    window: so many messages of the window that the person opened; grant: the template of notifications that they
    agreed to; to_all: it reaches also those who left; bundle: it leaves together with all others of this name.
    """

    name: str
    window: int = 0
    grant: str = ""
    quotas: tuple[Quota, ...] = ()
    to_all: bool = False
    bundle: str = ""


@dataclass(frozen=True, slots=True)
class Shut:
    """No way is open. `until`: when a quota begins anew; None where the person has to do something."""

    until: datetime | None = None


def take(unit: Unit, conversation_id: int, reach: Reach, ways: Sequence[Way], now: datetime) -> Way | Shut:
    """The first way that is open, what it uses taken; none is, where somebody left and no way reaches them."""
    until: datetime | None = None
    for way in ways:
        if reach != "reachable" and not way.to_all:
            continue
        full = _first_full(unit, conversation_id, way, now)
        if full is None:
            return way
        if isinstance(full, datetime):
            until = full if until is None else min(until, full)
    return Shut(until)


def give_back(unit: Unit, conversation_id: int, way: Way, begun_at: datetime) -> None:
    """The platform refused, so grant and the quotas of that day are as before; a window may have opened anew."""
    if way.grant:
        grants.give_back(unit, conversation_id, way.grant)
    _return_quotas(unit, conversation_id, way.quotas, begun_at)


def close(unit: Unit, conversation_id: int, way: Way, what: str, now: datetime) -> None:
    """The platform says that a way's grant, or a quota by its name, is used up."""
    if what == GRANT:
        grants.drop(unit, conversation_id, way.grant)
    for quota in way.quotas:
        if quota.name == what:
            quotas.close(unit, quota.name_for(conversation_id), quota.period(now))


def _first_full(unit: Unit, conversation_id: int, way: Way, now: datetime) -> datetime | bool | None:
    """None if all was there and is taken; when the quota begins anew that is full; True if the person has to act."""
    for number, quota in enumerate(way.quotas):
        name, period = quota.name_for(conversation_id), quota.period(now)
        if not quotas.spend(unit, name, period, quota.number, quota.limit):
            _return_quotas(unit, conversation_id, way.quotas[:number], now)
            return quota.of_each or quota.renewed_at(now)
    if _opened_by_the_person(unit, conversation_id, way, now):
        return None
    _return_quotas(unit, conversation_id, way.quotas, now)
    return True


def _opened_by_the_person(unit: Unit, conversation_id: int, way: Way, now: datetime) -> bool:
    if way.window:
        return conversations.spend(unit, conversation_id, way.window, now)
    return not way.grant or grants.spend(unit, conversation_id, way.grant)


def _return_quotas(unit: Unit, conversation_id: int, taken: Sequence[Quota], now: datetime) -> None:
    for quota in taken:
        quotas.give_back(unit, quota.name_for(conversation_id), quota.period(now), quota.number)
