"""Several copies of the program on one database: each plays its parts, and a push finds the browser it is for."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from bot.app import build_server
from bot.copies import OneAtATime, Parts
from bot.house import House
from bot.scheduler import Job
from handlers.messages import Incoming
from handlers.turns import Answered
from storage import leases
from storage.unit import Unit
from tests import house as houses
from tests.bot.stations import states
from tests.channels.test_web_events import identity, listening, texts
from tests.channels.web_house import WebHouse, served
from tests.postgres import fresh_database
from tests.program import Program

PAGES_ONLY = Parts(sender=False, clock=False)
EACH = {"areas", "gauges"}
SENDER = {"broadcasts", "send", "send_to_many", "settle"}


@pytest.fixture
def postgres_url(postgres_server: str, migrated_postgres: str) -> Iterator[str]:
    """A database of its own on a server."""
    with fresh_database(postgres_server, like=migrated_postgres) as url:
        yield url


async def wait_for_answer(house: House, address: str) -> Answered:
    """Something that is to be said to the address later."""
    incoming = Incoming("web", address, "1", datetime.now(UTC), kind="open", language="zh")
    answered = await house.chat.answer(incoming)
    assert await house.chat.deliver_later(answered)
    return answered


def words(web: WebHouse | House, answered: Answered) -> list[str]:
    house = web.house if isinstance(web, WebHouse) else web
    return [message.text for message in house.chat.messages(answered)]


@pytest.mark.postgres
async def test_a_push_reaches_the_browser_on_whichever_copy_it_hangs(postgres_url: str, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        sending = await stack.enter_async_context(served(tmp_path, database_url=postgres_url))
        pages = await stack.enter_async_context(served(tmp_path, PAGES_ONLY, database_url=postgres_url))
        client = await stack.enter_async_context(pages.browser())
        address = await identity(pages, client)
        page = await stack.enter_async_context(listening(client))
        answered = await wait_for_answer(sending.house, address)
        _, data = await asyncio.wait_for(page.event(), 20)
        assert texts(data) == words(sending, answered)
        assert await ended(sending.house) == {"sent": 1}


async def ended(house: House) -> dict[str, int]:
    """The outbox's states once nothing is claimed any more."""
    while (found := await states(house)).get("claimed"):  # noqa: ASYNC110 -- another copy's doing is only seen
        await asyncio.sleep(0.05)
    return found


@pytest.mark.postgres
async def test_where_no_copy_has_the_page_the_message_waits_until_it_is_opened(
    postgres_url: str, tmp_path: Path
) -> None:
    async with houses.opened(houses.settings(postgres_url)) as house:
        server = build_server(house)
        await wait_for_answer(house, "web-nobody")
        assert await server.sender.send_due() == 1
        assert await reasons(house) == ["asked the other copies"]
        await house.database.run(lambda unit: unit.execute(text("UPDATE outbox SET due_at = now()")))
        await server.sender.send_due()
        assert await reasons(house) == ["not connected"]
        assert await states(house) == {"waiting": 1}


async def reasons(house: House) -> list[str]:
    def found(unit: Unit) -> list[str]:
        return [str(reason) for reason in unit.execute(text("SELECT reason FROM outbox ORDER BY id")).scalars()]

    return await house.database.read(found)


@pytest.mark.postgres
async def test_pages_catch_up_when_words_were_missed(postgres_url: str, tmp_path: Path) -> None:
    """The listening connection is cut; what another copy asked for meanwhile comes once it is back."""
    async with AsyncExitStack() as stack:
        sending = await stack.enter_async_context(houses.opened(houses.settings(postgres_url)))
        pages = await stack.enter_async_context(served(tmp_path, PAGES_ONLY, database_url=postgres_url))
        client = await stack.enter_async_context(pages.browser())
        address = await identity(pages, client)
        page = await stack.enter_async_context(listening(client))
        cut = text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'anju listening' AND datname = current_database()"
        )
        while not await sending.database.run(lambda unit: unit.execute(cut).all()):  # noqa: ASYNC110 -- the server's
            await asyncio.sleep(0.05)
        answered = await wait_for_answer(sending, address)
        await build_server(sending).sender.send_due()
        _, data = await asyncio.wait_for(page.event(), 20)
    assert texts(data) == words(sending, answered)


async def test_in_one_process_nobody_else_is_asked(tmp_path: Path) -> None:
    async with houses.opened(houses.settings(houses.migrated_file(tmp_path / "anju.db"))) as house:
        await wait_for_answer(house, "web-nobody")
        await build_server(house).sender.send_due()
        assert await reasons(house) == ["not connected"]


@pytest.mark.parametrize(
    ("parts", "played"),
    [
        (Parts(), None),
        (PAGES_ONLY, EACH),
        (Parts(sender=True, clock=False), EACH | SENDER),
    ],
)
async def test_a_copy_runs_the_jobs_of_its_parts(house: House, parts: Parts, played: set[str] | None) -> None:
    everything = {job.name for job in build_server(house).jobs()}
    assert {job.name for job in build_server(house, parts).jobs()} == (everything if played is None else played)


async def test_of_two_copies_one_runs_a_job_of_the_clock(house: House) -> None:
    ran: list[str] = []

    async def count(name: str) -> None:
        ran.append(name)

    jobs = [
        OneAtATime(house.database, name).of(Job("count", 60, lambda name=name: count(name), alone=True))  # type: ignore[misc]  # bound per copy
        for name in ("one", "two")
    ]
    for _ in range(2):
        for job in jobs:
            await job.work()
    assert ran == ["one", "one"]
    await house.database.run(lambda unit: leases.give_back(unit, "clock:count", "one"))
    for job in reversed(jobs):
        await job.work()
    assert ran == ["one", "one", "two"]


async def test_a_worker_answers_the_operator_and_nobody_else(house: House) -> None:
    from bot.app import build_worker

    server = build_server(house)
    app = build_worker(server)
    transport = httpx.ASGITransport(app)
    async with server.working(app), httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answers = {path: (await client.get(path)).status_code for path in ("/healthz", "/readyz", "/metrics", "/")}
    assert answers == {"/healthz": 200, "/readyz": 200, "/metrics": 200, "/": 404}


@pytest.mark.slow
@pytest.mark.postgres
async def test_pages_and_work_as_programs_of_their_own(postgres_url: str, tmp_path: Path) -> None:
    pages = Program(tmp_path, postgres_url, ("serve", "--no-clock", "--no-sender"))
    worker = Program(tmp_path, postgres_url, ("work",))
    pages.start()
    worker.start()
    try:
        async with (
            houses.opened(houses.settings(postgres_url, base_url=pages.url)) as house,
            httpx.AsyncClient(base_url=pages.url, headers={"Origin": pages.url}, timeout=30) as client,
        ):
            address = await identity(WebHouse(house, build_server(house), pages.url), client)
            async with listening(client) as page:
                answered = await wait_for_answer(house, address)
                _, data = await asyncio.wait_for(page.event(), 30)
                assert texts(data) == words(house, answered)
    finally:
        worker.stop()
        pages.stop()
