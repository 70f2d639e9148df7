"""The one guard in front of every page: where a request comes from, whose it is, and whether the role allows it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from traceback import extract_tb
from typing import Literal
from urllib.parse import quote

import structlog
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from bot.channels.bodies import BodyRefused, TooBig, read_body
from bot.channels.multipart import is_multipart, read_upload
from bot.channels.web.requests import ForeignRequest, check_same_origin
from bot.console import forms
from bot.console.desk import Desk
from bot.console.errand import Errand, NotHere, Refused
from handlers.office.rights import Action, can
from storage import staff_sessions
from storage.errors import Busy, Unavailable
from storage.staff_sessions import Session

log = structlog.get_logger(__name__)

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # "no-referrer" would take the Origin from forms, which the guard looks at
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
FORM_BYTES = 64 * 1024
TOUCH_EVERY = timedelta(minutes=1)

Need = Literal["anybody", "password"] | Action
Endpoint = Callable[[Errand], Awaitable[Response]]


class OldForm(Exception):
    """The form was made for another session, or carries no token."""


class SignedOut(Exception):
    """Whoever asks is not signed in, or no longer."""


@dataclass(frozen=True, slots=True)
class Page:
    """A route as data. needs: `anybody`, `password` (the one-time code is awaited), or the action a role must have.

    keeps_awake: whether asking for it counts as doing something, which a page that renews itself doesn't; largest: how
    many bytes its form may have; takes_file: how many with a file that is read as it comes in (0: it brings none).
    """

    path: str
    method: Literal["GET", "POST"]
    needs: Need
    endpoint: Endpoint
    keeps_awake: bool = True
    largest: int = FORM_BYTES
    takes_file: int = 0


@dataclass(frozen=True, slots=True)
class Guard:
    """Answers one page's requests."""

    desk: Desk
    page: Page

    async def answer(self, request: Request) -> Response:
        """The page, or why not; never stored, framed, or run with anything from elsewhere."""
        errand = Errand(self.desk, request, datetime.now(UTC), self._token(request), None, FormData())
        try:
            errand = await self._known(errand)
            response = await self._admitted(errand)
        except Exception as fault:  # noqa: BLE001 -- whatever it is, the member gets a sentence and the log its place
            response = _refusal(errand, fault)
        response.headers.update(HEADERS)
        return response

    def _token(self, request: Request) -> str:
        return self.desk.cookies.token(request.cookies)

    async def _known(self, errand: Errand) -> Errand:
        """The errand with its session and its form."""
        session = await self._session(errand)
        if self.page.takes_file and is_multipart(errand.request):
            upload = await read_upload(errand.request, self.page.takes_file)
            fields, content = FormData(dict(upload.fields)), upload.content
        else:
            fields, content = await self._fields(errand.request, session), None
        if self.page.takes_file or self.page.largest > FORM_BYTES:  # they may come in longer than a session lasts
            session = await self._session(errand)
        return Errand(self.desk, errand.request, errand.now, errand.token, session, fields, content)

    async def _admitted(self, errand: Errand) -> Response:
        if self.page.method == "POST":
            check_same_origin(errand.request, self.desk.house.settings.base_url)
            if not self.desk.cookies.is_own_form(errand.token, errand.raw("csrf")):
                raise OldForm
        _check(self.page.needs, errand.session)
        return await self.page.endpoint(errand)

    async def _fields(self, request: Request, session: Session | None) -> FormData:
        """The form; a large one is held in memory only for those whom the page is for."""
        if self.page.method != "POST":
            return FormData()
        is_theirs = _why_not(self.page.needs, session) is None
        try:
            body = await read_body(request, self.page.largest if is_theirs else FORM_BYTES)
        except TooBig:
            _check(self.page.needs, session)
            raise
        try:
            return forms.read(request.headers.get("content-type", ""), body)
        except ValueError:
            raise OldForm from None

    async def _session(self, errand: Errand) -> Session | None:
        """The session that is in force; its idle time begins anew, written down once a minute."""
        if not errand.token:
            return None
        find, now = staff_sessions.find, self.desk.idle_clock.at(errand.now)
        session = await errand.read(lambda unit: find(unit, errand.token, self.desk.limits, now))
        if session is not None and self.page.keeps_awake and errand.now - session.seen_at > TOUCH_EVERY:
            await errand.run(lambda unit: staff_sessions.touch(unit, errand.token, errand.now))
        return session


def _check(needs: Need, session: Session | None) -> None:
    """Raise SignedOut or Refused unless the page is for this session."""
    why_not = _why_not(needs, session)
    if why_not is not None:
        raise why_not


def _why_not(needs: Need, session: Session | None) -> SignedOut | Refused | None:
    if needs == "anybody":
        return None
    if session is None or (session.stage == "password") != (needs == "password"):
        return SignedOut()
    if needs != "password" and not can(session.member, needs):
        return Refused()
    return None


def _refusal(errand: Errand, fault: Exception) -> Response:
    if isinstance(fault, SignedOut) and errand.request.method == "GET":
        path = errand.request.url.path
        return errand.go("/console/sign-in" if path == "/console" else f"/console/sign-in?next={quote(path)}")
    for kind, (status, what) in REFUSALS.items():
        if isinstance(fault, kind):
            return errand.page("notice", status, what=what)
    frame = extract_tb(fault.__traceback__)[-1]
    log.error("console_fault", fault=type(fault).__name__, at=f"{Path(frame.filename).name}:{frame.lineno}")
    return errand.page("notice", 500, what="trouble")


REFUSALS: dict[type[Exception], tuple[int, str]] = {
    SignedOut: (401, "signed_out"),
    Refused: (403, "refused"),
    OldForm: (403, "old_form"),
    ForeignRequest: (403, "old_form"),
    BodyRefused: (413, "too_long"),
    NotHere: (404, "not_here"),
    Busy: (503, "busy"),
    Unavailable: (503, "busy"),
}
