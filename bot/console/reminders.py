"""Reminders that don't reach people: of the coming weeks, and of the last; told by telephone at a click."""

from functools import partial
from urllib.parse import urlencode

from starlette.responses import Response

from bot.channels.wechat.reminding import silent
from bot.console.calls import BIGGEST, choices, seeker_of
from bot.console.errand import Errand
from bot.console.queue import digits
from handlers.office.rights import below, scope
from handlers.reminders import desk
from storage import reminder_lists
from storage.reminder_lists import Untold
from storage.unit import Unit

REMINDERS = "/console/reminders"
ROWS = 50
SHOWS = {"coming": reminder_lists.coming, "missed": reminder_lists.missed}
KNOWN = {"gone", "called"}


async def show(errand: Errand) -> Response:
    """A page of those who can't be told, nearest day first; nothing that tells who it is."""
    query = errand.request.query_params
    which = query.get("show", "")
    which = which if which in SHOWS else "coming"
    known = {one.code for one in choices(errand)}
    area = query.get("area", "") if query.get("area", "") in known else ""
    after = digits(query.get("after", ""))
    rows = await errand.read(partial(_listed, errand, which, area, after if after < BIGGEST else 0))
    said = query.get("said", "")
    return errand.page(
        "reminders",
        rows=rows[:ROWS],
        more=rows[ROWS - 1].reminder.id if len(rows) > ROWS else 0,
        show=which,
        wanted=area,
        choices=choices(errand),
        said=said if said in KNOWN else "",
        now=errand.now,
    )


async def told(errand: Errand) -> Response:
    """Somebody was told by telephone."""
    number = int(errand.request.path_params["reminder"])
    outcome = "gone"
    if number < BIGGEST:
        outcome = await errand.run(lambda unit: desk.told(unit, seeker_of(errand), number, errand.now))
    which = errand.field("show")
    query = {"show": which if which in SHOWS else "coming", "area": errand.field("area"), "said": outcome}
    return errand.go(f"{REMINDERS}?{urlencode(query)}")


def _listed(errand: Errand, which: str, area: str, after: int, unit: Unit) -> tuple[Untold, ...]:
    """A page and one row more where it goes on."""
    areas = below(area, errand.areas) if area else scope(errand.member, errand.areas)
    house = errand.desk.house
    return SHOWS[which](unit, errand.now, areas, silent(house.settings, house.words, errand.now), after, ROWS + 1)
