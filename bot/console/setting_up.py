"""The one-time link by which a new member chooses a password."""

from starlette.responses import Response

from bot.console.errand import Errand
from handlers.office import passwords, staff
from storage import staff_sessions
from storage.staff import Member


async def ask(errand: Errand) -> Response:
    """The form; only sending it uses the link up, since chat programs look at links by themselves."""
    member = await _whose(errand)
    if member is None:
        return errand.go("/console/sign-in") if errand.session else errand.page("notice", 410, what="link_spent")
    if errand.token:
        return _form(errand, member)
    fresh = Errand(errand.desk, errand.request, errand.now, errand.desk.cookies.new_token(), None, errand.fields)
    response = _form(fresh, member)
    errand.desk.cookies.give(response, fresh.token)
    return response


async def keep(errand: Errand) -> Response:
    """Keep the password, and go on to the one-time codes."""
    member = await _whose(errand)
    if member is None:
        return errand.go(errand.request.url.path)
    password = errand.raw("password")
    wrong = problem_of(password, errand.raw("again"), member)
    if wrong:
        return _form(errand, member, 422, wrong)
    hashed = await errand.desk.hash_work(lambda: passwords.hashed(password))
    token = await errand.run(lambda unit: staff.set_up(unit, _link(errand), hashed, errand.now))
    if token is None:
        return errand.go(errand.request.url.path)
    response = errand.go("/console/code")
    errand.desk.cookies.give(response, token)
    return response


def problem_of(password: str, again: str, member: Member) -> str:
    """Why a new password isn't taken, as a key of the words; empty for a good one."""
    weak = passwords.weakness(password, member.login, member.name, member.code)
    if weak is not None:
        return f"problem.{weak}"
    return "" if password == again else "problem.password_differs"


def _form(errand: Errand, member: Member, status: int = 200, wrong: str = "") -> Response:
    problem = errand.say(wrong, least=passwords.LEAST, most=passwords.MOST) if wrong else ""
    return errand.page("set_up", status, problem=problem, who=member, least=passwords.LEAST)


async def _whose(errand: Errand) -> Member | None:
    return await errand.read(lambda unit: staff_sessions.setup_of(unit, _link(errand), errand.now))


def _link(errand: Errand) -> str:
    return str(errand.request.path_params["token"])
