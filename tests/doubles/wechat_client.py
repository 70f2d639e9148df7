"""A program's side of WeChat's API, for tests of the double: calls, and the codes that came back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson

from tests.doubles.clock import Clock
from tests.doubles.wechat import WeChatDouble, wechat_double
from tests.doubles.wechat_meter import BIZ, CUSTOM, MASS, STABLE, TEMPLATE, TOKEN
from tests.doubles.wechat_people import People

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
LI, WANG = "oLi0000000000000000000000001", "oWang000000000000000000000001"
PERMIT = ("thing1", "time2")
DATA = {"thing1": {"value": "居住证到期"}, "time2": {"value": "2026-12-01"}}


@dataclass
class Client:
    """One program with one token."""

    double: WeChatDouble
    http: httpx.AsyncClient
    token: str = ""

    async def fetch(self, *, force: bool = False) -> dict[str, Any]:
        """A stable token, kept where one came."""
        asked = {"grant_type": "client_credential", "appid": self.double.app_id, "secret": self.double.secret}
        answer = await self.http.post(STABLE, json=asked | {"force_refresh": force})
        values: dict[str, Any] = answer.json()
        self.token = values.get("access_token", self.token)
        return values

    async def fetch_plain(self) -> dict[str, Any]:
        """A token of the older kind, kept likewise."""
        asked = {"grant_type": "client_credential", "appid": self.double.app_id, "secret": self.double.secret}
        values: dict[str, Any] = (await self.http.get(TOKEN, params=asked)).json()
        self.token = values.get("access_token", self.token)
        return values

    async def later(self, by: timedelta) -> None:
        """Move the clock, and see to the token."""
        self.double.clock.forward(by)
        await self.fetch()

    async def call(self, path: str, body: object) -> dict[str, Any]:
        """Any call, with UTF-8 as the platform wants it."""
        answer = await self.http.post(path, params={"access_token": self.token}, content=orjson.dumps(body))
        values: dict[str, Any] = answer.json()
        return values

    async def custom(self, openid: str = LI, text: str = "好") -> int:
        """A customer message; its code."""
        body = {"touser": openid, "msgtype": "text", "text": {"content": text}}
        return int((await self.call(CUSTOM, body))["errcode"])

    async def custom_with(self, token: str) -> int:
        """The same with another token."""
        self.token = token
        return await self.custom()

    async def template(self, openid: str = LI, template_id: str = "permit", **changes: Any) -> int:
        """A template message; its code."""
        body = {"touser": openid, "template_id": template_id, "data": DATA, **changes}
        return int((await self.call(TEMPLATE, body))["errcode"])

    async def notify(self, openid: str = LI, template_id: str = "permit", **changes: Any) -> int:
        """A subscription notification; its code."""
        body = {"touser": openid, "template_id": template_id, "data": DATA, **changes}
        return int((await self.call(BIZ, body))["errcode"])

    async def mass(self, *openids: str, **more: str) -> dict[str, Any]:
        """A mass message; the answer."""
        body = {"touser": list(openids), "msgtype": "text", "text": {"content": "公告"}, **more}
        return await self.call(MASS, body)


@asynccontextmanager
async def client(**changes: Any) -> AsyncIterator[Client]:
    """A program with a token, at a strict double whose clock stands and that knows Li and Wang as followers."""
    made = {"clock": Clock(NOON), "people": People(strangers=False)}
    templates = {"templates": {"permit": PERMIT}, "notifications": {"permit": PERMIT}}
    async with wechat_double(**{**made, **templates, **changes}) as double:
        for openid in (LI, WANG):
            double.people.add(openid)
        async with httpx.AsyncClient(base_url=double.base, timeout=5) as http:
            program = Client(double, http)
            await program.fetch()
            yield program
