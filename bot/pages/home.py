"""`/h/<code>`: whoever scans a door's code chooses where to go on, with the home known; not who lives there."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.channels.channel import SendFailed
from bot.house import House
from bot.pages import page
from bot.pages.limits import Limit
from handlers.office import home_codes, scanning
from storage import helps, homes
from storage.unit import Unit

BURST, PER_MINUTE = 30, 30.0
SIDE = 600  # pixels
LONGEST = 40
IN_WECHAT = "MicroMessenger"  # what WeChat's own browser calls itself: its way comes first there

State = Literal["known", "invited", "helped", "over", "retired", "unknown", "too_many"]
OPEN = frozenset({"known", "invited", "helped"})
Scene = Callable[[str], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Door:
    """What a code leads to: its state, and the community, which isn't told for one that leads nowhere."""

    state: State
    code: str = ""
    area: str = ""


class HomePage:
    """The page behind a poster's QR code. `follow` gives the address of a WeChat code that carries a scene."""

    def __init__(self, house: House, follow: Scene | None) -> None:
        self._house = house
        self._follow = follow
        self._template = page.template("home")
        self._limit = Limit(BURST, PER_MINUTE)

    def routes(self) -> Sequence[BaseRoute]:
        """The page, and WeChat's code on it."""
        return (
            Route("/h/{code}/wechat.png", self.wechat, methods=["GET"]),
            Route("/h/{code:path}", self.answer, methods=["GET"]),
        )

    async def answer(self, request: Request) -> Response:
        """The page for a code, typed in whatever way."""
        chosen = page.language(request, self._house.words)
        if not self._limit.allows(page.client(request)):
            return page.html(self._template, page.TOO_MANY, chosen, self._shown(chosen, Door("too_many")), page.RETRY)
        door = await self._door(request)
        data = {**self._shown(chosen, door), "in_wechat": IN_WECHAT in request.headers.get("user-agent", "")}
        return page.html(self._template, 404 if door.state == "unknown" else 200, chosen, data)

    async def wechat(self, request: Request) -> Response:
        """The code to press long in WeChat: it follows the account, which then knows the home."""
        door = await self._door(request) if self._limit.allows(page.client(request)) else Door("too_many")
        if self._follow is None or door.state not in OPEN:
            return Response(status_code=404, headers=page.GUARDS)
        try:
            address = await self._follow(f"home_{door.code}")
        except SendFailed:
            return Response(status_code=503, headers={**page.GUARDS, **page.RETRY})
        from bot.poster.picture import png

        return Response(png(address, SIDE), media_type="image/png", headers=page.GUARDS)

    async def _door(self, request: Request) -> Door:
        said = request.path_params["code"]
        code = "".join(said.split("-")).upper() if len(said) <= LONGEST else ""
        now = datetime.now(UTC)
        return await self._house.database.read(lambda unit: found(unit, code, now))

    def _shown(self, language: str, door: Door) -> Mapping[str, Any]:
        words, settings = self._house.words, self._house.settings
        telegram = f"https://t.me/{settings.telegram_name}?start=home_{door.code}"
        return {
            "state": door.state,
            "said": words.table(language, "home"),
            "code": home_codes.clear(door.code),
            "area": words.label(language, "areas", door.area) if door.area else "",
            "office": settings.office_name,
            "wechat": f"/h/{door.code}/wechat.png" if self._follow is not None else "",
            "telegram": telegram if settings.telegram_mode != "off" and settings.telegram_name else "",
            "in_wechat": False,
            "web": f"/?home={door.code}" if door.code else "/",
            "other": next(code for code in words.languages if code != language),
        }


def found(unit: Unit, code: str, now: datetime) -> Door:
    """What a code leads to."""
    secret = len(code) == home_codes.INVITATION_LENGTH
    typed = helps.by_code(unit, code) if secret else None
    if typed is not None and not typed.may_be_taken(now):
        return Door("over")
    home = scanning.scanned(unit, code, now) if code else None
    if home is not None:
        state: State = "helped" if typed is not None else "invited" if secret else "known"
        return Door(state, code, home.area)
    old = homes.code_of(unit, code) if code else None
    return Door("unknown" if old is None else "retired")
