"""Deadlines that waited for a year's holidays are counted once it is known; till then the operator hears which year."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

import structlog

from bot import metrics
from bot.passing import else_one_by_one, passed_over
from handlers.office import duties, recount
from handlers.visit import Office
from storage import recounts
from storage.database import Database

log = structlog.get_logger(__name__)

SOME = 100
ROUNDS = 1_000


@dataclass(slots=True)
class Recounter:
    """Counts some at a time, so that talks don't wait; two copies of the program don't count one twice.

    failing: numbers of submissions that could not be counted, which are left until the next start.
    """

    database: Database
    office: Office
    begun: bool = field(default=False)
    failing: set[str] = field(default_factory=set)

    async def count_due(self) -> None:
        """One round: what waits for a year that is known by now."""
        office, now = self.office, datetime.now(UTC)
        if not self.begun:
            await self.database.run(lambda unit: recount.begin(unit, office, now), "batch")
            with passed_over("deadlines", of="duties"):
                await self._count_duties()
            self.begun = True
        await self._count_submissions(now)
        await self.tell()

    async def _count_submissions(self, now: datetime) -> None:
        for _ in range(ROUNDS):
            find = partial(recount.ready, office=self.office, limit=SOME, but=self.failing)
            numbers = await self.database.run(find, "batch")
            await else_one_by_one(self._count(numbers, now), partial(self._count_one_by_one, numbers, now))
            if len(numbers) < SOME:
                break

    async def _count_one_by_one(self, numbers: Sequence[str], now: datetime) -> None:
        for number in numbers:
            with passed_over("deadlines", number=number) as tried:
                await self._count([number], now)
            if tried.failed:
                self.failing.add(number)

    async def _count(self, numbers: Sequence[str], now: datetime) -> None:
        await self.database.run(partial(recount.recount, office=self.office, numbers=numbers, now=now), "batch")

    async def _count_duties(self) -> None:
        """What landlords and others have to report; the calendar changes only at a start."""
        count, last = partial(duties.recount, office=self.office, limit=SOME, now=datetime.now(UTC)), 0
        while last := await self.database.run(partial(count, after=last), "batch"):
            pass

    async def tell(self) -> None:
        """The operator sees the last year known, and how many wait for which."""
        metrics.LAST_YEAR.set(self.office.calendar.last_year)
        metrics.WAITING_FOR_HOLIDAYS.clear()
        for year, number in (await self.database.read(recounts.waiting)).items():
            metrics.WAITING_FOR_HOLIDAYS.labels(str(year)).set(number)
            log.warning("holiday calendar missing", problem=f"holiday_calendar_missing_{year}", waiting=number)
