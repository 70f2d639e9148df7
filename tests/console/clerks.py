"""The console over real HTTP, and clerks who use it as a browser would."""

import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pyotp

from bot.copies import EVERY_PART, Parts
from handlers.office import passwords, staff
from handlers.office.staff import Invited
from storage import staff as accounts
from storage import staff_sessions
from storage.database import Work
from storage.staff import Member
from tests.channels.web_house import WebHouse, served

PASSWORD = "bamboo sunrise seventh stop"
HASHED = passwords.hashed(PASSWORD)  # once for all tests: it is slow on purpose
FORM_TOKEN = re.compile(r'name="csrf" value="([^"]+)"')
STEP = 30


@dataclass(slots=True)
class Clerk:
    """Somebody at the console; `codes` gives their one-time codes."""

    web: WebHouse
    client: httpx.AsyncClient
    member: Member
    secret: str = ""
    used: int = 0

    async def get(self, path: str) -> httpx.Response:
        """Open a page; redirects are shown and not followed."""
        return await self.client.get(path)

    async def post(self, path: str, form: str = "", **fields: str) -> httpx.Response:
        """Send a form that stands on the page `form` (the same path if not given)."""
        token = form_token(await self.client.get(form or path))
        return await self.client.post(path, data={"csrf": token, **fields})

    async def follow(self, response: httpx.Response) -> httpx.Response:
        """Where a form leads to."""
        assert response.status_code == 303, (response.status_code, shown(response))
        return await self.client.get(response.headers["location"])

    def code(self) -> str:
        """The next code that was not used, of this moment or a step later."""
        totp = pyotp.TOTP(self.secret)
        step = max(totp.timecode(datetime.now(UTC)), self.used + 1)
        self.used = step
        return totp.generate_otp(step)

    async def give_password(self, password: str = PASSWORD, login: str = "") -> httpx.Response:
        """The first page of signing in."""
        return await self.post("/console/sign-in", login=login or self.member.login, password=password)

    async def sign_in(self) -> httpx.Response:
        """Both pages; the first page behind them."""
        await self.follow(await self.give_password())
        return await self.follow(await self.post("/console/code", code=self.code()))


def form_token(response: httpx.Response) -> str:
    """The token in a page's forms."""
    found = FORM_TOKEN.search(response.text)
    assert found is not None, shown(response)
    return found[1]


def shown(response: httpx.Response) -> str:
    """What a page says, without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.text)).split())


@asynccontextmanager
async def console(
    folder: Path, database_url: str = "", parts: Parts = EVERY_PART, /, **changes: Any
) -> AsyncIterator[WebHouse]:
    """The whole program, on a database of its own or the one given."""
    if database_url:
        changes["database_url"] = database_url
    async with served(folder, parts, **changes) as web:
        yield web


async def run(web: WebHouse, work: Work[Any]) -> Any:
    """Work on the program's own database."""
    return await web.house.database.run(work)


async def invited(web: WebHouse, role: str = "administrator", area: str = "", login: str = "") -> Invited:
    """A new account that nobody has set up."""
    name = login or f"{role}{secrets.token_hex(3)}"
    new = Member(0, "", name, "王芳", role, area, "zh")
    added = await run(web, lambda unit: staff.add(unit, new, web.house.areas(), datetime.now(UTC)))
    assert isinstance(added, Invited), added
    return added


@asynccontextmanager
async def clerk(web: WebHouse, role: str = "administrator", area: str = "", login: str = "") -> AsyncIterator[Clerk]:
    """A member who has set everything up, at a browser that is not signed in."""
    member = (await invited(web, role, area, login)).member
    secret, now = pyotp.random_base32(), datetime.now(UTC)
    await run(web, lambda unit: accounts.set_password(unit, member.id, HASHED, now))
    await run(web, lambda unit: accounts.offer_totp(unit, member.id, secret, now))
    await run(web, lambda unit: accounts.confirm_totp(unit, member.id, now))
    async with web.browser() as client:
        yield Clerk(web, client, replace(member, has_password=True, has_totp=True), secret)


@asynccontextmanager
async def at_work(web: WebHouse, role: str = "administrator", area: str = "") -> AsyncIterator[Clerk]:
    """A member who is signed in already."""
    async with clerk(web, role, area) as somebody:
        token = secrets.token_urlsafe(32)
        opened = staff_sessions.open_session
        await run(web, lambda unit: opened(unit, token, somebody.member.id, "full", datetime.now(UTC)))
        somebody.client.cookies.set("anju_console", token)
        yield somebody
