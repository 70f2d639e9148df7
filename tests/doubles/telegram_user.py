"""Somebody with Telegram, between the Bot API's double and the program."""

import itertools
from dataclasses import dataclass
from typing import Any

from tests.doubles.telegram import BOT, TelegramDouble

_numbers = itertools.count(10_000_001)


@dataclass
class TelegramUser:
    """One private chat. What they do reaches the program by its webhook or is kept to be polled."""

    double: TelegramDouble
    id: int = 7_000_001
    name: str = "伟"
    language: str = "zh-hans"

    async def say(self, text: str) -> bool:
        """Write something; whether the program took it."""
        return await self._write(text=text)

    async def press(self, message: int, data: str) -> bool:
        """Press a button of a message by its data."""
        query = {"id": f"query{next(_numbers)}", "from": self.sender(), "chat_instance": "1", "data": data}
        return await self.double.deliver(callback_query=query | {"message": self.double.messages[message]})

    async def show(self, name: str, content: bytes) -> bool:
        """Send a picture."""
        self.double.files[name] = content
        size = {"file_id": name, "file_unique_id": name, "width": 800, "height": 600, "file_size": len(content)}
        return await self._write(photo=[size])

    async def share_contact(self, phone: str) -> bool:
        """Share their own telephone number."""
        return await self._write(contact={"phone_number": phone, "first_name": self.name, "user_id": self.id})

    async def block(self) -> bool:
        """Shut the bot out; it is told."""
        self.double.blocked.add(self.id)
        return await self._changed("member", "kicked")

    async def unblock(self) -> bool:
        """Let it in again; it is told."""
        self.double.blocked.discard(self.id)
        return await self._changed("kicked", "member")

    async def _write(self, **content: Any) -> bool:
        self.double.people.setdefault(self.id, self.name)
        message = {"message_id": next(_numbers), "date": self._now(), "chat": self.chat(), "from": self.sender()}
        return await self.double.deliver(message=message | content)

    async def _changed(self, old: str, new: str) -> bool:
        self.double.people.setdefault(self.id, self.name)
        change = {"chat": self.chat(), "from": self.sender(), "date": self._now()}
        change |= {"old_chat_member": _member(old), "new_chat_member": _member(new)}
        return await self.double.deliver(my_chat_member=change)

    def chat(self) -> dict[str, Any]:
        """The chat with the bot."""
        return {"id": self.id, "type": "private", "first_name": self.name}

    def sender(self) -> dict[str, Any]:
        """Who it comes from."""
        return {"id": self.id, "is_bot": False, "first_name": self.name, "language_code": self.language}

    def _now(self) -> int:
        return int(self.double.clock.now().timestamp())


def _member(status: str) -> dict[str, Any]:
    return {"user": BOT, "status": status} | ({"until_date": 0} if status == "kicked" else {})
