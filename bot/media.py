"""Files that people sent as references: fetched from their platform, cleaned, kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from bot import metrics
from bot.channels.channel import Channel, FetchFailed
from bot.papers import UNCLEAR, Paper, Refused, clean
from bot.passing import passed_over
from handlers.forms.papers import LEGIBLE
from handlers.office import papers as office_papers
from storage import papers
from storage.database import Database
from storage.records import PaperFile

log = structlog.get_logger(__name__)

ATTEMPTS = 5
PAUSE = timedelta(seconds=20)
LONGEST_PAUSE = timedelta(minutes=5)  # far below leases.WRONG: a longer one is taken for a wrong clock's


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Fetches what waits; what can't be used is asked for again."""

    database: Database
    channels: Mapping[str, Channel]

    async def fetch_due(self) -> int:
        """One round; how many files were tried."""
        due = await self.database.run(papers.claim, "batch")
        for file, channel in due:
            await self._try(file, channel)
        return len(due)

    async def _try(self, file: PaperFile, channel: str) -> None:
        """What fails for a fault of ours is tried again like one that didn't come, at last refused.

        One that can't be refused either (the talk it belongs to can't be read) comes again after the longest pause.
        """
        with passed_over("papers", file=file.id):
            await self._fetch(file, channel)
            return
        with passed_over("papers", file=file.id):
            await self._not_fetched(file, retryable=True)
            return
        await self.database.run(lambda unit: papers.again(unit, file.id, LONGEST_PAUSE), "batch")

    async def _fetch(self, file: PaperFile, channel: str) -> None:
        reference = await self.database.read(lambda unit: papers.reference(unit, file.id))
        if reference is None:
            return
        try:
            data = await self.channels[channel].fetch(reference)
        except FetchFailed as failure:
            await self._not_fetched(file, retryable=failure.retryable)
            return
        except Exception:
            log.exception("fetch", channel=channel)
            await self._not_fetched(file, retryable=True)
            return
        await self._keep(file, await clean(data))

    async def _keep(self, file: PaperFile, paper: Paper | Refused) -> None:
        if isinstance(paper, Refused):
            await self._refuse(file, paper.reason)
            return
        if paper.unclear and file.step in LEGIBLE:
            await self._refuse(file, UNCLEAR)
            return
        content, kind = paper.content, paper.content_type
        await self.database.run(lambda unit: papers.fetched(unit, file.id, content, kind), "batch")
        metrics.FILES.labels("stored").inc()

    async def _not_fetched(self, file: PaperFile, *, retryable: bool) -> None:
        if not retryable or file.attempts + 1 >= ATTEMPTS:
            await self._refuse(file, "file_not_fetched")
            return
        pause = PAUSE * (file.attempts + 1)
        await self.database.run(lambda unit: papers.again(unit, file.id, pause), "batch")

    async def _refuse(self, file: PaperFile, reason: str) -> None:
        now = datetime.now(UTC)
        await self.database.run(lambda unit: office_papers.refuse(unit, file.id, reason, now), "batch")
        metrics.FILES.labels(reason).inc()
