"""Staff administration: who has an account, as what and where."""

from dataclasses import replace

import structlog
from starlette.responses import Response

from bot.console.errand import Errand, NotHere, Refused
from handlers.office import staff
from handlers.office.rights import EVERYWHERE, ROLES
from handlers.office.staff import Invited
from storage import staff as accounts
from storage.records import Area
from storage.staff import Member

log = structlog.get_logger(__name__)

PATH = "/console/staff"


async def show_list(errand: Errand) -> Response:
    """Everybody whom this administrator may manage."""
    everybody = await errand.read(accounts.everybody)
    mine = [member for member in everybody if staff.may_manage(errand.member, member, errand.areas)]
    return errand.page("staff", people=mine)


async def show_new(errand: Errand) -> Response:
    """The form for a new account."""
    return _form(errand, Member(0, "", "", "", "collector", errand.member.area, errand.member.language))


async def add(errand: Errand) -> Response:
    """A new account, and the link that its owner sets it up with, shown this once."""
    typed = _typed(errand, Member(0, "", errand.field("login"), "", "", "", ""))
    wrong = _outside(errand, typed)
    if wrong:
        return _form(errand, typed, wrong)
    added = await errand.run(lambda unit: staff.add(unit, typed, errand.areas, errand.now))
    return _invited(errand, added) if isinstance(added, Invited) else _form(errand, typed, added)


async def show(errand: Errand) -> Response:
    """One account."""
    return _member(errand, await _wanted(errand))


async def change(errand: Errand) -> Response:
    """Name, role, area, language."""
    typed = _typed(errand, await _wanted(errand))
    return await _changed(errand, typed, "saved", _outside(errand, typed))


async def disable(errand: Errand) -> Response:
    """Sign them out everywhere, and let them in no more."""
    return await _changed(errand, replace(await _wanted(errand), disabled=True), "disabled")


async def enable(errand: Errand) -> Response:
    """Let them in again."""
    return await _changed(errand, replace(await _wanted(errand), disabled=False), "enabled")


async def reset(errand: Errand) -> Response:
    """A lost password or telephone: everything is set up anew by a link, shown this once."""
    member = await _wanted(errand)
    if member.id == errand.member.id:
        return _member(errand, member, "not_yourself")
    return _invited(errand, await errand.run(lambda unit: staff.reset(unit, member, errand.now)))


async def _changed(errand: Errand, changed: Member, done: str, wrong: str = "") -> Response:
    if changed.id == errand.member.id:
        wrong = "not_yourself"
    refusal: str | None = wrong
    if not wrong:
        refusal = await errand.run(lambda unit: staff.change(unit, changed, errand.areas, errand.now))
    if refusal:
        return _member(errand, changed, refusal)
    log.info("console_staff_changed", by=errand.member.code, member=changed.code, what=done)
    return errand.go(f"{PATH}/{changed.id}?done={done}")


async def _wanted(errand: Errand) -> Member:
    """The account that the path names; NotHere or Refused."""
    number = int(errand.request.path_params["number"])
    found = await errand.read(lambda unit: accounts.by_id(unit, number)) if number < 2**31 else None
    if found is None:
        raise NotHere
    if not staff.may_manage(errand.member, found, errand.areas):
        raise Refused
    return found


def _typed(errand: Errand, member: Member) -> Member:
    """An account with what the form says."""
    name, role, area = (errand.field(field) for field in ("name", "role", "area"))
    return replace(member, name=name, role=role, area=area, language=_language(errand))


def _language(errand: Errand) -> str:
    wished = errand.field("language")
    return wished if wished in errand.desk.pages.tables else errand.language


def _outside(errand: Errand, typed: Member) -> str:
    """The reason where somebody would give away more than their own area."""
    return "" if errand.may("manage_staff", typed.area) else "area_not_yours"


def _choices(errand: Errand) -> tuple[Area, ...]:
    return tuple(area for area in errand.areas if errand.may("manage_staff", area.code))


def _form(errand: Errand, typed: Member, wrong: str = "") -> Response:
    return errand.page("staff_new", 422 if wrong else 200, who=typed, wrong=wrong, **_lists(errand))


def _member(errand: Errand, member: Member, wrong: str = "") -> Response:
    own = member.id == errand.member.id
    return errand.page("staff_member", 422 if wrong else 200, who=member, wrong=wrong, own=own, **_lists(errand))


def _lists(errand: Errand) -> dict[str, object]:
    whole = errand.member.area == EVERYWHERE
    return {"roles": ROLES, "areas": _choices(errand), "whole": whole}


def _invited(errand: Errand, invited: Invited) -> Response:
    log.info("console_staff_invited", by=errand.member.code, member=invited.member.code)
    link = f"{errand.desk.house.settings.public_url}/console/set-up/{invited.token}"
    hours = int(staff.SETUP_LASTS.total_seconds() // 3600)
    return errand.page("staff_invited", who=invited.member, link=link, hours=hours)
