"""Lists that the office takes in on the day: homes, then who moved into them; every seventh row has something wrong."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bench.city.clerk import Clerk, NotDone
from bench.city.people import ZONE, Facts, facts
from tests.imports.lists import HEADS, comma, xlsx
from tests.talks.listed import HOME_HEADS

PATH = "/console/import"
WRONG_EVERY = 7
ROOMS = ("101", "102")
LOOKS = 1200.0  # seconds between two looks at how far a list is
MOST_LOOKS = 24
STATE = re.compile(r'data-list="(\w+)"')
NUMBER = re.compile(rf'action="{PATH}/(\d+)/take"')


@dataclass(frozen=True, slots=True)
class Row:
    """A row: the home's address, a room's name (of a tenant), whom it names, whether it can be taken."""

    address: str
    room: str
    who: Facts
    is_good: bool


@dataclass(slots=True)
class Listed:
    """A list as it was handed in; `number`: which one it is at the office."""

    kind: str
    rows: Sequence[Row]
    number: int = 0

    @property
    def good(self) -> list[Row]:
        """The rows that can be taken."""
        return [row for row in self.rows if row.is_good]

    def file(self) -> tuple[str, bytes]:
        """Its name and content: the homes as a workbook, the tenants as a spreadsheet saves them with commas."""
        if self.kind == "homes":
            return "homes.xlsx", xlsx([_home(row) for row in self.rows], HOME_HEADS)
        return "tenants.csv", comma([_tenant(row) for row in self.rows], heads=HEADS)


def homes_of(many: int) -> Listed:
    """So many homes of two rooms each; a wrong row's telephone is too short."""
    return Listed("homes", [Row(f"幸福路{n + 1}号", "", facts(200_000 + n), _is_good(n)) for n in range(many)])


def tenants_of(homes: Listed) -> Listed:
    """A tenant for each room of each home, also of those that were not taken: these rows are wrong as well."""
    rows = []
    for n, home in enumerate(homes.rows):
        for turn, room in enumerate(ROOMS):
            number = 2 * n + turn
            rows.append(Row(home.address, room, facts(300_000 + number), home.is_good and _is_good(number)))
    return Listed("tenants", rows)


async def take_in(clerk: Clerk, one: Listed) -> None:
    """Hand it in, wait until it is checked, take its good rows, wait until that is done."""
    name, data = one.file()
    await clerk.hand_in(PATH, name, data)
    page = await _until(clerk, "checked")
    found = NUMBER.search(page)
    if found is None:
        raise NotDone("the button of a checked list")
    one.number = int(found[1])
    await clerk.send(page, f"{PATH}/{one.number}/take")
    await _until(clerk, "done")
    clerk.acts["imported"] += 1
    await clerk.hand_in(PATH, name, data)  # somebody isn't sure whether it was done
    if NUMBER.search(await _until(clerk, "checked")) is not None:
        raise NotDone("a list that was taken offers nothing more")


async def _until(clerk: Clerk, state: str) -> str:
    """The page once the newest list is so far."""
    for _ in range(MOST_LOOKS):
        page = await clerk.see(f"{PATH}/rows")
        if (found := STATE.search(page)) is not None and found[1] == state:
            return page
        await asyncio.sleep(LOOKS)
    raise NotDone(f"a list that is {state}")


def _is_good(number: int) -> bool:
    return number % WRONG_EVERY != WRONG_EVERY - 1


def _home(row: Row) -> tuple[Any, ...]:
    phone = row.who.phone if row.is_good else row.who.phone[:-1]
    place = ("房主", "自建房（城中村、农村）", "安宁街道", "河滨社区", row.address)
    return (*place, " ".join(ROOMS), "8", "个人", row.who.name, "", "", phone)


def _tenant(row: Row) -> list[str]:
    name = row.who.name if row.is_good else f"{row.who.name}4"
    since = (datetime.now(ZONE) - timedelta(days=3)).date()
    return [row.address, row.room, name, row.who.phone, row.who.id_number, since.isoformat(), ""]
