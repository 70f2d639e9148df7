"""Homes by need and area, and one home with everything about it."""

import secrets
from datetime import timedelta

from starlette.responses import Response

from bot.console.calls import choices
from bot.console.errand import Errand
from bot.console.queue import TalkWords, digits, reviewer_of
from handlers.office import dwellings, visiting
from handlers.office import homes as office_homes
from handlers.office.dwellings import Household, Look
from handlers.office.hints import LIMITS
from handlers.office.home_codes import clear
from handlers.office.rights import below, scope
from storage import needs
from storage.needs import FIRST, NEEDS, Measure, Needing, Place

HOMES = "/console/homes"
ROWS = 50


async def show(errand: Errand) -> Response:
    """A page of the homes of the member's areas, or of one of them, the neediest first; of a city first its areas."""
    query = errand.request.query_params
    wished, need = query.get("area", ""), query.get("need", "")
    shown = wished if wished in {area.code for area in choices(errand)} else ""
    areas = below(shown, errand.areas) if shown else scope(errand.member, errand.areas)
    after = place(query.get("after", ""))
    by_area = await errand.read(lambda unit: needs.by_area(unit, areas))
    rows: tuple[Needing, ...] = ()
    more: Place | None = None
    if len(by_area) <= 1:
        rows, more = await errand.read(lambda unit: dwellings.page(unit, areas, measure(errand), need, after, ROWS))
    return errand.page(
        "homes",
        by_area=by_area if len(by_area) > 1 else {},
        rows=rows,
        more="" if more is None else f"{more.weight}.{more.code}",
        choices=choices(errand),
        shown=shown,
        need=need if need in NEEDS else "",
        needs=NEEDS,
        problem=query.get("problem", ""),
    )


async def show_one(errand: Errand) -> Response:
    """One home; elsewhere's are not there."""
    query = errand.request.query_params
    after, today = digits(query.get("after", "")), errand.desk.pages.today_on(errand.now)
    wanted = Look(reviewer_of(errand), measure(errand), today, after, ROWS)
    found = await errand.run(lambda unit: dwellings.look(unit, code_of(errand), wanted))
    if found is None:
        return errand.go(f"{HOMES}?problem=gone")
    return _page(errand, found)


def _page(errand: Errand, found: Household) -> Response:
    query = errand.request.query_params
    return errand.page(
        "home",
        found=found,
        words=TalkWords(errand),
        clear=clear,
        once=secrets.token_hex(16),
        outcomes=visiting.OUTCOMES,
        longest=visiting.LONGEST,
        refusals=office_homes.REFUSALS,
        posters=("pdf", "stickers.pdf", "png"),
        problem=query.get("problem", ""),
        consent=errand.desk.house.words.say(errand.language, "ask/consent", abroad=False, old=None),
    )


def code_of(errand: Errand) -> str:
    """The home that the address names."""
    return str(errand.request.path_params["code"])


def measure(errand: Errand) -> Measure:
    """By what it is told which homes need somebody."""
    return Measure(errand.now, timedelta(days=errand.desk.house.settings.call_days), LIMITS.in_home)


def place(text: str) -> Place:
    """Where a page begins, as an address carries it; the first page for anything else."""
    weight, _, code = text.partition(".")
    return Place(digits(weight), code) if weight.isdecimal() and code else FIRST
