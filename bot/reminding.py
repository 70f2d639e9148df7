"""Reminders: planned ahead once a day, told when due, brought to their end, by one copy of the program at a time."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TypeVar

import structlog

from bot import metrics
from handlers.reminders import planning, telling
from handlers.reminders.planning import Place
from handlers.visit import Office
from storage import leases, reminder_ends, reminders
from storage.database import Database, Work
from storage.unit import Unit

log = structlog.get_logger(__name__)

T = TypeVar("T")

LEASE = "reminders"
LASTS = timedelta(seconds=90)
PEOPLE = 50
SOME = 200
ROUNDS = 10_000


class LeaseLost(Exception):
    """Another copy of the program tells the reminders now."""


@dataclass(slots=True)
class Reminder:
    """Plans and tells. Each piece of work takes the lease in its own transaction, so a copy that lost it does nothing.

    planned_on: the day for which this copy has planned ahead; a start plans anew, for calendar, pack and table of
    entries may be others. has_looked: whether it has looked again at what was planned before it started. clock: the
    database's, by which copies on several machines agree.
    """

    database: Database
    office: Office
    name: str = field(default_factory=lambda: secrets.token_hex(16))
    clock: Callable[[Unit], datetime] = leases.clock
    planned_on: date | None = None
    has_looked: bool = False
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def tick(self) -> None:
        """One round: what is due is told, what came of the messages is written down."""
        async with self.turn:
            try:
                try:
                    await self._plan_if_new_day()
                except LeaseLost:
                    raise
                except Exception:  # what is due is told even where one matter can't be planned
                    await self.tell()
                    raise
                await self.tell()
            except LeaseLost:
                self.planned_on, self.has_looked = None, False

    async def plan(self) -> None:
        """Plan what comes due in the coming weeks, and look again at what is planned; at its hour of the day."""
        await self.tick()

    async def tell(self) -> int:
        """What is due, person by person; how many reminders."""
        told = await self._until_done(lambda unit, now: telling.tell_due(unit, self.office, now, PEOPLE))
        await self._until_done(reminder_ends.settle)
        if told:
            metrics.REMINDED.inc(told)
            log.info("reminded", reminders=told)
        return told

    async def give_back(self) -> None:
        """Let another copy go on at once."""
        await self.database.run(partial(leases.give_back, name=LEASE, holder=self.name), "batch")

    async def _plan_if_new_day(self) -> None:
        today = (await self._run(lambda unit, now: now)).astimezone(self.office.zone).date()
        if self.planned_on == today:
            return
        if not self.has_looked:
            self.has_looked = True  # once, even where it fails: it would begin again every time
            await self._look_again()
        place: Place | None = planning.BEGINNING
        while place is not None:
            place = await self._run(partial(self._plan_some, place))
        self.planned_on = today

    def _plan_some(self, place: Place, unit: Unit, now: datetime) -> Place | None:
        return planning.plan_ahead(unit, place, SOME, self.office, now)

    async def _look_again(self) -> None:
        after: tuple[str, int] | None = ("", 0)
        while after is not None:
            after = await self._run(partial(self._look_again_at_some, after))

    def _look_again_at_some(self, after: tuple[str, int], unit: Unit, now: datetime) -> tuple[str, int] | None:
        return planning.plan_open(unit, after, self.office, now)

    async def _until_done(self, work: Callable[[Unit, datetime], int]) -> int:
        total = 0
        for _ in range(ROUNDS):
            done = await self._run(work)
            total += done
            if not done:
                break
        return total

    async def _run(self, work: Callable[[Unit, datetime], T]) -> T:
        return await self.database.run(self._leased(work), "batch")

    def _leased(self, work: Callable[[Unit, datetime], T]) -> Work[T]:
        def run(unit: Unit) -> T:
            if leases.take(unit, LEASE, self.name, LASTS) is None:
                raise LeaseLost
            return work(unit, self.clock(unit))

        return run


async def measure(database: Database) -> None:
    """Let Prometheus see whether anybody tells what is due."""
    now = datetime.now(UTC)
    metrics.REMINDERS_OLDEST.set(await database.read(partial(reminders.oldest_due, now=now)))
