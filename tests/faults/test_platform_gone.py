"""A platform that can't be reached for a while, or whose name can't be resolved; and a database without a name."""

import asyncio
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests import program as programs
from tests.faults import post as posts
from tests.faults.cable import Cable
from tests.faults.crowd import Book
from tests.faults.post import RATE, Post, platforms, town
from tests.faults.test_database_lost import BETWEEN, said_again_is_answered_alike
from tests.faults.test_kill import sent

FULL = os.environ.get("ANJU_FAULTS") == "full"
GONE = 600.0 if FULL else 12.0  # seconds
UNTIL_SAID = 3 * GONE + posts.PATIENCE  # the last pause between two tries is about as long as all before it
EACH = 30
NAMING = Path(__file__).with_name("naming.py")
HERE, CLOSED, SILENT = "127.0.0.1", "127.0.0.9", "127.0.0.8"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(4 * GONE + 900)]


class Names:
    """The resolver of a program."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known: dict[str, str] = {}

    def set(self, name: str, address: str | None) -> None:
        """From now on; None: it can't be resolved."""
        self._known.pop(name, None)
        if address is not None:
            self._known[name] = address
        beside = self._file.with_suffix(".new")
        beside.write_text("".join(f"{known} {to}\n" for known, to in self._known.items()))
        beside.replace(self._file)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Names:
    file = tmp_path / "names"
    monkeypatch.setattr(programs, "PROGRAM", [sys.executable, str(NAMING), str(file)])
    names = Names(file)
    names.set("platform.test", HERE)
    names.set("database.test", HERE)
    return names


@contextmanager
def full_doorway(port: int) -> Iterator[None]:
    """An address whose port takes no connection and refuses none: nobody answers, as behind a cut cable."""
    with socket.create_server((SILENT, port), backlog=0):
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex((SILENT, port))
        try:
            yield
        finally:
            for one in waiting:
                one.close()


@pytest.mark.parametrize("to", [None, CLOSED, SILENT], ids=["no name", "refused", "silent"])
async def test_a_platform_that_is_gone_loses_and_doubles_nothing(
    names: Names, database_url: str, tmp_path: Path, to: str | None
) -> None:
    book = Book()
    async with posts.opened(database_url) as post, platforms(post) as api:
        cable = Cable(HERE, urlsplit(api).port or 0)
        async with town(tmp_path, database_url, f"http://platform.test:{cable.port}") as (program, people):
            async with posts.comes_back(program):
                await post.write(EACH)
                await post.all_heard()
                with full_doorway(cable.port):
                    names.set("platform.test", to)
                    cable.set("gone")  # also for who has it connected, or remembers its address
                    talks = [asyncio.create_task(person.talk(book, BETWEEN)) for person in people]
                    await gone(post)
                    await asyncio.gather(*talks)
                    names.set("platform.test", HERE)
                    cable.set("whole")
                await post.all_heard(UNTIL_SAID)
            await said_again_is_answered_alike(people)
        cable.close()
        assert (post.twice, await post.unknown()) == (0, 0)
        assert post.platform.most_in_a_second() <= 2 * RATE
    assert not [what for what in book.counts if what.endswith((" 500", " 503", " told unsaved"))], book.counts
    assert {one.answers["id_number"].value for one in sent(database_url)} == {one.facts["id_number"] for one in people}


async def gone(post: Post) -> None:
    """Messages are written as long as the platform is away, and none arrives."""
    heard = post.platform.heard.total()
    for _ in range(3):
        await post.write(EACH)
        await asyncio.sleep(GONE / 3)
    assert post.platform.heard.total() == heard


@pytest.mark.postgres
@pytest.mark.parametrize("kind", ["postgresql"])
async def test_a_database_whose_name_is_lost_is_told_of_and_heals(
    names: Names, database_url: str, tmp_path: Path
) -> None:
    parts = urlsplit(database_url)
    named = database_url.replace(f"{parts.hostname}:{parts.port}", f"database.test:{parts.port}")
    names.set("database.test", None)
    with pytest.raises(RuntimeError, match="The database can't be reached"):
        programs.Program(tmp_path, named).start()
    names.set("database.test", HERE)
    book = Book()
    async with posts.opened(database_url) as post, platforms(post) as api, town(tmp_path, named, api) as (one, people):
        async with posts.comes_back(one):
            talks = [asyncio.create_task(person.talk(book, BETWEEN)) for person in people]
            await asyncio.sleep(1)
            names.set("database.test", None)
            end_connections(database_url)
            await asyncio.sleep(GONE)
            names.set("database.test", HERE)
            await asyncio.gather(*talks)
        await said_again_is_answered_alike(people)
    assert book.counts["web told unsaved"], book.counts
    assert book.counts["telegram 503"], book.counts
    assert not [what for what in book.counts if what.endswith((" 500", " silent"))], book.counts
    assert {one.answers["id_number"].value for one in sent(database_url)} == {one.facts["id_number"] for one in people}


def end_connections(url: str) -> None:
    """What the program holds open."""
    theirs = "application_name = 'anju' AND datname = current_database()"
    with psycopg.connect(url) as connection:
        connection.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {theirs}")  # noqa: S608 -- fixed
