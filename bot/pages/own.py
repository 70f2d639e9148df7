"""`/my/<token>`: one's own certificate as a picture or PDF, or all of one's data, by a link that is soon over."""

import asyncio
import base64
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.calendar_file import calendar
from bot.certificate.sheet import Sheet, sheet
from bot.house import House
from bot.pages import page
from bot.pages.check import shown
from bot.pages.limits import Limit
from bot.render import Words
from handlers.office import certificates, links, matter, my_matters
from handlers.office.links import Link
from handlers.office.matter import Item
from storage import own, papers
from storage.certificates import Certificate

BURST, PER_MINUTE = 20, 20.0
AT_ONCE = 2  # pictures and PDFs being made: each takes about half a second of one core
TYPES = {
    "png": "image/png", "pdf": "application/pdf", "json": "application/json", "ics": "text/calendar; charset=utf-8",
}  # fmt: skip
DATA = "anju-my-data"
SAVED = frozenset({"json", "ics"})  # endings of what a browser saves instead of showing


def _picture(paper: Sheet) -> bytes:
    from bot.certificate.picture import picture  # with fonts and pixels that a start needn't load

    return picture(paper)


def _document(paper: Sheet) -> bytes:
    from bot.certificate.document import document

    return document(paper)


MAKERS = {"png": _picture, "pdf": _document}


class OwnPapers:
    """What a link of the talk leads to, on WeChat, Telegram and the web alike; nobody signs in."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._template = page.template("certificate")
        self._limit = Limit(BURST, PER_MINUTE)
        self._making = asyncio.Semaphore(AT_ONCE)

    def routes(self) -> Sequence[BaseRoute]:
        """One route; the ending tells what is wanted."""
        return (Route("/my/{token}.{ending}", self.answer, methods=["GET"]),)

    async def answer(self, request: Request) -> Response:
        """The file, or a page that says how to get a new link."""
        if not self._limit.allows(page.client(request)):
            return self._refused(request, page.TOO_MANY, "too_many")
        token, ending = request.path_params["token"], request.path_params["ending"]
        now = datetime.now(UTC)
        link = links.opened(self._house.database.vault, token, now)
        content = None if link is None else await self._content(link, ending, now)
        return self._refused(request, 404, "over") if content is None else self._file(content, ending)

    async def _content(self, link: Link, ending: str, now: datetime) -> bytes | None:
        if link.kind == "export":
            return await self._export(link.id, now) if ending == "json" else None
        if link.kind == "calendar":
            return await self._calendar(link.id, now) if ending == "ics" else None
        office = self._house.chat.office
        found = await self._house.database.read(lambda unit: certificates.by_link(unit, link, office, now))
        return None if found is None or ending not in MAKERS else await self._made(found, ending)

    async def _made(self, certificate: Certificate, ending: str) -> bytes:
        """Off the event loop: fonts and pixels take their time."""
        settings = self._house.settings
        paper = sheet(certificate, self._house.words, settings.zone, settings.public_url)
        async with self._making:
            return await asyncio.to_thread(MAKERS[ending], paper)

    async def _calendar(self, conversation_id: int, now: datetime) -> bytes | None:
        """The days of a person's matters, in the language that they talk in."""
        office, words = self._house.chat.office, self._house.words
        found = await self._house.database.read(
            lambda unit: my_matters.of_conversation(unit, office, conversation_id, now)
        )
        if found is None:
            return None
        language, items = found

        def say(what: str, one: Item) -> str:
            if what == "title":
                return words.table(language, "calendar")[one.state]
            return words.say(language, "say/matter", one=matter.told(one))

        return calendar(items, say, words.table(language, "calendar")["name"], now)

    async def _export(self, conversation_id: int, now: datetime) -> bytes | None:
        stored = await self._house.database.read(lambda unit: own.everything(unit, conversation_id))
        if stored is None:
            return None
        for file in stored["files"]:
            content = await self._file_content(file["id"])
            file["content_base64"] = None if content is None else base64.b64encode(content).decode()
        whole = {"made_at": now, **stored, "names": names(self._house.words)}
        return await asyncio.to_thread(orjson.dumps, whole, option=orjson.OPT_INDENT_2)

    async def _file_content(self, file_id: str) -> bytes | None:
        return await self._house.database.read(lambda unit: papers.content(unit, file_id))

    def _file(self, content: bytes, ending: str) -> Response:
        table = "calendar" if ending == "ics" else "certificate"
        name = DATA if ending == "json" else self._house.words.table("zh", table)["file_name"]
        shows = "attachment" if ending in SAVED else "inline"
        headers = {**page.GUARDS, "Content-Disposition": f"{shows}; filename*=UTF-8''{quote(f'{name}.{ending}')}"}
        return Response(content, media_type=TYPES[ending], headers=headers)

    def _refused(self, request: Request, status: int, state: str) -> Response:
        chosen = page.language(request, self._house.words)
        more = page.RETRY if status == page.TOO_MANY else None
        return page.html(self._template, status, chosen, shown(self._house.words, chosen, state, None), more)


def names(words: Words) -> dict[str, Any]:
    """What the questions are called, so that the file can be read without the program."""
    steps = words.vocabularies["zh"].labels["steps"]
    return {step: {code: words.label(code, "steps", step) for code in words.languages} for step in steps}
