"""A house with the Telegram channel, the Bot API's double, and a person with a telephone, for tests."""

import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from bot.channels.telegram import TelegramChannel
from bot.channels.telegram.endpoint import SECRET_HEADER
from bot.chat import Chat
from bot.house import House
from handlers.messages import Tap
from storage import conversations
from tests.doubles.telegram import TelegramDouble, telegram_double
from tests.doubles.wechat_phone import served
from tests.house import migrated_file, opened, settings

SECRET = "secret-of-the-webhook"
_numbers = itertools.count(900001)


@dataclass
class Person:
    """Somebody with Telegram, whose updates reach the program by its webhook."""

    api: TelegramDouble
    url: str = ""
    id: int = 7000001
    language: str = "zh-hans"
    replies: list[dict[str, Any]] = field(default_factory=list)

    def message(self, **fields: Any) -> dict[str, Any]:
        """An update with a new message."""
        chat = {"id": self.id, "type": "private", "first_name": "伟"}
        message = {"message_id": next(_numbers), "date": 1, "chat": chat, "from": self.sender()}
        return {"update_id": next(_numbers), "message": message | fields}

    def press(self, data: str, shown: dict[str, Any] | None = None) -> dict[str, Any]:
        """An update with a pressed button, of the last message unless another is given."""
        query = {"id": f"query{next(_numbers)}", "from": self.sender(), "chat_instance": "1", "data": data}
        return {"update_id": next(_numbers), "callback_query": query | {"message": shown or self.replies[-1]}}

    def sender(self) -> dict[str, Any]:
        """Who it comes from."""
        return {"id": self.id, "is_bot": False, "first_name": "伟", "language_code": self.language}

    async def deliver(self, update: object, secret: str | None = SECRET) -> httpx.Response:
        """The platform's request; the call in its answer is carried out."""
        headers = {} if secret is None else {SECRET_HEADER: secret}
        async with httpx.AsyncClient() as client:
            response = await client.post(f"{self.url}/telegram", json=update, headers=headers)
        if response.content:
            values = response.json()
            self.replies.append(self.api.take(values.pop("method"), values))
        return response

    async def say(self, text: str) -> dict[str, Any]:
        """Write something; the last message of the answer."""
        return await self.give(self.message(text=text))

    async def tap(self, label: str) -> dict[str, Any]:
        """Press a button of the last message by its words."""
        data = next(key["callback_data"] for key in keys(self.replies[-1]) if key["text"] == label)
        return await self.give(self.press(data))

    async def choose(self, value: str) -> dict[str, Any]:
        """Press a button of the last message by the value it stands for."""
        data = next(k["callback_data"] for k in keys(self.replies[-1]) if k["callback_data"].endswith(f"/{value}"))
        return await self.give(self.press(data))

    async def give(self, update: dict[str, Any]) -> dict[str, Any]:
        """Any update; the last message of the answer, with its keyboard."""
        response = await self.deliver(update)
        assert response.status_code == 200
        return self.api.messages[self.replies[-1]["message_id"]]


@dataclass
class Office:
    """Everything a test talks to."""

    house: House
    channel: TelegramChannel
    api: TelegramDouble
    person: Person

    async def asked(self, address: str = "") -> str:
        """The step that somebody is at."""
        address = address or str(self.person.id)
        found = await self.house.database.run(lambda unit: conversations.find(unit, "telegram", address))
        return "" if found is None else found.asked


@asynccontextmanager
async def office(
    folder: Path, *, mode: str = "webhook", wrap: Callable[[Chat], Chat] = lambda chat: chat, **changes: Any
) -> AsyncIterator[Office]:
    """The house with the channel, begun; `wrap` puts something between channel and talk."""
    async with telegram_double() as api:
        values = {
            "telegram_mode": mode,
            "telegram_token": api.token,
            "telegram_secret": SECRET,
            "telegram_api_base": api.base,
            **changes,
        }
        async with opened(settings(migrated_file(folder / "anju.db"), **values)) as house:
            channel = TelegramChannel(house.settings, wrap(house.chat), wait=5, first_pause=0.01)
            async with served(channel.routes()) as url:
                await channel.start()
                try:
                    yield Office(house, channel, api, Person(api, url))
                finally:
                    await channel.stop()


def keys(message: dict[str, Any]) -> list[dict[str, Any]]:
    """The inline buttons of a message, row by row."""
    return [key for row in message.get("reply_markup", {}).get("inline_keyboard", []) for key in row]


def data(tap: Tap) -> str:
    """The data of any button."""
    return f"{tap.form}/{tap.step}/{tap.value}"
