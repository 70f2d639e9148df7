"""The Bot API for tests: an HTTP server on loopback that speaks it, remembers, and enforces its limits."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web

from tests.doubles.serving import running
from tests.doubles.telegram_calls import check_caption, check_keyboard, check_text, values_of
from tests.doubles.telegram_delivery import Delivery
from tests.doubles.telegram_limits import Limits
from tests.doubles.telegram_refusal import Refusal
from tests.doubles.troubles import Trouble, Troubles
from tests.doubles.witness import Witness

__all__ = ["FILE_BYTES", "TOKEN", "Refusal", "TelegramDouble", "telegram_double"]

TOKEN = "123456:AAinvented-token-of-the-tests"
FILE_BYTES = 20 * 1024 * 1024
DESCRIPTION_LENGTH = 256
TOO_MANY = 429
BOT = {"id": 123456, "is_bot": True, "first_name": "Anju", "username": "anju_bot"}


METHODS = {
    "setWebhook", "deleteWebhook", "setMyCommands", "sendMessage", "sendPhoto", "sendDocument", "editMessageText",
    "editMessageReplyMarkup", "answerCallbackQuery", "getFile", "getUpdates",
}  # fmt: skip
SENDS = {"sendMessage": "message", "sendPhoto": "photo", "sendDocument": "document"}
SAYING = {**SENDS, "editMessageText": "edit"}


@dataclass
class TelegramDouble(Witness):
    """One bot's API. `faults`: what to answer next by method, used up one by one; `raw`: bodies likewise.

    `limits`: how fast it may send, None for any pace. `strangers`: every chat is known; else those in `people`,
    by id and first name.
    """

    token: str = TOKEN
    base: str = ""
    webhook: dict[str, Any] | None = None
    commands: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    messages: dict[int, dict[str, Any]] = field(default_factory=dict)
    answered: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    uploads: int = 0
    shown: list[tuple[int, str]] = field(default_factory=list)
    blocked: set[int] = field(default_factory=set)
    gone: set[int] = field(default_factory=set)
    people: dict[int, str] = field(default_factory=dict)
    strangers: bool = True
    limits: Limits | None = None
    troubles: Troubles = field(default_factory=Troubles)
    delivery: Delivery = field(default_factory=Delivery)
    migrated: dict[int, int] = field(default_factory=dict)
    faults: dict[str, list[Refusal]] = field(default_factory=dict)
    raw: dict[str, list[tuple[int, bytes]]] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    waiting: list[dict[str, Any]] = field(default_factory=list)
    happened: asyncio.Condition = field(default_factory=asyncio.Condition)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1000))
    _updates: Iterator[int] = field(default_factory=lambda: itertools.count(500_000_001))

    async def deliver(self, **fields: Any) -> bool:
        """A new update for the bot, by its webhook or to be polled; whether it took it, if that is known by now."""
        update = {"update_id": next(self._updates), **fields}
        if self.webhook is None:
            await self.put(update)
            return True
        return await self.delivery.post(update, self.webhook, self.ride)

    def ride(self, method: str, values: Mapping[str, Any]) -> None:
        """Carry out a call that came in a webhook's answer: whatever becomes of it, the bot isn't told."""
        try:
            self.take(method, values)
        except Refusal as refusal:
            self.refuse(refusal.code, method, str(values.get("chat_id", "")))

    async def put(self, *updates: dict[str, Any]) -> None:
        """Updates to be taken by polling."""
        self.waiting += updates
        await self._tell()

    async def until(self, condition: Any) -> None:
        """Wait until something has happened."""
        async with self.happened:
            await self.happened.wait_for(condition)

    def texts_to(self, chat: int) -> list[str]:
        """The texts somebody sees, in order."""
        return [message["text"] for message in self.messages.values() if message["chat"]["id"] == chat]

    def methods(self) -> list[str]:
        """The methods called, in order."""
        return [method for method, _ in self.calls]

    def take(self, method: str, values: Mapping[str, Any], way: str = "reply") -> Any:
        """A method's result, however it was called; Refusal."""
        if self.faults.get(method):
            raise self.faults[method].pop(0)
        result = getattr(self, f"_{method}")(values)
        if method in SAYING:
            self.saw(str(result["chat"]["id"]), result["text"], way, _buttons(result))
        return result

    def app(self) -> web.Application:
        """The server's routes."""
        app = web.Application()
        app.router.add_post("/bot{token}/{method}", self._call)
        app.router.add_get("/file/bot{token}/{path:.*}", self._download)
        return app

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method, values = request.match_info["method"], await values_of(request)
        if request.match_info["token"] != self.token:
            return _refused(Refusal(401, "Unauthorized"))
        self.calls.append((method, values))
        await self._tell()
        trouble = self.troubles.draw(method)
        return await self.troubles.meet(trouble, request, _broken, lambda: self._told(method, values, trouble))

    async def _told(self, method: str, values: dict[str, Any], trouble: Trouble | None) -> web.Response:
        try:
            return await self._answer(method, values, trouble)
        finally:
            await self._tell()

    async def _answer(self, method: str, values: dict[str, Any], trouble: Trouble | None) -> web.Response:
        if self.raw.get(method):
            status, body = self.raw[method].pop(0)
            return web.Response(status=status, body=body)
        try:
            return _json({"ok": True, "result": await self._result(method, values, trouble)})
        except Refusal as refusal:
            self.refuse(refusal.code, method, str(values.get("chat_id", "")))
            return _refused(refusal)

    async def _result(self, method: str, values: dict[str, Any], trouble: Trouble | None) -> Any:
        if trouble is Trouble.TOKEN_GONE:
            raise Refusal(401, "Unauthorized")
        if method == "getUpdates" and not self.faults.get(method):
            return await self._take_updates(values)
        if method not in METHODS:
            raise Refusal(404, "Not Found")
        if method in SENDS:
            self._count(int(values["chat_id"]))
        return self.take(method, values, SAYING.get(method, ""))

    def _count(self, chat: int) -> None:
        wait = 0 if self.limits is None else self.limits.count(chat, self.clock.now())
        if wait:
            self.violate("rate", str(chat))
            raise Refusal(TOO_MANY, f"Too Many Requests: retry after {wait}", retry_after=wait)

    async def _tell(self) -> None:
        async with self.happened:
            self.happened.notify_all()

    async def _take_updates(self, values: dict[str, Any]) -> list[dict[str, Any]]:
        """Updates from the offset on; those before it are forgotten."""
        if self.webhook is not None:
            raise Refusal(409, "Conflict: can't use getUpdates method while webhook is active")
        self.waiting = [update for update in self.waiting if update["update_id"] >= values.get("offset", 0)]
        if not self.waiting and values.get("timeout"):
            try:
                await asyncio.wait_for(self.until(lambda: self.waiting), values["timeout"])
            except TimeoutError:
                return []
        return self.waiting[: values.get("limit", 100)]

    def _setWebhook(self, values: Mapping[str, Any]) -> bool:  # noqa: N802 -- the platform's name
        self.webhook = dict(values)
        return True

    def _deleteWebhook(self, values: Mapping[str, Any]) -> bool:  # noqa: N802 -- likewise
        self.webhook = None
        return True

    def _setMyCommands(self, values: Mapping[str, Any]) -> bool:  # noqa: N802 -- likewise
        for command in values["commands"]:
            if not 1 <= len(command["description"]) <= DESCRIPTION_LENGTH:
                raise Refusal(400, "Bad Request: command description is invalid")
        self.commands[values.get("language_code", "")] = values["commands"]
        return True

    def _sendMessage(self, values: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N802 -- likewise
        chat = self._reachable(values)
        check_text(values)
        check_keyboard(values.get("reply_markup"))
        number = next(self._numbers)
        return self._put_message(number, chat, values)

    def _sendPhoto(self, values: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N802 -- likewise
        return self._put_file(values, "photo")

    def _sendDocument(self, values: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N802 -- likewise
        return self._put_file(values, "document")

    def _put_file(self, values: Mapping[str, Any], kind: str) -> dict[str, Any]:
        """A file that is uploaded, or one that the bot has uploaded before, by its id; its words are the caption."""
        chat, given = self._reachable(values), values.get(kind)
        check_caption(values)
        check_keyboard(values.get("reply_markup"))
        if isinstance(given, bytes):
            file_id = f"{kind}-{len(self.files) + 1}"
            self.files[file_id] = given
            self.uploads += 1
        elif given in self.files:
            file_id = str(given)
        else:
            raise Refusal(400, "Bad Request: wrong file identifier/HTTP URL specified")
        message = self._put_message(next(self._numbers), chat, {**values, "text": values.get("caption") or ""})
        file = {"file_id": file_id, "file_unique_id": file_id, "file_size": len(self.files[file_id])}
        sized = [{**file, "width": 90, "height": 90}, {**file, "width": 800, "height": 800}]
        self.shown.append((chat, file_id))
        return message | {kind: sized if kind == "photo" else file}

    def _editMessageText(self, values: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N802 -- likewise
        chat, old = self._reachable(values), self._old(values)
        check_text(values)
        if old["text"] == values["text"] and old.get("reply_markup") == values.get("reply_markup"):
            raise Refusal(400, "Bad Request: message is not modified: specified new message content …")
        return self._put_message(int(values["message_id"]), chat, values)

    def _editMessageReplyMarkup(self, values: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N802 -- likewise
        chat, old = self._reachable(values), self._old(values)
        if old.get("reply_markup") == values.get("reply_markup"):
            raise Refusal(400, "Bad Request: message is not modified: specified new message content …")
        return self._put_message(int(values["message_id"]), chat, {**values, "text": old["text"]})

    def _answerCallbackQuery(self, values: Mapping[str, Any]) -> bool:  # noqa: N802 -- likewise
        if values["callback_query_id"] in self.answered:
            raise Refusal(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        self.answered.append(values["callback_query_id"])
        return True

    def _getFile(self, values: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N802 -- likewise
        content = self.files.get(values["file_id"])
        if content is None:
            raise Refusal(400, "Bad Request: invalid file_id")
        if len(content) > FILE_BYTES:
            raise Refusal(400, "Bad Request: file is too big")
        path = f"files/{values['file_id']}"
        return {"file_id": values["file_id"], "file_unique_id": "unique", "file_path": path}

    async def _download(self, request: web.Request) -> web.Response:
        content = self.files.get(request.match_info["path"].removeprefix("files/"))
        if self.raw.get("download"):
            status, body = self.raw["download"].pop(0)
            return web.Response(status=status, body=body)
        return web.Response(status=404) if content is None else web.Response(body=content)

    def _reachable(self, values: Mapping[str, Any]) -> int:
        chat = int(values["chat_id"])
        if chat in self.blocked:
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        if chat in self.gone:
            raise Refusal(403, "Forbidden: user is deactivated")
        if chat in self.migrated:
            description = "Bad Request: group chat was upgraded to a supergroup chat"
            raise Refusal(400, description, migrate_to_chat_id=self.migrated[chat])
        if not self.strangers and chat not in self.people:
            raise Refusal(400, "Bad Request: chat not found")
        return chat

    def _old(self, values: Mapping[str, Any]) -> dict[str, Any]:
        old = self.messages.get(int(values["message_id"]))
        if old is None or old["chat"]["id"] != int(values["chat_id"]):
            raise Refusal(400, "Bad Request: message to edit not found")
        return old

    def _put_message(self, number: int, chat: int, values: Mapping[str, Any]) -> dict[str, Any]:
        message = {"message_id": number, "chat": {"id": chat, "type": "private"}, "date": 1, "from": BOT}
        message["text"] = values["text"].strip()
        self.messages[number] = message | ({"reply_markup": markup} if (markup := values.get("reply_markup")) else {})
        shown = {"reply_markup": markup} if markup and "inline_keyboard" in markup else {}
        return {**message, **shown}


def _buttons(message: Mapping[str, Any]) -> tuple[str, ...]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", ())
    return tuple(key.get("callback_data", "") for row in rows for key in row)


def _refused(refusal: Refusal) -> web.Response:
    return _json(refusal.body, refusal.code)


def _broken() -> web.Response:
    return _refused(Refusal(500, "Internal Server Error"))


def _json(values: Mapping[str, Any], status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(values), status=status, content_type="application/json")


@asynccontextmanager
async def telegram_double(**changes: Any) -> AsyncIterator[TelegramDouble]:
    """The server, running; its address is `base`."""
    double = TelegramDouble(**changes)
    async with running(double.app(), double.troubles) as base:
        double.base = base
        yield double
