"""The web channel: its routes, and what each answers."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

import orjson
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.channels.bodies import read_body
from bot.channels.channel import MESSAGE, PLAIN, FetchFailed, Push, SendFailed
from bot.channels.web import answers, requests
from bot.channels.web.events import EventResponse, Streams
from bot.channels.web.page import Assets, Page
from bot.channels.web.session import LANGUAGE_COOKIE, Sessions
from bot.channels.web.talk import Talk
from bot.fairness import TooFast
from handlers.office.ways import Way
from handlers.turns import Answered
from storage.errors import Busy, Unavailable

log = structlog.get_logger(__name__)

STREAMS_PER_ADDRESS = 6

Connected = Callable[[str], Awaitable[object]]


class WebChannel:
    """The chat page and the small requests it makes."""

    name = "web"

    def __init__(
        self,
        *,
        chat: Talk,
        cookie_keys: Sequence[bytes],
        base_url: str,
        on_connect: Connected | None = None,
        index: Callable[[str], str] = str,
        streams: int = 12_000,
        heartbeat: float = 15.0,
    ) -> None:
        """`on_connect` is awaited with an address whose page has begun to listen; `heartbeat` in seconds.

        `index`: the keyed index of an address, by which other copies of the program name it.
        """
        self._chat = chat
        self._base_url = base_url
        self._on_connect = on_connect
        self._sessions = Sessions(cookie_keys, secure=base_url.startswith("https://"))
        self._page = Page(chat.words)
        self._assets = Assets()
        self._streams = Streams(per_address=STREAMS_PER_ADDRESS, total=streams, heartbeat=heartbeat, index=index)
        self._tasks: set[asyncio.Task[None]] = set()

    def routes(self) -> Sequence[BaseRoute]:
        """The page, its files, and its requests."""
        return (
            Route("/", self._get_page, methods=["GET"]),
            Route("/chat/messages", self._post_message, methods=["POST"]),
            Route("/chat/files", self._post_file, methods=["POST"]),
            Route("/chat/leave", self._post_leave, methods=["POST"]),
            Route("/chat/events", self._get_events, methods=["GET"]),
            Route("/chat/words/{language}", self._get_words, methods=["GET"]),
            Route("/static/{name}", self._assets.answer, methods=["GET"]),
        )

    async def start(self) -> None:
        """Let pages listen."""
        self._streams.reopen()

    async def stop(self) -> None:
        """Let every listening page go, so that the server can shut down; may be called twice."""
        self._streams.close()
        await asyncio.gather(*self._tasks)

    def ways(self, push: Push) -> Sequence[Way]:
        """One, of which nothing is counted."""
        return PLAIN

    async def send(self, address: str, push: Push, way: str = MESSAGE) -> str:
        """Say something on every open page of the address; SendFailed, to be tried again, where none is open here."""
        data = orjson.dumps({"messages": [answers.message_json(message) for message in push.messages]})
        if not self._streams.push(address, data):
            raise SendFailed("not connected", retryable=True, away=True)
        return ""

    def is_open(self, address: str) -> bool:
        """Whether a page of the address hangs on this copy."""
        return self._streams.count(address) > 0

    def address_of(self, index: str) -> str | None:
        """The address with that keyed index, if a page of it hangs on this copy."""
        return self._streams.address_of(index)

    def open_addresses(self) -> Sequence[str]:
        """Whose pages hang on this copy."""
        return self._streams.addresses()

    async def fetch(self, reference: str) -> bytes:
        """Files are stored as they are uploaded, so none is ever fetched."""
        raise FetchFailed(retryable=False)

    async def _get_page(self, request: Request) -> Response:
        response = self._page.answer(self._language(request))
        self._sessions.give(response, self._sessions.address(request.cookies) or self._sessions.new_address())
        return response

    async def _get_words(self, request: Request) -> Response:
        language = request.path_params["language"]
        if language not in self._chat.words.languages:
            return answers.as_json({"error": "There are no words in this language."}, 404)
        return answers.as_json({"language": language, "words": self._page.strings(language)})

    async def _post_message(self, request: Request) -> Response:
        try:
            requests.check_same_origin(request, self._base_url)
            requests.check_json(request)
            said = requests.read_said(await read_body(request, requests.MESSAGE_BYTES))
        except requests.REFUSALS as refusal:
            return answers.refused(refusal)
        address = self._sessions.address(request.cookies)
        identity = address or self._sessions.new_address()
        response = await self._answer(said, identity, said.language or self._language(request))
        if address is None:
            self._sessions.give(response, identity)
        return response

    async def _answer(self, said: requests.Said, address: str, language: str) -> Response:
        try:
            answered = await self._chat.answer(said.to_incoming(address, self._sessions, datetime.now(UTC)))
            return self._told(answered)
        except (Busy, Unavailable):
            return answers.unsaved(self._chat.words, language)
        except TooFast:
            return answers.too_fast(self._chat.words, language)
        except Exception as fault:  # noqa: BLE001 -- whatever it is, the person gets a sentence and the log its place
            return answers.trouble(self._chat.words, language, fault)

    async def _post_file(self, request: Request) -> Response:
        try:
            requests.check_same_origin(request, self._base_url)
            requests.check_file(request)
            address = self._sessions.address(request.cookies)
            if address is None:  # before it is read: it is held in memory
                return answers.as_json({"error": "Say something first: a file belongs to a talk."}, 403)
            data = await read_body(request, requests.FILE_BYTES)
        except requests.REFUSALS as refusal:
            return answers.refused(refusal)
        return await self._keep(address, data, self._language(request))

    async def _keep(self, address: str, data: bytes, language: str) -> Response:
        try:
            outcome, detail = await self._chat.keep_file("web", address, data)
            if outcome == "stored":
                return answers.as_json({"id": self._sessions.file_ticket(address, detail)})
            return answers.as_json({"reason": detail, "text": self._chat.words.say(language, f"invalid/{detail}")}, 422)
        except (Busy, Unavailable):
            return answers.unsaved(self._chat.words, language)
        except Exception as fault:  # noqa: BLE001 -- whatever it is, the person gets a sentence and the log its place
            return answers.trouble(self._chat.words, language, fault)

    async def _post_leave(self, request: Request) -> Response:
        """Make the browser somebody new: on a shared phone the next person must not find the talk of the last."""
        try:
            requests.check_same_origin(request, self._base_url)
            requests.check_json(request)
        except requests.REFUSALS as refusal:
            return answers.refused(refusal)
        response = answers.as_json({})
        self._sessions.give(response, self._sessions.new_address())
        return response

    async def _get_events(self, request: Request) -> Response:
        address = self._sessions.address(request.cookies)
        if address is None:
            return Response(status_code=204)
        if not self._streams.has_room(address):
            return Response(status_code=429, headers={"Retry-After": "60"})
        stream = self._streams.open(address, request.headers.get("last-event-id", ""))
        self._tell_connected(address)
        return EventResponse(self._streams, stream)

    def _tell_connected(self, address: str) -> None:
        if self._on_connect is not None:
            task = asyncio.create_task(self._connected(self._on_connect, address))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _connected(self, on_connect: Connected, address: str) -> None:
        try:
            await on_connect(address)
        except Exception as fault:  # noqa: BLE001 -- the clock tries again; the page must not lose its stream over it
            log.warning("web_on_connect", fault=type(fault).__name__)

    def _told(self, answered: Answered) -> Response:
        response = answers.told(answered, self._chat.messages(answered))
        self._sessions.give_language(response, answered.language)
        return response

    def _language(self, request: Request) -> str:
        remembered = request.cookies.get(LANGUAGE_COOKIE, "")
        return self._page.language(remembered, request.headers.get("accept-language", ""))
