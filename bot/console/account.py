"""My account: password, language, other places where I am signed in, chat accounts."""

import re
from dataclasses import replace

from starlette.responses import Response

from bot.console.errand import Errand
from bot.console.setting_up import problem_of
from handlers.office import passwords, sign_in, staff
from handlers.office import staff_chats as linking
from handlers.office.sign_in import Locked
from storage import sign_in_tries, staff_chats, staff_sessions
from storage import staff as accounts
from storage.unit import Unit

PATH = "/console/account"
CHAT = re.compile(r"\d{1,15}", re.ASCII)


async def show(errand: Errand) -> Response:
    """The page."""
    return await _show(errand)


async def change_password(errand: Errand) -> Response:
    """A new password for who knows the present one; clicked twice it is changed once."""
    now_kept = await errand.run(lambda unit: _present(unit, errand))
    if isinstance(now_kept, Locked):
        at = f"{errand.desk.pages.local(now_kept.until):%H:%M:%S}"
        return await _show(errand, 429, errand.say("sign_in.locked", at=at))
    current, new = errand.raw("current"), errand.raw("password")
    if not await errand.desk.hash_work(lambda: passwords.is_right(current, now_kept)):
        if await errand.desk.hash_work(lambda: passwords.is_right(new, now_kept)):
            return errand.go(f"{PATH}?done=password")
        return await _show(errand, 422, errand.say("problem.password_wrong"))
    wrong = problem_of(new, errand.raw("again"), errand.member)
    if wrong:
        await errand.run(lambda unit: sign_in_tries.forget(unit, sign_in.by_name(errand.member.login)))
        return await _show(errand, 422, errand.say(wrong, least=passwords.LEAST, most=passwords.MOST))
    hashed = await errand.desk.hash_work(lambda: passwords.hashed(new))
    await errand.run(lambda unit: staff.change_password(unit, errand.member, hashed, errand.token, errand.now))
    return errand.go(f"{PATH}?done=password")


async def change_language(errand: Errand) -> Response:
    """The console's language for this member, everywhere."""
    wished = errand.field("language")
    if wished in errand.desk.pages.tables:
        changed = replace(errand.member, language=wished)
        await errand.run(lambda unit: accounts.save(unit, changed, errand.now))
    return errand.go(f"{PATH}?done=language")


async def end_other_sessions(errand: Errand) -> Response:
    """Sign out everywhere but here."""
    await errand.run(lambda unit: staff_sessions.end_all(unit, errand.member.id, but=errand.token))
    return errand.go(f"{PATH}?done=sessions")


async def chat_code(errand: Errand) -> Response:
    """A code with which the member links a chat account; shown once, and it takes the place of older ones."""
    code = await errand.run(lambda unit: linking.new_code(unit, errand.member, errand.now))
    return await _show(errand, code=code)


async def unlink_chat(errand: Errand) -> Response:
    """One of the member's own accounts is linked no more."""
    number = int(errand.field("chat")) if CHAT.fullmatch(errand.field("chat")) else 0
    await errand.run(lambda unit: linking.unlink(unit, errand.member, number, errand.now))
    return errand.go(f"{PATH}?done=unlinked")


def _present(unit: Unit, errand: Errand) -> str | Locked:
    """The hash of the present password; tries count as at signing in."""
    until = sign_in_tries.begin(unit, (sign_in.by_name(errand.member.login),), errand.now)
    return Locked(until) if until is not None else accounts.proofs(unit, errand.member.id).password


async def _show(errand: Errand, status: int = 200, problem: str = "", code: str = "") -> Response:
    count = staff_sessions.count
    places = await errand.read(lambda unit: count(unit, errand.member.id, errand.desk.limits, errand.now))
    chats = await errand.read(lambda unit: staff_chats.of_member(unit, errand.member.id, errand.now))
    minutes = int(linking.CODE_LASTS.total_seconds() // 60)
    shown = {"others": max(places - 1, 0), "least": passwords.LEAST, "chats": chats, "code": code, "minutes": minutes}
    return errand.page("account", status, problem=problem, **shown)
