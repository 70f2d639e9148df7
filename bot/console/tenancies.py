"""Tenancies by state and area, one with what each side says, and contradictions that are settled."""

from starlette.responses import Response

from bot.console.calls import BIGGEST, choices
from bot.console.errand import Errand
from bot.console.queue import TalkWords, digits, reviewer_of
from handlers.office import contradictions, tenancy_page
from handlers.office.contradictions import Finding, FindingUnfit
from handlers.office.masks import number as hidden
from handlers.office.rights import below, scope
from storage.records import Ask

TENANCIES = "/console/tenancies"
ROWS = 50


async def show(errand: Errand) -> Response:
    """A page of the list."""
    query = errand.request.query_params
    wished, area = query.get("show", ""), query.get("area", "")
    shown = wished if wished in tenancy_page.SHOWN else "open"
    place = area if area in {one.code for one in choices(errand)} else ""
    areas = below(place, errand.areas) if place else scope(errand.member, errand.areas)
    after, today = _number(query.get("after", "")), errand.desk.pages.today_on(errand.now)
    rows, more = await errand.read(lambda unit: tenancy_page.page(unit, areas, shown, after, ROWS, today))
    return errand.page(
        "tenancies",
        rows=rows,
        more=more,
        tabs=list(tenancy_page.SHOWN),
        shown=shown,
        place=place,
        choices=choices(errand),
        words=TalkWords(errand),
        problem=query.get("problem", ""),
    )


async def show_one(errand: Errand) -> Response:
    """One tenancy with both statements."""
    number, today = _asked(errand), errand.desk.pages.today_on(errand.now)
    found = await errand.run(lambda unit: tenancy_page.look(unit, reviewer_of(errand), number, today, errand.now))
    if found is None:
        return errand.go(f"{TENANCIES}?problem=gone")
    return errand.page(
        "tenancy",
        found=found,
        words=TalkWords(errand),
        hidden=hidden,
        reasons=contradictions.REASONS,
        settled=contradictions.SETTLED,
        problem=errand.request.query_params.get("problem", ""),
    )


async def settle(errand: Errand) -> Response:
    """The collector found out who is right."""
    number, version, reviewer = _asked(errand), digits(errand.field("version")), reviewer_of(errand)
    to = next((one for one in contradictions.SETTLED if one == errand.field("to")), None)
    if to is None:
        return errand.go(f"{TENANCIES}/{number}?problem=unfit")
    finding = Finding(to, Ask(errand.field("reason"), errand.field("words")))
    found = await errand.run(lambda unit: contradictions.settle(unit, reviewer, number, version, finding, errand.now))
    if found is None:
        return errand.go(f"{TENANCIES}?problem=gone")
    if isinstance(found, FindingUnfit):
        return errand.go(f"{TENANCIES}/{number}?problem=unfit")
    return errand.go(f"{TENANCIES}/{number}?{'done=settled' if found.state == to else 'problem=decided'}")


def _asked(errand: Errand) -> int:
    number = int(errand.request.path_params["tenancy"])
    return number if number < BIGGEST else 0


def _number(text: str) -> int:
    found = digits(text)
    return found if found < BIGGEST else 0
