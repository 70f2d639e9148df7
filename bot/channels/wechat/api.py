"""The platform's HTTP interface: one token for all, customer messages, files, the menu."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import orjson
from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout

from bot.channels.channel import FetchFailed, SendFailed
from bot.channels.wechat import errors
from bot.settings import Settings

TIMEOUT_SECONDS = 10
EARLY_SECONDS = 300
FILE_BYTES = 10 * 1024 * 1024
ANSWER_BYTES = 1024 * 1024
HTTP_ERRORS = 400
JSON = {"Content-Type": "application/json; charset=utf-8"}


class TooBig(Exception):
    """The platform's answer is larger than what it may be."""

    def __init__(self) -> None:
        super().__init__((type(self).__doc__ or "").strip())


class Api:
    """Requests as one account. Every failure is a SendFailed, or a FetchFailed for files."""

    def __init__(self, base: str, app_id: str, app_secret: str) -> None:
        self._base = base
        self._app_id = app_id
        self._app_secret = app_secret
        self._session: ClientSession | None = None
        self._token = ""
        self._token_ends = 0.0
        self._renewing = asyncio.Lock()

    @classmethod
    def of(cls, settings: Settings) -> "Api":
        """For the account of the settings."""
        return cls(settings.wechat_api_base, settings.wechat_app_id, settings.wechat_app_secret.get_secret_value())

    @property
    def has_secret(self) -> bool:
        """Whether the account may make requests at all; without a secret it only answers."""
        return bool(self._app_id and self._app_secret)

    def open(self) -> None:
        """Be ready for requests."""
        self._session = ClientSession(timeout=ClientTimeout(total=TIMEOUT_SECONDS))

    async def close(self) -> None:
        """Let the connections go."""
        if self._session is not None:
            await self._session.close()
        self._session = None

    async def send_text(self, openid: str, content: str) -> None:
        """A customer message; the platform takes five within 48 hours of what the person wrote."""
        text = {"touser": openid, "msgtype": "text", "text": {"content": content}}
        await self._call("POST", "/cgi-bin/message/custom/send", body=text)

    async def create_menu(self, menu: Mapping[str, Any]) -> None:
        """Set the buttons below the talk; clients show them within minutes."""
        await self._call("POST", "/cgi-bin/menu/create", body=menu)

    async def media(self, media_id: str) -> bytes:
        """A file that somebody sent within the last three days."""
        try:
            content, is_json = await self._call("GET", "/cgi-bin/media/get", query={"media_id": media_id})
        except SendFailed as failed:
            raise FetchFailed(retryable=failed.retryable) from None
        if is_json:
            raise FetchFailed(retryable=False)
        return content

    async def _call(
        self, method: str, path: str, *, query: Mapping[str, str] | None = None, body: Mapping[str, Any] | None = None
    ) -> tuple[bytes, bool]:
        """A request with the token, once more with a fresh one where the platform refuses the old."""
        token = await self._fresh_token("")
        content, is_json = await self._request(method, path, {**(query or {}), "access_token": token}, body)
        if is_json and _code(content) in errors.OLD_TOKEN:
            token = await self._fresh_token(token)
            content, is_json = await self._request(method, path, {**(query or {}), "access_token": token}, body)
        if is_json and (code := _code(content)):
            raise errors.failure(code, datetime.now(UTC))
        return content, is_json

    async def _fresh_token(self, refused: str) -> str:
        """The token, asked for again where it nears its end or is the refused one; by one caller for all."""
        async with self._renewing:
            if not self._token or self._token == refused or monotonic() >= self._token_ends:
                await self._renew()
            return self._token

    async def _renew(self) -> None:
        if not self.has_secret:
            raise SendFailed("no app id and secret", retryable=False)
        wanted = {
            "grant_type": "client_credential",
            "appid": self._app_id,
            "secret": self._app_secret,
            "force_refresh": False,
        }
        content, _ = await self._request("POST", "/cgi-bin/stable_token", {}, wanted)
        answer = _parsed(content)
        if "access_token" not in answer:
            raise errors.failure(_code(content), datetime.now(UTC))
        self._token = str(answer["access_token"])
        self._token_ends = monotonic() + float(answer.get("expires_in", 0)) - EARLY_SECONDS

    async def _request(
        self, method: str, path: str, query: Mapping[str, str], body: Mapping[str, Any] | None
    ) -> tuple[bytes, bool]:
        """The answer, and whether it is JSON. Nothing of the address, which holds the token, gets into an error."""
        if self._session is None:
            raise SendFailed("not started", retryable=True)
        data = None if body is None else orjson.dumps(body)
        try:
            async with self._session.request(
                method, self._base + path, params=query, data=data, headers=JSON
            ) as response:
                return await _read(response)
        except (ClientError, TimeoutError, OSError):
            raise SendFailed("no connection", retryable=True) from None
        except TooBig as fault:
            raise SendFailed(str(fault), retryable=False) from None


async def _read(response: ClientResponse) -> tuple[bytes, bool]:
    if response.status >= HTTP_ERRORS:
        raise SendFailed(f"HTTP {response.status}", retryable=response.status >= 500 or response.status == 429)
    is_json = response.content_type in {"application/json", "text/plain", "text/json"}
    content = bytearray()
    async for chunk in response.content.iter_chunked(65536):
        content += chunk
        if len(content) > (ANSWER_BYTES if is_json else FILE_BYTES):
            raise TooBig
    return bytes(content), is_json


def _code(content: bytes) -> int:
    """The errcode in an answer's body; 0 where all is well."""
    code = _parsed(content).get("errcode", 0)
    return code if isinstance(code, int) else -1


def _parsed(content: bytes) -> dict[str, Any]:
    try:
        answer = orjson.loads(content)
    except orjson.JSONDecodeError:
        raise SendFailed("unreadable answer", retryable=True) from None
    if not isinstance(answer, dict):
        raise SendFailed("unreadable answer", retryable=True)
    return answer
