"""Each channel as a way into the talk: transcripts are said over it just as a person's client would."""

import io
import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pikepdf
from PIL import Image, ImageDraw
from starlette.applications import Starlette

from bot.channels.entries import CHANNELS, Entry
from bot.channels.telegram import taps
from bot.channels.terminal import TerminalChannel
from bot.channels.wechat.links import encode
from bot.chat import Chat
from bot.delivery import Sender
from bot.house import House
from handlers.messages import Incoming, Reply, Tap
from handlers.turns import Answered
from tests import house as houses
from tests.channels.wechat_house import ACCOUNT, TOKEN
from tests.doubles.wechat_phone import Phone, links
from tests.talks import listed
from tests.talks.player import WayIn

URL = "http://127.0.0.1"
NOWHERE = "http://127.0.0.1:9"
SECRET = "secret-of-the-webhook"
SETTINGS: dict[str, Any] = {
    "base_url": URL,
    "wechat_token": TOKEN,
    "wechat_account": ACCOUNT,
    "telegram_mode": "webhook",
    "telegram_token": "1:token",
    "telegram_secret": SECRET,
    "telegram_api_base": NOWHERE,
}


@dataclass(frozen=True, slots=True)
class Heard(Chat):
    """The talk, remembering its last answer, so that a transcript's templates can be compared."""

    answers: list[Answered] = field(default_factory=list)

    async def decide(self, incoming: Incoming) -> Answered:
        """Answer, and remember."""
        answered = await Chat.decide(self, incoming)
        self.answers.append(answered)
        return answered


@dataclass(slots=True)
class Ears:
    """What every way shares: the house, and what was heard last."""

    house: House
    chat: Heard
    client: httpx.AsyncClient
    language: str
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def heard(self) -> Sequence[Reply]:
        return self.chat.answers[-1].replies


class Web:
    """A browser's requests."""

    can = frozenset({"photo", "pdf", "place", "open", "again", "as", "code", "stale", "list"})

    def __init__(self, ears: Ears) -> None:
        self.house, self._ears, self.platform = ears.house, ears, listed.Platform()
        self._cookies: dict[str, httpx.Cookies] = {}
        self._last: dict[str, Any] = {}

    async def type(self, who: str, text: str) -> Sequence[Reply]:
        return await self._say(who, text=text)

    async def tap(self, who: str, tap: Tap, last: Sequence[Reply]) -> Sequence[Reply]:
        return await self._say(who, choice={"form": tap.form, "step": tap.step, "value": tap.value})

    async def act(self, who: str, kind: str, argument: str) -> Sequence[Reply]:
        if kind == "again":
            return await self._post(who, self._last)
        if kind == "open":
            return await self._say(who, kind="open", scene=argument)
        if kind == "place":
            latitude, longitude = argument.split(",")
            return await self._say(who, place={"latitude": float(latitude), "longitude": float(longitude)})
        sent = listed.content(argument) if kind == "list" else FILES[kind]()
        return await self._say(who, files=[await self._upload(who, sent)])

    async def _say(self, who: str, **message: Any) -> Sequence[Reply]:
        self._last = {"id": f"m{next(self._ears.numbers)}", "language": self._ears.language, **message}
        return await self._post(who, self._last)

    async def _post(self, who: str, message: dict[str, Any]) -> Sequence[Reply]:
        response = await self._request(who, "/chat/messages", json=message)
        assert response.status_code == 200, response.text
        assert len(response.json()["messages"]) == len(self._ears.heard())
        return self._ears.heard()

    async def _upload(self, who: str, content: bytes) -> str:
        response = await self._request(who, "/chat/files", content=content, headers={"X-Anju-File": "1"})
        return str(response.json()["id"])

    async def _request(self, who: str, path: str, **request: Any) -> httpx.Response:
        headers = {"Origin": URL, **request.pop("headers", {})}
        client = self._ears.client
        client.cookies = self._cookies.get(who, httpx.Cookies())
        response = await client.post(path, headers=headers, **request)
        self._cookies[who] = client.cookies
        return response


