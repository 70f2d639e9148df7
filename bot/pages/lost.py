"""An address that leads nowhere: a person with half a link reads where to go on, a program a bare 404."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot.house import House
from bot.pages import page


class LostPage:
    """Handles Starlette's 404."""

    def __init__(self, house: House) -> None:
        self._words = house.words
        self._template = page.template("lost")

    async def answer(self, request: Request, fault: Exception) -> Response:
        """The page, for whoever asks for one; nothing of the address is repeated."""
        if "text/html" not in request.headers.get("accept", ""):
            return PlainTextResponse("Not Found", 404, headers=page.GUARDS)
        chosen = page.language(request, self._words)
        other = next(code for code in self._words.languages if code != chosen)
        return page.html(self._template, 404, chosen, {"said": self._words.table(chosen, "lost"), "other": other})
