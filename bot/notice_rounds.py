"""The clock's part in sending notices: it begins a round when the rhythm calls, and takes it on, one copy at a time."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog

from bot.rhythm import last_time
from handlers.office import law_push
from handlers.office.rhythm import read_rhythm
from handlers.visit import Office
from storage import leases, notice_rounds
from storage.database import Database
from storage.unit import Unit

log = structlog.get_logger(__name__)

LEASE, LASTS = "notices", timedelta(minutes=2)
MISSED = timedelta(hours=12)  # a round that was called for while nothing ran, and longer ago, is left out
STEPS = 5_000


@dataclass(frozen=True, slots=True)
class NoticeRounds:
    """A tick does what is due and no more; ticking twice, or in two copies, tells nobody twice."""

    database: Database
    office: Office
    me: str = field(default_factory=lambda: secrets.token_hex(8))

    async def tick(self) -> None:
        """Begin what is due, and take rounds on to their end."""
        now = datetime.now(UTC)
        if not await self.database.run(partial(self._begin, now=now), "batch"):
            return
        for _ in range(STEPS):
            if not await self.database.run(partial(self._go_on, now=now), "batch"):
                break
        while await self.database.run(lambda unit: law_push.settle(unit, self.office, now), "batch"):
            pass

    def _begin(self, unit: Unit, now: datetime) -> bool:
        """Write down a round that the rhythm calls for; False where another copy is at it."""
        if leases.take(unit, LEASE, self.me, LASTS) is None:
            return False
        kept = notice_rounds.rhythm(unit)
        rhythm = None if kept is None or not kept.is_on else read_rhythm(kept.cron)
        if kept is None or rhythm is None or isinstance(rhythm, str):
            return True
        since = max(kept.changed_at, now - MISSED)
        begun_at = last_time(rhythm, self.office.zone, since, now)
        if begun_at is not None and notice_rounds.begin(unit, begun_at):
            log.info("notices", round=begun_at.isoformat())
        return True

    def _go_on(self, unit: Unit, now: datetime) -> bool:
        """One step of the oldest round; False where there is nothing left to do."""
        leases.take(unit, LEASE, self.me, LASTS)
        found = notice_rounds.unfinished(unit)
        return found is not None and (law_push.go_on(unit, self.office, found, now) or _is_another(unit))


def _is_another(unit: Unit) -> bool:
    return notice_rounds.unfinished(unit) is not None
