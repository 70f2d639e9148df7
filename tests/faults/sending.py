"""A sender as a process of its own, and a platform that counts what it is given: for tests that kill the one.

`python -m tests.faults.sending URL API-BASE` sends until it is killed, with short leases so that a test is.
"""

import asyncio
import os
import random
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import orjson
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot import delivery, logs
from bot.channels.wechat.endpoint import WeChatChannel
from bot.delivery import Sender
from bot.house import House
from handlers import turns
from handlers.messages import Incoming, Reply
from handlers.turns import Answered
from storage import claims, deliveries
from storage.errors import StorageError
from storage.unit import Unit
from tests import house as houses
from tests.doubles.wechat_phone import served

LEASE = timedelta(seconds=1.5)
IDLE_SECONDS = 0.05
PEOPLE = 20
WECHAT = {"wechat_token": "t", "wechat_app_id": "wx1", "wechat_app_secret": "s"}
ROOT = Path(__file__).parents[2]


@dataclass(slots=True)
class Platform:
    """Takes customer messages; knows each by the six digits in it."""

    heard: Counter[str] = field(default_factory=Counter)
    slow: float = 0.0

    def routes(self) -> list[Route]:
        return [
            Route("/cgi-bin/stable_token", self.token, methods=["POST"]),
            Route("/cgi-bin/message/custom/send", self.take, methods=["POST"]),
        ]

    async def token(self, request: Request) -> Response:
        return Response(orjson.dumps({"access_token": "token", "expires_in": 7200}), media_type="application/json")

    async def take(self, request: Request) -> Response:
        said = orjson.loads(await request.body())["text"]["content"]
        self.heard[said.split("关联码是 ")[1][:6]] += 1
        await asyncio.sleep(self.slow)
        return Response(b'{"errcode":0,"errmsg":"ok"}', media_type="application/json")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the database says in the end, and the platform."""

    states: Counter[tuple[str, str, str]]
    unknown: int
    lost: int
    doubled: int
    claimed_unsent: int

    @property
    def open(self) -> int:
        """Messages without an end."""
        return sum(n for (_, state, _), n in self.states.items() if state not in deliveries.ENDS)


async def fill(url: str, messages: int) -> None:
    """Messages for a few people: notices and broadcasts in turn."""
    if url.startswith("postgresql"):
        houses.migrate(url)
    async with houses.opened(houses.settings(url)) as house:
        for person in range(PEOPLE):
            await house.chat.answer(Incoming("wechat", f"o{person}", "m1", datetime.now(UTC), text="你好"))
        await house.database.run(_open_windows)
        for first in range(0, messages, 500):
            await house.database.run(partial(_enqueue, first=first, last=min(first + 500, messages)))


def _open_windows(unit: Unit) -> None:
    far = datetime.now(UTC) + timedelta(days=2)
    unit.connection.execute(
        text("UPDATE conversations SET window_left = 30000, window_until = :far"),
        {"far": far.replace(tzinfo=None) if not unit.is_postgres else far},
    )


def _enqueue(unit: Unit, first: int, last: int) -> None:
    now = datetime.now(UTC)
    ids = unit.connection.execute(text("SELECT id FROM conversations ORDER BY id")).scalars().all()
    for number in range(first, last):
        to = ids[number % len(ids)]
        said = turns.packed(Answered(b"", to, "zh", (Reply("say/link_code", {"code": f"{number:06}", "minutes": 1}),)))
        terms = deliveries.Terms("notice" if number % 2 else "broadcast")
        deliveries.enqueue(unit, f"test:{number}", to, said, now, terms)


async def outcome(url: str, platform: Platform) -> Outcome:
    """Compare the two books."""
    async with houses.opened(houses.settings(url)) as house:
        return await house.database.read(lambda unit: _compare(unit, platform))


def _compare(unit: Unit, platform: Platform) -> Outcome:
    rows = unit.connection.execute(text("SELECT once_key, kind, state, reason FROM outbox")).all()
    unknown = unit.connection.execute(text("SELECT count(*) FROM attempts WHERE outcome = 'unknown'")).scalar_one()
    heard = {row.once_key: platform.heard[f"{int(row.once_key.partition(':')[2]):06}"] for row in rows}
    return Outcome(
        Counter((row.kind, row.state, row.reason) for row in rows),
        int(unknown),
        lost=sum(row.state == "sent" and not heard[row.once_key] for row in rows),
        doubled=sum(max(0, count - 1) for count in heard.values()),
        claimed_unsent=sum(row.state == "failed" and not heard[row.once_key] for row in rows),
    )


class SenderProcess:
    """One copy of the sender."""

    def __init__(self, url: str, api: str) -> None:
        self._command = (sys.executable, "-m", "tests.faults.sending", url, api)
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Begin; it sends after about a second."""
        null = asyncio.subprocess.DEVNULL
        keys = {**os.environ, "ANJU_TEST_KEYS": houses.KEYS}
        self._process = await asyncio.create_subprocess_exec(
            *self._command, cwd=ROOT, env=keys, stdout=null, stderr=null
        )

    def signal(self, how: signal.Signals) -> None:
        """SIGSTOP, SIGCONT …"""
        if self._process is not None:
            os.kill(self._process.pid, how)

    async def kill(self) -> None:
        """kill -9."""
        if self._process is not None:
            self._process.kill()
            await self._process.wait()
            self._process = None


