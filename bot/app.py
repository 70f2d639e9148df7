"""The program as a server: channels, clock and pages around the house; started in order, stopped in reverse."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import partial

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot import console, metrics
from bot.broadcaster import Broadcaster, broadcaster_of
from bot.bundles import BundleSender
from bot.channels.channel import Channel, MakesCodes, Opens
from bot.channels.entries import CHANNELS
from bot.clocks import ClockWatch
from bot.copies import EVERY_PART, OneAtATime, Pages, Parts
from bot.delivery import Sender
from bot.house import House
from bot.imports.importer import Importer
from bot.media import Fetcher
from bot.notice_rounds import NoticeRounds
from bot.pace import Pace, QuietHours
from bot.pages.attachment import Attachments
from bot.pages.check import CheckPage
from bot.pages.home import HomePage, Scene
from bot.pages.lists import ListsPage
from bot.pages.lost import LostPage
from bot.pages.own import OwnPapers
from bot.pages.poster import PosterFiles
from bot.permit_days import PermitKeeper
from bot.postponed import Answerer
from bot.purge import Purger
from bot.recount import Recounter
from bot.reminding import Reminder, measure
from bot.scheduler import Job, replan, schedule
from bot.settings import Settings
from bot.silences import SilenceEnder
from storage import deliveries, people, submissions, tallies
from storage.errors import StorageError

log = structlog.get_logger(__name__)

READY_SECONDS = 3.0
WARM_AFTER_SECONDS = 1.0
PLATFORMS = frozenset({"telegram", "wechat"})
INDEXED_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Server:
    """The house with its channels, and the parts that this copy of the program plays."""

    house: House
    channels: Mapping[str, Channel]
    sender: Sender
    reminder: Reminder
    broadcaster: Broadcaster
    parts: Parts = EVERY_PART

    def jobs(self) -> tuple[Job, ...]:
        """What runs here when, in seconds."""
        one_at_a_time = OneAtATime(self.house.database, self.sender.name)
        return tuple(one_at_a_time.of(job) for job in self._all_jobs() if self.parts.plays(job))

    def _all_jobs(self) -> tuple[Job, ...]:
        house = self.house
        return (
            Job("send", 2, self.sender.send_due, "sender"),
            Job("broadcasts", 1, self.broadcaster.run_due, "sender"),
            Job("send_to_many", 20, BundleSender(self.sender).send_due, "sender"),
            Job("settle", 600, self.sender.settle, "sender", alone=True),
            Job("fetch", 2, Fetcher(house.database, self.channels).fetch_due),
            Job("lists", 2, Importer(house.chat, self.channels).work_due),
            Job("postponed", 1, Answerer(house.chat).answer_due),
            Job("silences", 10, SilenceEnder(house.chat).end_due),
            Job("names", 60, self.index_names, alone=True),
            Job("coarse", 60, self.coarsen, alone=True),
            Job("areas", 30, lambda: house.areas.renew(house.database), "each"),
            Job("gauges", 30, self.measure, "each"),
            Job("reminders", 20, self.reminder.tick),
            Job("plan_reminders", 0, self.reminder.plan, at=time(0, 10, tzinfo=house.settings.zone)),
            Job("deadlines", 60, Recounter(house.database, house.chat.office).count_due, alone=True),
            Job("notices", 60, NoticeRounds(house.database, house.chat.office).tick),
            Job("permits", 600, PermitKeeper(house.database, house.chat.office).keep, alone=True),
            Job("purge", 3600, Purger(house.database, house.settings).purge, alone=True),
        )

    async def index_names(self) -> None:
        """People whom an older version stored become findable by name, a few hundred at a time."""
        indexed = INDEXED_AT_ONCE
        while indexed == INDEXED_AT_ONCE:
            indexed = await self.house.database.run(lambda unit: people.index_names(unit, INDEXED_AT_ONCE), "batch")

    async def coarsen(self) -> None:
        """Submissions that an older version stored tell their coarse facts too, a few hundred at a time."""
        told = INDEXED_AT_ONCE
        while told == INDEXED_AT_ONCE:
            told = await self.house.database.run(lambda unit: submissions.coarsen(unit, INDEXED_AT_ONCE), "batch")

    async def measure(self) -> None:
        """Let Prometheus see how full the outbox is, and what became of everything that was in it."""
        metrics.OUTBOX.clear()
        for (channel, kind, state), number in (await self.house.database.read(deliveries.open_counts)).items():
            metrics.OUTBOX.labels(channel, kind, state).set(number)
        ends = await self.house.database.read(tallies.numbers)
        metrics.UNKNOWN.numbers = {key[:2]: number for key, number in ends.items() if key[2] == tallies.UNKNOWN}
        metrics.DELIVERIES.numbers = {key: number for key, number in ends.items() if key[2] != tallies.UNKNOWN}
        now = datetime.now(UTC)
        await measure(self.house.database)
        oldest = partial(deliveries.oldest_waiting, now=now, quiet=self.sender.is_quiet(now))
        metrics.OLDEST.set(min(await self.house.database.read(oldest), self.sender.awake_seconds(now)))

    async def healthy(self, request: Request) -> Response:
        """Whether the program runs at all."""
        return JSONResponse({"status": "ok"})

    async def ready(self, request: Request) -> Response:
        """Whether it can take messages: the database answers, and every template can be read."""
        try:
            oldest = partial(deliveries.oldest_waiting, now=datetime.now(UTC))
            await asyncio.wait_for(self.house.database.read(oldest), READY_SECONDS)
        except (StorageError, TimeoutError):
            return JSONResponse({"status": "the database does not answer"}, 503)
        faults = await asyncio.to_thread(self.house.words.faults)
        if faults:
            return JSONResponse({"status": "templates can't be read", "templates": faults}, 503)
        return JSONResponse({"status": "ready"})

    async def metrics(self, request: Request) -> Response:
        """For Prometheus."""
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    def routes(self) -> list[BaseRoute]:
        """Every route, those asked for most first: the platforms', the web chat's, the operator's, the others."""
        doors = (*HomePage(self.house, self._follow()).routes(), *PosterFiles(self.house).routes())
        own = (*OwnPapers(self.house).routes(), *ListsPage(self.house).routes())
        public = (*Attachments(self.house).routes(), *CheckPage(self.house).routes(), *own, *doors)
        pages = (*public, *console.routes(console.build_desk(self.house)))
        channels = sorted(self.channels.values(), key=lambda channel: channel.name not in PLATFORMS)
        return [*(route for channel in channels for route in channel.routes()), *self.operating(), *pages]

    def operating(self) -> list[BaseRoute]:
        """What the operator's machines ask."""
        return [
            Route("/healthz", self.healthy),
            Route("/readyz", self.ready),
            Route("/metrics", self.metrics),
        ]

    def _follow(self) -> Scene | None:
        """What gives WeChat's codes, where the account may make them."""
        channel = self.channels.get("wechat")
        if not isinstance(channel, MakesCodes) or not channel.makes_codes():
            return None
        return channel.follow

    @asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        """Clock and channels, started in order and stopped in reverse."""
        async with AsyncExitStack() as stack:
            for channel in self.channels.values():
                await channel.start()
                stack.push_async_callback(channel.stop)
            await stack.enter_async_context(Pages(self.house.database, self.channels, self.sender).listening())
            self._tick(stack)
            log.info("started", channels=sorted(self.channels))
            stack.callback(asyncio.create_task(self._warm_up()).cancel)
            yield
        log.info("stopped")

    @asynccontextmanager
    async def working(self, app: Starlette) -> AsyncIterator[None]:
        """The same where nothing is received: channels are opened, so that they can send."""
        async with AsyncExitStack() as stack:
            for channel in self.channels.values():
                if isinstance(channel, Opens):
                    channel.open()
                stack.push_async_callback(channel.stop)
            self._tick(stack)
            log.info("works", channels=sorted(self.channels))
            yield
        log.info("stopped")

    async def _warm_up(self) -> None:
        """Beside the first answers, which it would delay if it began with them."""
        await asyncio.sleep(WARM_AFTER_SECONDS)
        await asyncio.to_thread(self._warm)

    def _warm(self) -> None:
        """What people shouldn't wait for: every template compiled, the search's indexes built."""
        faults = self.house.words.faults()
        if faults:
            log.error("templates_unreadable", templates=faults)
        self.house.chat.office.finder()

    def _tick(self, stack: AsyncExitStack) -> None:
        jobs = self.jobs()
        clock = schedule(jobs)
        clock.start()
        watching = asyncio.create_task(ClockWatch(self.house.database, partial(replan, clock, jobs)).watch())
        stack.callback(watching.cancel)
        stack.push_async_callback(self.sender.give_back)
        stack.push_async_callback(self.reminder.give_back)
        stack.push_async_callback(self.broadcaster.give_back)
        stack.callback(clock.shutdown, wait=False)  # cancels what still runs, so what is leaving comes first
        stack.push_async_callback(self.sender.close)
        stack.callback(clock.pause)


