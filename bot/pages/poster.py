"""`/poster/<token>`: a home's poster, stickers and picture, by a link of the talk that is soon over."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.house import House, office_facts
from bot.pages import page
from bot.pages.check import shown
from bot.pages.limits import Limit
from bot.poster.sheet import Poster, posters
from handlers.office import links
from storage import homes
from storage.unit import Unit

BURST, PER_MINUTE = 20, 20.0
AT_ONCE = 2  # PDFs being made: a page takes a good part of a second of one core


def _picture(sheets: Sequence[Poster]) -> bytes:
    from bot.poster.picture import picture  # with fonts and pixels that a start needn't load

    return picture(sheets[0])


def _poster(sheets: Sequence[Poster]) -> bytes:
    from bot.poster.document import poster

    return poster(sheets)


def _stickers(sheets: Sequence[Poster]) -> bytes:
    from bot.poster.document import stickers

    return stickers(sheets)


MAKERS: Mapping[str, tuple[str, Callable[[Sequence[Poster]], bytes]]] = {
    "png": ("image/png", _picture),
    "pdf": ("application/pdf", _poster),
    "stickers.pdf": ("application/pdf", _stickers),
}


class PosterFiles:
    """What a landlord prints; nobody signs in, the link is the key."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._template = page.template("certificate")
        self._limit = Limit(BURST, PER_MINUTE)
        self._making = asyncio.Semaphore(AT_ONCE)

    def routes(self) -> Sequence[BaseRoute]:
        """One route; the ending tells what is wanted."""
        return (Route("/poster/{name}", self.answer, methods=["GET"]),)

    async def answer(self, request: Request) -> Response:
        """The file, or a page that says that the link is over."""
        if not self._limit.allows(page.client(request)):
            return self._refused(request, page.TOO_MANY, "too_many")
        token, _, ending = request.path_params["name"].partition(".")
        link = links.opened(self._house.database.vault, token, datetime.now(UTC))
        if link is None or link.kind != "poster" or ending not in MAKERS:
            return self._refused(request, 404, "over")
        code_id = link.id
        sheets = await self._house.database.read(lambda unit: self._sheets(unit, code_id))
        if not sheets:
            return self._refused(request, 404, "over")
        return await self._file(sheets, ending)

    def _sheets(self, unit: Unit, code_id: int) -> tuple[Poster, ...]:
        """The posters of the home; none once the code that the link was made for is retired."""
        code = homes.code_by_id(unit, code_id)
        home = None if code is None or code.retired_at is not None else homes.get(unit, code.home)
        if home is None or home.state != "confirmed":
            return ()
        return posters(home, homes.codes(unit, home.code), self._house.words, office_facts(self._house.settings))

    async def _file(self, sheets: tuple[Poster, ...], ending: str) -> Response:
        media_type, make = MAKERS[ending]
        async with self._making:
            content = await asyncio.to_thread(make, sheets)
        name = quote(f"{self._house.words.table('zh', 'poster')['file_name']}.{ending}")
        headers = {**page.GUARDS, "Content-Disposition": f"inline; filename*=UTF-8''{name}"}
        return Response(content, media_type=media_type, headers=headers)

    def _refused(self, request: Request, status: int, state: str) -> Response:
        chosen = page.language(request, self._house.words)
        more = page.RETRY if status == page.TOO_MANY else None
        return page.html(self._template, status, chosen, shown(self._house.words, chosen, state, None), more)
