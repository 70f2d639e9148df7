"""The Bot API over aiogram. Updates are taken raw: aiogram's models refuse many real ones."""

from collections.abc import Mapping
from typing import Any

import orjson
from aiohttp import ClientConnectorError, ClientError, ClientResponse, ClientTimeout, ConnectionTimeoutError

from bot.channels.channel import FetchFailed
from bot.channels.telegram.errors import (
    BAD_REQUEST,
    CONFLICT,
    FORBIDDEN,
    INTERNAL,
    NO_CONNECTION,
    TOO_MANY,
    UNAUTHORIZED,
    UNKNOWN_TOKEN,
    ApiFailed,
    Moved,
)
from bot.channels.telegram.library import METHODS, AiohttpSession, Bot, TelegramAPIServer, exceptions
from bot.channels.telegram.updates import ALLOWED
from bot.settings import Settings

TIMEOUT_SECONDS = 10
CONNECT_SECONDS = 5  # apart from the whole: what ran out of it has not left
FILE_SECONDS = 60
FILE_BYTES = 20 * 1024 * 1024
CHUNK = 65536
JSON = {"Content-Type": "application/json"}
CODES: tuple[tuple[type[exceptions.TelegramAPIError], int], ...] = (
    (exceptions.TelegramBadRequest, BAD_REQUEST),
    (exceptions.TelegramUnauthorizedError, UNAUTHORIZED),
    (exceptions.TelegramForbiddenError, FORBIDDEN),
    (exceptions.TelegramNotFound, UNKNOWN_TOKEN),
    (exceptions.TelegramConflictError, CONFLICT),
    (exceptions.TelegramServerError, INTERNAL),
    (exceptions.TelegramNetworkError, NO_CONNECTION),
)
SAYING = frozenset({"sendMessage", "sendPhoto", "sendDocument"})


class Api:
    """Requests as one bot; every failure is ApiFailed, or FetchFailed for files."""

    def __init__(self, base: str, token: str) -> None:
        timeout = ClientTimeout(total=TIMEOUT_SECONDS, connect=CONNECT_SECONDS)
        self._http = AiohttpSession(api=TelegramAPIServer.from_base(base), timeout=timeout)
        self._bot = Bot(token, session=self._http)

    @classmethod
    def of(cls, settings: Settings) -> "Api":
        """For the bot of the settings."""
        return cls(settings.telegram_api_base, settings.telegram_token.get_secret_value())

    @property
    def bot_id(self) -> int:
        """The bot's own number, the first half of its token."""
        return self._bot.id

    async def close(self) -> None:
        """Let the connections go; the next request opens new ones."""
        await self._http.close()

    async def call(self, method: str, values: Mapping[str, Any]) -> Any:
        """A method's result."""
        try:
            return await self._bot(METHODS[method].model_validate(values))
        except exceptions.TelegramRetryAfter as error:
            raise ApiFailed(TOO_MANY, after=float(error.retry_after)) from None
        except exceptions.TelegramMigrateToChat as error:
            raise Moved(str(error.migrate_to_chat_id)) from None
        except exceptions.TelegramAPIError as error:
            raise ApiFailed(_code(error), error.message or "", unknown=_may_have_left(method, error)) from None
        except exceptions.ClientDecodeError as error:
            return _undecoded(error)
        except (ClientError, TimeoutError, OSError, TypeError) as error:
            raise ApiFailed(NO_CONNECTION, unknown=_may_have_left(method, error)) from None

    async def updates(self, offset: int, *, wait: int, limit: int = 100) -> list[object]:
        """Up to `limit` updates from `offset` on, waiting for one up to `wait` seconds; those before are confirmed."""
        asked = {"offset": offset, "limit": limit, "timeout": wait, "allowed_updates": ALLOWED}
        url = self._http.api.api_url(self._bot.token, "getUpdates")
        session = await self._http.create_session()
        try:
            timeout = ClientTimeout(total=wait + TIMEOUT_SECONDS)
            async with session.post(url, data=orjson.dumps(asked), headers=JSON, timeout=timeout) as response:
                return _result(response.status, await response.read())
        except (ClientError, TimeoutError, OSError):
            raise ApiFailed(NO_CONNECTION) from None

    async def file(self, file_id: str) -> bytes:
        """A file of up to 20 MB."""
        try:
            found = await self.call("getFile", {"file_id": file_id})
        except ApiFailed as failed:
            raise FetchFailed(retryable=failed.retryable) from None
        path = found.get("file_path") if isinstance(found, dict) else None
        if not path:
            raise FetchFailed(retryable=False)
        return await self._download(path)

    async def _download(self, path: str) -> bytes:
        session = await self._http.create_session()
        url = self._http.api.file_url(self._bot.token, path)
        try:
            async with session.get(url, timeout=ClientTimeout(total=FILE_SECONDS)) as response:
                return await _content(response)
        except (ClientError, TimeoutError, OSError):
            raise FetchFailed(retryable=True) from None


def _may_have_left(method: str, error: Exception) -> bool:
    """Whether a message may have arrived although no answer did: the connection was there, and then it wasn't."""
    cause = error.__cause__ if isinstance(error, exceptions.TelegramNetworkError) else error
    there = not isinstance(cause, ClientConnectorError | ConnectionTimeoutError)
    return method in SAYING and there and isinstance(cause, ClientError | TimeoutError | OSError)


def _code(error: exceptions.TelegramAPIError) -> int:
    """The error's code; one that aiogram has no class for comes without: 429 without a time to wait."""
    return next((code for kind, code in CODES if isinstance(error, kind)), TOO_MANY)


def _undecoded(error: exceptions.ClientDecodeError) -> None:
    """An answer that aiogram can't read: taken, where it says so, whatever its result looks like."""
    if isinstance(error.data, dict) and error.data.get("ok") is True:
        return
    raise ApiFailed(INTERNAL) from None


def _result(status: int, body: bytes) -> list[object]:
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        answer = None
    if not isinstance(answer, dict):
        raise ApiFailed(INTERNAL)
    if answer.get("ok") is not True:
        raise ApiFailed(status, after=_retry_after(answer.get("parameters")))
    return list(answer.get("result") or ())


def _retry_after(parameters: object) -> float | None:
    seconds = parameters.get("retry_after") if isinstance(parameters, dict) else None
    return float(seconds) if isinstance(seconds, int) else None


async def _content(response: ClientResponse) -> bytes:
    if response.status >= BAD_REQUEST:
        raise FetchFailed(retryable=response.status >= INTERNAL or response.status == TOO_MANY)
    content = bytearray()
    async for chunk in response.content.iter_chunked(CHUNK):
        content += chunk
        if len(content) > FILE_BYTES:
            raise FetchFailed(retryable=False)
    return bytes(content)
