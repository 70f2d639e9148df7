"""The page of the Telegram double."""

from html import escape
from typing import Any

from aiohttp import web

from tests.doubles import page
from tests.doubles.telegram import TelegramDouble
from tests.doubles.telegram_user import TelegramUser

FIRST_ID = 7_000_001


def routes(double: TelegramDouble) -> list[web.RouteDef]:
    """The page and its forms."""

    def user(fields: page.Fields) -> TelegramUser:
        chat = int(fields["chat"])
        return TelegramUser(double, chat, double.people[chat])

    async def show(_: web.Request) -> web.Response:
        people = [_person(double, chat, name) for chat, name in double.people.items()]
        new = page.form("begin", "New person", page.field("name", "first name"))
        return page.layout("Telegram, for trying out", "", [new, *people, page.controls(double)])

    async def begin(fields: page.Fields, _: bytes) -> None:
        await TelegramUser(double, FIRST_ID + len(double.people), fields["name"]).say("/start")

    async def say(fields: page.Fields, _: bytes) -> None:
        await user(fields).say(fields["text"])

    async def press(fields: page.Fields, _: bytes) -> None:
        await user(fields).press(int(fields["message"]), fields["data"])

    async def picture(fields: page.Fields, content: bytes) -> None:
        await user(fields).show(f"file{len(double.files) + 1}", content)

    async def contact(fields: page.Fields, _: bytes) -> None:
        await user(fields).share_contact(fields["phone"])

    async def block(fields: page.Fields, _: bytes) -> None:
        await user(fields).block()

    async def unblock(fields: page.Fields, _: bytes) -> None:
        await user(fields).unblock()

    doings = {"begin": begin, "say": say, "press": press, "picture": picture, "contact": contact, "block": block,
              "unblock": unblock}  # fmt: skip
    actions = [page.action(name, doing) for name, doing in doings.items()]
    return [web.get("/", show), *actions, *page.control_routes(double, double.troubles)]


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
