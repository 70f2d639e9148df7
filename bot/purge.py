"""What is no longer needed goes: papers after the decision, message ids after a month."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from handlers.office import papers
from storage import conversations
from storage.database import Database

log = structlog.get_logger(__name__)

MESSAGES_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Purger:
    """Erases by age; running twice does no more than once."""

    database: Database
    papers_keep_days: int

    async def purge(self) -> None:
        """One round."""
        now = datetime.now(UTC)
        erased = await self.database.run(lambda unit: papers.erase_old(unit, now, self.papers_keep_days), "batch")
        pruned = await self.database.run(lambda unit: conversations.prune(unit, now - MESSAGES_KEPT), "batch")
        log.info("purged", papers=erased, messages=pruned)
