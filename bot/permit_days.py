"""The days of permits: what lapses by a date is recorded, what the law counts otherwise by now is counted anew."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from bot.passing import else_one_by_one, passed_over
from handlers.office import permit_dates, permit_eligibility
from handlers.office.paged import Paged, Place
from handlers.visit import Office
from storage.database import Database
from storage.unit import Unit

SOME = 200
ROUNDS = 50_000  # more than any office has; a fault in it can't keep the job for ever
KINDS = (permit_eligibility.PROSPECTS, permit_dates.ENDORSEMENTS, permit_dates.LIMITS, permit_dates.SUSPENSIONS)


@dataclass(slots=True)
class PermitKeeper:
    """Works some at a time, so that talks don't wait; done twice, or by two copies at once, it is done once.

    begun: everybody who was registered before permits were known here has been looked at.
    """

    database: Database
    office: Office
    begun: bool = field(default=False)

    async def keep(self) -> None:
        """One round over everything that a date or a change of the law has moved; what fails holds up no other."""
        now = datetime.now(UTC)
        if not self.begun:
            self.begun = await self._all(permit_eligibility.BEGUN, now)
        for paged in KINDS:
            await self._all(paged, now)

    async def _all(self, paged: Paged, now: datetime) -> bool:
        """Every page, each in a transaction of its own; whether all could be worked on."""
        after: Place | None = None
        failed: list[Place] = []
        with passed_over("permits", of=paged.kind) as tried:
            for _ in range(ROUNDS):
                page = partial(paged.page, office=self.office, now=now, after=after, limit=SOME)
                one_by_one = partial(self._one_by_one, paged, now, after, failed)
                after = await else_one_by_one(self.database.run(page, "batch"), one_by_one)
                if after is None:
                    break
        return not tried.failed and not failed

    async def _one_by_one(self, paged: Paged, now: datetime, after: Place | None, failed: list[Place]) -> Place | None:
        office = self.office
        found = await self.database.run(lambda unit: paged.find(unit, office, now, after, SOME), "batch")
        for place in found:
            with passed_over("permits", of=paged.kind, place=str(place)) as tried:
                await self.database.run(partial(_work, paged=paged, office=office, now=now, place=place), "batch")
            if tried.failed:
                failed.append(place)
        return found[-1] if len(found) == SOME else None


def _work(unit: Unit, paged: Paged, office: Office, now: datetime, place: Place) -> None:
    paged.work(unit, office, now, place)
