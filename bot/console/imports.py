"""Lists that the office takes in: templates, handing a file in, what is wrong with its rows, taking the good ones."""

from datetime import UTC, datetime
from functools import partial
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from bot.console.errand import Errand
from bot.exports.comma import CommaSeparated
from bot.exports.workbook import Workbook
from bot.imports import template as templates
from bot.imports.receiving import receive
from bot.imports.report import PARTS, report
from bot.imports.sheet import LARGEST, Unreadable
from bot.imports.shown import shown
from bot.imports.template import Template
from handlers.office import importing
from handlers.office.imports import KINDS
from handlers.office.rights import scope
from storage import homes, imports
from storage.imports import WORKED_ON, Import, Sender
from storage.unit import Unit

IMPORT = "/console/import"
FORM_BYTES = LARGEST + 64 * 1024
SHOWN = 12
MOST_HOMES = 1_000  # in a template's drop-down
UNPROCESSABLE = 422


async def show(errand: Errand) -> Response:
    """Templates, the form, and the member's lists."""
    return await _page(errand, errand.request.query_params.get("problem", ""))


async def rows(errand: Errand) -> Response:
    """The lists alone, for the page that renews itself."""
    lists = await errand.read(lambda unit: imports.of_staff(unit, errand.member.code, SHOWN))
    return errand.page("_imports", lists=[_shown(errand, one) for one in lists])


async def hand_in(errand: Errand) -> Response:
    """A file comes in; it is checked from here on, in the member's areas and language."""
    if errand.upload is None:
        return await _page(errand, "sheet_empty", UNPROCESSABLE)
    member, database = errand.member, errand.desk.house.database
    sender = Sender(errand.language, staff_id=member.code, area=member.area)
    try:
        number = await receive(database, sender, errand.upload)
    except Unreadable as unreadable:
        return await _page(errand, unreadable.reason, UNPROCESSABLE)
    now = datetime.now(UTC)
    await errand.run(lambda unit: imports.move(unit, number, ("receiving",), "checking", now))
    return errand.go(IMPORT)


async def blank(errand: Errand) -> Response:
    """A template with the homes, or the communities, of the member's areas."""
    kind, _, ending = errand.request.path_params["name"].partition(".")
    if kind not in KINDS or ending not in {"xlsx", "csv"}:
        return errand.go(IMPORT)
    made = await errand.read(partial(_template, errand, kind))
    content = templates.workbook(made) if ending == "xlsx" else templates.comma_separated(made)
    media_type = Workbook.media_type if ending == "xlsx" else CommaSeparated.media_type
    return Response(content, media_type=media_type, headers=_attached(f"{made.say(f'file_{kind}')}.{ending}"))


async def tell(errand: Errand) -> Response:
    """Rows to mend, or what to pass on."""
    part, one = errand.request.path_params["part"].removesuffix(".xlsx"), await _own(errand)
    if one is None or part not in PARTS or one.kind not in KINDS:
        return errand.go(f"{IMPORT}?problem=gone")
    made = await errand.read(partial(_template, errand, one.kind))
    house = errand.desk.house
    told = report(house.database, one, made, part, house.settings.public_url)
    headers = _attached(f"{made.say(f'file_{part}')}.xlsx")
    return StreamingResponse(told.pieces(), media_type=Workbook.media_type, headers=headers)


async def take(errand: Errand) -> Response:
    """The good rows are wanted; pressed twice, it is said once."""
    one = await _own(errand)
    if one is None or one.area != errand.member.area:
        return errand.go(f"{IMPORT}?problem=gone")
    await errand.run(lambda unit: bool(one.good) and imports.move(unit, one.id, ("checked",), "taking", errand.now))
    return errand.go(IMPORT)


async def drop(errand: Errand) -> Response:
    """The list isn't wanted any more."""
    one = await _own(errand)
    if one is None:
        return errand.go(f"{IMPORT}?problem=gone")
    await errand.run(lambda unit: importing.call_off(unit, one, errand.now))
    return errand.go(IMPORT)


async def _page(errand: Errand, problem: str = "", status: int = 200) -> Response:
    lists = await errand.read(lambda unit: imports.of_staff(unit, errand.member.code, SHOWN))
    words, template = errand.desk.house.words, f"invalid/{problem}"
    known = template in words.templates(errand.language)
    return errand.page(
        "imports",
        status,
        lists=[_shown(errand, one) for one in lists],
        waits=any(one.state in WORKED_ON for one in lists),
        wrong=words.say(errand.language, template) if known else "",
        problem=problem,
        days=errand.desk.house.settings.keep_imports_days,
    )


def _shown(errand: Errand, one: Import) -> dict[str, object]:
    house = errand.desk.house
    return shown(house.words, house.settings.zone, errand.language, one)


async def _own(errand: Errand) -> Import | None:
    """The list of that number, if the member handed it in."""
    number = min(int(errand.request.path_params["number"]), 2**62)
    one = await errand.read(lambda unit: imports.get(unit, number))
    return one if one is not None and one.staff_id == errand.member.code else None


def _template(errand: Errand, kind: str, unit: Unit) -> Template:
    words, mine = errand.desk.house.words, scope(errand.member, errand.areas)
    if kind == "tenants":
        return templates.of_tenants(words, errand.language, "owner", homes.within(unit, mine, MOST_HOMES))
    within = [area for area in errand.areas if mine is None or area.code in mine]
    above = {area.parent for area in within}
    there = [area for area in errand.areas if area in within or area.code in above]
    if kind == "permits":
        return templates.of_permits(words, errand.language, there)
    return templates.of_homes(words, errand.language, "owner", there)


def _attached(name: str) -> dict[str, str]:
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
