"""The WeChat channel: its one address, and what it answers."""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from traceback import extract_tb

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot import metrics
from bot.channels.bodies import BodyRefused, read_body
from bot.channels.channel import MESSAGE, Push, SendFailed, file_of, say_in_parts, without_file
from bot.channels.kept import Kept
from bot.channels.uploads import Uploads
from bot.channels.wechat import compose, incoming, reports, xml
from bot.channels.wechat.api import Api
from bot.channels.wechat.codes import Codes
from bot.channels.wechat.door import Door, NotLetIn, Opened
from bot.channels.wechat.errors import SAID_BEFORE, SENT_BEFORE, Refused
from bot.channels.wechat.menu import menu
from bot.channels.wechat.notices import PATH, NoticesPage
from bot.channels.wechat.pictures import Pictures
from bot.channels.wechat.redelivery import Redeliveries
from bot.channels.wechat.ways import LINKED, NOTIFICATION, TEMPLATE, Ways, approved_for, has_picture
from bot.chat import Chat
from bot.fairness import TooFast
from bot.settings import Settings
from handlers.messages import Incoming
from handlers.office.reports import Told
from handlers.office.ways import Way
from handlers.turns import Answered
from storage.errors import Busy, Unavailable

log = structlog.get_logger(__name__)

BODY_BYTES = 64 * 1024  # the platform's messages are far smaller
ACKNOWLEDGED = "success"
MAIN_LANGUAGE = "zh"


