"""Two copies of the program, one of them cut from the other, from the database and from everybody: packets vanish."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from bot.delivery import AT_ONCE
from tests import postgres
from tests import program as programs
from tests.faults import crowd as crowds
from tests.faults import post as posts
from tests.faults.cable import Cable
from tests.faults.crowd import Book, OnTheWeb, Person
from tests.faults.post import Post, platforms
from tests.faults.test_database_lost import BETWEEN, said_again_is_answered_alike
from tests.faults.test_kill import sent
from tests.faults.wires import NoNetworks, Place, networks
from tests.program import Program

FULL = os.environ.get("ANJU_FAULTS") == "full"
LONG = 300.0 if FULL else 0.0  # seconds that it stays cut after the other has sent everything
TAKEN_OVER = 40.0  # seconds; the lease lasts for nine and is looked at every two, the rest is a busy machine's
EACH = 60

pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.timeout(1800)]


@pytest.fixture
def postgres_url(postgres_server: str, request: pytest.FixtureRequest) -> Iterator[str]:
    with postgres.fresh_database(postgres_server, like=request.getfixturevalue("migrated_postgres")) as url:
        yield url


@pytest.fixture
def places() -> Iterator[tuple[str, list[Place]]]:
    """Two networks and this side's address."""
    try:
        with networks(2) as made:
            yield made
    except NoNetworks as none:
        pytest.skip((type(none).__doc__ or "").strip())


def start(place: Place, folder: Path, url: str, api: str) -> Program:
    """A copy in its own network; it is ready when this returns."""
    folder.mkdir()
    own = crowds.WECHAT | crowds.TELEGRAM | posts.SENDS
    bases = {"ANJU_TELEGRAM_API_BASE": api, "ANJU_WECHAT_API_BASE": api}
    program = Program(folder, url, **own, **bases)
    program.move_to(place.address)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(programs, "PROGRAM", [*place.begin, sys.executable, "-m", "bot"])
        program.start()
    return program


@asynccontextmanager
async def on_the_web(program: Program, *numbers: int) -> AsyncIterator[list[Person]]:
    """People with a page of this copy open."""
    async with AsyncExitStack() as stack:
        people = []
        for number in numbers:
            browser = httpx.AsyncClient(base_url=program.url, headers={"Origin": program.url}, timeout=5)
            await stack.enter_async_context(browser)
            (await browser.get("/")).raise_for_status()
            people.append(Person(OnTheWeb(browser), number))
        yield people


async def test_the_other_copy_goes_on_and_the_cut_one_comes_back(
    postgres_url: str, tmp_path: Path, places: tuple[str, list[Place]]
) -> None:
    (here, (first, second)), parts, book = places, urlsplit(postgres_url), Book()
    database = Cable(parts.hostname or "127.0.0.1", parts.port or 5432, here)
    through = parts._replace(netloc=f"{parts.username}@{here}:{database.port}").geturl()
    async with posts.opened(postgres_url) as post, platforms(post) as served, AsyncExitStack() as stack:
        stack.callback(database.close)
        platform = Cable("127.0.0.1", urlsplit(served).port or 0, here)
        stack.callback(platform.close)
        copies = []
        for place in (first, second):
            name = tmp_path / place.name
            copies.append(await asyncio.to_thread(start, place, name, through, f"http://{here}:{platform.port}"))
            stack.callback(copies[-1].kill)
        cut_off = await stack.enter_async_context(on_the_web(copies[0], 0, 1))
        others = await stack.enter_async_context(on_the_web(copies[1], 2, 3))
        people = [*cut_off, *others]
        async with posts.comes_back(copies[0]), posts.comes_back(copies[1]):
            slowly = [asyncio.create_task(person.talk(book, 1.0)) for person in cut_off]
            talks = [asyncio.create_task(person.talk(book, BETWEEN)) for person in others]
            await cut_while_sending(post, first)
            await asyncio.gather(*talks)
            await asyncio.sleep(LONG)
            assert not any(person.is_done for person in cut_off)
            first.mend()
            await asyncio.gather(*slowly)
            await post.write(EACH)
            await post.all_heard()
        await said_again_is_answered_alike(people)
        assert post.twice <= await post.unknown() <= AT_ONCE
    assert {one.answers["id_number"].value for one in sent(postgres_url)} == {one.facts["id_number"] for one in people}


async def cut_while_sending(post: Post, place: Place) -> None:
    """The copy that sends is cut off in the middle; the other takes its place, and sends what was left lying too."""
    post.platform.slow = 0.1
    await post.write(EACH)
    await post.heard(EACH // 4)
    place.cut()
    await asyncio.sleep(1)
    before = post.platform.heard.total()
    await post.write(EACH)
    async with asyncio.timeout(TAKEN_OVER):
        await post.heard(before + 1)
    post.platform.slow = 0.0
    await post.all_heard()
