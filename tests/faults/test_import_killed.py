"""kill -9 while a list is checked and while it is taken: it goes on, every good row is there, and nobody twice."""

import asyncio
import os
import random
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select, update

from handlers.office import links
from handlers.office.links import Link
from storage import tables
from storage.imports import Import
from storage.unit import Unit
from tests import house as houses
from tests.imports.desk import Landlord, count, landlord, places
from tests.imports.lists import many, xlsx
from tests.program import Program

FULL = os.environ.get("ANJU_FAULTS") == "full"
ROWS, FAULTS = (5_000, 300) if FULL else (600, 24)
KILLS = 20 if FULL else 1
PATIENCE = 600.0  # of a busy machine
LONGEST_WAIT = 0.3

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]


class Office:
    """The program, a landlord's page on it, and how far the list is."""

    def __init__(self, program: Program, one: Landlord) -> None:
        self.program, self.one = program, one
        self.chance = random.Random(20261128)  # noqa: S311 -- moments, not secrets
        token = links.token(one.house.database.vault, Link("import", one.conversation), datetime.now(UTC))
        self.page = f"{program.url}/import/{token}"

    async def upload(self, data: bytes) -> None:
        """The form of the page."""
        await self._post(self.page, files={"file": ("名单.xlsx", data, "application/octet-stream")})

    async def take(self) -> None:
        """The button of the page."""
        await self._post(f"{self.page}/1/take")

    async def _post(self, url: str, **more: object) -> None:
        async with httpx.AsyncClient(headers={"Origin": self.program.url}, timeout=60) as browser:
            assert (await browser.post(url, **more)).status_code == 303  # type: ignore[arg-type]  # httpx's own names

    async def until(self, is_so: Callable[[Import], bool]) -> Import:
        """Wait until the list is so far; TimeoutError if that takes too long."""
        async with asyncio.timeout(PATIENCE):
            while not is_so(found := await self.one.standing(1)):  # noqa: ASYNC110 -- another process
                await asyncio.sleep(0.01)
        return found

    async def killed_often(self, state: str, end: str, claim: int) -> Import:
        """Kill each time that somebody has begun to work on it, after the given claim; then let it come to its end."""
        inside = 0
        for _ in range(KILLS):
            claim = (await self.until(partial(_is_begun, state=state, after=claim))).claim
            await asyncio.sleep(self.chance.uniform(0, LONGEST_WAIT))
            self.program.kill()
            inside += (await self.one.standing(1)).state == state
            await self.one.house.database.run(_time_passes)
            await asyncio.to_thread(self.program.start)
        assert inside, "it was never killed in the middle"
        return await self.until(lambda found: found.state == end)


def _is_begun(found: Import, state: str, after: int) -> bool:
    return found.state != state or found.claim > after


async def test_a_list_goes_on_after_each_kill_and_takes_nobody_twice(database_url: str, tmp_path: Path) -> None:
    async with houses.opened(houses.settings(database_url)) as house:
        one = await landlord(house)
        rows, expected = many(ROWS, FAULTS, places(one))
        program = Program(tmp_path, database_url)
        try:
            await asyncio.to_thread(program.start)
            office = Office(program, one)
            await office.upload(xlsx(rows))
            checked = await office.killed_often("checking", "checked", claim=0)
            assert (checked.total, checked.good, checked.bad) == (ROWS, ROWS - len(expected), len(expected))
            assert await count(house, "tenancies") == 0
            await office.take()
            done = await office.killed_often("taking", "done", checked.claim)
            assert done.taken == ROWS - len(expected)
        finally:
            program.kill()
        assert await count(house, "tenancies") == ROWS - len(expected)
        assert await house.database.read(_imported) == 1
        told = [reply.template for reply in await one.told()]
        assert len(told) == len(set(told)) == 2, told


def _time_passes(unit: Unit) -> None:
    """The dead worker's lease, of a minute and a half, is over."""
    unit.execute(update(tables.imports).where(tables.imports.c.lease_until.is_not(None)).values(lease_until=None))


def _imported(unit: Unit) -> int:
    imported = select(func.count()).where(tables.audit.c.action == "imported")
    return int(unit.execute(imported).scalar_one())
