"""Clocks that jump by an hour, and back, while people talk and messages leave."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import psycopg
import pytest

from tests import program as programs
from tests.faults import post as posts
from tests.faults.crowd import Book
from tests.faults.post import RATE, Post, platforms, town
from tests.faults.test_database_lost import BETWEEN, said_again_is_answered_alike
from tests.faults.test_kill import sent

HOUR = 3600.0
LONG = 45.0 if os.environ.get("ANJU_FAULTS") == "full" else 3.0  # seconds that a clock is wrong
JUMPS = (HOUR, 0.0, -HOUR, 0.0)
EACH = 20
JUMPING = Path(__file__).with_name("jumping.py")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(2400)]

Move = Callable[[float], Awaitable[None]]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Move:
    """Moves the clock of the machine on which the program runs."""
    file = tmp_path / "ahead"
    file.write_text("0")
    monkeypatch.setattr(programs, "PROGRAM", [sys.executable, str(JUMPING), str(file)])

    async def move(seconds: float) -> None:
        beside = file.with_suffix(".new")
        beside.write_text(str(seconds))
        beside.replace(file)

    return move


@pytest.fixture
def server(database_url: str) -> Move:
    """Moves the clock of the database server, as far as the database asks it."""
    if database_url.startswith("sqlite"):
        pytest.skip("SQLite has no clock but the machine's")
    with psycopg.connect(database_url) as connection:
        for line in MOVABLE.format(name=database_url.rpartition("/")[2]).split(";\n"):
            connection.execute(line.encode())

    async def move(seconds: float) -> None:
        with psycopg.connect(database_url) as connection:
            connection.execute("UPDATE jumping.clock SET ahead = make_interval(secs => %s)", (seconds,))

    return move


MOVABLE = """
CREATE SCHEMA jumping;
CREATE TABLE jumping.clock AS SELECT interval '0' AS ahead;
CREATE FUNCTION jumping.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
    AS 'SELECT pg_catalog.clock_timestamp() + ahead FROM jumping.clock';
ALTER DATABASE {name} SET search_path = jumping, pg_catalog, public
"""


async def test_the_machines_clock_jumps(machine: Move, database_url: str, tmp_path: Path) -> None:
    await jumped(machine, database_url, tmp_path, writes_by_it=True)


@pytest.mark.postgres
async def test_the_databases_clock_jumps(server: Move, database_url: str, tmp_path: Path) -> None:
    await jumped(server, database_url, tmp_path, writes_by_it=False)


async def jumped(move: Move, url: str, folder: Path, *, writes_by_it: bool) -> None:
    """Everybody talks and messages leave while a clock jumps to and fro; then nothing waits, is lost, or came twice."""
    book = Book()
    async with posts.opened(url) as post, platforms(post) as api, town(folder, url, api) as (program, people):
        async with posts.comes_back(program):
            talks = [asyncio.create_task(person.talk(book, BETWEEN)) for person in people]
            for ahead in JUMPS:
                await asyncio.sleep(LONG)
                await move(ahead)
                await post.write(EACH, ahead if writes_by_it else 0.0)
            await asyncio.gather(*talks)
            await post.all_heard()
            await said_again_is_answered_alike(people)
            assert (post.twice, await post.unknown()) == (0, 0)
            await killed_ahead(move, post, program, ahead=HOUR if writes_by_it else 0.0)
        assert not [what for what in book.counts if what.endswith((" 500", " told unsaved"))], book.counts
        assert post.platform.most_in_a_second() <= 2 * RATE
    assert {one.answers["id_number"].value for one in sent(url)} == {one.facts["id_number"] for one in people}


async def killed_ahead(move: Move, post: Post, program: programs.Program, ahead: float) -> None:
    """Killed an hour ahead, with its leases and claims; started with the clock right again, it goes on at once."""
    await move(HOUR)
    await asyncio.sleep(LONG)
    post.platform.slow = 0.5
    heard = post.platform.heard.total()
    await post.write(EACH, ahead)
    async with asyncio.timeout(posts.PATIENCE):
        while post.platform.heard.total() == heard:  # noqa: ASYNC110 -- the platform counts
            await asyncio.sleep(0.05)
    program.kill()
    post.platform.slow = 0.0
    await move(0.0)
    await asyncio.to_thread(program.start)
    await post.all_heard()
    assert post.twice <= await post.unknown() <= EACH
