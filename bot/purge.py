"""What is no longer needed goes: papers after the decision, message ids after a month, what was sent after three."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from handlers.office import papers
from storage import conversations, deliveries
from storage.database import Database

log = structlog.get_logger(__name__)

MESSAGES_KEPT = timedelta(days=30)
DELIVERIES_KEPT = timedelta(days=90)


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
        ended = await self.database.run(lambda unit: deliveries.prune(unit, now - DELIVERIES_KEPT), "batch")
        log.info("purged", papers=erased, messages=pruned, deliveries=ended)