class WeChatChannel:
    """Passive replies to what people send; customer messages for what is said later."""

    name = incoming.CHANNEL

    def __init__(self, settings: Settings, chat: Chat, *, patience: float = 4.5) -> None:
        """`patience`: seconds to answer within; the platform itself waits five."""
        self._chat = chat
        self._door = Door.of(settings)
        self._api = Api.of(settings, chat.database)
        self._turns = Redeliveries(chat, patience)
        asked = approved_for(settings)
        self._notices = NoticesPage(chat.words, self._api, settings.public_url, asked) if asked else None
        self._ways = Ways.of_account(settings, chat.words)
        self._pictures = Pictures(self._api, Uploads(chat.database, f"wechat:{self._api.app_id}"))
        self._codes = Codes(self._api.create_code)
        self._by = {
            MESSAGE: self._send_texts,
            LINKED: self._send_linked,
            NOTIFICATION: self._send_notification,
            TEMPLATE: self._send_template,
        }
        self._menu: asyncio.Task[None] | None = None
        self._composed = Kept[Sequence[str]]()
        self._open = Kept[Sequence[Way]]()
        self._voices: dict[str, compose.Voice] = {}

    def routes(self) -> Sequence[BaseRoute]:
        """The address typed on the account's server page."""
        address = (Route("/wechat", self._get, methods=["GET"]), Route("/wechat", self._post, methods=["POST"]))
        return address if self._notices is None else (*address, Route(PATH, self._notices.answer, methods=["GET"]))

    async def start(self) -> None:
        """Connect, and set the menu meanwhile."""
        self.open()
        if self._api.has_secret:
            self._menu = asyncio.create_task(self._create_menu())

    def open(self) -> None:
        """Be ready to send."""
        self._api.open()

    async def stop(self) -> None:
        """Let running turns end, and disconnect; may be called twice."""
        await self._turns.close()
        if self._menu is not None:
            self._menu.cancel()
            await asyncio.gather(self._menu, return_exceptions=True)
        await self._api.close()

    def makes_codes(self) -> bool:
        """Whether the account may make codes that carry a scene."""
        return self._api.has_secret

    async def follow(self, scene: str) -> str:
        """What a code holds that leads into this account with a scene; SendFailed."""
        return await self._codes.address(scene)

    def ways(self, push: Push) -> Sequence[Way]:
        """A customer message for each page that is left to say, else an approved template."""
        return self._open.of(push, lambda push: self._ways.of(push, self._pages(_shown(push)), self._pages(push)))

    async def send(self, address: str, push: Push, way: str = MESSAGE) -> str:
        """Customer messages, a page each, or a short form; SendFailed."""
        try:
            return await self._by[way](address, push)
        except Refused as refused:
            raise refused.closing(self._ways.closed_by(refused.code, way, push)) from None

    async def _send_texts(self, address: str, push: Push) -> str:
        """A picture after the words, so that whoever heard only a part of them hears the rest, whichever way."""
        says = [partial(self._api.send_text, address, page) for page in self._pages(_shown(push))]
        file = file_of(push.messages)
        if file is not None and file.is_picture:
            says.append(partial(self._pictures.send, address, file.code))
        await say_in_parts(says, push.said, lambda say: say())
        return ""

    async def _send_linked(self, address: str, push: Push) -> str:
        await say_in_parts(self._pages(push), push.said, partial(self._api.send_text, address))
        return ""

    async def _send_notification(self, address: str, push: Push) -> str:
        """Its result comes under the template's id."""
        short = self._ways.shorts.notification(push)
        if short is None:
            raise SendFailed("no short form", retryable=False)
        await self._api.send_notification(address, short)
        return short.template

    async def _send_template(self, address: str, push: Push) -> str:
        """Its result comes under its number; what the platform took before is not sent again."""
        short = self._ways.shorts.template(push)
        if short is None:
            raise SendFailed("no short form", retryable=False)
        try:
            return await self._api.send_template(address, short, f"anju-{push.number}")
        except Refused as refused:
            if refused.code == SAID_BEFORE:
                return ""
            raise

    async def send_to_many(self, addresses: Sequence[str], push: Push, call: str) -> str:
        """A mass message by list, without links that act; the platform knows a repeated call by its name."""
        try:
            plain = replace(push, messages=[replace(message, controls=()) for message in push.messages])
            return await self._api.send_to_many(addresses, "\n".join(self._pages(plain)), call)
        except Refused as refused:
            if refused.code == SENT_BEFORE:
                return str(refused.values.get("msg_id", ""))
            raise

    def _pages(self, push: Push) -> Sequence[str]:
        return self._composed.of(push, self._compose)

    def _compose(self, push: Push) -> Sequence[str]:
        return [page for page in compose.push(push.messages, self._voice(push.language)) if page]

    def _voice(self, language: str) -> compose.Voice:
        if language not in self._voices:
            self._voices[language] = compose.voice(self._chat.words, language)
        return self._voices[language]

    async def fetch(self, reference: str) -> bytes:
        """A file by its MediaId, within three days and up to 10 MB."""
        return await self._api.media(reference)

    async def _get(self, request: Request) -> Response:
        """The platform asks whether this is the account's server."""
        try:
            self._door.check(request.query_params)
        except NotLetIn as refusal:
            return _refused(refusal)
        return PlainTextResponse(request.query_params.get("echostr", ""))

    async def _post(self, request: Request) -> Response:
        try:
            opened = self._door.open(request.query_params, await read_body(request, BODY_BYTES))
            message = incoming.to_incoming(opened.elements, datetime.now(UTC))
        except (NotLetIn, BodyRefused) as refusal:
            return _refused(refusal)
        except xml.Unreadable:
            metrics.REJECTED.labels(self.name, "unreadable").inc()
            return PlainTextResponse(ACKNOWLEDGED)
        if message is None:
            return await self._note(opened)
        return await self._answer(opened, message)

    async def _note(self, opened: Opened) -> Response:
        """An event that nobody answers, but which may tell what became of a message."""
        elements = opened.elements
        told = reports.read(elements, opened.rows, self._ways.is_lasting)
        if told:
            key = incoming.event_id(elements, opened.rows)
            try:
                await self._chat.report(Told(self.name, elements["FromUserName"], key, told))
            except (Busy, Unavailable):
                return Response(status_code=503)
        return PlainTextResponse(ACKNOWLEDGED)

    async def _answer(self, opened: Opened, message: Incoming) -> Response:
        try:
            content = await self._content(message, _age(opened, message.received_at))
        except Exception as fault:  # noqa: BLE001 -- whatever it is, the person gets a sentence and the log its place
            _log(fault)
            content = self._chat.words.say(MAIN_LANGUAGE, "say/trouble")
        if content is None:
            return Response(status_code=503)
        return self._reply(opened, content)

    async def _content(self, message: Incoming, age: float) -> str | None:
        """The reply's text, empty where there is none; None where the platform shall deliver again."""
        try:
            answer = await self._turns.answer(message, age)
        except TooFast as refusal:
            return self._words(refusal.answered)
        if answer == "again":
            return None
        if answer == "unsaved":
            return self._chat.words.say(MAIN_LANGUAGE, "say/not_saved")
        if answer == "unknown":
            return self._chat.words.say(MAIN_LANGUAGE, "say/maybe_not_saved")
        return "" if answer == "later" else self._words(answer)

    def _words(self, answered: Answered) -> str:
        words = self._voice(answered.language)
        return compose.compose(self._chat.messages(answered), answered.page, words)

    def _reply(self, opened: Opened, content: str) -> Response:
        """A passive reply under the seal that the message came with."""
        if not content:
            return PlainTextResponse(ACKNOWLEDGED)
        at, elements = int(datetime.now(UTC).timestamp()), opened.elements
        reply = xml.text_reply(elements["FromUserName"], elements.get("ToUserName", ""), compose.fit(content), at)
        if opened.seal is not None:
            reply = xml.closed_reply(reply, opened.seal, self._door.token, at, secrets.token_hex(8))
        return Response(reply, media_type="application/xml")

    async def _create_menu(self) -> None:
        try:
            await self._api.create_menu(menu(self._chat.words))
        except SendFailed as failed:
            log.warning("wechat_menu", outcome=failed.reason)
        else:
            log.info("wechat_menu", outcome="created")


def _shown(push: Push) -> Push:
    """Without the address of a picture that goes along itself; a document keeps its own."""
    return replace(push, messages=without_file(push.messages)) if has_picture(push) else push


def _age(opened: Opened, now: datetime) -> float:
    sent_at = incoming.sent_at(opened.elements)
    return 0.0 if sent_at is None else now.timestamp() - sent_at


def _refused(refusal: NotLetIn | BodyRefused) -> Response:
    metrics.REJECTED.labels(WeChatChannel.name, refusal.reason).inc()
    return Response(status_code=refusal.status)


def _log(fault: Exception) -> None:
    """The kind and place of a fault, never its text, which may hold an answer."""
    frame = extract_tb(fault.__traceback__)[-1]
    log.error("wechat_fault", fault=type(fault).__name__, at=f"{Path(frame.filename).name}:{frame.lineno}")
