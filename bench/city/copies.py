"""Copies of the program in one process: each a whole house on the one database, behind doors that take turns."""

import asyncio
import itertools
import weakref
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field, fields, replace
from functools import partial
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx
from starlette.applications import Starlette

from bench.city.hours import Hours
from bot.app import Server, build_server
from bot.chat import Chat
from bot.fairness import Fairness
from bot.house import House, open_house, prepare
from bot.keys import vault
from bot.scheduler import Job, schedule
from bot.settings import Settings
from storage.database import open_database
from tests.doubles.telegram_delivery import SECRET_HEADER, Delivery, Update
from tests.doubles.wechat_phone import Phone

CHILDREN = frozenset({"lists", "fetch"})  # jobs that wait for processes of their own

_OF: ContextVar["Copy | None"] = ContextVar("copy", default=None)


@dataclass(slots=True)
class Rhythm:
    """How often a copy's jobs come, in seconds; `busy`: the sender's come at their quickest."""

    every: float
    quickest: float = 60.0
    busy: bool = False


@dataclass(frozen=True, slots=True)
class Ticking(Server):
    """The server, whose jobs come less often than once a second: a day has 86,400 of these."""

    rhythm: Rhythm = field(default_factory=lambda: Rhythm(20.0))

    def jobs(self) -> tuple[Job, ...]:
        """What runs here when."""
        return tuple(self._slower(job) for job in Server.jobs(self))

    def _tick(self, stack: AsyncExitStack) -> None:
        """As the program does, without its watch for clocks that jump: here they do nothing else."""
        clock = schedule(self.jobs())
        clock.start()
        for part in (self.sender, self.reminder, self.broadcaster):
            stack.push_async_callback(part.give_back)
        stack.callback(clock.shutdown, wait=False)
        stack.push_async_callback(self.sender.close)
        stack.callback(clock.pause)

    def _slower(self, job: Job) -> Job:
        every = self.rhythm.every
        if job.part == "sender" and not job.alone and every > self.rhythm.quickest:
            return replace(job, seconds=self.rhythm.quickest, work=Seldom(job.work, self.rhythm))
        work = partial(_standing, job.work) if job.name in CHILDREN else job.work
        return replace(job, seconds=max(job.seconds, every), work=work)


@dataclass(slots=True)
class Seldom:
    """A job that leaves out most of its turns while little is going on."""

    work: Callable[[], Awaitable[object]]
    rhythm: Rhythm
    last: float = 0.0

    async def __call__(self) -> None:
        """One turn."""
        now = asyncio.get_running_loop().time()
        if self.rhythm.busy or now - self.last >= self.rhythm.every:
            self.last = now
            await self.work()


async def _standing(work: Callable[[], Awaitable[object]]) -> None:
    with _hours().standing():
        await work()


def _hours() -> Hours:
    hours = asyncio.get_running_loop()
    if not isinstance(hours, Hours):
        raise TypeError("a copy runs in a loop whose time jumps")
    return hours


@dataclass(eq=False, slots=True)
class Copy:
    """One copy. `takes`: the doors give it requests; `is_dead`: nothing that it does has any effect any more.

    `like`: another copy's house, whose words and law it uses, since reading them again takes seconds; its database,
    channels, leases and clock are its own.
    """

    name: str
    settings: Settings
    rhythm: Rhythm
    like: House | None = None
    takes: bool = False
    is_dead: bool = False
    requests: int = 0
    server: Server | None = None
    client: httpx.AsyncClient | None = None
    _life: asyncio.Task[None] | None = None
    _tasks: "weakref.WeakSet[asyncio.Task[Any]]" = field(default_factory=weakref.WeakSet)
    _stops: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self) -> None:
        """Start as `anju serve` does; returns once it takes requests."""
        context, ready = copy_context(), asyncio.Event()
        context.run(_OF.set, self)
        self._life = asyncio.get_running_loop().create_task(self._live(ready), context=context)
        waiting = asyncio.ensure_future(ready.wait())
        await asyncio.wait({waiting, self._life}, return_when=asyncio.FIRST_COMPLETED)
        if self._life.done():
            self._life.result()
        self.takes = True

    async def stop(self) -> None:
        """SIGTERM: no new requests, what has begun is finished, what it held is given back."""
        self.takes = False
        while self.requests:  # noqa: ASYNC110 -- requests end by themselves
            await asyncio.sleep(0.05)
        self._stops.set()
        if self._life is not None:
            await self._life

    async def kill(self) -> None:
        """kill -9: from this moment on nothing that it does reaches database or platform, and nothing is tidied up."""
        self.takes, self.is_dead = False, True
        for task in list(self._tasks):
            task.cancel()
        if self._life is not None:
            await asyncio.gather(self._life, return_exceptions=True)
        if self.server is not None:
            with _hours().standing():
                await asyncio.to_thread(self.server.house.database.close)

    async def ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        """A request; httpx.ReadError where the copy died meanwhile."""
        if self.client is None:
            raise httpx.ConnectError("not started")
        before = _OF.set(self)
        try:
            handling = asyncio.ensure_future(self.client.request(method, path, **request))
        finally:
            _OF.reset(before)
        self.requests += 1
        handling.add_done_callback(self._is_answered)
        try:
            response = await asyncio.shield(handling)  # who hangs up doesn't end what was begun
        except asyncio.CancelledError:
            if self.is_dead:
                raise httpx.ReadError("the copy died") from None
            raise
        if self.is_dead:
            raise httpx.ReadError("the copy died")
        return response

    def _is_answered(self, handling: "asyncio.Future[httpx.Response]") -> None:
        self.requests -= 1
        if not handling.cancelled():
            handling.exception()

    def owns(self, task: asyncio.Task[Any]) -> None:
        """A task of the copy's has begun."""
        self._tasks.add(task)

    async def _live(self, ready: asyncio.Event) -> None:
        house = await open_house(self.settings) if self.like is None else _another(self.like, self.settings)
        self._watch(house)
        built = build_server(house)
        told = {one.name: getattr(built, one.name) for one in fields(Server)}
        self.server = Ticking(**told, rhythm=self.rhythm)
        for pace in self.server.sender.paces.values():
            pace.now = asyncio.get_running_loop().time
        app = Starlette(routes=self.server.routes())
        keeps_none = CookieJar(DefaultCookiePolicy(allowed_domains=()))  # cookies are the browsers' own
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url=self.settings.public_url, cookies=keeps_none
        )
        async with self.server.lifespan(app):
            ready.set()
            await self._stops.wait()
        await self.client.aclose()
        await asyncio.to_thread(house.database.close)

    def _watch(self, house: House) -> None:
        """Time stands still while the database works, and a dead copy's work comes to nothing."""
        for name in ("run", "read"):
            setattr(house.database, name, partial(self._through, getattr(house.database, name)))

    async def _through(self, work: Callable[..., Awaitable[Any]], *given: Any, **named: Any) -> Any:
        if self.is_dead:
            raise asyncio.CancelledError
        with _hours().standing():
            found = await work(*given, **named)
        if self.is_dead:
            raise asyncio.CancelledError
        return found


