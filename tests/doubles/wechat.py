"""WeChat's API for tests: an HTTP server on loopback that speaks it, remembers, and enforces its limits."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import orjson
from aiohttp import web

from tests.doubles.serving import running
from tests.doubles.troubles import Trouble, Troubles
from tests.doubles.wechat_account import Account
from tests.doubles.wechat_custom import TEXT_BYTES, custom
from tests.doubles.wechat_mass import mass
from tests.doubles.wechat_meter import BIZ, CUSTOM, MASS, MEDIA, MENU, QRCODE, STABLE, TEMPLATE, TICKET, TOKEN, UPLOAD
from tests.doubles.wechat_people import WINDOW
from tests.doubles.wechat_refusal import Refusal
from tests.doubles.wechat_templates import notification, template
from tests.doubles.wechat_tokens import Token

__all__ = ["TEXT_BYTES", "WINDOW", "WeChatDouble", "wechat_double"]

SCENE_LENGTH, SCENE_SECONDS = 64, 2_592_000
GROUP_NAME_BYTES = 16
NAME_BYTES = 60
API = "/cgi-bin/"
PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8")
PICTURE_BYTES, KEPT = 10 * 1024 * 1024, timedelta(days=3)
SENDS: Mapping[str, Callable[[Account, Mapping[str, Any]], dict[str, Any]]] = {
    CUSTOM: custom,
    TEMPLATE: template,
    BIZ: notification,
    MASS: mass,
}


@dataclass
class WeChatDouble(Account):
    """One account's API; what it remembers of people is the account's.

    `scenes`: what the codes made so far bring along, by the address they hold; `errors`: codes to answer next by
    path, and `statuses` likewise; both are used up one by one.
    """

    app_id: str = "wx0000000000000001"
    secret: str = "app-secret"
    base: str = ""
    expires_in: int = 7200
    media: dict[str, bytes] = field(default_factory=dict)
    scenes: dict[str, str] = field(default_factory=dict)
    menu: dict[str, Any] | None = None
    errors: dict[str, list[int]] = field(default_factory=dict)
    statuses: dict[str, list[int]] = field(default_factory=dict)
    troubles: Troubles = field(default_factory=Troubles)
    calls: Counter[str] = field(default_factory=Counter)
    raw_bodies: list[bytes] = field(default_factory=list)
    menu_set: asyncio.Event = field(default_factory=asyncio.Event)

    def expire_token(self) -> None:
        """Every token stops being valid before its time."""
        self.tokens.invalidate(self.clock.now())

    def texts_to(self, openid: str) -> list[str]:
        """The customer messages somebody got."""
        return [text for to, text in self.sent if to == openid]

    def app(self) -> web.Application:
        """The server's routes."""
        app = web.Application(middlewares=[self._disturbed])
        app.router.add_post(STABLE, self._stable_token)
        app.router.add_get(TOKEN, self._plain_token)
        app.router.add_get(TICKET, self._ticket)
        app.router.add_post(MENU, self._create_menu)
        app.router.add_get(MEDIA, self._get_media)
        app.router.add_post(UPLOAD, self._upload_media)
        app.router.add_post(QRCODE, self._create_code)
        for path in SENDS:
            app.router.add_post(path, self._send)
        return app

    @web.middleware
    async def _disturbed(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """What the test wants to go wrong; else the call is checked and done."""
        path = request.path
        if not path.startswith(API):
            page: web.StreamResponse = await handler(request)
            return page
        self.calls[path] += 1
        if self.statuses.get(path):
            return web.Response(status=self.statuses[path].pop(0))
        trouble = self.troubles.draw(path)
        if trouble is Trouble.TOKEN_GONE:
            self.expire_token()
        return await self.troubles.meet(trouble, request, _broken, lambda: self._answer(request, handler))

    async def _answer(self, request: web.Request, handler: Any) -> web.StreamResponse:
        try:
            if self.errors.get(request.path):
                raise Refusal(self.errors[request.path].pop(0))
            if request.path not in (STABLE, TOKEN):
                self.tokens.check(request.query.get("access_token"), self.clock.now())
            self.meter.count(request.path, self.clock.now())
            response: web.StreamResponse = await handler(request)
        except Refusal as refusal:
            self.refuse(refusal.code, request.path, await _addressee(request), refusal.violation)
            return _answered({"errcode": refusal.code, "errmsg": "refused", **refusal.more})
        return response

    async def _stable_token(self, request: web.Request) -> web.Response:
        asked = await request.json()
        force = asked.get("force_refresh", False)
        if asked.get("grant_type") != "client_credential" or not isinstance(force, bool):
            raise Refusal(40002)
        self._check_account(asked)
        return self._handed(self.tokens.stable(self.clock.now(), timedelta(seconds=self.expires_in), force=force))

    async def _ticket(self, request: web.Request) -> web.Response:
        """The ticket that pages sign with; the same for two hours."""
        if request.query.get("type") != "jsapi":
            raise Refusal(40097)
        return _answered({"errcode": 0, "errmsg": "ok", "ticket": "ticket-of-the-double", "expires_in": 7200})

    async def _plain_token(self, request: web.Request) -> web.Response:
        if request.query.get("grant_type") != "client_credential":
            raise Refusal(40002)
        self._check_account(request.query)
        return self._handed(self.tokens.plain(self.clock.now(), timedelta(seconds=self.expires_in)))

    def _check_account(self, asked: Mapping[str, Any]) -> None:
        if asked.get("appid") != self.app_id:
            raise Refusal(40013)
        if asked.get("secret") != self.secret:
            raise Refusal(40125)

    def _handed(self, token: Token) -> web.Response:
        left = int((token.ends_at - self.clock.now()).total_seconds())
        return web.json_response({"access_token": token.value, "expires_in": left})

    async def _send(self, request: web.Request) -> web.Response:
        try:
            more = SENDS[request.path](self, await self._read(request))
        except (KeyError, TypeError, AttributeError):
            raise Refusal(47001) from None
        return _answered({"errcode": 0, "errmsg": "ok", **more})

    async def _create_menu(self, request: web.Request) -> web.Response:
        body = await self._read(request)
        groups = body["button"]
        if not 1 <= len(groups) <= 3 or any(len(group.get("sub_button", [])) > 5 for group in groups):
            raise Refusal(40016)
        if any(not _is_named(group) for group in groups):
            raise Refusal(40018)
        self.menu = body
        self.menu_set.set()
        return _answered({"errcode": 0, "errmsg": "ok"})

    async def _create_code(self, request: web.Request) -> web.Response:
        """A temporary code with a scene of letters; its address stands for the code that a phone would scan."""
        body = await self._read(request)
        scene = body.get("action_info", {}).get("scene", {}).get("scene_str", "")
        if body.get("action_name") != "QR_STR_SCENE" or not 1 <= len(scene) <= SCENE_LENGTH:
            raise Refusal(40053)
        if not 0 < body.get("expire_seconds", 60) <= SCENE_SECONDS:
            raise Refusal(40052)
        address = f"http://weixin.qq.com/q/{len(self.scenes) + 1:08d}"
        self.scenes[address] = scene
        seconds = body["expire_seconds"]
        return _answered({"ticket": f"ticket-{len(self.scenes)}", "expire_seconds": seconds, "url": address})

    async def _get_media(self, request: web.Request) -> web.Response:
        content = self.media.get(request.query.get("media_id", ""))
        if content is None:
            raise Refusal(40007)
        is_video = content.startswith(b'{"video_url"')
        return web.Response(body=content, content_type="text/plain" if is_video else "image/jpeg")

    async def _upload_media(self, request: web.Request) -> web.Response:
        """A picture of up to 10 MB, kept for three days."""
        if request.query.get("type") != "image":
            raise Refusal(40004)
        given = (await request.post()).get("media")
        content = given.file.read() if isinstance(given, web.FileField) else b""
        if not content:
            raise Refusal(41005)
        if not content.startswith(PICTURES):
            raise Refusal(40005)
        if len(content) > PICTURE_BYTES:
            raise Refusal(40009)
        media_id, now = f"uploaded-{len(self.uploaded) + 1}", self.clock.now()
        self.media[media_id], self.uploaded[media_id] = content, now + KEPT
        return _answered({"type": "image", "media_id": media_id, "created_at": int(now.timestamp())})

    async def _read(self, request: web.Request) -> dict[str, Any]:
        """The body; Refusal if it is no JSON, or holds escapes where the platform wants UTF-8 itself."""
        raw = await request.read()
        self.raw_bodies.append(raw)
        if b"\\u" in raw:
            raise Refusal(40033)
        try:
            return dict(orjson.loads(raw))
        except ValueError:
            raise Refusal(47001) from None


async def _addressee(request: web.Request) -> str:
    """Whom a call was for, if it says so."""
    try:
        to = orjson.loads(await request.read())["touser"]
    except (ValueError, KeyError, TypeError):
        return ""
    return to if isinstance(to, str) else ""


def _is_named(group: dict[str, Any]) -> bool:
    buttons = group.get("sub_button", [])
    return len(group["name"].encode()) <= GROUP_NAME_BYTES and all(
        len(button["name"].encode()) <= NAME_BYTES for button in buttons
    )


def _answered(values: Mapping[str, Any]) -> web.Response:
    return web.Response(body=orjson.dumps(values), content_type="text/plain")


def _broken() -> web.Response:
    return web.Response(status=500)


@asynccontextmanager
async def wechat_double(**changes: Any) -> AsyncIterator[WeChatDouble]:
    """The server, running; its address is `base`."""
    double = WeChatDouble(**changes)
    async with running(double.app(), double.troubles) as base:
        double.base = base
        yield double
