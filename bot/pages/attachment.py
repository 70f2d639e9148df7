"""`/f/<code>`: the picture or document of a broadcast, by a code that can't be guessed; nobody signs in."""

from collections.abc import Sequence
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.house import House
from bot.pages import page
from bot.pages.limits import Limit
from storage import broadcast_parts

BURST, PER_MINUTE = 60, 60.0
LONGEST = 32
KEPT = "private, max-age=3600"


class Attachments:
    """What a broadcast brings along. It was made anew when it was uploaded, so nothing in it runs."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._limit = Limit(BURST, PER_MINUTE)

    def routes(self) -> Sequence[BaseRoute]:
        """One route."""
        return (Route("/f/{code}", self.answer, methods=["GET"]),)

    async def answer(self, request: Request) -> Response:
        """The file, shown in place."""
        if not self._limit.allows(page.client(request)):
            return PlainTextResponse("", page.TOO_MANY, headers=page.RETRY)
        code = str(request.path_params["code"])[:LONGEST]
        found = await self._house.database.read(lambda unit: broadcast_parts.file(unit, code))
        if found is None:
            return PlainTextResponse("404", 404, headers=page.GUARDS)
        content, kind, name = found
        shown = {"Content-Disposition": f"inline; filename*=UTF-8''{quote(name)}", "Cache-Control": KEPT}
        return Response(content, media_type=kind, headers={**page.GUARDS, **shown})