def _another(house: House, settings: Settings) -> House:
    database = open_database(settings.database_url, vault(settings))
    prepare(database)
    office = house.chat.office
    fairness = Fairness(settings.messages_at_once, settings.messages_per_minute)
    return House(settings, database, house.words, house.areas, Chat(database, house.words, office, fairness))


def owned(loop: asyncio.AbstractEventLoop, coroutine: Any, **more: Any) -> "asyncio.Task[Any]":
    """A task factory: every task knows the copy that began it."""
    task: asyncio.Task[Any] = asyncio.Task(coroutine, loop=loop, **more)
    context = more.get("context")
    copy = _OF.get() if context is None else context.get(_OF)
    if copy is not None:
        copy.owns(task)
    return task


@dataclass(slots=True)
class Doors:
    """What stands before the copies: gives each request to the next one that takes any."""

    copies: list[Copy] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    _turn: Iterator[int] = field(default_factory=itertools.count)

    def open(self) -> list[Copy]:
        """Those that take requests."""
        return [copy for copy in self.copies if copy.takes]

    @property
    def house(self) -> House:
        """A house of those that are open, for who works at the office."""
        server = self.open()[next(self._turn) % len(self.open())].server
        if server is None:
            raise LookupError("no copy is open")
        return server.house

    async def post(self, path: str, **request: Any) -> httpx.Response:
        """A message, to the next copy; httpx.TransportError where there is none, or it died."""
        response = await self.ask("POST", path, **request)
        self.statuses.append(response.status_code)
        return response

    async def ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Any request, likewise."""
        copies = self.open()
        if not copies:
            raise httpx.ConnectError("nobody listens")
        return await copies[next(self._turn) % len(copies)].ask(method, path, **request)


@dataclass
class DoorDelivery(Delivery):
    """Telegram's updates to the doors; `last`: each chat's last update, to deliver it again."""

    doors: Doors = field(default_factory=Doors)
    last: dict[int, Update] = field(default_factory=dict)

    async def _try(self, update: Update, webhook: Any) -> httpx.Response | None:
        chat = _chat(update)
        self.last[chat] = update
        headers = {SECRET_HEADER: webhook["secret_token"]}
        try:
            return await self.doors.post("/telegram", json=update, headers=headers)
        except httpx.TransportError:
            await asyncio.sleep(1)
            return None


def _chat(update: Update) -> int:
    held = update.get("message") or update["callback_query"]["message"]
    return int(held["chat"]["id"])


@dataclass
class DoorPhone(Phone):
    """WeChat's deliveries to the doors."""

    doors: Doors = field(default_factory=Doors)

    async def post(self, xml: str) -> httpx.Response:
        """One delivery; where the connection breaks the platform waits and delivers again."""
        query, body = self.envelope(xml)
        try:
            return await asyncio.wait_for(self.doors.post("/wechat", params=query, content=body.encode()), self.cut)
        except (httpx.TransportError, TimeoutError):
            raise httpx.ReadTimeout("cut") from None
