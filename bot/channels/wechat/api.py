"""The platform's HTTP interface: one token for all, customer messages, files, the menu."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import orjson
from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    FormData,
)

from bot.channels.channel import FetchFailed, SendFailed
from bot.channels.wechat import errors
from bot.channels.wechat.short import Short
from bot.channels.wechat.tokens import Tokens
from bot.settings import Settings
from storage.database import Database

TIMEOUT_SECONDS = 10
CONNECT_SECONDS = 5  # apart from the whole: what ran out of it has not left
FILE_BYTES = 10 * 1024 * 1024
ANSWER_BYTES = 1024 * 1024
GATEWAY_FAULTS = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT})
JSON_TYPES = frozenset({"application/json", "text/plain", "text/json"})
JSON = {"Content-Type": "application/json; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Call:
    """One request; `takes_file`: the answer is a file, and JSON only where that fails; `picture`: a JPEG to upload.

    `says`: it says something to somebody, so that without an answer nobody knows whether they heard it.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    picture: bytes = b""
    takes_file: bool = False
    says: bool = False

    def with_token(self, token: str) -> "Call":
        """The same request, as the account."""
        return replace(self, query={**self.query, "access_token": token})


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: bytes, and its values where it is JSON."""

    content: bytes
    values: Mapping[str, Any]
    is_json: bool

    @property
    def code(self) -> int:
        """The `errcode` in the body, which comes with status 200; 0 where all is well."""
        code = self.values.get("errcode", 0)
        return code if isinstance(code, int) else -1


class Api:
    """Requests as one account. Every failure is a SendFailed, or a FetchFailed for files."""

    def __init__(self, base: str, app_id: str, app_secret: str, database: Database) -> None:
        self._base = base
        self._app_id = app_id
        self._app_secret = app_secret
        self._session: ClientSession | None = None
        self._tokens = Tokens(database, app_id, self._fetch_token)
        self._tickets = Tokens(database, f"{app_id}:jsapi", self._fetch_ticket)

    @classmethod
    def of(cls, settings: Settings, database: Database) -> "Api":
        """For the account of the settings; the database holds the token for all copies of the program."""
        secret = settings.wechat_app_secret.get_secret_value()
        return cls(settings.wechat_api_base, settings.wechat_app_id, secret, database)

    @property
    def app_id(self) -> str:
        """The account's AppID."""
        return self._app_id

    @property
    def has_secret(self) -> bool:
        """Whether the account may make requests at all; without a secret it only answers."""
        return bool(self._app_id and self._app_secret)

    def open(self) -> None:
        """Be ready for requests."""
        self._session = ClientSession(timeout=ClientTimeout(total=TIMEOUT_SECONDS, connect=CONNECT_SECONDS))

    async def close(self) -> None:
        """Let the connections go."""
        if self._session is not None:
            await self._session.close()
        self._session = None

    async def send_text(self, openid: str, content: str) -> None:
        """A customer message; the platform takes five within 48 hours of what the person wrote."""
        text = {"touser": openid, "msgtype": "text", "text": {"content": content}}
        await self._call(Call("POST", "/cgi-bin/message/custom/send", body=text, says=True))

    async def send_picture(self, openid: str, media_id: str) -> None:
        """A customer message too, which counts like one."""
        picture = {"touser": openid, "msgtype": "image", "image": {"media_id": media_id}}
        await self._call(Call("POST", "/cgi-bin/message/custom/send", body=picture, says=True))

    async def upload_picture(self, content: bytes) -> str:
        """The MediaId of a JPEG of up to 10 MB; the platform keeps it for three days."""
        answer = await self._call(Call("POST", "/cgi-bin/media/upload", {"type": "image"}, picture=content))
        media_id = str(answer.values.get("media_id", ""))
        if not media_id:
            raise SendFailed("no media id", retryable=True)
        return media_id

    async def send_template(self, openid: str, short: Short, once: str) -> str:
        """A template message; its number, under which its result comes. `once`: said again within ten minutes under
        the same id it is refused with 40241."""
        body = {**_filled(openid, short), "client_msg_id": once}
        answer = await self._call(Call("POST", "/cgi-bin/message/template/send", body=body, says=True))
        return str(answer.values.get("msgid", ""))

    async def send_notification(self, openid: str, short: Short) -> None:
        """A subscription notification, of those that the person agreed to."""
        await self._call(Call("POST", "/cgi-bin/message/subscribe/bizsend", body=_filled(openid, short), says=True))

    async def send_to_many(self, openids: Sequence[str], content: str, once: str) -> str:
        """One text to 2–10,000 followers; the call's number. `once`: the same id again is refused with 45065."""
        body = {"touser": list(openids), "msgtype": "text", "text": {"content": content}, "clientmsgid": once}
        answer = await self._call(Call("POST", "/cgi-bin/message/mass/send", body=body, says=True))
        return str(answer.values.get("msg_id", ""))

    async def ticket(self) -> str:
        """The ticket that pages sign with; one for all copies of the program, like the token."""
        return await self._tickets.token()

    async def create_menu(self, menu: Mapping[str, Any]) -> None:
        """Set the buttons below the talk; clients show them within minutes."""
        await self._call(Call("POST", "/cgi-bin/menu/create", body=menu))

    async def create_code(self, scene: str, seconds: int) -> str:
        """What a temporary QR code holds that brings a scene (1 to 64 characters) along."""
        body = {
            "expire_seconds": seconds,
            "action_name": "QR_STR_SCENE",
            "action_info": {"scene": {"scene_str": scene}},
        }
        answer = await self._call(Call("POST", "/cgi-bin/qrcode/create", body=body))
        address = str(answer.values.get("url", ""))
        if not address:
            raise SendFailed("no code", retryable=True)
        return address

    async def media(self, media_id: str) -> bytes:
        """A file that somebody sent within the last three days."""
        try:
            answer = await self._call(Call("GET", "/cgi-bin/media/get", {"media_id": media_id}, takes_file=True))
        except SendFailed as failed:
            raise FetchFailed(retryable=failed.retryable) from None
        if answer.is_json:
            raise FetchFailed(retryable=False)
        return answer.content

    async def _call(self, call: Call) -> Answer:
        """A request with the token, once more with a fresh one where the platform refuses the old."""
        token = await self._tokens.token()
        answer = await self._request(call.with_token(token))
        if answer.code in errors.OLD_TOKEN:
            token = await self._tokens.token(refused=token)
            answer = await self._request(call.with_token(token))
        if answer.code:
            raise errors.failure(answer.code, datetime.now(UTC), answer.values)
        return answer

    async def _fetch_token(self) -> tuple[str, float]:
        """The stable token and for how many seconds it holds; never forced, so that no other program loses its own."""
        if not self.has_secret:
            raise SendFailed("no app id and secret", retryable=False)
        wanted = {
            "grant_type": "client_credential",
            "appid": self._app_id,
            "secret": self._app_secret,
            "force_refresh": False,
        }
        answer = await self._request(Call("POST", "/cgi-bin/stable_token", body=wanted))
        if answer.code or "access_token" not in answer.values:
            raise errors.failure(answer.code or -1, datetime.now(UTC))
        return str(answer.values["access_token"]), float(answer.values.get("expires_in", 0))

    async def _fetch_ticket(self) -> tuple[str, float]:
        answer = await self._call(Call("GET", "/cgi-bin/ticket/getticket", {"type": "jsapi"}))
        if "ticket" not in answer.values:
            raise errors.failure(-1, datetime.now(UTC))
        return str(answer.values["ticket"]), float(answer.values.get("expires_in", 0))

    async def _request(self, call: Call) -> Answer:
        """The answer. Nothing of the address, which holds the token, gets into an error."""
        if self._session is None:
            raise SendFailed("not started", retryable=True)
        data, headers = _body(call)
        url = self._base + call.path
        try:
            async with self._session.request(
                call.method, url, params=call.query, data=data, headers=headers
            ) as response:
                return await _read(response, call)
        except (ClientError, TimeoutError, OSError) as error:
            left = call.says and not isinstance(error, ClientConnectorError | ConnectionTimeoutError)
            raise SendFailed("no answer" if left else "no connection", retryable=True, unknown=left) from None