@asynccontextmanager
async def platform_served() -> AsyncIterator[tuple[Platform, str]]:
    """The platform on loopback."""
    platform = Platform()
    async with served(platform.routes()) as api:
        yield platform, api


async def kill_often(url: str, messages: int, kills: int, chance: random.Random) -> tuple[Outcome, int]:
    """Send everything while the sender is killed at random moments; how often it was killed while sending."""
    await fill(url, messages)
    async with platform_served() as (platform, api):
        killed = 0
        while killed < kills:
            heard = platform.heard.total()
            sender = SenderProcess(url, api)
            await sender.start()
            try:
                await more_than(platform, heard)
            except TimeoutError:  # the one before it had said all that was left
                await sender.kill()
                break
            await asyncio.sleep(chance.uniform(0, 0.15))
            await sender.kill()
            killed += 1
        await finish(url, api, platform)
        return await outcome(url, platform), killed


async def finish(url: str, api: str, platform: Platform) -> None:
    """Let one last sender do what is left."""
    sender = SenderProcess(url, api)
    await sender.start()
    async with houses.opened(houses.settings(url)) as house:
        for _ in range(2400):
            counted = await house.database.read(deliveries.counts)
            if all(state in deliveries.ENDS for _, _, state in counted):
                break
            await asyncio.sleep(0.25)
    await sender.kill()


async def more_than(platform: Platform, heard: int) -> None:
    """Wait until the platform has heard more messages than that; TimeoutError after three minutes."""
    async with asyncio.timeout(180):
        while platform.heard.total() <= heard:  # noqa: ASYNC110 -- the count moves by itself
            await asyncio.sleep(0.002)


async def send_until_killed(url: str, api: str) -> None:
    """The process itself."""
    claims.LEASE = LEASE
    delivery.SENDING_LEASE = LEASE
    async with houses.opened(houses.settings(url, wechat_api_base=api, **WECHAT)) as house:
        await _send(house)


async def _send(house: House) -> None:
    channel = WeChatChannel(house.settings, house.chat)
    await channel.start()
    sender = Sender(house.database, house.words, {"wechat": channel})
    while True:
        with suppress(StorageError):  # another copy may hold the database for a while
            await sender.send_due()
        await asyncio.sleep(IDLE_SECONDS)


def temporary_database() -> str:
    """A SQLite file of its own."""
    return f"sqlite:///{tempfile.mkdtemp()}/sending.db"


if __name__ == "__main__":
    logs.configure(as_json=True, level=40)
    asyncio.run(send_until_killed(sys.argv[1], sys.argv[2]))
