"""People on three channels who go on talking whatever happens, and keep account of what they were told."""

import asyncio
import itertools
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

from tests.doubles.wechat_phone import Phone
from tests.handlers.answers.telling import id_number
from tests.talks.typed import TALK, typed

TOKEN, SECRET = "token-of-the-server-page", "secret-of-the-webhook"
TELEGRAM = {
    "ANJU_TELEGRAM_MODE": "webhook",
    "ANJU_TELEGRAM_TOKEN": "123456:AAinvented-token-of-the-tests",
    "ANJU_TELEGRAM_SECRET": SECRET,
    "ANJU_TELEGRAM_LEGAL_BASIS": "tests",
}
WECHAT = {"ANJU_WECHAT_TOKEN": TOKEN}
UNSAVED, UNSURE = ("没有保存", "not saved"), ("可能还没有保存", "may be not saved")
PAUSE = 0.3
PATIENCE = 25.0  # seconds that a platform or a browser waits for us
GIVEN_UP = 3  # deliveries after which WeChat tells the person that the account does not answer
_updates = itertools.count(10_000_001)


@dataclass(slots=True)
class Book:
    """What happened: how often messages were acknowledged, refused with a sentence or a 503, or left without a word."""

    counts: Counter[str] = field(default_factory=Counter)
    acknowledged_at: list[float] = field(default_factory=list)

    def note(self, channel: str, what: str) -> None:
        self.counts[f"{channel} {what}"] += 1
        if what == "acknowledged":
            self.acknowledged_at.append(time.monotonic())


class Line(Protocol):
    """How somebody sends a message; the answer, None where it wasn't acknowledged."""

    name: str

    async def say(self, number: int, text: str, book: Book) -> str | None: ...


@dataclass
class OnWeChat:
    """Delivers as WeChat does. Told that it was not saved, the person types it anew: to WeChat another message.

    Told that it may be not saved, they wait for its answer; here the same message brings it.
    """

    phone: Phone
    name: str = "wechat"
    _sent: dict[int, str] = field(default_factory=dict)

    async def say(self, number: int, text: str, book: Book) -> str | None:
        xml = self._sent.setdefault(number, self.phone.message("text", Content=text))
        reply = await self.phone.insist(xml)
        if reply is None:
            book.note(self.name, "silent")
            return None
        if any(words in reply for words in UNSURE):
            book.note(self.name, "told unsure")
            return None
        if any(words in reply for words in UNSAVED):
            book.note(self.name, "told unsaved")
            del self._sent[number]
            return None
        book.note(self.name, "acknowledged")
        return reply


@dataclass
class OnTelegram:
    """The Bot API, which delivers an update again until it is acknowledged."""

    url: str
    chat: int
    name: str = "telegram"
    _updates: dict[int, int] = field(default_factory=dict)

    async def say(self, number: int, text: str, book: Book) -> str | None:
        who = {"id": self.chat, "type": "private", "is_bot": False, "first_name": "伟", "language_code": "zh-hans"}
        message = {"message_id": number + 1, "date": int(time.time()), "chat": who, "from": who, "text": text}
        update = {"update_id": self._updates.setdefault(number, next(_updates)), "message": message}
        async with httpx.AsyncClient(timeout=PATIENCE) as http:
            headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
            try:
                answer = await http.post(f"{self.url}/telegram", json=update, headers=headers)
            except httpx.HTTPError:
                book.note(self.name, "delivered again")
                return None
        if answer.status_code != 200:
            book.note(self.name, str(answer.status_code))
            return None
        book.note(self.name, "acknowledged")
        return answer.text


@dataclass
class OnTheWeb:
    """A browser, which keeps what was not taken and sends it again."""

    client: httpx.AsyncClient
    name: str = "web"
    said: dict[str, list[Any]] = field(default_factory=dict)

    async def say(self, number: int, text: str, book: Book) -> str | None:
        try:
            answer = await self.client.post("/chat/messages", json={"id": f"m{number}", "text": text})
        except httpx.HTTPError:
            book.note(self.name, "sent again")
            return None
        if answer.status_code != 200:
            book.note(
                self.name, "told unsaved" if any(words in answer.text for words in UNSAVED) else str(answer.status_code)
            )
            return None
        book.note(self.name, "acknowledged")
        self.said[f"m{number}"] = answer.json()["messages"]
        return answer.text


@dataclass
class Person:
    """Somebody who registers, and says each line again until it is acknowledged."""

    line: Line
    number: int
    said: int = 0

    @property
    def facts(self) -> dict[str, str]:
        """Whom they register."""
        return {
            "id_number": id_number("341225", f"19{70 + self.number}0307", f"{100 + self.number}"),
            "name": "李" + "伟芳军敏静磊洋艳"[self.number],
            "phone": f"1381234567{self.number}",
        }

    @property
    def is_done(self) -> bool:
        """Whether everything was said and acknowledged."""
        return self.said == len(TALK)

    async def talk(self, book: Book, pause: float = 0.0) -> None:
        """Say everything."""
        lines = typed(**self.facts)
        while not self.is_done:
            if await self.line.say(self.said, lines[self.said], book) is None:
                await asyncio.sleep(PAUSE)
            else:
                self.said += 1
                await asyncio.sleep(pause)


async def crowd(url: str, browsers: list[httpx.AsyncClient]) -> list[Person]:
    """Two people on each channel."""
    for browser in browsers:
        (await browser.get("/")).raise_for_status()
    lines: list[Line] = [
        *(OnWeChat(Phone(url, TOKEN, openid=f"oPerson{n:022}")) for n in range(2)),
        *(OnTelegram(url, 7_000_001 + n) for n in range(2)),
        *(OnTheWeb(browser) for browser in browsers),
    ]
    return [Person(line, number) for number, line in enumerate(lines)]
