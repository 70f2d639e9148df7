"""A list sent to the bot on Telegram: fetched from the platform, checked, told by a message with buttons."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.imports.importer import Importer
from storage import conversations
from storage.unit import Unit
from tests.channels.telegram_house import SECRET, Person
from tests.channels.web_house import WebHouse, served
from tests.doubles.telegram import TelegramDouble, telegram_double
from tests.housed import LANDLORD, let
from tests.imports.desk import count
from tests.talks.listed import content


@asynccontextmanager
async def landlord(folder: Path) -> AsyncIterator[tuple[WebHouse, TelegramDouble, Person]]:
    """Somebody with a confirmed home, on Telegram."""
    async with telegram_double() as api:
        changes = {"telegram_mode": "webhook", "telegram_token": api.token, "telegram_secret": SECRET}
        async with served(folder, telegram_api_base=api.base, **changes) as web:
            person = Person(api, web.url)
            await person.say("你好")

            def own(unit: Unit) -> None:
                talk = conversations.lock(unit, "telegram", str(person.id))
                assert talk is not None
                conversations.save(unit, replace(talk, holder_id=LANDLORD), datetime.now(UTC))
                let(unit, holder=LANDLORD)

            await web.house.database.run(own)
            yield web, api, person


async def told(web: WebHouse, api: TelegramDouble, words: str) -> dict[str, Any]:
    """The message that says so, once the lists are worked on and the clock has sent what waits."""
    for _ in range(300):
        await Importer(web.house.chat, web.server.channels).work_due()
        found = [message for message in api.messages.values() if words in str(message.get("text"))]
        if found:
            assert len(found) == 1
            return found[0]
        await asyncio.sleep(0.1)
    raise AssertionError([message.get("text") for message in api.messages.values()])


def document(person: Person, name: str, file: str = "f1") -> dict[str, Any]:
    return person.message(document={"file_id": file, "file_unique_id": "u", "file_name": name, "file_size": 9})


async def test_it_is_fetched_checked_and_taken_at_a_press(tmp_path: Path) -> None:
    async with landlord(tmp_path) as (web, api, person):
        api.files["f1"] = content("good")
        await person.deliver(document(person, "租客.xlsx"))
        said = await told(web, api, "共2行")
        await person.give(person.press("//import:take:1", said))
        await told(web, api, "报完了：2行是新的")
        assert await count(web.house, "tenancies") == 2


@pytest.mark.parametrize(
    ("name", "file", "says"),
    [
        ("租客.xls", b"", "另存为 .xlsx"),
        ("租客.xlsx", None, "文件没有取到"),
        ("租客.xlsx", b"\xff\xd8\xff photo", "这不是表格"),
        ("租客.csv", b"a,b\n", "看不出每一列是什么"),
    ],
    ids=str,
)
async def test_what_can_not_be_used_is_told(name: str, file: bytes | None, says: str, tmp_path: Path) -> None:
    async with landlord(tmp_path) as (web, api, person):
        if file is not None:
            api.files["f1"] = file
        await person.deliver(document(person, name))
        await told(web, api, says)
        assert await count(web.house, "tenancies") == 0
