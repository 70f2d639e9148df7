"""WeChat's API for tests: an HTTP server on loopback that speaks it and enforces its limits."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web

TEXT_BYTES = 2048
WINDOW = 5
GROUP_NAME_BYTES = 16
NAME_BYTES = 60
OLD_TOKEN = 40001


@dataclass
class WeChatDouble:
    """One account's API. `windows`: how many customer messages each follower may still get.

    `errors`: codes to answer next by path, and `statuses` likewise; both are used up one by one.
    """

    app_id: str = "wx0000000000000001"
    secret: str = "app-secret"
    base: str = ""
    expires_in: int = 7200
    windows: dict[str, int] = field(default_factory=dict)
    sent: list[tuple[str, str]] = field(default_factory=list)
    media: dict[str, bytes] = field(default_factory=dict)
    menu: dict[str, Any] | None = None
    errors: dict[str, list[int]] = field(default_factory=dict)
    statuses: dict[str, list[int]] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    raw_bodies: list[bytes] = field(default_factory=list)
    menu_set: asyncio.Event = field(default_factory=asyncio.Event)
    _tokens: int = 0
    _token: str = ""

    def wrote(self, openid: str) -> None:
        """Whoever writes may be sent five customer messages."""
        self.windows[openid] = WINDOW

    def expire_token(self) -> None:
        """The token stops being valid before its time."""
        self._token = ""

    def texts_to(self, openid: str) -> list[str]:
        """The customer messages somebody got."""
        return [text for to, text in self.sent if to == openid]

    def app(self) -> web.Application:
        """The server's routes."""
        app = web.Application(middlewares=[self._disturbed])
        app.router.add_post("/cgi-bin/stable_token", self._stable_token)
        app.router.add_post("/cgi-bin/message/custom/send", self._send)
        app.router.add_post("/cgi-bin/menu/create", self._create_menu)
        app.router.add_get("/cgi-bin/media/get", self._get_media)
        return app

    @web.middleware
    async def _disturbed(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """What the test wants to go wrong; else the token is checked."""
        self.calls[request.path] += 1
        if self.statuses.get(request.path):
            return web.Response(status=self.statuses[request.path].pop(0))
        if self.errors.get(request.path):
            return _error(self.errors[request.path].pop(0))
        if not request.path.endswith("stable_token") and request.query.get("access_token") != (self._token or None):
            return _error(OLD_TOKEN)
        response: web.StreamResponse = await handler(request)
        return response

    async def _stable_token(self, request: web.Request) -> web.Response:
        asked = await request.json()
        if asked.get("grant_type") != "client_credential" or asked.get("force_refresh") is not False:
            return _error(40002)
        if asked.get("appid") != self.app_id:
            return _error(40013)
        if asked.get("secret") != self.secret:
            return _error(40125)
        if not self._token:
            self._tokens += 1
            self._token = f"token-{self._tokens}"
        return web.json_response({"access_token": self._token, "expires_in": self.expires_in})

    async def _send(self, request: web.Request) -> web.Response:
        body = await self._read(request)
        if body is None:
            return _error(40033)
        openid, text = body["touser"], body["text"]["content"]
        if openid not in self.windows:
            return _error(45015)
        if len(text.encode()) > TEXT_BYTES:
            return _error(45002)
        if self.windows[openid] < 1:
            return _error(45047)
        self.windows[openid] -= 1
        self.sent.append((openid, text))
        return _error(0)

    async def _create_menu(self, request: web.Request) -> web.Response:
        body = await self._read(request)
        if body is None:
            return _error(40033)
        groups = body["button"]
        if not 1 <= len(groups) <= 3 or any(len(group.get("sub_button", [])) > 5 for group in groups):
            return _error(40016)
        if any(not _is_named(group) for group in groups):
            return _error(40018)
        self.menu = body
        self.menu_set.set()
        return _error(0)

    async def _get_media(self, request: web.Request) -> web.Response:
        content = self.media.get(request.query.get("media_id", ""))
        if content is None:
            return _error(40007)
        is_video = content.startswith(b'{"video_url"')
        return web.Response(body=content, content_type="text/plain" if is_video else "image/jpeg")

    async def _read(self, request: web.Request) -> Any:
        """The body; None if it holds escapes where the platform wants UTF-8 itself."""
        raw = await request.read()
        self.raw_bodies.append(raw)
        return None if b"\\u" in raw else orjson.loads(raw)


def _is_named(group: dict[str, Any]) -> bool:
    buttons = group.get("sub_button", [])
    return len(group["name"].encode()) <= GROUP_NAME_BYTES and all(
        len(button["name"].encode()) <= NAME_BYTES for button in buttons
    )


def _error(code: int) -> web.Response:
    return web.Response(
        body=orjson.dumps({"errcode": code, "errmsg": "ok" if code == 0 else "refused"}), content_type="text/plain"
    )


@asynccontextmanager
async def wechat_double(**changes: Any) -> AsyncIterator[WeChatDouble]:
    """The server, running; its address is `base`."""
    double = WeChatDouble(**changes)
    runner = web.AppRunner(double.app())
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        double.base = f"http://{host}:{port}"
        yield double
    finally:
        await runner.cleanup()
