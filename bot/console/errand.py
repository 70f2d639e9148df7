"""One request to the console, with what its page needs to answer."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.channels.web.session import LANGUAGE_COOKIE
from bot.console.desk import Desk
from bot.console.navigation import links
from handlers.office.rights import Action, can, may
from storage.database import Work
from storage.records import Area
from storage.staff import Member
from storage.staff_sessions import Session

T = TypeVar("T")

FIELD_LENGTH = 2000


class Refused(Exception):
    """The page is not for this member."""


class NotHere(Exception):
    """There is no such page."""


@dataclass(frozen=True, slots=True)
class Errand:
    """What somebody wants: the request, when, whose session, the form's fields (empty for a GET).

    upload: the file of the form, to be read as it comes in; None where there is none.
    """

    desk: Desk
    request: Request
    now: datetime
    token: str
    session: Session | None
    fields: FormData
    upload: AsyncIterator[bytes] | None = None

    @property
    def member(self) -> Member:
        """Who asks; the guard has let nobody else through where a session is needed."""
        if self.session is None:
            raise Refused
        return self.session.member

    @property
    def language(self) -> str:
        """The member's language, or the browser's."""
        if self.session is not None and self.session.member.language in self.desk.pages.tables:
            return self.session.member.language
        wished = self.request.query_params.get("language", "")
        remembered = wished or self.request.cookies.get(LANGUAGE_COOKIE, "")
        return self.desk.language(remembered, self.request.headers.get("accept-language", ""))

    @property
    def address(self) -> str:
        """The network address it comes from; kept only as a keyed index."""
        return self.request.client.host if self.request.client else ""

    @property
    def areas(self) -> tuple[Area, ...]:
        """The office's areas."""
        return self.desk.house.areas()

    def field(self, name: str) -> str:
        """What was typed, trimmed; empty where the form lacks it."""
        return self.raw(name).strip()

    def raw(self, name: str) -> str:
        """What was typed, blanks too: for passwords."""
        return str(self.fields.get(name, ""))[:FIELD_LENGTH]

    def may(self, action: Action, area: str) -> bool:
        """Whether the member may do that in an area."""
        return may(self.member, action, area, self.areas)

    def require(self, action: Action, area: str) -> None:
        """Raise Refused unless the member may do that in an area."""
        if not self.may(action, area):
            raise Refused

    def say(self, key: str, **data: Any) -> str:
        """A sentence in the page's language."""
        return self.desk.pages.tables[self.language].say(key, **data)

    def page(self, template: str, status: int = 200, **data: Any) -> Response:
        """A page in the language of whoever asks, with the frame around it."""
        html = self.desk.pages.render(self.language, template, **{**self._frame(), **data})
        return HTMLResponse(html, status, headers={"Content-Language": self.language})

    def go(self, path: str) -> Response:
        """Somewhere else, by GET, so that a form that was sent isn't sent again by a reload."""
        return RedirectResponse(path, 303)

    async def run(self, work: Work[T]) -> T:
        """Work of this request that writes."""
        return await self.desk.house.database.run(work)

    async def read(self, work: Work[T]) -> T:
        """Work of this request that writes nothing."""
        return await self.desk.house.database.read(work)

    def _frame(self) -> Mapping[str, Any]:
        whole = self.session is not None and self.session.stage == "full"
        member = self.member if whole else None
        return {
            "csrf": self.desk.cookies.form_token(self.token),
            "member": member,
            "links": links(member) if member else (),
            "here": self.request.url.path,
            "office": self.desk.house.settings.office_name,
            "can": lambda action: member is not None and can(member, action),
            "done": self.request.query_params.get("done", ""),
        }
