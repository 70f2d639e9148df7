"""Broadcasts on their way: frozen, put into the outbox some at a time, settled; one copy of the program does it."""

import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import TypeVar
from zoneinfo import ZoneInfo

import structlog

from bot.channels.entries import CHANNELS
from bot.channels.wechat.errors import PLATFORM_ZONE
from bot.channels.wechat.ways import MASS_QUOTA
from bot.house import House
from bot.passing import passed_over
from bot.places import Filler, places
from handlers.office.broadcasts import running, saying
from handlers.office.broadcasts.running import Room
from handlers.office.rights import below
from storage import broadcasts, leases
from storage.audiences import Audience, Terms
from storage.broadcasts import Broadcast
from storage.database import Database, Work
from storage.errors import StorageError
from storage.records import Area
from storage.unit import Unit

T = TypeVar("T")

log = structlog.get_logger(__name__)

LEASE_NAME = "broadcasts"
LEASE = timedelta(seconds=15)
SECONDS_AHEAD = 5  # how much of a pace stands in the outbox of each broadcast: so long one may hold up another
LEAST = 40
AT_ONCE = 50  # people put into the outbox in a transaction
ROUNDS = 200
ASIDE_SECONDS = 600.0


class NotMine(StorageError):
    """Another copy of the program sees to the broadcasts."""


@dataclass(frozen=True, slots=True)
class Broadcaster:
    """Takes every broadcast a little further; `rates`: messages a second, by channel.

    A step of a broadcast that fails holds up no other: it is put aside for ten minutes. aside: until when, by the step
    and the broadcast's number, in seconds of the monotonic clock.
    """

    database: Database
    filler: Filler
    areas: Callable[[], tuple[Area, ...]]
    channels: Sequence[str]
    rates: dict[str, float]
    zone: ZoneInfo
    mass_monthly: int = 4
    name: str = field(default_factory=lambda: secrets.token_hex(16))
    clock: Callable[[Unit], datetime] = leases.clock
    aside: dict[tuple[str, int], float] = field(default_factory=dict)

    async def run_due(self) -> int:
        """One round; how many people were put into the outbox."""
        try:
            for number in await self._run(lambda unit: broadcasts.due(unit, self.clock(unit))):
                await self._try("begin", number, partial(self._begin, number), None)
            at_work = await self._at_work()
            for found in at_work:
                if found.state == "freezing":
                    await self._try("freeze", found.id, partial(self._freeze, found), None)
            put = await self._feed([one for one in at_work if one.state in {"freezing", "running"}])
            for found in at_work:
                await self._try("settle", found.id, partial(self._settle, found), None)
        except NotMine:
            return 0
        return put

    async def give_back(self) -> None:
        """Let another copy go on at once."""
        await self.database.run(partial(leases.give_back, name=LEASE_NAME, holder=self.name), "batch")

    async def _try(self, step: str, number: int, work: Callable[[], Awaitable[T]], otherwise: T) -> T:
        if self.aside.get((step, number), 0.0) > monotonic():
            return otherwise
        with passed_over("broadcasts", number=number, step=step):
            return await work()
        self.aside[step, number] = monotonic() + ASIDE_SECONDS
        return otherwise

    async def _begin(self, number: int) -> None:
        await self._run(lambda unit: running.begin(unit, number, self.clock(unit)))

    async def _at_work(self) -> Sequence[Broadcast]:
        numbers = await self._run(lambda unit: broadcasts.in_state(unit, *broadcasts.AT_WORK))
        found = [await self._try("read", number, partial(self._read, number), None) for number in numbers]
        return [one for one in found if one is not None]

    async def _read(self, number: int) -> Broadcast | None:
        return await self.database.read(partial(broadcasts.get, number=number))

    async def _freeze(self, found: Broadcast) -> None:
        while await self._run(lambda unit: self._freeze_some(unit, found)):
            pass
        log.info("broadcast_frozen", broadcast=found.id)

    def _freeze_some(self, unit: Unit, found: Broadcast) -> bool:
        now = self.clock(unit)
        return running.freeze(unit, found.id, self.terms(found, now), now)

    def terms(self, found: Broadcast, now: datetime) -> Terms:
        """What choosing its people needs; a text with places can't go to many in one call."""
        same_for_all = not any(places(text) for text in found.content.texts.values())
        return Terms(
            audience=found.audience,
            places=chosen_places(found.audience, found.area, self.areas()),
            broadcast=found.id,
            languages=tuple(found.content.texts),
            channels=tuple(self.channels),
            now=now,
            mass=same_for_all and self.mass_monthly > 0,
            month=f"{now.astimezone(PLATFORM_ZONE):%Y-%m}",
            quota=MASS_QUOTA,
            most=self.mass_monthly,
        )

    async def _feed(self, at_work: Sequence[Broadcast]) -> int:
        """In turn, so that none goes before the others; until there is room for no more."""
        put = 0
        for _ in range(ROUNDS):
            fed = [
                await self._try("feed", one.id, partial(self._feed_some, one, channel), 0)
                for one in at_work
                for channel in self.channels
            ]
            put += sum(fed)
            if not any(fed):
                break
        return put

    async def _feed_some(self, found: Broadcast, channel: str) -> int:
        room = Room(channel, max(LEAST, int(self.rates.get(channel, 0) * SECONDS_AHEAD)))
        return await self._run(partial(self._feed_in, found=found, room=room))

    def _feed_in(self, unit: Unit, found: Broadcast, room: Room) -> int:
        now = self.clock(unit)
        compose = saying.composer(found, self.filler.fill, places, now.astimezone(self.zone).date())
        return running.feed(unit, found.id, room, AT_ONCE, compose, now)

    async def _settle(self, found: Broadcast) -> None:
        for _ in range(ROUNDS):
            if not await self._run(lambda unit: running.settle(unit, found.id, self.clock(unit))):
                break
        await self._run(lambda unit: running.conclude(unit, found.id, self.clock(unit)))

    async def _run(self, work: Work[T]) -> T:
        return await self.database.run(lambda unit: self._as_the_one(unit, work), "batch")

    def _as_the_one(self, unit: Unit, work: Work[T]) -> T:
        if leases.take(unit, LEASE_NAME, self.name, LEASE) is None:
            raise NotMine
        return work(unit)


def broadcaster_of(house: House) -> Broadcaster:
    """With the settings of the house, on the channels that are turned on there."""
    settings = house.settings
    channels = tuple(entry.name for entry in CHANNELS if entry.is_on(settings))
    rates = {"telegram": settings.telegram_rate, "wechat": settings.wechat_rate}
    return Broadcaster(
        house.database, Filler(house.words), house.areas, channels, rates, settings.zone, settings.wechat_mass_monthly
    )


def chosen_places(audience: Audience, own: str, areas: tuple[Area, ...]) -> frozenset[str] | None:
    """The chosen areas with all below them, never more than the author's own; None for everywhere."""
    mine = below(own, areas) if own else None
    if not audience.areas:
        return mine
    chosen = frozenset(code for area in audience.areas for code in below(area, areas))
    return chosen if mine is None else chosen & mine
