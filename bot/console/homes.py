"""Homes by area, and one home with who is registered there."""

from starlette.responses import Response

from bot.console.errand import Errand
from bot.console.queue import digits
from handlers.office import dwellings
from handlers.office.rights import below, scope

HOMES = "/console/homes"
ROWS = 50


async def show(errand: Errand) -> Response:
    """A page of the homes of the member's areas, or of one of them."""
    query = errand.request.query_params
    mine = scope(errand.member, errand.areas)
    choices = [area for area in errand.areas if mine is None or area.code in mine]
    wished = query.get("area", "")
    shown = wished if wished in {area.code for area in choices} else ""
    areas = below(shown, errand.areas) if shown else mine
    after = query.get("after", "")
    rows, more = await errand.read(lambda unit: dwellings.page(unit, areas, after, ROWS))
    problem = query.get("problem", "")
    return errand.page("homes", rows=rows, more=more, choices=choices, shown=shown, problem=problem)


async def show_one(errand: Errand) -> Response:
    """One home; elsewhere's are not there."""
    code, after = errand.request.path_params["code"], digits(errand.request.query_params.get("after", ""))
    areas, staff_id = scope(errand.member, errand.areas), errand.member.code
    found = await errand.run(
        lambda unit: dwellings.look(unit, staff_id, areas, code, errand.now, after=after, limit=ROWS)
    )
    return errand.go(f"{HOMES}?problem=gone") if found is None else errand.page("home", found=found)
