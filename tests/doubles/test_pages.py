"""The doubles' pages, by which somebody tries the product by hand."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape
from typing import Any

import httpx
import pytest
from aiohttp import web
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.doubles import telegram_page, wechat_page
from tests.doubles.__main__ import read
from tests.doubles.serving import running
from tests.doubles.telegram import TelegramDouble
from tests.doubles.troubles import Trouble, Troubles
from tests.doubles.wechat import WeChatDouble
from tests.doubles.wechat_phone import Phone, served
from tests.program import free_port

LI = wechat_page.openid("Li")
CHAT = telegram_page.FIRST_ID
MENU = {"button": [{"type": "click", "name": "登记", "key": "start"}]}
LINK = '<a href="weixin://bizmsgmenu?msgmenucontent=%E6%98%AF&msgmenuid=m.1">是</a>'
KEYS = {"inline_keyboard": [[{"text": "是", "callback_data": "yes"}]]}
SHARE = {"keyboard": [[{"text": "我的电话", "request_contact": True}], [{"text": "跳过"}]]}


class Page:
    """A double's page in a browser."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def do(self, form: str, file: bytes = b"", **fields: object) -> str:
        """Send a form off; the page shown then."""
        sent: dict[str, Any] = {name: (None, str(value)) for name, value in fields.items()}
        files = sent | ({"file": ("p.jpg", file)} if file else {})
        return unescape((await self._http.post(f"/{form}", files=files or {"x": (None, "")})).text)

    async def text(self) -> str:
        """The page as it is."""
        return (await self._http.get("/")).text


@asynccontextmanager
async def page(app: web.Application, routes: list[web.RouteDef]) -> AsyncIterator[Page]:
    """The page, served."""
    app.add_routes(routes)
    async with running(app, Troubles()) as base, httpx.AsyncClient(base_url=base, follow_redirects=True) as http:
        yield Page(http)


@asynccontextmanager
async def program(answer: bytes = b"success", status: int = 200) -> AsyncIterator[tuple[str, list[str]]]:
    """A program's address, and the bodies it got."""
    got: list[str] = []

    async def take(request: Request) -> Response:
        got.append((await request.body()).decode())
        return Response(answer, status_code=status)

    async with served([Route(path, take, methods=["POST"]) for path in ("/wechat", "/telegram")]) as url:
        yield url, got


@asynccontextmanager
async def wechat(**changes: Any) -> AsyncIterator[tuple[Page, WeChatDouble, list[str]]]:
    """The WeChat double's page."""
    async with program(**changes) as (url, got):
        double = WeChatDouble(program=Phone(url, "t"), menu=MENU, notifications={"permit": ()})
        async with page(double.app(), wechat_page.Page(double).routes()) as shown:
            yield shown, double, got


@asynccontextmanager
async def telegram(**changes: Any) -> AsyncIterator[tuple[Page, TelegramDouble, list[str]]]:
    """The Telegram double's page."""
    async with program(**{"answer": b"", **changes}) as (url, got):
        double = TelegramDouble(webhook={"url": f"{url}/telegram"})
        async with page(double.app(), telegram_page.Page(double).routes()) as shown:
            yield shown, double, got


WECHAT_FORMS: list[tuple[str, dict[str, Any], str]] = [
    ("follow", {"name": "Li"}, "<Event>subscribe</Event>"),
    ("follow", {"openid": LI}, "<Event>subscribe</Event>"),
    ("unfollow", {"openid": LI}, "<Event>unsubscribe</Event>"),
    ("say", {"openid": LI, "text": "1 < 2"}, "<Content>1 &lt; 2</Content>"),
    ("press", {"openid": LI, "text": "是", "item": "m.1"}, "<bizmsgmenuid>m.1</bizmsgmenuid>"),
    ("choose", {"openid": LI, "key": "start"}, "<EventKey>start</EventKey>"),
    ("picture", {"openid": LI, "file": b"\xff\xd8"}, "<MediaId>media-1</MediaId>"),
]


@pytest.mark.parametrize(("form", "fields", "told"), WECHAT_FORMS)
async def test_a_follower_acts_by_forms(form: str, fields: dict[str, Any], told: str) -> None:
    async with wechat() as (shown, _, got):
        assert LI in await shown.do(form, **fields)
        assert told in got[0]
        assert f"<FromUserName>{LI}</FromUserName>" in got[0]