def _body(call: Call) -> tuple[bytes | FormData | None, Mapping[str, str]]:
    """What a request carries, and its kind."""
    if call.picture:
        form = FormData()
        form.add_field("media", call.picture, filename="picture.jpg", content_type="image/jpeg")
        return form, {}
    return (None if call.body is None else orjson.dumps(call.body)), JSON


def _filled(openid: str, short: Short) -> dict[str, Any]:
    data = {name: {"value": value} for name, value in short.values.items()}
    return {"touser": openid, "template_id": short.template, "data": data}


async def _read(response: ClientResponse, call: Call) -> Answer:
    if response.status >= HTTPStatus.BAD_REQUEST:
        left = call.says and response.status in GATEWAY_FAULTS
        raise SendFailed(f"HTTP {response.status}", retryable=_may_pass(response.status), unknown=left)
    is_file = call.takes_file and response.content_type not in JSON_TYPES
    content = await _limited(response, FILE_BYTES if is_file else ANSWER_BYTES)
    return Answer(content, {} if is_file else _parsed(content), is_json=not is_file)


async def _limited(response: ClientResponse, limit: int) -> bytes:
    content = bytearray()
    async for chunk in response.content.iter_chunked(65536):
        content += chunk
        if len(content) > limit:
            raise SendFailed("answer too large", retryable=False)
    return bytes(content)


def _may_pass(status: int) -> bool:
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS


def _parsed(content: bytes) -> dict[str, Any]:
    try:
        answer = orjson.loads(content)
    except orjson.JSONDecodeError:
        answer = None
    if not isinstance(answer, dict):
        raise SendFailed("unreadable answer", retryable=True)
    return answer
