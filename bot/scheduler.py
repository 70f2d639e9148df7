"""APScheduler: what runs when. It only ticks; what is due stands in tables: a doubled tick does no harm."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import time
from typing import Literal

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from storage.errors import StorageError

log = structlog.get_logger(__name__)


Part = Literal["sender", "clock", "each"]


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do every so many seconds, or else once a day `at` its hour, a local time with its zone.

    part: whose it is, the sender's, the clock's, or every copy's own; alone: one copy at a time, by a lease.
    """

    name: str
    seconds: float
    work: Callable[[], Awaitable[object]]
    part: Part = "clock"
    alone: bool = False
    at: time | None = None

    @property
    def trigger(self) -> IntervalTrigger | CronTrigger:
        """When it runs."""
        if self.at is None:
            return IntervalTrigger(seconds=self.seconds)
        return CronTrigger(hour=self.at.hour, minute=self.at.minute, timezone=self.at.tzinfo)


def schedule(jobs: tuple[Job, ...]) -> AsyncIOScheduler:
    """A clock with these jobs, not yet running; a job that is still at work isn't started twice."""
    clock = AsyncIOScheduler(job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None})
    for job in jobs:
        clock.add_job(_guarded, job.trigger, args=(job,), id=job.name)
    return clock


def replan(clock: AsyncIOScheduler, jobs: tuple[Job, ...]) -> None:
    """Each job's next time anew: the times planned before a clock went back would be as far away as it went."""
    for job in jobs:
        clock.reschedule_job(job.name, trigger=job.trigger)


async def _guarded(job: Job) -> None:
    """A job that fails is told in the log and comes again at its next tick."""
    try:
        await job.work()
    except StorageError as error:
        log.warning("job waits for the database", job=job.name, error=type(error).__name__)
    except Exception:
        log.exception("job failed", job=job.name)