async def test_a_followers_page_shows_what_they_saw_as_text_with_links_and_the_menu_as_buttons() -> None:
    async with wechat() as (shown, double, _):
        double.people.add(LI)
        double.saw(LI, f"<b>?</b> {LINK}", "reply")
        text = await shown.text()
        assert "&lt;b&gt;?&lt;/b&gt; 是" in text
        assert "<button>是</button>" in text
        assert "<button>☰ 登记</button>" in text


async def test_a_notification_can_be_granted() -> None:
    async with wechat() as (shown, double, _):
        await shown.do("grant", openid=LI, template="permit")
        assert double.person(LI).notices["permit"] == 1


async def test_the_clock_and_troubles_are_on_the_page() -> None:
    async with wechat() as (shown, double, _):
        double.refuse(45015, "/cgi-bin/message/custom/send", LI, "window")
        await shown.do("forward", seconds=3600)
        assert "45015" in await shown.do("trouble", trouble="ERROR")
        assert (double.clock.ahead.total_seconds(), double.troubles.draw("any")) == (3600, Trouble.ERROR)


TELEGRAM_FORMS: list[tuple[str, dict[str, Any], str]] = [
    ("say", {"text": "1 < 2"}, '"text":"1 < 2"'),
    ("press", {"message": 1000, "data": "yes"}, '"data":"yes"'),
    ("picture", {"file": b"\xff\xd8"}, '"file_id":"file1"'),
    ("contact", {"phone": "+8613800138000"}, '"phone_number":"+8613800138000"'),
    ("block", {}, '"status":"kicked"'),
    ("unblock", {}, '"status":"member"'),
]


@pytest.mark.parametrize(("form", "fields", "told"), TELEGRAM_FORMS)
async def test_a_telegram_user_acts_by_forms(form: str, fields: dict[str, Any], told: str) -> None:
    async with telegram() as (shown, double, got):
        assert "<伟>" in await shown.do("begin", name="<伟>")
        double.take("sendMessage", {"chat_id": CHAT, "text": "？", "reply_markup": KEYS})
        assert "Not taken" not in await shown.do(form, chat=CHAT, **fields)
        assert told in got[1].replace('": ', '":')


async def test_the_buttons_of_the_last_message_are_on_the_page() -> None:
    async with telegram() as (shown, double, _):
        await shown.do("begin", name="<伟>")
        double.take("sendMessage", {"chat_id": CHAT, "text": "？", "reply_markup": KEYS})
        first = await shown.text()
        assert ("<button>是</button>" in first, "&lt;伟&gt;" in first) == (True, True)
        double.take("sendMessage", {"chat_id": CHAT, "text": "？", "reply_markup": SHARE})
        second = await shown.text()
        assert ("<button>是</button>" in second, second.count("name=phone"), "跳过" in second) == (False, 1, True)


async def test_a_program_that_does_not_take_it_is_told_on_the_page() -> None:
    async with telegram(status=503) as (shown, *_), wechat(status=403) as (other, *_):
        assert "did not take it" in await shown.do("begin", name="Wei")
        assert "did not take it" in await other.do("follow", name="Li")


def test_templates_are_given_on_the_command_line() -> None:
    assert read(["--template", "permit:thing1,time2"]).template == [("permit", ("thing1", "time2"))]


async def test_one_command_starts_both_and_says_how_to_use_them() -> None:
    ports = [str(free_port()), str(free_port())]
    arguments = ["-m", "tests.doubles", "--wechat-port", ports[0], "--telegram-port", ports[1]]
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        said = (await process.stdout.readuntil(f"{ports[1]}/\n".encode())).decode()
        async with httpx.AsyncClient() as http:
            titles = [(await http.get(f"http://127.0.0.1:{port}/")).text for port in ports]
    finally:
        process.send_signal(signal.SIGINT)
        code = await process.wait()
    assert f"ANJU_WECHAT_API_BASE=http://127.0.0.1:{ports[0]}" in said
    assert ["WeChat" in titles[0], "Telegram" in titles[1], code] == [True, True, 0]
