"""Signing in and out: password, one-time code, the first set-up of the codes."""

import re
from typing import Any

import structlog
from markupsafe import Markup
from starlette.responses import Response

from bot.channels.web.session import LANGUAGE_COOKIE
from bot.console.errand import Errand
from handlers.office import passwords, sign_in
from handlers.office.sign_in import Locked, Waiting, Wrong
from storage import staff, staff_sessions
from storage.staff import Member

log = structlog.get_logger(__name__)

OWN_PATH = re.compile(r"/console(/[a-z0-9/-]*)?", re.IGNORECASE)
START = "/console"
GROUP = 4


async def ask_password(errand: Errand) -> Response:
    """The form; whoever has given a password already is led on."""
    if errand.session is not None:
        return errand.go("/console/code" if errand.session.stage == "password" else START)
    if errand.token:
        return _remembering(errand, _form(errand))
    fresh = Errand(errand.desk, errand.request, errand.now, errand.desk.cookies.new_token(), None, errand.fields)
    response = _remembering(fresh, _form(fresh))
    errand.desk.cookies.give(response, fresh.token)
    return response


async def check_password(errand: Errand) -> Response:
    """One try; what was wrong isn't told, so that nobody learns who has an account."""
    login, password = errand.field("login"), errand.raw("password")
    begun = await errand.run(lambda unit: sign_in.begin(unit, login, errand.address, errand.now))
    if isinstance(begun, Locked):
        return _locked(errand, begun, _form)
    if not await errand.desk.hash_work(lambda: passwords.is_right(password, begun.password_hash)):
        log.info("console_password_wrong")
        return _form(errand, 422, "sign_in.wrong")
    return await _let_on(errand, begun.member, password, begun.password_hash)


async def ask_code(errand: Errand) -> Response:
    """The one-time code, or at the first time the QR code for the member's telephone."""
    return await _code_form(errand)


async def check_code(errand: Errand) -> Response:
    """One try at the code; a right one opens the console."""
    waiting = Waiting(errand.token, errand.member, errand.address)
    entered = await errand.run(lambda unit: sign_in.enter_code(unit, waiting, errand.field("code"), errand.now))
    if isinstance(entered, Locked):
        return await _code_form(errand, 429, errand.say("sign_in.locked", at=_clock(errand, entered)))
    if isinstance(entered, Wrong):
        ended = entered.what == "ended"
        return errand.go("/console/sign-in") if ended else await _code_form(errand, 422, errand.say("code.wrong"))
    log.info("console_signed_in", member=errand.member.code)
    response = errand.go(own_path(errand.request.query_params.get("next", "")))
    errand.desk.cookies.give(response, entered)
    return response


async def sign_out(errand: Errand) -> Response:
    """The session ends on the server; the browser gets a token of no session."""
    if errand.token:
        await errand.run(lambda unit: staff_sessions.end(unit, errand.token))
    response = errand.go("/console/sign-in?done=signed_out")
    errand.desk.cookies.give(response, errand.desk.cookies.new_token())
    return response


def own_path(wished: str) -> str:
    """A path of the console, where to go on; its first page for anything else."""
    return wished if OWN_PATH.fullmatch(wished) else START


async def _let_on(errand: Errand, member: Member | None, password: str, kept: str) -> Response:
    if member is None:
        return _form(errand, 422, "sign_in.wrong")
    if passwords.is_outdated(kept):
        fresh = await errand.desk.hash_work(lambda: passwords.hashed(password))
        await errand.run(lambda unit: staff.set_password(unit, member.id, fresh, errand.now))
    token = await errand.run(lambda unit: sign_in.password_was_right(unit, member, errand.address, errand.now))
    wished = own_path(errand.request.query_params.get("next", ""))
    response = errand.go("/console/code" if wished == START else f"/console/code?next={wished}")
    errand.desk.cookies.give(response, token)
    return response


def _form(errand: Errand, status: int = 200, wrong: str = "", **data: Any) -> Response:
    problem = errand.say(wrong, **data) if wrong else ""
    return errand.page("sign_in", status, problem=problem, login=errand.field("login"), next=_next(errand))


def _locked(errand: Errand, locked: Locked, form: Any) -> Response:
    log.warning("console_locked")
    response: Response = form(errand, 429, "sign_in.locked", at=_clock(errand, locked))
    return response


async def _code_form(errand: Errand, status: int = 200, problem: str = "") -> Response:
    member = errand.member
    if member.has_totp:
        return errand.page("code", status, problem=problem, who=member, next=_next(errand))
    secret = await errand.run(lambda unit: sign_in.secret_of(unit, member, errand.now))
    office = errand.desk.house.settings.office_name or "Anju"
    uri = sign_in.provisioning_uri(member, secret, f"{office} · Anju" if office != "Anju" else office)
    groups = " ".join(secret[start : start + GROUP] for start in range(0, len(secret), GROUP))
    shown = {"qr": qr(uri), "secret": groups, "uri": uri}
    return errand.page("totp", status, problem=problem, who=member, next=_next(errand), **shown)


def qr(text: str) -> Markup:
    """A QR code as SVG for a page, always dark on white, so that every camera reads it."""
    import segno  # only for who sets up the second factor

    code = segno.make(text, error="m", micro=False)
    return Markup(code.svg_inline(border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr"))  # noqa: S704 -- segno's own drawing


def _clock(errand: Errand, locked: Locked) -> str:
    return f"{errand.desk.pages.local(locked.until):%H:%M:%S}"


def _next(errand: Errand) -> str:
    return own_path(errand.request.query_params.get("next", ""))


def _remembering(errand: Errand, response: Response) -> Response:
    """Keep the language that was chosen on the page."""
    wished = errand.request.query_params.get("language", "")
    if wished in errand.desk.pages.tables:
        response.set_cookie(LANGUAGE_COOKIE, wished, max_age=400 * 24 * 3600, httponly=True, samesite="lax")
    return response
