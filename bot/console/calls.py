"""The call list: whom no message reaches, by area, to telephone or to visit."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from urllib.parse import urlencode

from starlette.responses import Response

from bot.console.errand import Errand
from bot.console.queue import TalkWords, digits
from handlers.office import calling
from handlers.office.calling import Contact
from handlers.office.lookup import LOOK_REASONS, Seeker
from handlers.office.rights import below, scope
from handlers.reasons import fits
from storage import calls
from storage.calls import Call
from storage.records import Area, Ask
from storage.unit import Unit

CALLS = "/console/calls"
ROWS = 50
BIGGEST = 2**31


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of the list: an area (empty: all of the member's), and behind which message."""

    area: str
    after: int


async def show(errand: Errand) -> Response:
    """A page of the list, without anything that tells who it is."""
    query = errand.request.query_params
    wanted = _wanted(errand, query.get("area", ""), query.get("after", ""))
    listed = await errand.read(partial(_listed, errand, wanted))
    return _page(errand, wanted, listed, problem=query.get("problem", ""))


async def show_contacts(errand: Errand) -> Response:
    """The same page with names, telephone numbers and addresses in this one answer, for a reason that people see."""
    wanted = _wanted(errand, errand.field("area"), errand.field("after"))
    reason = Ask(errand.field("reason"), errand.field("words"))
    if not fits(reason, LOOK_REASONS):
        listed = await errand.read(partial(_listed, errand, wanted))
        return _page(errand, wanted, listed, problem="reason", status=422)

    def look(unit: Unit) -> tuple[tuple[Call, ...], dict[int, Contact]]:
        found, said = _listed(errand, wanted, unit), reason.words.strip() or reason.reason
        return found, calling.contacts(unit, seeker_of(errand), found[:ROWS], said, errand.now)

    listed, contacts = await errand.run(look)
    return _page(errand, wanted, listed, contacts=contacts)


async def told(errand: Errand) -> Response:
    """Somebody was told by telephone."""
    number = int(errand.request.path_params["call"])
    wanted = _wanted(errand, errand.field("area"), errand.field("after"))
    outcome = "gone"
    if number < BIGGEST:
        outcome = await errand.run(lambda unit: calling.told(unit, seeker_of(errand), number, errand.now))
    said = {"done": "called"} if outcome == "done" else {"problem": outcome}
    return errand.go(f"{CALLS}?{urlencode({'area': wanted.area, 'after': wanted.after, **said})}")


def seeker_of(errand: Errand) -> Seeker:
    """Whoever asks, with the areas they may see."""
    return Seeker(errand.member.code, scope(errand.member, errand.areas))


def choices(errand: Errand) -> list[Area]:
    """The areas a member may choose from."""
    mine = scope(errand.member, errand.areas)
    return [area for area in errand.areas if mine is None or area.code in mine]


def _wanted(errand: Errand, area: str, after: str) -> Wanted:
    behind = digits(after)
    known = {one.code for one in choices(errand)}
    return Wanted(area if area in known else "", behind if behind < BIGGEST else 0)


def _listed(errand: Errand, wanted: Wanted, unit: Unit) -> tuple[Call, ...]:
    """A page of the list and one row more where it goes on."""
    areas = below(wanted.area, errand.areas) if wanted.area else scope(errand.member, errand.areas)
    within = timedelta(days=errand.desk.house.settings.call_days)
    return calls.calls(unit, errand.now, within, ROWS + 1, areas, wanted.after)


def _page(
    errand: Errand,
    wanted: Wanted,
    listed: tuple[Call, ...],
    *,
    contacts: dict[int, Contact] | None = None,
    problem: str = "",
    status: int = 200,
) -> Response:
    rows, more = listed[:ROWS], listed[ROWS - 1].id if len(listed) > ROWS else 0
    shown = {"rows": rows, "more": more, "wanted": wanted, "choices": choices(errand), "contacts": contacts}
    words = {"words": TalkWords(errand), "reasons": LOOK_REASONS}
    return errand.page("calls", status, **shown, **words, problem=problem, now=errand.now)
