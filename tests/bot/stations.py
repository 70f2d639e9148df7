"""A channel of the tests' own, and what tests of the outbox ask the database."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import text
from starlette.routing import BaseRoute

from bot.channels.channel import MESSAGE, PLAIN, Push
from bot.house import House
from handlers.messages import Attachment, Incoming
from handlers.office.ways import Way
from storage import deliveries
from storage.unit import Unit


@dataclass(slots=True)
class Station:
    """A channel of the test: takes what it is given, or fails as it is told."""

    name: str = "engine"
    failures: list[Exception] = field(default_factory=list)
    said: list[tuple[str, str]] = field(default_factory=list)
    media: dict[str, bytes] = field(default_factory=dict)
    slow: asyncio.Event | None = None
    open_ways: tuple[Way, ...] = PLAIN
    used: list[str] = field(default_factory=list)
    platform_id: str = ""
    pushes: list[Push] = field(default_factory=list)

    def routes(self) -> Sequence[BaseRoute]:
        return ()

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def ways(self, push: Push) -> Sequence[Way]:
        return self.open_ways

    async def send(self, address: str, push: Push, way: str = MESSAGE) -> str:
        self.pushes.append(push)
        self.used.append(way)
        if self.slow is not None:
            await self.slow.wait()
        if self.failures:
            raise self.failures.pop(0)
        self.said += [(address, message.text) for message in push.messages]
        return self.platform_id

    async def fetch(self, reference: str) -> bytes:
        if self.failures:
            raise self.failures.pop(0)
        return self.media[reference]


def message(number: int | str, words: str = "", files: tuple[Attachment, ...] = ()) -> Incoming:
    return Incoming("engine", "me", f"m{number}", datetime.now(UTC), text=words, files=files)


async def states(house: House) -> dict[str, int]:
    found: Counter[str] = Counter()
    for (_, _, state), number in (await house.database.read(deliveries.counts)).items():
        found[state] += number
    return dict(found)


async def make_due(house: House) -> None:
    def hurry(unit: Unit) -> None:
        unit.connection.execute(text("UPDATE outbox SET due_at = created_at WHERE state = 'waiting'"))
        unit.connection.execute(text("UPDATE files SET due_at = created_at"))

    await house.database.run(hurry)
