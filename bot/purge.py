"""What is no longer needed goes, each kind after the days that the settings give it."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog

from bot.passing import else_one_by_one, passed_over
from bot.settings import Settings
from handlers.office import helping
from storage import retention, sign_in_tries, staff_chats, staff_sessions
from storage.database import Database
from storage.retention import Kind, Some
from storage.staff_sessions import Limits
from storage.unit import Unit

log = structlog.get_logger(__name__)

ROUNDS = 1_000
LONGEST_SESSIONS = Limits(idle=timedelta(hours=24), whole=timedelta(hours=24))  # whatever the settings say


@dataclass(frozen=True, slots=True)
class Keep:
    """How long a kind of data is kept: the setting that says so, and whether 0 days mean for ever."""

    kind: Kind
    days: Callable[[Settings], int]
    setting: str
    zero_is_for_ever: bool = False

    def before(self, settings: Settings, now: datetime) -> datetime | None:
        """What is older than that goes; None where nothing goes."""
        days = self.days(settings)
        return None if self.zero_is_for_ever and days == 0 else now - timedelta(days=days)


@dataclass(frozen=True, slots=True)
class Due:
    """How much of a kind is due to go, and by which rule."""

    kind: str
    setting: str
    days: int
    count: int | None


# Accounts before drafts: one whose draft has just gone is counted, and goes, in the next round.
KEPT: tuple[Keep, ...] = (
    Keep(retention.PAPERS, lambda s: s.papers_keep_days, "ANJU_PAPERS_KEEP_DAYS"),
    Keep(retention.LOOSE_PAPERS, lambda s: s.keep_loose_papers_days, "ANJU_KEEP_LOOSE_PAPERS_DAYS"),
    Keep(retention.MESSAGES, lambda s: s.keep_messages_days, "ANJU_KEEP_MESSAGES_DAYS"),
    Keep(retention.DELIVERIES, lambda s: s.keep_deliveries_days, "ANJU_KEEP_DELIVERIES_DAYS"),
    Keep(retention.QUOTAS, lambda s: s.keep_deliveries_days, "ANJU_KEEP_DELIVERIES_DAYS"),
    Keep(retention.ACCOUNTS, lambda s: s.keep_accounts_days, "ANJU_KEEP_ACCOUNTS_DAYS"),
    Keep(retention.DRAFTS, lambda s: s.keep_drafts_days, "ANJU_KEEP_DRAFTS_DAYS"),
    Keep(retention.HAND_OVERS, lambda s: s.keep_requests_days, "ANJU_KEEP_REQUESTS_DAYS"),
    Keep(retention.PRIVACY_REQUESTS, lambda s: s.keep_requests_days, "ANJU_KEEP_REQUESTS_DAYS"),
    Keep(retention.SEARCHES, lambda s: s.keep_searches_days, "ANJU_KEEP_SEARCHES_DAYS"),
    Keep(retention.REMINDERS, lambda s: s.keep_reminders_days, "ANJU_KEEP_REMINDERS_DAYS"),
    Keep(retention.BROADCASTS, lambda s: s.keep_broadcasts_days, "ANJU_KEEP_BROADCASTS_DAYS"),
    Keep(retention.TRIES, lambda s: s.keep_link_tries_days, "ANJU_KEEP_LINK_TRIES_DAYS"),
    Keep(retention.CODES, lambda s: s.keep_link_tries_days, "ANJU_KEEP_LINK_TRIES_DAYS"),
    Keep(retention.IMPORTS, lambda s: s.keep_imports_days, "ANJU_KEEP_IMPORTS_DAYS"),
    Keep(retention.INVITATIONS, lambda s: s.keep_invitations_days, "ANJU_KEEP_INVITATIONS_DAYS"),
    Keep(
        retention.CERTIFICATES, lambda s: s.keep_ended_certificates_days, "ANJU_KEEP_ENDED_CERTIFICATES_DAYS",
        zero_is_for_ever=True,
    ),
)  # fmt: skip


def _end_sign_ins(unit: Unit, now: datetime) -> int:
    """Sessions of the staff, their chat accounts, and tries at their passwords, that count no more."""
    ended = staff_sessions.prune(unit, LONGEST_SESSIONS, now) + staff_chats.prune(unit, now)
    return sign_in_tries.prune(unit, now) + ended


def _erase_some(unit: Unit, kind: Kind, before: datetime, some: Some) -> int:
    return kind.erase(unit, before, some)


@dataclass(frozen=True, slots=True)
class Purger:
    """Erases by age; running twice does no more than once."""

    database: Database
    settings: Settings

    async def purge(self) -> None:
        """One round."""
        now = datetime.now(UTC)
        gone = {}
        for keep in KEPT:
            with passed_over("purge", kind=keep.kind.name):
                gone[keep.kind.name] = await self._erase(keep, now)
        with passed_over("purge", kind="sign_ins"):
            gone["sign_ins"] = await self.database.run(lambda unit: _end_sign_ins(unit, now), "batch")
        with passed_over("purge", kind="helps"):
            gone["helps"] = await self.database.run(lambda unit: helping.expire(unit, now, retention.SOME), "batch")
        log.info("purged", **gone)

    async def due(self) -> Sequence[Due]:
        """What a round would erase now, by kind; nothing is touched."""
        now = datetime.now(UTC)
        return [await self._due(keep, now) for keep in KEPT]

    async def _due(self, keep: Keep, now: datetime) -> Due:
        before = keep.before(self.settings, now)
        count = None if before is None else await self.database.read(partial(keep.kind.count, before=before))
        return Due(keep.kind.name, keep.setting, keep.days(self.settings), count)

    async def _erase(self, keep: Keep, now: datetime) -> int:
        """In small pieces, so that talks don't wait."""
        before, total = keep.before(self.settings, now), 0
        if before is None:
            return 0
        failing: set[int] = set()  # they stand in front of the others: the round goes on behind them
        for _ in range(ROUNDS):
            some = await self._some(keep.kind, before, failing)
            gone = await self._erase_some(keep.kind, before, some, failing)
            total += gone
            if (gone if isinstance(some, int) else len(some)) < retention.SOME:
                break
        return total

    async def _erase_some(self, kind: Kind, before: datetime, some: Some, failing: set[int]) -> int:
        """Together; where that fails and it is known which they are, one by one."""
        erase = partial(_erase_some, kind=kind, before=before)
        together = self.database.run(partial(erase, some=some), "batch")
        if isinstance(some, int):
            return await together
        return await else_one_by_one(together, partial(self._erase_one_by_one, erase, kind, some, failing))

    async def _erase_one_by_one(
        self, erase: Callable[..., int], kind: Kind, numbers: Sequence[int], failing: set[int]
    ) -> int:
        gone = 0
        for number in numbers:
            with passed_over("purge", kind=kind.name, number=number) as tried:
                gone += await self.database.run(partial(erase, some=[number]), "batch")
            if tried.failed:
                failing.add(number)
        return gone

    async def _some(self, kind: Kind, before: datetime, failing: Collection[int]) -> Some:
        """What to erase next: those that a reader found, or as many as the writer finds by an index."""
        find, most = kind.find, retention.SOME + len(failing)
        if find is None:
            return retention.SOME
        found = await self.database.read(lambda unit: find(unit, before, most))
        return [number for number in found if number not in failing][: retention.SOME]
