"""The days of permits: what lapses by a date is recorded, what the law counts otherwise by now is counted anew."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from bot.passing import passed_over
from handlers.office import permit_dates, permit_eligibility
from handlers.visit import Office
from storage.database import Database

SOME = 200
ROUNDS = 50_000  # more than any office has; a fault in it can't keep the job for ever


@dataclass(slots=True)
class PermitKeeper:
    """Works some at a time, so that talks don't wait; done twice, or by two copies at once, it is done once."""

    database: Database
    office: Office
    begun: bool = field(default=False)

    async def keep(self) -> None:
        """One round over everything that a date or a change of the law has moved; a kind that fails stops no other."""
        office, now = self.office, datetime.now(UTC)
        if not self.begun:
            begin = partial(permit_eligibility.begin, office=office, now=now, limit=SOME)
            self.begun = await self._all("prospects begun", begin, 0)
        await self._all("prospects", partial(permit_eligibility.recount, office=office, now=now, limit=SOME), 0)
        await self._all("endorsements", partial(permit_dates.recount, office=office, now=now, limit=SOME), 0)
        await self._all("limits", partial(permit_dates.know_limits, office=office, limit=SOME), 0)
        await self._all("suspended", partial(permit_dates.suspend, office=office, now=now, limit=SOME), None)

    async def _all(self, kind: str, work: Callable[..., Any], after: Any) -> bool:
        """Every page, each in a transaction of its own; whether all could be worked on."""
        with passed_over("permits", of=kind) as tried:
            for _ in range(ROUNDS):
                after = await self.database.run(partial(work, after=after), "batch")
                if not after:
                    break
        return not tried.failed
