"""What the program does all day, done once through its real doors, to hear what it asks of the database."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx

from bot.copies import EVERY_PART, Parts
from handlers.messages import Incoming
from storage.database import Database
from tests.channels.web_house import WebHouse
from tests.console.clerks import Clerk, at_work, console
from tests.planned import FIRST, Cost, costs, heard, settle

ROLES = ("reviewer", "administrator", "collector", "auditor", "publisher")
MORE = FIRST + 500


@dataclass(frozen=True, slots=True)
class Town:
    """A town of some size with somebody of each role at the console."""

    web: WebHouse
    clerks: Sequence[Clerk]

    @property
    def database(self) -> Database:
        """Its database."""
        return self.web.house.database

    async def open(self, path: str) -> None:
        """A page, by whoever may see it."""
        for clerk in self.clerks:
            if (await clerk.get(path)).status_code == httpx.codes.OK:
                return
        raise AssertionError(f"nobody may open {path}")

    async def search(self, value: str) -> None:
        """People, by one thing that is known of them."""
        response = await self.clerks[0].post("/console/people", asked=value)
        assert response.status_code == httpx.codes.OK, response.text

    async def turn(self) -> None:
        """First contact, a step, the same once more, and a word that works anywhere."""
        at = datetime.now(UTC)
        for number, word in enumerate(("你好", "同意", "同意", "帮助", "我的数据")):
            await self.web.house.chat.answer(Incoming("telegram", "somebody", f"m{min(number, 3)}", at, text=word))

    async def push(self) -> None:
        """Something to be said, and the sender's round."""
        answered = await self.web.house.chat.answer(
            Incoming("web", "a page", "m1", datetime.now(UTC), kind="open", language="zh")
        )
        await self.web.house.chat.deliver_later(answered)
        await self.web.server.sender.send_to("web", "a page")
        await self.web.server.sender.send_due()

    async def tick(self) -> None:
        """Every job of the clock."""
        for job in self.web.server.jobs():
            await job.work()


Way = Callable[[Town], Awaitable[None]]
PAGES = (
    "/console", "/console/queue", "/console/queue?show=registered", "/console/queue/simple", "/console/homes",
    f"/console/homes/x{FIRST}", "/console/tenancies", f"/console/tenancies/{MORE}", "/console/talks",
    "/console/calls", "/console/privacy", "/console/audit", "/console/audit?who=nobody", "/console/staff",
    "/console/account", "/console/law", f"/console/people/{MORE}", "/console/permits", "/console/reminders",
    "/console/homes?need=unvisited",
)  # fmt: skip
SEARCHES = (("id_number", "11010519491231002X"), ("phone", "13812345678"), ("name", "李伟"), ("number", "M1"))


def _page(path: str) -> Way:
    return lambda town: town.open(path)


def _search(value: str) -> Way:
    return lambda town: town.search(value)


WAYS: dict[str, Way] = {
    "a turn": Town.turn,
    "a push": Town.push,
    "the clock": Town.tick,
    **{path: _page(path) for path in PAGES},
    **{f"search by {by}": _search(value) for by, value in SEARCHES},
}


@asynccontextmanager
async def town(folder: Path, database_url: str, people: int, parts: Parts = EVERY_PART) -> AsyncIterator[Town]:
    """The program on a database of that many people."""
    async with AsyncExitStack() as stack:
        web = await stack.enter_async_context(console(folder, database_url, parts))
        await stack.enter_async_context(at_work(web))  # whom the town's rows can name
        settle(web.house.database, people)
        # Only now, for writing a city takes longer than a session lasts.
        clerks = [await stack.enter_async_context(at_work(web, role)) for role in ROLES]
        yield Town(web, clerks)


async def asked(somewhere: Town) -> dict[str, Sequence[Cost]]:
    """What each way asks of the database, the dearest first."""
    found: dict[str, Sequence[Cost]] = {}
    for name, way in WAYS.items():
        with heard(somewhere.database) as ear:
            await way(somewhere)
        found[name] = costs(somewhere.database, ear)
    return found
