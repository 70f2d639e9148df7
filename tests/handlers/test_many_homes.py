"""Whoever answers for many homes gets them ten at a time, in the talk."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.house import House
from handlers.messages import Incoming, Tap
from storage import conversations, homes
from storage.records import Home
from storage.unit import Unit
from tests import house as houses

HOLDER = "h" * 32
WHOLE = 23
NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with houses.opened(houses.settings(houses.migrated_file(tmp_path / "anju.db"))) as opened:
        await opened.database.run(landlord)
        yield opened


def landlord(unit: Unit) -> None:
    """Somebody with so many homes."""
    begun = conversations.begin(unit, "web", "wang", "zh", NOW)
    known = replace(begun, holder_id=HOLDER, status="ended", consent="1", consented_at=NOW)
    conversations.save(unit, known, NOW)
    for number in range(WHOLE):
        homes.add(unit, Home(f"H{number:02}", "S01-01", f"幸福路{number + 1}号", holder_id=HOLDER), NOW)


async def pressed(house: House, number: int, command: str) -> tuple[str, list[str]]:
    """What a button leads to: the words of the list, and the buttons' commands."""
    incoming = Incoming("web", "wang", f"m{number}", NOW, choice=Tap("", "", command))
    answered = await house.chat.answer(incoming)
    listed = next(reply for reply in answered.replies if reply.template == "say/homes")
    words = house.chat.messages(replace(answered, replies=(listed,)))[0].text
    return words, [choice.value for choice in listed.choices]


async def test_a_long_list_comes_page_by_page(house: House) -> None:
    words, buttons = await pressed(house, 1, "my_homes")
    assert "23处" in words
    assert [one for one in buttons if one.startswith("my_homes:H")] == [f"my_homes:H{n:02}" for n in range(10)]
    assert "my_homes:from:10" in buttons
    words, buttons = await pressed(house, 2, "my_homes:from:20")
    assert "21. " in words
    assert [one for one in buttons if one.startswith("my_homes:")] == ["my_homes:H20", "my_homes:H21", "my_homes:H22"]


@pytest.mark.parametrize("argument", ["from:999", "from:-1", "from:x", "from:", "from:" + "9" * 40])
async def test_a_page_that_is_not_there_is_the_first(house: House, argument: str) -> None:
    words, _ = await pressed(house, 1, f"my_homes:{argument}")
    assert "第1到10处" in words
