"""A member of the staff at a browser: signs in, opens pages, sends the forms that stand on them."""

import asyncio
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from typing import Any

import httpx
import pyotp

from bench.city.copies import Doors

FORM = r'<form [^>]*method="post"[^>]*action="{path}(?:\?[^"]*)?"[^>]*>(.*?)</form>'
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
SECRET = re.compile(r'<code class="secret">([A-Z2-7 ]+)</code>')
PASSWORD = "bamboo sunrise seventh stop"  # noqa: S105 -- invented
OK, SEE_OTHER, BUSY = 200, 303, 503
TRIES = 8
BREATH = 2.0  # seconds


class NotDone(Exception):
    """The office could not do what the day's plan wants:"""

    def __init__(self, what: object) -> None:
        super().__init__(f"{(type(self).__doc__ or '').strip()} {what}")


class Unsure(Exception):
    """The connection broke after a form had been sent: it was taken, or it was not."""


class ByDoors(httpx.AsyncBaseTransport):
    """A browser's requests to whichever copy takes them."""

    def __init__(self, doors: Doors, statuses: Counter[int]) -> None:
        self._doors, self._statuses = doors, statuses

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One request."""
        content = await request.aread()
        path, headers = request.url.raw_path.decode(), dict(request.headers)
        found = await self._doors.ask(request.method, path, content=content, headers=headers)
        self._statuses[found.status_code] += 1
        return httpx.Response(found.status_code, headers=found.headers, content=found.content, request=request)


@dataclass(slots=True)
class Clerk:
    """Somebody at the console. `acts`, `maybes`: the office's ledger.

    secret: of the one-time codes, as the page showed it; used: the step of the last code.
    """

    login: str
    code: str
    browser: httpx.AsyncClient
    acts: Counter[str]
    maybes: Counter[str]
    secret: str = ""
    used: int = 0

    @classmethod
    def at(cls, doors: Doors, origin: str, login: str, code: str, ledger: "Ledger") -> "Clerk":
        """A browser that nobody is signed in with."""
        browser = httpx.AsyncClient(
            transport=ByDoors(doors, ledger.statuses), base_url=origin, headers={"Origin": origin}
        )
        return cls(login, code, browser, ledger.acts, ledger.maybes)

    async def set_up(self, token: str) -> None:
        """By the link of the invitation: a password, then the one-time codes."""
        link = f"/console/set-up/{token}"
        page = (await self.browser.get(link)).text
        fields = {"csrf": _hidden(page)["csrf"], "password": PASSWORD, "again": PASSWORD}
        where = _led(await self.browser.post(link, data=fields))
        found = SECRET.search((await self.browser.get(where)).text)
        if found is None:
            raise NotDone("the one-time codes")
        self.secret = found[1].replace(" ", "")
        await self._give_code(where)

    async def see(self, path: str, act: str = "") -> str:
        """A page; `act`: what is logged of it. Whoever's session is over signs in again."""
        for _ in range(TRIES):
            try:
                answer = await self.browser.get(path)
            except httpx.TransportError:
                self.maybes[act] += bool(act)
                await asyncio.sleep(BREATH)
                continue
            if answer.status_code == OK:
                self.acts[act] += bool(act)
                return answer.text
            if answer.status_code == SEE_OTHER and answer.headers["location"].startswith("/console/sign-in"):
                await self._sign_in()
            elif answer.status_code == SEE_OTHER:
                path = answer.headers["location"]
            elif answer.status_code == BUSY:
                await asyncio.sleep(BREATH)
            else:
                raise NotDone(f"{path}: {answer.status_code}")
        raise NotDone(path)

    async def send(self, page: str, action: str, **fields: Any) -> str:
        """The form of a page; where it leads to."""
        return _led(await self.answer(page, action, **fields))

    async def answer(self, page: str, action: str, **fields: Any) -> httpx.Response:
        """The form of a page, and whatever comes of it."""
        hidden = form(page, action)
        if hidden is None:
            raise NotDone(f"no form {action}")
        for _ in range(TRIES):
            answer = await self._post(action, hidden | fields)
            if answer.status_code != BUSY:
                return answer
            await asyncio.sleep(BREATH)
        raise NotDone(action)

    async def hand_in(self, path: str, name: str, data: bytes, fields: Mapping[str, str] | None = None) -> str:
        """A form with a file, or with the place for one left empty; where it leads to."""
        hidden = form(await self.see(path), path)
        if hidden is None:
            raise NotDone(f"no form {path}")
        return _led(await self.browser.post(path, data={**hidden, **(fields or {})}, files={"file": (name, data)}))

    async def _post(self, action: str, fields: Mapping[str, Any]) -> httpx.Response:
        try:
            return await self.browser.post(action, data=dict(fields))
        except httpx.TransportError:
            raise Unsure from None

    async def _sign_in(self) -> None:
        page = (await self.browser.get("/console/sign-in")).text
        fields = {"csrf": _hidden(page)["csrf"], "login": self.login, "password": PASSWORD}
        await self._give_code(_led(await self.browser.post("/console/sign-in", data=fields)))

    async def _give_code(self, where: str) -> None:
        page = (await self.browser.get(where)).text
        codes = pyotp.TOTP(self.secret)
        self.used = max(codes.timecode(datetime.now(UTC)), self.used + 1)
        await self.send(page, "/console/code", code=codes.generate_otp(self.used))


@dataclass(slots=True)
class Ledger:
    """What the staff's browsers saw. `acts`: how often each was to be logged; `maybes`: or so much more often."""

    acts: Counter[str] = field(default_factory=Counter)
    maybes: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)


def form(page: str, action: str) -> dict[str, str] | None:
    """What a page's form carries besides what is typed; None where there is no such form."""
    found = re.search(FORM.format(path=re.escape(action)), page, re.DOTALL)
    return None if found is None else _hidden(found[1])


def _hidden(page: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in HIDDEN.findall(page)}


def _led(answer: httpx.Response) -> str:
    if answer.status_code != SEE_OTHER:
        raise NotDone(f"{answer.request.url.path}: {answer.status_code}")
    where: str = answer.headers["location"]
    if "problem=" in where:
        raise NotDone(where)
    return where
