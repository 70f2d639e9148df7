"""The page of the Telegram double."""

from dataclasses import dataclass
from html import escape
from typing import Any

from aiohttp import web

from tests.doubles import page
from tests.doubles.telegram import TelegramDouble
from tests.doubles.telegram_user import TelegramUser

FIRST_ID = 7_000_001


@dataclass(frozen=True, slots=True)
class Page:
    """What its forms do."""

    double: TelegramDouble

    def routes(self) -> list[web.RouteDef]:
        """The page and its forms."""
        doings = (self.begin, self.say, self.press, self.picture, self.contact, self.block, self.unblock)
        actions = [page.action(doing.__name__, doing) for doing in doings]
        return [web.get("/", self.show), *actions, *page.control_routes(self.double, self.double.troubles)]

    async def show(self, _: web.Request) -> web.Response:
        """The whole page."""
        people = [_person(self.double, chat, name) for chat, name in self.double.people.items()]
        new = page.form("begin", "New person", page.field("name", "first name"))
        return page.layout("Telegram, for trying out", [new, *people, page.controls(self.double)])

    async def begin(self, fields: page.Fields, _: bytes) -> bool:
        """Somebody new."""
        return await TelegramUser(self.double, FIRST_ID + len(self.double.people), fields["name"]).say("/start")

    async def say(self, fields: page.Fields, _: bytes) -> bool:
        """Write."""
        return await self._user(fields).say(fields["text"])

    async def press(self, fields: page.Fields, _: bytes) -> bool:
        """Press a button."""
        return await self._user(fields).press(int(fields["message"]), fields["data"])

    async def picture(self, fields: page.Fields, content: bytes) -> bool:
        """Send a picture."""
        return await self._user(fields).show(f"file{len(self.double.files) + 1}", content)

    async def contact(self, fields: page.Fields, _: bytes) -> bool:
        """Share the own number."""
        return await self._user(fields).share_contact(fields["phone"])

    async def block(self, fields: page.Fields, _: bytes) -> bool:
        """Shut the bot out."""
        return await self._user(fields).block()

    async def unblock(self, fields: page.Fields, _: bytes) -> bool:
        """Let it in again."""
        return await self._user(fields).unblock()

    def _user(self, fields: page.Fields) -> TelegramUser:
        chat = int(fields["chat"])
        return TelegramUser(self.double, chat, self.double.people[chat])


def _person(double: TelegramDouble, chat: int, name: str) -> str:
    messages = [message for message in double.messages.values() if message["chat"]["id"] == chat]
    seen = [one for one in double.seen if one.person == str(chat)]
    blocked = "; has blocked the bot" if chat in double.blocked else ""
    parts = [page.seen_list(seen), _keys(chat, messages), _writing(chat)]
    return f"<section><h2>{escape(name)}</h2><p>{chat}{blocked}</p>{'<br>'.join(parts)}</section>"


def _keys(chat: int, messages: list[dict[str, Any]]) -> str:
    """The buttons of the last message."""
    markup = messages[-1].get("reply_markup", {}) if messages else {}
    inline = [key for row in markup.get("inline_keyboard", ()) for key in row if "callback_data" in key]
    typed = [key for row in markup.get("keyboard", ()) for key in row]
    pressed = [_inline(chat, messages[-1], key) for key in inline]
    return "".join([*pressed, *(_typed(chat, key) for key in typed)])


def _inline(chat: int, message: dict[str, Any], key: dict[str, Any]) -> str:
    return page.form("press", key["text"], chat=chat, message=message["message_id"], data=key["callback_data"])


def _typed(chat: int, key: dict[str, Any]) -> str:
    if key.get("request_contact"):
        return page.form("contact", key["text"], page.field("phone", "Phone", value="+8613800138000"), chat=chat)
    return page.form("say", key["text"], chat=chat, text=key["text"])


def _writing(chat: int) -> str:
    return (
        page.form("say", "Send", page.field("text", "Message"), chat=chat)
        + page.form("picture", "Send picture", page.field("file", "Picture", "file"), chat=chat)
        + page.form("block", "Block the bot", chat=chat)
        + page.form("unblock", "Let it in again", chat=chat)
    )
