"""The clock's part in sending notices: it begins a round when the rhythm calls, and takes it on, one copy at a time."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog

from bot.passing import else_one_by_one, passed_over
from bot.rhythm import last_time
from handlers.office import law_push
from handlers.office.rhythm import read_rhythm
from handlers.visit import Office
from storage import leases, notice_rounds
from storage.database import Database
from storage.notice_rounds import Round
from storage.unit import Unit

log = structlog.get_logger(__name__)

LEASE, LASTS = "notices", timedelta(minutes=2)
MISSED = timedelta(hours=12)  # a round that was called for while nothing ran, and longer ago, is left out
STEPS = 5_000


@dataclass(frozen=True, slots=True)
class NoticeRounds:
    """A tick does what is due and no more; ticking twice, or in two copies, tells nobody twice.

    One person who can't be told holds up nobody: where a step fails its people are told one by one, and who fails alone
    is passed over in this round.
    """

    database: Database
    office: Office
    me: str = field(default_factory=lambda: secrets.token_hex(8))

    async def tick(self) -> None:
        """Begin what is due, and take rounds on to their end."""
        now = datetime.now(UTC)
        if not await self.database.run(partial(self._begin, now=now), "batch"):
            return
        for _ in range(STEPS):
            if not await self._step(now):
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

    async def _step(self, now: datetime) -> bool:
        together = self.database.run(partial(self._go_on, now=now), "batch")
        return await else_one_by_one(together, partial(self._one_by_one, now))

    async def _one_by_one(self, now: datetime) -> bool:
        """The people of a step, each in a transaction of their own; where nobody is left, what else the step does."""
        for number in range(law_push.AT_ONCE):
            following = await self.database.run(self._next, "batch")
            if following is None:
                return number > 0 or await self.database.run(partial(self._go_on, now=now), "batch")
            found, account = following
            with passed_over("notices", number=account) as tried:
                await self.database.run(partial(self._tell_next, found=found, now=now), "batch")
            if tried.failed:
                await self.database.run(partial(_pass, found=found, account=account), "batch")
        return True

    def _next(self, unit: Unit) -> tuple[Round, int] | None:
        """The oldest round, and the first account of the next person in it."""
        leases.take(unit, LEASE, self.me, LASTS)
        found = notice_rounds.unfinished(unit)
        some = () if found is None else notice_rounds.people(unit, found.reached, 1)
        return None if found is None or not some else (found, some[0][0])

    def _tell_next(self, unit: Unit, found: Round, now: datetime) -> None:
        law_push.go_on(unit, self.office, found, now, at_once=1)

    def _go_on(self, unit: Unit, now: datetime) -> bool:
        """One step of the oldest round; False where there is nothing left to do."""
        leases.take(unit, LEASE, self.me, LASTS)
        found = notice_rounds.unfinished(unit)
        return found is not None and (law_push.go_on(unit, self.office, found, now) or _is_another(unit))


def _pass(unit: Unit, found: Round, account: int) -> None:
    notice_rounds.advance(unit, found, account, 0, None)


def _is_another(unit: Unit) -> bool:
    return notice_rounds.unfinished(unit) is not None
