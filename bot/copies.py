"""Several copies of the program on one database: which part each plays, and how a push finds the browser it is for."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

import structlog

from bot.channels.channel import Channel, HasPages
from bot.delivery import Sender
from bot.scheduler import Job
from storage import leases
from storage.announcements import Ear
from storage.database import Database
from storage.errors import StorageError

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a copy does besides answering: send what waits in the outbox, and what the clock brings."""

    sender: bool = True
    clock: bool = True

    def plays(self, job: Job) -> bool:
        """Whether the job is this copy's; some are every copy's own."""
        return {"sender": self.sender, "clock": self.clock}.get(job.part, True)


EVERY_PART = Parts()


@dataclass(frozen=True, slots=True)
class OneAtATime:
    """Of all copies one runs a job in each of its periods, by a lease; where it died, another goes on."""

    database: Database
    name: str

    def of(self, job: Job) -> Job:
        """The job, with its lease where it is one copy's at a time."""
        return replace(job, work=partial(self._run, job)) if job.alone else job

    async def _run(self, job: Job) -> None:
        lasts = timedelta(seconds=job.seconds)
        fence = await self.database.run(lambda unit: leases.take(unit, f"clock:{job.name}", self.name, lasts), "batch")
        if fence is not None:
            await job.work()


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages that hang on this copy, told by the others when something waits for one of them."""

    database: Database
    channels: Mapping[str, Channel]
    sender: Sender

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """While this runs, what another copy can't push is pushed here."""
        loop = asyncio.get_running_loop()
        tasks: set[asyncio.Task[None]] = set()

        def begin(work: Callable[[], Awaitable[None]]) -> None:
            task = asyncio.ensure_future(_guarded(work))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

        def call(work: Callable[[], Awaitable[None]]) -> None:
            loop.call_soon_threadsafe(begin, work)

        ear = Ear.of(self.database.engine, lambda word: call(partial(self._heard, word)), lambda: call(self._catch_up))
        try:
            yield
        finally:
            if ear is not None:
                await asyncio.to_thread(ear.stop)

    async def _heard(self, word: str) -> None:
        name, _, index = word.partition(":")
        if name in self.channels and (address := _address_of(self.channels[name], index)) is not None:
            await self.sender.send_to(name, address)

    async def _catch_up(self) -> None:
        """Words may have been missed while the database was away: every open page gets what waits for it."""
        for name, channel in self.channels.items():
            for address in _open(channel):
                await self.sender.send_to(name, address)


def _address_of(channel: Channel, index: str) -> str | None:
    return channel.address_of(index) if isinstance(channel, HasPages) else None


def _open(channel: Channel) -> Sequence[str]:
    return channel.open_addresses() if isinstance(channel, HasPages) else ()


async def _guarded(work: Callable[[], Awaitable[None]]) -> None:
    """The sender's next round finds what failed here."""
    try:
        await work()
    except StorageError as error:
        log.warning("pages wait for the database", error=type(error).__name__)
    except Exception:
        log.exception("pages")
