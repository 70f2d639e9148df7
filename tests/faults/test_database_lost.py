"""A database that goes away, goes silent or becomes slow while people talk on every channel."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests import postgres
from tests.doubles.wechat_phone import served
from tests.faults import crowd as crowds
from tests.faults.cable import Cable, Mode, laid
from tests.faults.crowd import PATIENCE, Book, OnTheWeb, Person
from tests.faults.test_kill import sent
from tests.program import Program

FULL = os.environ.get("ANJU_FAULTS") == "full"
SECONDS: dict[Mode, float] = {
    "cut": 20.0,
    "silent": 36.0,
    "slow": 12.0,
}  # WeChat delivers for 15 s; silence is noticed after 20
FULL_SECONDS = 60.0
HEALED_SECONDS = 30.0
BETWEEN = 0.15  # people think for a moment, so that the fault meets them in the middle
SENT = {"ok": True, "result": {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}}}
MORE_FILES = 24  # a full pool of connections, and the queue's
MORE_MEGABYTES = 64


@pytest.fixture
def postgres_url(postgres_server: str, request: pytest.FixtureRequest) -> Iterator[str]:
    with postgres.fresh_database(postgres_server, like=request.getfixturevalue("migrated_postgres")) as url:
        yield url


@asynccontextmanager
async def town(folder: Path, url: str) -> AsyncIterator[tuple[Program, list[Person]]]:
    """The program, with two people on each channel who have not said anything yet."""

    async def take(request: Request) -> JSONResponse:
        return JSONResponse(SENT)

    async with AsyncExitStack() as stack:
        api = await stack.enter_async_context(served([Route("/{path:path}", take, methods=["POST", "GET"])]))
        settings = crowds.WECHAT | crowds.TELEGRAM | {"ANJU_TELEGRAM_API_BASE": api}
        program = Program(folder, url, **settings)
        await asyncio.to_thread(program.start)
        stack.callback(program.kill)
        browsers = [
            await stack.enter_async_context(
                httpx.AsyncClient(base_url=program.url, headers={"Origin": program.url}, timeout=PATIENCE)
            )
            for _ in range(2)
        ]
        yield program, await crowds.crowd(program.url, browsers)


async def in_trouble(cable: Cable, mode: Mode, people: list[Person], book: Book) -> float:
    """Everybody talks; after a moment the cable changes, and later is whole again. When it was."""

    async def trouble() -> float:
        await asyncio.sleep(1.5)
        cable.set(mode)
        await asyncio.sleep(FULL_SECONDS if FULL else SECONDS[mode])
        cable.set("whole")
        return time.monotonic()

    talks = [asyncio.create_task(person.talk(book, BETWEEN)) for person in people]
    healed_at = await trouble()
    await asyncio.gather(*talks)
    return healed_at


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.timeout(600)
@pytest.mark.parametrize("mode", ["cut", "silent", "slow"])
async def test_nothing_acknowledged_is_lost_and_people_are_told(postgres_url: str, tmp_path: Path, mode: Mode) -> None:
    with laid(postgres_url) as (cable, through):
        async with town(tmp_path, through) as (program, people):
            files, memory, book = program.open_files(), program.megabytes(), Book()
            healed = await in_trouble(cable, mode, people, book)
            await said_again_is_answered_alike(people)
            await asyncio.sleep(2)
            assert program.open_files() <= files + MORE_FILES
            assert program.megabytes() <= memory + MORE_MEGABYTES
    assert not [what for what in book.counts if what.endswith(" silent")], book.counts
    if mode != "slow":
        assert book.counts["wechat told unsaved"] + book.counts["wechat told unsure"], book.counts
        assert book.counts["telegram 503"] + book.counts["telegram delivered again"], book.counts
        assert book.counts["web told unsaved"] + book.counts["web sent again"], book.counts
    assert min(at for at in book.acknowledged_at if at > healed) - healed < HEALED_SECONDS
    kept = sent(postgres_url)
    told = {submission.answers["id_number"].value: submission.answers["name"].value for submission in kept}
    assert len(kept) == len(people)
    assert told == {person.facts["id_number"]: person.facts["name"] for person in people}


async def said_again_is_answered_alike(people: list[Person]) -> None:
    """What was acknowledged is there: the same message again has the same answer."""
    for line in (person.line for person in people):
        if isinstance(line, OnTheWeb):
            for message_id, messages in line.said.items():
                again = await line.client.post("/chat/messages", json={"id": message_id, "text": ""})
                assert (again.json()["again"], again.json()["messages"]) == (True, messages)
