"""The page on which people agree to notifications: WeChat's own button (`wx-open-subscribe` of its JS-SDK)."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.channels.channel import SendFailed
from bot.channels.wechat.api import Api
from bot.render import Words

PATH = "/wechat/notices"
SDK_HOST = "https://res.wx.qq.com"
SDK = f"{SDK_HOST}/open/js/jweixin-1.6.0.js"
MOST = 3  # templates that one button may name
# The button's own style stands inside it, in a place that only WeChat's client reads.
POLICY = (
    f"default-src 'none'; script-src 'self' {SDK_HOST}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Signed:
    """What `wx.config` is given; `timestamp` in seconds since 1970."""

    app_id: str
    timestamp: int
    nonce: str
    signature: str


class NoticesPage:
    """The page, in each language."""

    def __init__(self, words: Words, api: Api, base_url: str, templates: Sequence[str]) -> None:
        """`base_url`: the address that people reach, which the account must list as a safe domain of its JS-SDK."""
        self._words = words
        self._api = api
        self._base_url = base_url
        self._templates = ",".join(templates[:MOST])
        source = (files("templates") / "wechat" / "notices.html.j2").read_text("utf-8")
        environment = Environment(
            loader=FunctionLoader({"notices": source}.get), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        self._template = environment.get_template("notices")

    async def answer(self, request: Request) -> Response:
        """The page, signed for its exact address; without a ticket from the platform it says so."""
        wished = request.query_params.get("lang", "")
        language = wished if wished in self._words.languages else next(iter(self._words.languages))
        try:
            ticket = await self._api.ticket()
        except SendFailed:
            return HTMLResponse(self._html(language, _signed(self._api.app_id, "", "")), 503, headers=HEADERS)
        address = f"{self._base_url}{PATH}" + (f"?{request.url.query}" if request.url.query else "")
        return HTMLResponse(self._html(language, _signed(self._api.app_id, ticket, address)), headers=HEADERS)

    def _html(self, language: str, signed: Signed) -> str:
        other = next(code for code in self._words.languages if code != language)
        words: Mapping[str, str] = self._words.notices(language)
        return self._template.render(
            language=language, words=words, signed=signed, templates=self._templates, sdk=SDK, other=other,
            other_name=self._words.label(other, "commands", f"language:{other}"),
        )  # fmt: skip


def _signed(app_id: str, ticket: str, address: str) -> Signed:
    """The signature over ticket, nonce, time and address without fragment (document: JS-SDK, appendix 1)."""
    timestamp, nonce = int(datetime.now(UTC).timestamp()), secrets.token_hex(8)
    return Signed(app_id, timestamp, nonce, signature(ticket, nonce, timestamp, address))


def signature(ticket: str, nonce: str, timestamp: int, address: str) -> str:
    """SHA-1, as the platform wants it."""
    said = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={address}"
    return hashlib.sha1(said.encode(), usedforsecurity=False).hexdigest()