class WeChat:
    """A follower's messages, as the platform delivers them."""

    can = frozenset({"photo", "voice", "video", "place", "open", "again", "as", "code", "stale"})

    def __init__(self, ears: Ears) -> None:
        self.house, self._ears, self.platform = ears.house, ears, listed.Platform()
        self._phones: dict[str, Phone] = {}
        self._last = ""

    async def type(self, who: str, text: str) -> Sequence[Reply]:
        return await self._deliver(who, self._phone(who).message("text", Content=text))

    async def tap(self, who: str, tap: Tap, last: Sequence[Reply]) -> Sequence[Reply]:
        """A link of the last reply, or one of an earlier; a summary's line is picked by its number."""
        shown = {link.id: link for link in links(self._phone(who).replies[-1])}
        found = shown.get(encode(tap))
        number = _number(tap, last)
        if found is None and number:
            return await self.type(who, number)
        said = found.says if found else "…"
        message = self._phone(who).message("text", Content=said, bizmsgmenuid=encode(tap))
        return await self._deliver(who, message)

    async def act(self, who: str, kind: str, argument: str) -> Sequence[Reply]:
        phone = self._phone(who)
        if kind == "again":
            return await self._deliver(who, self._last)
        if kind == "open":
            key = f"qrscene_{argument}" if argument else ""
            return await self._deliver(who, phone.xml(MsgType="event", Event="subscribe", EventKey=key))
        if kind == "place":
            x, y = argument.split(",")
            return await self._deliver(who, phone.message("location", Location_X=x, Location_Y=y, Scale="20", Label=""))
        wechat = {"photo": "image"}.get(kind, kind)
        return await self._deliver(who, phone.message(wechat, MediaId=f"media{next(self._ears.numbers)}"))

    def _phone(self, who: str) -> Phone:
        return self._phones.setdefault(who, Phone(URL, TOKEN, openid=f"o-{who}", account=ACCOUNT))

    async def _deliver(self, who: str, xml: str) -> Sequence[Reply]:
        if self._ears.language and not self._phone(who).replies:
            english = self._phone(who).message("text", Content="English")
            self._phone(who).heard(await self._post(who, english))
        self._last = xml
        answer = await self._post(who, xml)
        if not self._ears.heard():
            assert answer.text == "success"
            return ()
        self._phone(who).heard(answer)
        return self._ears.heard()

    async def _post(self, who: str, xml: str) -> httpx.Response:
        query, body = self._phone(who).envelope(xml)
        return await self._ears.client.post("/wechat", params=query, content=body.encode())


class Telegram:
    """A private chat's updates; answers come in the webhook's response."""

    can = frozenset(
        {
            "photo",
            "pdf",
            "voice",
            "video",
            "sticker",
            "file",
            "place",
            "contact",
            "open",
            "again",
            "as",
            "code",
            "stale",
            "list",
        }
    )

    def __init__(self, ears: Ears) -> None:
        self.house, self._ears, self.platform = ears.house, ears, listed.Platform()
        self._people: dict[str, int] = {}
        self._markup: dict[str, Any] = {}
        self._last: dict[str, Any] = {}

    async def type(self, who: str, text: str) -> Sequence[Reply]:
        return await self._message(who, text=text)

    async def tap(self, who: str, tap: Tap, last: Sequence[Reply]) -> Sequence[Reply]:
        """An inline button of this or an earlier message; below a reply keyboard its words are sent."""
        if "keyboard" in self._markup:
            return await self.type(who, self._label(tap, last))
        press = {"id": "1", "data": taps.encode(tap), "from": self._person(who), "chat_instance": "1"}
        press["message"] = {"message_id": 1, "date": 1, "chat": self._chat(who), "text": "…"}
        return await self._update(callback_query=press)

    async def act(self, who: str, kind: str, argument: str) -> Sequence[Reply]:
        if kind == "again":
            return await self._post(self._last)
        if kind == "open":
            return await self._message(who, text=f"/start {argument}".strip())
        if kind == "place":
            latitude, longitude = argument.split(",")
            return await self._message(who, location={"latitude": float(latitude), "longitude": float(longitude)})
        if kind == "contact":
            whose, phone = argument.split()
            owner = self._people[who] if whose == "own" else 999
            return await self._message(who, contact={"phone_number": phone, "first_name": "x", "user_id": owner})
        if kind == "list":
            file = {"file_id": f"file{next(self._ears.numbers)}", "file_unique_id": "u", "file_name": "List.XLSX"}
            self.platform.files[file["file_id"]] = listed.content(argument)
            return await self._message(who, document=file)
        return await self._message(who, **self._media(kind))

    def _media(self, kind: str) -> dict[str, Any]:
        file = {"file_id": f"file{next(self._ears.numbers)}", "file_unique_id": "u", "file_size": 1000}
        if kind == "photo":
            return {"photo": [{**file, "width": 640, "height": 480}]}
        if kind == "file":
            return {"dice": {"emoji": "🎲", "value": 3}}
        return {{"pdf": "document"}.get(kind, kind): file}

    def _label(self, tap: Tap, last: Sequence[Reply]) -> str:
        language = self._ears.chat.answers[-1].language
        choice = next(choice for reply in last for choice in reply.choices if choice.tap == tap)
        return choice.label or self.house.words.label(language, choice.codes, choice.value)

    def _person(self, who: str) -> dict[str, Any]:
        number = self._people.setdefault(who, 1000 + len(self._people))
        language = self._ears.language or "zh-hans"
        return {"id": number, "is_bot": False, "first_name": "x", "language_code": language}

    def _chat(self, who: str) -> dict[str, Any]:
        return {"id": self._person(who)["id"], "type": "private"}

    async def _message(self, who: str, **content: Any) -> Sequence[Reply]:
        message = {"message_id": 1, "date": 1, "chat": self._chat(who), "from": self._person(who), **content}
        return await self._update(message=message)

    async def _update(self, **content: Any) -> Sequence[Reply]:
        self._last = {"update_id": next(self._ears.numbers), **content}
        return await self._post(self._last)

    async def _post(self, update: dict[str, Any]) -> Sequence[Reply]:
        headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
        response = await self._ears.client.post("/telegram", json=update, headers=headers)
        assert response.status_code == 200
        if not self._ears.heard():
            assert response.content == b""
            return ()
        call = response.json()
        assert call["method"] == "sendMessage"
        self._markup = call.get("reply_markup", {})
        return self._ears.heard()


