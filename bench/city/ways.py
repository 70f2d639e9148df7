"""The ways by which people of the city talk: a private chat, a public account, a browser; and what they see."""

import asyncio
import itertools
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

from bench.city.copies import DoorDelivery, Doors
from tests.doubles.telegram_user import TelegramUser
from tests.doubles.wechat import WeChatDouble
from tests.doubles.witness import Seen


class Way(Protocol):
    """How somebody talks; each returns what they then see of an answer."""

    address: str
    channel: str

    async def say(self, text: str) -> str:
        """Write something."""
        ...

    async def again(self) -> str:
        """The platform delivers the same message once more."""
        ...

    async def open(self, scene: str) -> str:
        """Come by a code that was scanned."""
        ...


class Unanswered(Exception):
    """The platform gave a message up."""


@dataclass(slots=True)
class Mail:
    """What everybody sees, sorted by person, as the platforms show it."""

    of: defaultdict[str, list[Seen]] = field(default_factory=lambda: defaultdict(list))

    def heed(self, seen: Seen) -> None:
        """A platform showed somebody something."""
        self.of[seen.person].append(seen)


@dataclass(slots=True)
class ByTelegram:
    """A private chat."""

    user: TelegramUser
    mail: Mail
    channel: str = "telegram"

    @property
    def address(self) -> str:
        """The chat."""
        return str(self.user.id)

    async def say(self, text: str) -> str:
        """Write something."""
        return await self._heard(self.user.say(text))

    async def open(self, scene: str) -> str:
        """Follow a link with a scene."""
        return await self.say(f"/start {scene}")

    async def again(self) -> str:
        """The last update once more."""
        double = self.user.double
        delivery, webhook = double.delivery, double.webhook
        assert isinstance(delivery, DoorDelivery) and webhook is not None  # noqa: S101, PT018 -- the city's own
        return await self._heard(delivery.post(delivery.last[self.user.id], webhook, double.ride))

    async def press(self, value: str) -> str:
        """Press the last button that stands for a value."""
        return await self.press_one(*self.buttons(value)[-1])

    async def press_one(self, message: int, data: str) -> str:
        """Press a button of a message."""
        return await self._heard(self.user.press(message, data))

    def buttons(self, value: str) -> list[tuple[int, str]]:
        """The buttons that stand for a value: their messages and data, the oldest first."""
        return [
            (number, key["callback_data"])
            for number, message in self.user.double.messages.items()
            if message["chat"]["id"] == self.user.id
            for row in message.get("reply_markup", {}).get("inline_keyboard", ())
            for key in row
            if value in key.get("callback_data", "")
        ]

    async def _heard(self, doing: Any) -> str:
        before = len(self.mail.of[self.address])
        if not await doing:
            raise Unanswered
        return "\n".join(seen.text for seen in self.mail.of[self.address][before:] if seen.way == "reply")


@dataclass(slots=True)
class ByWeChat:
    """A follower of the public account."""

    double: WeChatDouble
    openid: str
    last: str = ""
    channel: str = "wechat"

    @property
    def address(self) -> str:
        """The openid."""
        return self.openid

    async def say(self, text: str) -> str:
        """Write something."""
        self.double.wrote(self.openid)
        return await self._deliver(self._phone().message("text", CreateTime=self._now(), Content=text))

    async def open(self, scene: str) -> str:
        """Follow the account by its code."""
        self.double.followed(self.openid)
        self.double.scanned(self.openid)
        event = {"MsgType": "event", "Event": "subscribe", "EventKey": f"qrscene_{scene}", "Ticket": "ticket"}
        return await self._deliver(self._phone().xml(CreateTime=self._now(), **event))

    async def again(self) -> str:
        """The last message once more."""
        return await self._deliver(self.last)

    async def _deliver(self, xml: str) -> str:
        self.last = xml
        reply: str | None = await self._phone().insist(xml)
        if reply is None:
            raise Unanswered
        if reply:
            self.double.saw(self.openid, reply, "reply")
        return reply

    def _phone(self) -> Any:
        return self.double.phone(self.openid)

    def _now(self) -> str:
        return str(int(self.double.clock.now().timestamp()))


_ids = itertools.count(1)


@dataclass(slots=True)
class ByWeb:
    """A browser; what it sees comes in the response, and it sends again what wasn't acknowledged."""

    doors: Doors
    origin: str
    name: str
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)
    last: Mapping[str, Any] = field(default_factory=dict)
    channel: str = "web"

    @property
    def address(self) -> str:
        """A name of ours: the program gives the browser another."""
        return self.name

    async def say(self, text: str) -> str:
        """Write something."""
        return await self._post({"id": f"m{next(_ids)}", "text": text})

    async def open(self, scene: str) -> str:
        """Come by a link with a scene."""
        return await self._post({"id": f"m{next(_ids)}", "kind": "open", "scene": scene})

    async def again(self) -> str:
        """The last message once more."""
        return await self._post(self.last)

    async def _post(self, message: Mapping[str, Any]) -> str:
        self.last = message
        for pause in (1, 2, 4, 8):
            try:
                return await self._try(message)
            except httpx.TransportError:
                await asyncio.sleep(pause)
        raise Unanswered

    async def _try(self, message: Mapping[str, Any]) -> str:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Origin": self.origin, **({"Cookie": cookie} if cookie else {})}
        response = await self.doors.post("/chat/messages", json=message, headers=headers)
        self.cookies.update(response.cookies)
        if not response.is_success:
            raise httpx.ReadError(str(response.status_code))
        return "\n".join(_shown(said) for said in response.json()["messages"])


def _shown(message: Mapping[str, Any]) -> str:
    """A message of the page with its buttons."""
    buttons = (button["label"] for part in ("options", "lines", "controls") for button in message[part])
    return "\n".join((message["text"], *buttons))