def build_server(house: House, parts: Parts = EVERY_PART) -> Server:
    """The channels that the settings turn on, around the house."""
    channels: dict[str, Channel] = {}
    sender = Sender(house.database, house.words, channels, paces(house.settings), quiet_hours(house.settings))
    for entry in CHANNELS:
        if entry.is_on(house.settings):
            channels[entry.name] = entry.build(house.settings, house.chat, sender)
    return Server(house, channels, sender, Reminder(house.database, house.chat.office), broadcaster_of(house), parts)


def paces(settings: Settings) -> dict[str, Pace]:
    """How fast each platform's account may send; Telegram takes one message a second in a chat (its bots FAQ)."""
    return {
        "telegram": Pace(settings.telegram_rate, gap=1.0),
        "wechat": Pace(settings.wechat_rate),
    }


def quiet_hours(settings: Settings) -> QuietHours | None:
    """When people sleep, if the operator wants that."""
    if not settings.quiet_hours:
        return None
    begin, _, end = settings.quiet_hours.partition("-")
    return QuietHours(time.fromisoformat(begin), time.fromisoformat(end), settings.zone)


def build_app(server: Server) -> Starlette:
    """The ASGI application."""
    lost = {404: LostPage(server.house).answer}
    return Starlette(routes=server.routes(), lifespan=server.lifespan, exception_handlers=lost)


def build_worker(server: Server) -> Starlette:
    """The same without channels that receive and without pages: sender and clock, and what the operator asks."""
    return Starlette(routes=server.operating(), lifespan=server.working)
