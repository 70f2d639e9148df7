"""In which way a message may leave: what each way uses up of what a platform allows, and which is open."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
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


@dataclass(frozen=True, slots=True)
class Wanted:
    """A person's account, whether it can be reached, and the ways in which something could be said there."""

    conversation_id: int
    reach: Reach
    ways: Sequence[Way]


def take_each(unit: Unit, wanted: Sequence[Wanted], now: datetime) -> Mapping[int, Way | Shut]:
    """For each account, which stands there once, the first way that is open, what it uses taken.

    Those that want the same of the account's quotas and of their windows are served by one statement together.
    """
    alike: dict[tuple[int, tuple[Quota, ...]], list[Wanted]] = defaultdict(list)
    found: dict[int, Way | Shut] = {}
    for one in wanted:
        first = one.ways[0] if one.ways and one.reach == "reachable" else None
        if first is not None and not first.grant and not any(quota.of_each for quota in first.quotas):
            alike[first.window, first.quotas].append(one)
        else:
            found[one.conversation_id] = take(unit, one.conversation_id, one.reach, one.ways, now)
    for (window, shared), those in alike.items():
        found |= _take_together(unit, those, window, shared, now)
    return found


def _take_together(
    unit: Unit, those: Sequence[Wanted], window: int, shared: Sequence[Quota], now: datetime
) -> Mapping[int, Way | Shut]:
    """By the first way of each, which uses up the same; those whose window is shut by what is left of their ways."""
    if not _spend_together(unit, shared, len(those), now):
        return {one.conversation_id: take(unit, one.conversation_id, one.reach, one.ways, now) for one in those}
    everybody = frozenset(one.conversation_id for one in those)
    opened = conversations.spend_each(unit, everybody, window, now) if window else everybody
    _give_back_together(unit, shared, len(everybody) - len(opened), now)
    return {
        one.conversation_id: one.ways[0]
        if one.conversation_id in opened
        else take(unit, one.conversation_id, one.reach, one.ways[1:], now)
        for one in those
    }


def _spend_together(unit: Unit, shared: Sequence[Quota], people: int, now: datetime) -> bool:
    """Use every quota for so many people; False, and nothing used, where one hasn't room for all."""
    for number, quota in enumerate(shared):
        if not quotas.spend(unit, quota.name, quota.period(now), quota.number * people, quota.limit):
            _give_back_together(unit, shared[:number], people, now)
            return False
    return True


def _give_back_together(unit: Unit, shared: Sequence[Quota], people: int, now: datetime) -> None:
    for quota in shared if people else ():
        quotas.give_back(unit, quota.name, quota.period(now), quota.number * people)


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
