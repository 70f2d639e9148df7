"""`/import/<token>`: a page of the sender's own for lists: templates, uploading, what came of them, taking them.

It works on every channel, also where no file can be sent in the talk; nobody signs in, the link is the key.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from bot.channels.bodies import BodyRefused
from bot.channels.multipart import is_multipart, read_upload
from bot.exports.comma import CommaSeparated
from bot.exports.workbook import Workbook
from bot.house import House
from bot.imports import template as templates
from bot.imports.receiving import receive
from bot.imports.report import PARTS, report
from bot.imports.sheet import LARGEST, Unreadable
from bot.imports.shown import shown
from bot.imports.template import Template
from bot.pages import page
from bot.pages.limits import Limit
from handlers.office import importing, imports, links
from handlers.office.import_places import own
from storage import conversations, homes
from storage import imports as kept
from storage.imports import WORKED_ON, Import, Sender
from storage.records import Conversation
from storage.unit import Unit

BURST, PER_MINUTE = 40, 40.0
FORM_BYTES = LARGEST + 64 * 1024
SHOWN = 12
POLICY = page.POLICY.replace("form-action 'none'", "form-action 'self'")
UNPROCESSABLE = 422


class ListsPage:
    """Lists of one account."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._template = page.template("lists")
        self._limit = Limit(BURST, PER_MINUTE)

    def routes(self) -> Sequence[BaseRoute]:
        """The page, its files, and its forms."""
        return (
            Route("/import/{token}", self.show, methods=["GET"]),
            Route("/import/{token}", self.upload, methods=["POST"]),
            Route("/import/{token}/{kind}.{ending}", self.blank, methods=["GET"]),
            Route("/import/{token}/{number:int}/{part}.xlsx", self.report, methods=["GET"]),
            Route("/import/{token}/{number:int}/{word}", self.decide, methods=["POST"]),
        )

    async def show(self, request: Request) -> Response:
        """The page."""
        conversation = await self._whose(request)
        return self._over(request) if conversation is None else await self._page(request, conversation)

    async def upload(self, request: Request) -> Response:
        """A file comes in; it is checked from here on."""
        conversation = await self._whose(request)
        if conversation is None:
            return self._over(request)
        try:
            await self._receive(request, conversation)
        except Unreadable as unreadable:
            return await self._page(request, conversation, f"invalid/{unreadable.reason}", UNPROCESSABLE)
        except BodyRefused as refused:
            reason = "sheet_too_large" if refused.status == page.TOO_LARGE else "sheet_broken"
            return await self._page(request, conversation, f"invalid/{reason}", refused.status)
        return RedirectResponse(_path(request), 303, headers=page.GUARDS)

    async def blank(self, request: Request) -> Response:
        """A template."""
        conversation, kind = await self._whose(request), request.path_params["kind"]
        ending = request.path_params["ending"]
        if conversation is None or kind not in imports.KINDS or ending not in {"xlsx", "csv"}:
            return self._over(request)
        made = await self._house.database.read(lambda unit: self._blank(unit, request, conversation, kind))
        content = templates.workbook(made) if ending == "xlsx" else templates.comma_separated(made)
        media_type = Workbook.media_type if ending == "xlsx" else CommaSeparated.media_type
        return Response(content, media_type=media_type, headers=_attached(f"{made.say(f'file_{kind}')}.{ending}"))

    async def report(self, request: Request) -> Response:
        """Rows to mend, or what to pass on."""
        conversation, part = await self._whose(request), request.path_params["part"]
        one = None if conversation is None else await self._list(request, conversation)
        if conversation is None or one is None or part not in PARTS or one.kind not in imports.KINDS:
            return self._over(request)
        made = await self._house.database.read(lambda unit: self._blank(unit, request, conversation, one.kind))
        told = report(self._house.database, one, made, part, self._house.settings.public_url)
        name = _attached(f"{made.say(f'file_{part}')}.xlsx")
        return StreamingResponse(told.pieces(), media_type=Workbook.media_type, headers=name)

    async def decide(self, request: Request) -> Response:
        """Take the good rows, or drop the list."""
        conversation = await self._whose(request)
        one = None if conversation is None else await self._list(request, conversation)
        if conversation is None or one is None:
            return self._over(request)
        now, word = datetime.now(UTC), request.path_params["word"]
        await self._house.database.run(lambda unit: _decide(unit, conversation, one, word, now))
        return RedirectResponse(_path(request), 303, headers=page.GUARDS)

    async def _whose(self, request: Request) -> Conversation | None:
        """The account that the link was made for; None where it is over, or asks too often."""
        if not self._limit.allows(page.client(request)):
            return None
        link = links.opened(self._house.database.vault, request.path_params["token"], datetime.now(UTC))
        if link is None or link.kind != "import":
            return None
        return await self._house.database.read(lambda unit: _conversation(unit, link.id))

    async def _list(self, request: Request, conversation: Conversation) -> Import | None:
        number = int(request.path_params["number"])
        one = await self._house.database.read(lambda unit: kept.get(unit, min(number, 2**62)))
        return one if one is not None and one.conversation_id == conversation.id else None

    async def _receive(self, request: Request, conversation: Conversation) -> None:
        content = (await read_upload(request, FORM_BYTES)).content if is_multipart(request) else None
        if content is None:
            raise Unreadable("sheet_empty")
        sender = Sender(conversation.language, conversation.id)
        number, now = await receive(self._house.database, sender, content), datetime.now(UTC)
        await self._house.database.run(lambda unit: kept.move(unit, number, ("receiving",), "checking", now))

    def _blank(self, unit: Unit, request: Request, conversation: Conversation, kind: str) -> Template:
        language = _language(request, self._house, conversation)
        mine = homes.of_holder(unit, conversation.holder_id)
        role = imports.acts_as(own(unit, conversation.holder_id))
        if kind == "tenants":
            return templates.of_tenants(self._house.words, language, role, mine)
        return templates.of_homes(self._house.words, language, role, self._house.areas())

    async def _page(self, request: Request, whose: Conversation, problem: str = "", status: int = 200) -> Response:
        language = _language(request, self._house, whose)
        lists = await self._house.database.read(lambda unit: kept.of_conversation(unit, whose.id, SHOWN))
        role = await self._house.database.read(lambda unit: imports.acts_as(own(unit, whose.holder_id)))
        mine = await self._house.database.read(lambda unit: homes.of_holder(unit, whose.holder_id))
        words, zone = self._house.words, self._house.settings.zone
        data = {
            "said": words.table(language, "import_page"),
            "state": "open",
            "base": f"/import/{request.path_params['token']}",
            "lists": [shown(words, zone, language, one) for one in lists],
            "problem": words.say(language, problem) if problem else "",
            "role": "employer" if role == "employer" else "owner",
            "has_homes": bool(mine),
            "waits": any(one.state in WORKED_ON for one in lists),
            "days": self._house.settings.keep_imports_days,
            "other": next(code for code in words.languages if code != language),
        }
        return page.html(self._template, status, language, data, {"Content-Security-Policy": POLICY})

    def _over(self, request: Request) -> Response:
        """The link is over; or a client asks too often, which looks the same until a minute has passed."""
        language = page.language(request, self._house.words)
        said = self._house.words.table(language, "import_page")
        other = next(code for code in self._house.words.languages if code != language)
        return page.html(self._template, 404, language, {"said": said, "state": "over", "other": other, "waits": False})


def _conversation(unit: Unit, conversation_id: int) -> Conversation | None:
    found = conversations.address_of(unit, conversation_id)
    return None if found is None else conversations.find(unit, *found)


def _decide(unit: Unit, whose: Conversation, one: Import, word: str, now: datetime) -> None:
    """The same as the word in the talk, under the lock of the talk."""
    found = conversations.address_of(unit, whose.id)
    locked = conversations.lock(unit, *found) if found else None
    if locked is None:
        return
    if word == "cancel":
        importing.call_off(unit, one, now)
    elif word == "take":
        changed = importing.accept(unit, one, locked, now)
        if changed is not None and changed != locked:
            conversations.save(unit, changed, locked.updated_at or now)


def _language(request: Request, house: House, whose: Conversation) -> str:
    wished = request.query_params.get("lang", "") or whose.language
    return wished if wished in house.words.languages else "zh"


def _path(request: Request) -> str:
    return f"/import/{request.path_params['token']}"


def _attached(name: str) -> dict[str, str]:
    return {**page.GUARDS, "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
