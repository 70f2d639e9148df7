"""The Telegram channel: the webhook or polling, and what is said later."""

import asyncio
import hmac
from collections.abc import Sequence
from typing import Any

import orjson
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot import metrics
from bot.channels.bodies import BodyRefused, read_body
from bot.channels.channel import MESSAGE, PLAIN, Push, file_of, say_in_parts
from bot.channels.telegram import commands, compose, updates
from bot.channels.telegram.desk import Desk, log_fault
from bot.channels.telegram.files import Files
from bot.channels.telegram.incoming import CHANNEL
from bot.channels.telegram.pauses import Pauses, until_done
from bot.channels.telegram.polling import Poller
from bot.channels.telegram.presses import Presses
from bot.channels.uploads import Uploads
from bot.chat import Chat
from bot.settings import Settings
from handlers.office.ways import Way
from storage.errors import Busy, Unavailable

log = structlog.get_logger(__name__)

PATH = "/telegram"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 -- a header's name
BODY_BYTES = 1024 * 1024  # updates are far smaller
CONNECTIONS = 40
GAP_SECONDS = 1.05


class Refused(Exception):
    """The request was not read."""

    def __init__(self, reason: str, status: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


class TelegramChannel:
    """Answers in the webhook's response, or by the Bot API while polling; the Bot API also for what is said later."""

    name = CHANNEL

    def __init__(
        self, settings: Settings, chat: Chat, *, wait: int = 25, first_pause: float = 1.0, patience: float = 5.0
    ) -> None:
        """`wait`, `first_pause`: seconds a poll lasts, and before a second attempt; `patience`: those to end in."""
        from bot.channels.telegram.api import Api  # aiogram takes seconds to load

        self._chat = chat
        self._settings = settings
        self._secret = settings.telegram_secret.get_secret_value()
        self._api = Api.of(settings)
        self._presses = Presses(self._api)
        self._desk = Desk(chat, self._api, self._presses)
        self._files = Files(self._desk, Uploads(chat.database, f"telegram:{self._api.bot_id}"))
        self._is_polling = settings.telegram_mode == "polling"
        self._wait = wait
        self._poller: Poller | None = None
        self._first_pause = first_pause
        self._patience = patience
        self._tasks: list[asyncio.Task[None]] = []

    def routes(self) -> Sequence[BaseRoute]:
        """The webhook's address; none while polling."""
        return () if self._is_polling else (Route(PATH, self._post, methods=["POST"]),)

    async def start(self) -> None:
        """Register at the platform and begin to poll, both in the background."""
        if self._is_polling:
            self._poller = Poller(self._api, self._desk, wait=self._wait, first_pause=self._first_pause)
        receiving = self._set_webhook() if self._poller is None else self._poller.run()
        self._tasks = [asyncio.create_task(receiving), asyncio.create_task(self._set_commands())]

    async def stop(self) -> None:
        """Let what has begun end, within the patience; may be called twice."""
        if self._poller is not None and self._tasks:
            self._poller.end()
            await asyncio.wait(self._tasks[:1], timeout=self._patience)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        await self._presses.close(self._patience)
        await self._api.close()

    def ways(self, push: Push) -> Sequence[Way]:
        """One, of which nothing is counted."""
        return PLAIN

    async def send(self, address: str, push: Push, way: str = MESSAGE) -> str:
        """Say something with all its options; SendFailed. A chat takes a message a second, so several take time."""
        file = file_of(push.messages)
        calls = compose.enclosing(address, push.messages, file) if file else compose.unasked(address, push.messages)

        async def say(number: int) -> None:
            if number > push.said:
                await asyncio.sleep(GAP_SECONDS)
            call = calls[number]
            await (self._desk.send(call) if "text" in call else self._files.send(call))

        await say_in_parts(range(len(calls)), push.said, say)
        return ""

    async def fetch(self, reference: str) -> bytes:
        """A file by its file_id, up to 20 MB."""
        return await self._api.file(reference)

    async def _post(self, request: Request) -> Response:
        try:
            self._check_secret(request)
            update = updates.parse(await read_body(request, BODY_BYTES))
        except (Refused, BodyRefused) as refusal:
            metrics.REJECTED.labels(self.name, refusal.reason).inc()
            return Response(status_code=refusal.status)
        except updates.Unreadable as error:
            metrics.REJECTED.labels(self.name, "unreadable").inc()
            log.warning("telegram_unreadable", fields=str(error))
            return Response()
        return await self._answer(update)

    async def _answer(self, update: updates.Update) -> Response:
        """The last message rides in the response; those before it leave by the Bot API first."""
        try:
            said = await self._desk.answer(update)
            if not said.calls or not await self._desk.say(said, said.calls[:-1]):
                return Response()
        except (Busy, Unavailable):
            return Response(status_code=503)
        except Exception as fault:  # noqa: BLE001 -- an error would bring the same update again and again
            log_fault(fault)
            return Response()
        return _riding(said.calls[-1])

    def _check_secret(self, request: Request) -> None:
        given = request.headers.get(SECRET_HEADER, "")
        if not self._secret or not hmac.compare_digest(given.encode(), self._secret.encode()):
            raise Refused("secret", 401)

    async def _set_webhook(self) -> None:
        webhook = {
            "url": self._settings.public_url + PATH,
            "secret_token": self._secret,
            "allowed_updates": list(updates.ALLOWED),
            "max_connections": CONNECTIONS,
        }
        await self._call("setWebhook", webhook)

    async def _set_commands(self) -> None:
        for values in commands.lists(self._chat.words):
            await self._call("setMyCommands", values)

    async def _call(self, method: str, values: dict[str, Any]) -> None:
        await until_done(method, lambda: self._api.call(method, values), Pauses(self._first_pause))
        log.info("telegram", doing=method, outcome="done")


def _riding(call: compose.Call) -> Response:
    """A call as the webhook's response (Bot API, making requests when getting updates)."""
    return Response(orjson.dumps({"method": "sendMessage", **call}), media_type="application/json")
