"""Reminders: planned ahead once a day, told when due, brought to their end, by one copy of the program at a time."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TypeVar

import structlog

from bot import metrics
from bot.passing import else_one_by_one, passed_over
from handlers.reminders import planning, telling
from handlers.reminders.planning import Matter
from handlers.reminders.telling import Whom
from handlers.visit import Office
from storage import leases, reminder_ends, reminders
from storage.database import Database, Work
from storage.errors import StorageError
from storage.unit import Unit

log = structlog.get_logger(__name__)

T = TypeVar("T")
P = TypeVar("P")  # a place in what is gone through
Page = Callable[[Unit, P, datetime], tuple[Sequence[Matter], P | None]]

LEASE = "reminders"
LASTS = timedelta(seconds=90)
PEOPLE = 50
SOME = 200
ROUNDS = 10_000


class LeaseLost(StorageError):
    """Another copy of the program tells the reminders now."""


@dataclass(slots=True)
class Reminder:
    """Plans and tells. Each piece of work takes the lease in its own transaction, so a copy that lost it does nothing.

    planned_on: the day for which this copy has planned ahead; a start plans anew, for calendar, pack and table of
    entries may be others. has_looked: whether it has looked again at what was planned before it started. aside: the
    numbers of those that could not be told today, for a reason of their own (such as a row that can't be read). clock:
    the database's, by which copies on several machines agree.

    One matter that can't be planned, or one person who can't be told, holds up nobody else: where a piece of work
    fails it is done once more matter by matter, person by person; what fails alone is passed over until the next day.
    """

    database: Database
    office: Office
    name: str = field(default_factory=lambda: secrets.token_hex(16))
    clock: Callable[[Unit], datetime] = leases.clock
    planned_on: date | None = None
    has_looked: bool = False
    aside: set[int] = field(default_factory=set)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def tick(self) -> None:
        """One round: what is due is told, what came of the messages is written down."""
        async with self.turn:
            try:
                try:
                    await self._plan_if_new_day()
                except LeaseLost:
                    raise
                except Exception:  # what is due is told even where nothing can be planned
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
        told = await self._tell_all()
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
            await self._go_through(planning.open_ahead, planning.FIRST)
        await self._go_through(partial(planning.ahead, office=self.office, limit=SOME), planning.BEGINNING)
        self.planned_on = today
        self.aside.clear()

    async def _go_through(self, page: Page[P], begun: P) -> None:
        place: P | None = begun
        while place is not None:
            together = self._run(partial(self._plan_page, page, place))
            place = await else_one_by_one(together, partial(self._plan_one_by_one, page, place))

    def _plan_page(self, page: Page[P], place: P, unit: Unit, now: datetime) -> P | None:
        matters, following = page(unit, place, now)
        planning.plan_matters(unit, matters, self.office, now)
        return following

    async def _plan_one_by_one(self, page: Page[P], place: P) -> P | None:
        matters, following = await self._run(lambda unit, now: page(unit, place, now))
        for matter in matters:
            with passed_over("reminders", entry=matter[0], subject=matter[1]):
                await self._run(partial(self._plan_one, matter))
        return following

    def _plan_one(self, matter: Matter, unit: Unit, now: datetime) -> None:
        planning.plan_matters(unit, [matter], self.office, now)

    async def _tell_all(self) -> int:
        total = 0
        for _ in range(ROUNDS):
            before = len(self.aside)
            together = self._run(lambda unit, now: telling.tell_due(unit, self.office, now, PEOPLE, self.aside))
            told = await else_one_by_one(together, self._tell_one_by_one)
            total += told
            if not told and len(self.aside) == before:
                break
        return total

    async def _tell_one_by_one(self) -> int:
        numbers: dict[Whom, list[int]] = {}
        for one in await self._run(self._due):
            numbers.setdefault(one.whom, []).append(one.id)
        total = 0
        for whom, theirs in numbers.items():
            with passed_over("reminders", numbers=theirs) as tried:
                total += await self._run(partial(self._tell_one, whom))
            if tried.failed:
                self.aside.update(theirs)
        return total

    def _due(self, unit: Unit, now: datetime) -> Sequence[reminders.Reminder]:
        return reminders.due(unit, reminders.people_due(unit, now, PEOPLE, self.aside), now)

    def _tell_one(self, whom: Whom, unit: Unit, now: datetime) -> int:
        return telling.tell(unit, [whom], self.office, now)

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
