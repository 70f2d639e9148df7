"""`/c/<code>`: anybody who scans a certificate's QR code sees whether it is valid, and hardly more."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.house import House
from bot.pages import page
from bot.pages.limits import Limit
from bot.render import Words
from handlers.office import certificates
from handlers.office.certificates import Checked

BURST, PER_MINUTE = 30, 30.0


class CheckPage:
    """The public check; an unknown code, a wrong one and one that never was look the same."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._template = page.template("certificate")
        self._limit = Limit(BURST, PER_MINUTE)

    def routes(self) -> Sequence[BaseRoute]:
        """One page."""
        return (Route("/c/{code:path}", self.answer, methods=["GET"]),)

    async def answer(self, request: Request) -> Response:
        """The page for a code."""
        chosen = page.language(request, self._house.words)
        if not self._limit.allows(page.client(request)):
            data = shown(self._house.words, chosen, "too_many", None)
            return self._page(page.TOO_MANY, chosen, data, page.RETRY)
        code, now, office = request.path_params["code"], datetime.now(UTC), self._house.chat.office
        found = await self._house.database.read(lambda unit: certificates.checked(unit, code, office, now))
        state = "unknown" if found is None else "valid" if found.valid else "ended"
        return self._page(404 if found is None else 200, chosen, shown(self._house.words, chosen, state, found))

    def _page(
        self, status: int, chosen: str, data: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> Response:
        return page.html(self._template, status, chosen, data, headers)


def shown(words: Words, language: str, state: str, found: Checked | None) -> Mapping[str, Any]:
    """What the page shows, in words."""
    said = words.table(language, "certificate")
    headings = {"too_many": ("wait", "too_many"), "over": ("link_over", "link_over_long")}
    head, sentence = headings.get(state, (state, f"{state}_long"))
    other = next(code for code in words.languages if code != language)
    return {
        "state": state,
        "said": said,
        "head": said[head],
        "sentence": said[sentence],
        "rows": [] if found is None else _rows(words, language, said, found),
        "other": other,
    }


def _rows(words: Words, language: str, said: Mapping[str, str], found: Checked) -> list[tuple[str, str]]:
    def told(day: date) -> str:
        return words.day(language, day.isoformat())

    rows = [(said["name"], found.name), (said["since"], told(found.since))]
    if found.until is not None:
        rows.append((said["until"], told(found.until)))
    if found.ended_on is not None:
        rows.append((said["ended_on"], told(found.ended_on)))
    return [*rows, (said["authority"], found.authority or said["unnamed_authority"])]
