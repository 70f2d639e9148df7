"""Messages that are to leave while something is wrong, and platforms that note each one they are given, and when."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import httpx
from sqlalchemy import func, select
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.house import House
from handlers import turns
from handlers.messages import Reply
from handlers.turns import Answered
from storage import deliveries, tables
from storage.database import Work
from storage.errors import StorageError
from storage.unit import Unit
from tests import house as houses
from tests.doubles.wechat_phone import served
from tests.faults import crowd as crowds
from tests.faults.crowd import Person
from tests.faults.sending import Platform, fill
from tests.program import Program

NOTICE = deliveries.Terms("notice")
PATIENCE = 300.0  # a busy machine; what is put off by mistake waits for an hour
TAKEN = {"errcode": 0, "ok": True, "result": {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}}}
SENDS = {"ANJU_WECHAT_APP_ID": "wx1", "ANJU_WECHAT_APP_SECRET": "s", "ANJU_QUIET_HOURS": "never"}
RATE = 50
MORE_FILES = 24  # a full pool of connections, and the queue's
MORE_MEGABYTES = 64


@dataclass(slots=True)
class Ledger(Platform):
    """Both platforms; of WeChat's customer messages it keeps the order and the times too."""

    order: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def routes(self) -> list[Route]:
        """Sending, and everything else that a program asks of a platform."""
        return [*Platform.routes(self), Route("/{path:path}", self.anything, methods=["GET", "POST"])]

    async def anything(self, request: Request) -> Response:
        """Whatever else a program asks for."""
        return JSONResponse(TAKEN)

    async def take(self, request: Request) -> Response:
        """A customer message."""
        known = set(self.heard)
        response = await Platform.take(self, request)
        self.order += [code for code in self.heard if code not in known]
        self.times.append(time.monotonic())
        return response

    def most_in_a_second(self) -> int:
        """How many messages it was given within a second at most."""
        return max((sum(first <= at < first + 1 for at in self.times) for first in self.times), default=0)


@dataclass(slots=True)
class Post:
    """The outbox of a program that runs, and what the platform has heard of it."""

    house: House
    platform: Ledger
    receivers: Sequence[int]
    written: list[str] = field(default_factory=list)

    async def write(self, number: int, ahead: float = 0.0) -> None:
        """Messages, as a program writes them whose clock is so many seconds ahead."""
        now, first = datetime.now(UTC) + timedelta(seconds=ahead), len(self.written)
        work = partial(self._enqueue, first=first, last=first + number, now=now)
        while not await self._written(work):  # noqa: ASYNC110 -- the program may hold SQLite's file for a while
            await asyncio.sleep(0.2)
        self.written += [f"{place:06}" for place in range(first, first + number)]

    async def all_heard(self, patience: float = PATIENCE) -> None:
        """Wait until the platform has heard everything; TimeoutError if that takes too long."""
        async with asyncio.timeout(patience):
            while set(self.written) - set(self.platform.heard) or await self.open():  # noqa: ASYNC110 -- rows of others
                await asyncio.sleep(0.1)

    async def heard(self, number: int) -> None:
        """Wait until the platform has heard so many; whoever calls sets the time for it."""
        while self.platform.heard.total() < number:  # noqa: ASYNC110 -- the platform counts
            await asyncio.sleep(0.02)

    async def unknown(self) -> int:
        """Of how many attempts nobody knows the outcome."""
        unknown = select(func.count()).where(tables.attempts.c.outcome == "unknown")
        return await self.house.database.read(lambda unit: int(unit.execute(unknown).scalar_one()))

    async def open(self) -> int:
        """How many messages have no end."""
        return await self.house.database.read(lambda unit: sum(deliveries.open_counts(unit).values()))

    @property
    def twice(self) -> int:
        """How many messages the platform was given beyond the first time."""
        return sum(count - 1 for count in self.platform.heard.values())

    async def _written(self, work: Work[None]) -> bool:
        try:
            await self.house.database.run(work)
        except StorageError:
            return False
        return True

    def _enqueue(self, unit: Unit, first: int, last: int, now: datetime) -> None:
        for place in range(first, last):
            to = self.receivers[place % len(self.receivers)]
            said = (Reply("say/link_code", {"code": f"{place:06}", "minutes": 1}),)
            message = turns.packed(Answered(b"", to, "zh", said))
            deliveries.enqueue(unit, f"test:{place}", to, message, now, NOTICE)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Post]:
    """An outbox with people on WeChat whom messages reach, on a database that has every table."""
    await fill(url, 0)
    async with houses.opened(houses.settings(url)) as house:
        ids = await house.database.read(lambda unit: unit.execute(select(tables.conversations.c.id)).scalars().all())
        yield Post(house, Ledger(), sorted(ids))


@asynccontextmanager
async def town(folder: Path, url: str, api: str, **settings: str) -> AsyncIterator[tuple[Program, list[Person]]]:
    """The program beside its platforms, with two people on each channel who have not said anything yet."""
    own = crowds.WECHAT | crowds.TELEGRAM | SENDS | {"ANJU_WECHAT_RATE": str(RATE)}
    bases = {"ANJU_TELEGRAM_API_BASE": api, "ANJU_WECHAT_API_BASE": api}
    program = Program(folder, url, **own, **(bases | settings))
    async with AsyncExitStack() as stack:
        stack.callback(program.kill)
        await asyncio.to_thread(program.start)
        web = partial(httpx.AsyncClient, headers={"Origin": program.url}, timeout=crowds.PATIENCE)
        browsers = [await stack.enter_async_context(web(base_url=program.url)) for _ in range(2)]
        yield program, await crowds.crowd(program.url, browsers)


@asynccontextmanager
async def platforms(post: Post) -> AsyncIterator[str]:
    """The platforms on loopback; their address."""
    async with served(post.platform.routes()) as api:
        yield api


@asynccontextmanager
async def comes_back(program: Program) -> AsyncIterator[None]:
    """Whatever happens meanwhile, memory and open files are in the end about what they were."""
    files, memory = program.open_files(), program.megabytes()
    yield
    async with asyncio.timeout(30):
        while program.open_files() > files + MORE_FILES:  # noqa: ASYNC110 -- another process closes them
            await asyncio.sleep(0.2)
    assert program.megabytes() <= memory + MORE_MEGABYTES