class Terminal:
    """Lines that are typed."""

    can = frozenset({"photo", "pdf", "open", "as", "code", "list"})

    def __init__(self, ears: Ears, folder: Path) -> None:
        self.house, self._ears, self._folder = ears.house, ears, folder
        self.platform = listed.Platform()
        self._shown: list[str] = []
        self._channel = TerminalChannel(ears.chat, self._shown.append)
        self._known: set[str] = set()

    async def type(self, who: str, text: str) -> Sequence[Reply]:
        await self._begin(who)
        await self._channel.line(who, text)
        return self._ears.heard()

    async def tap(self, who: str, tap: Tap, last: Sequence[Reply]) -> Sequence[Reply]:
        """What is tapped elsewhere is typed here: its number, or the command's words."""
        language = self._ears.chat.answers[-1].language
        typed = _number(tap, last) or _own_words(tap, last) or self._label(language, tap.value)
        return await self.type(who, typed)

    def _label(self, language: str, command: str) -> str:
        edited = command.removeprefix("edit:")
        if edited == command:
            words = self.house.words.label(language, "commands", command)
            numbered = words == command and ":" in command  # `tenancy:yes:12`
            return self._label(language, command.rpartition(":")[0]) if numbered else words
        return self.house.words.phrase(language, "edit", name=self.house.words.label(language, "steps", edited))

    async def act(self, who: str, kind: str, argument: str) -> Sequence[Reply]:
        if kind == "open":
            self._known.add(who)
            await self._channel.open(who, self._ears.language, argument)
            return self._ears.heard()
        path = self._folder / f"paper.{kind}"
        path.write_bytes(listed.content(argument) if kind == "list" else FILES[kind]())
        return await self.type(who, f"@{path}")

    async def _begin(self, who: str) -> None:
        if self._ears.language and who not in self._known:
            await self._channel.open(who, self._ears.language)
        self._known.add(who)


def _number(tap: Tap, last: Sequence[Reply]) -> str:
    """The number of an option or line among its like; empty for a command."""
    for reply in reversed(last):
        for role in ("option", "line"):
            numbered = [choice.value for choice in reply.choices if choice.role == role]
            if tap.value in numbered and tap.step:
                return str(numbered.index(tap.value) + 1)
    return ""


def _own_words(tap: Tap, last: Sequence[Reply]) -> str:
    """What a command's button says where that is somebody's name."""
    return next((one.label for reply in last for one in reply.choices if one.tap == tap), "")


def _photo() -> bytes:
    output, page = io.BytesIO(), Image.new("RGB", (640, 480), "white")
    for line in range(20, 460, 24):  # print, so that it can be read
        ImageDraw.Draw(page).text((20, line), "Lease contract, Xingfu Road 18, from 2026 until 2027", "black")
    page.save(output, "JPEG")
    return output.getvalue()


def _pdf() -> bytes:
    document, output = pikepdf.new(), io.BytesIO()
    document.add_blank_page()
    document.save(output)
    return output.getvalue()


FILES = {"photo": _photo, "pdf": _pdf}
# Where the platform names no language, the person asks for English before anything else.
ASKS_FOR_LANGUAGE = frozenset({"wechat", "terminal"})


WAYS: dict[str, Callable[[Ears, Path], WayIn]] = {
    "web": lambda ears, folder: Web(ears),
    "wechat": lambda ears, folder: WeChat(ears),
    "telegram": lambda ears, folder: Telegram(ears),
    "terminal": Terminal,
}


@asynccontextmanager
async def way(name: str, language: str, folder: Path) -> AsyncIterator[WayIn]:
    """A channel by its name, with a house of its own."""
    async with houses.opened(houses.settings(houses.migrated_file(folder / "anju.db"), **SETTINGS)) as house:
        chat = Heard(house.database, house.words, house.chat.office)
        listening = replace(house, chat=chat)
        entry: Entry = next(entry for entry in CHANNELS if entry.name == name)
        channel = entry.build(house.settings, chat, Sender(house.database, house.words, {}))
        app = Starlette(routes=list(channel.routes()))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL) as client:
            ears = Ears(listening, chat, client, language)
            yield WAYS[name](ears, folder)
        await channel.stop()
