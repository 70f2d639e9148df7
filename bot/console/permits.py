"""Residence permits: by state and due day, one with its way, and what the office does with it."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import get_args

from starlette.responses import Response

from bot.console.calls import choices
from bot.console.errand import Errand
from bot.console.queue import TalkWords, digits
from handlers.office import permit_desk, permit_endorsing, permit_replacing, permit_views
from handlers.office.permit_desk import Desk, Issue, Outcome
from handlers.office.rights import below, scope
from handlers.reasons import REFUSAL_REASONS
from storage import permit_lists
from storage.permit_lists import Shelf, Wanted
from storage.permits import Permit
from storage.records import Ask
from storage.unit import Unit

PERMITS = "/console/permits"
ROWS = 50
SHELVES: tuple[Shelf, ...] = get_args(Shelf)
COUNTED: tuple[Shelf, ...] = ("making", "ready", "endorse", "suspended", "replacing")

Act = Callable[[Unit, Desk], Outcome]


async def show(errand: Errand) -> Response:
    """A page of a shelf, of the member's areas or of one of them."""
    query = errand.request.query_params
    wished, area = query.get("show", ""), query.get("area", "")
    shelf: Shelf = next((one for one in SHELVES if one == wished), "making")
    shown = area if area in {one.code for one in choices(errand)} else ""
    areas = below(shown, errand.areas) if shown else scope(errand.member, errand.areas)
    today = errand.desk.pages.today_on(errand.now)
    wanted = Wanted(shelf, areas, today, day_of(query.get("until", "")), place_of(query.get("after", "")))
    rows, more = await errand.read(lambda unit: permit_views.page(unit, wanted, ROWS))
    counts = await errand.read(lambda unit: permit_lists.counts(unit, areas, today, COUNTED))
    return errand.page(
        "permits",
        rows=rows,
        more="" if more is None else f"{more[0].isoformat()}.{more[1]}",
        shelf=shelf,
        shelves=SHELVES,
        counts=counts,
        most=permit_lists.MOST,
        choices=choices(errand),
        shown=shown,
        until=wanted.until,
        words=TalkWords(errand),
        problem=query.get("problem", ""),
    )


async def find(errand: Errand) -> Response:
    """The permit with a number, which is never part of an address."""
    number = errand.field("number")
    found = await errand.run(lambda unit: permit_views.find(unit, desk_of(errand), number))
    return errand.go(f"{PERMITS}?problem=unknown" if found is None else _path(found.id))


async def show_one(errand: Errand) -> Response:
    """One permit; elsewhere's are not there."""
    desk = desk_of(errand)
    found = await errand.run(lambda unit: permit_views.look(unit, desk, number_of(errand)))
    if found is None:
        return errand.go(f"{PERMITS}?problem=gone")
    return errand.page(
        "permit",
        found=found,
        words=TalkWords(errand),
        today_on=desk.today,
        may_decide=errand.may("decide", found.permit.area),
        refusal_reasons=REFUSAL_REASONS,
        problem=errand.request.query_params.get("problem", ""),
    )


async def issue(errand: Errand) -> Response:
    """Issue it."""
    issued_on, valid_from = day_of(errand.field("issued_on")), day_of(errand.field("valid_from"))
    if issued_on is None or valid_from is None:
        return _again(errand, "bad_day")
    told = Issue(errand.field("number"), issued_on, valid_from, electronic=errand.field("electronic") == "yes")
    return await _step(errand, partial(permit_desk.issue, told=told), "issued")


async def hand_out(errand: Errand) -> Response:
    """The card was fetched."""
    return await _step(errand, permit_desk.hand_out, "handed_out")


async def endorse(errand: Errand) -> Response:
    """Endorse it at the counter."""
    return await _step(errand, permit_endorsing.endorse, "endorsed")


async def refuse(errand: Errand) -> Response:
    """Refuse the endorsement, with a reason."""
    reason = Ask(errand.field("reason"), errand.field("words"))
    return await _step(errand, partial(permit_endorsing.refuse_endorsement, reason=reason), "refused")


async def replaced(errand: Errand) -> Response:
    """The new card is made."""
    number, electronic = errand.field("number"), errand.field("electronic") == "yes"
    return await _step(errand, partial(permit_replacing.replaced, number=number, electronic=electronic), "replaced")


async def end(errand: Errand) -> Response:
    """It ends, for a reason of the law."""
    reason, on = errand.field("reason"), day_of(errand.field("on"))
    return await _step(errand, partial(permit_desk.end, reason=reason, on=on), "ended")


async def _step(errand: Errand, act: Callable[..., Outcome], what: str) -> Response:
    """Take a step with the version that was seen, and note it, in one transaction."""
    desk, number, version = desk_of(errand), number_of(errand), digits(errand.field("version"))

    def work(unit: Unit) -> Outcome:
        outcome = act(unit, desk, number, version)
        if isinstance(outcome, Permit):
            permit_views.note(unit, desk, outcome, what)
        return outcome

    outcome = await errand.run(work)
    if isinstance(outcome, Permit):
        return errand.go(f"{_path(number)}?done=permit_{what}")
    return errand.go(f"{PERMITS}?problem=gone") if outcome == "gone" else _again(errand, outcome)


def _again(errand: Errand, problem: str) -> Response:
    return errand.go(f"{_path(number_of(errand))}?problem={problem}")


def desk_of(errand: Errand) -> Desk:
    """Whoever asks, with a permit before them."""
    areas = scope(errand.member, errand.areas)
    return Desk(errand.member.code, areas, errand.desk.house.chat.office, errand.now)


def number_of(errand: Errand) -> int:
    """Which permit."""
    number = int(errand.request.path_params["permit"])
    return number if number < 2**31 else 0


def day_of(text: str) -> date | None:
    """A day that a form or an address carries; None for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def place_of(text: str) -> tuple[date, int] | None:
    """From where a page goes on; None for its beginning."""
    day, _, number = text.partition(".")
    found = day_of(day)
    return None if found is None else (found, digits(number))


def _path(number: int) -> str:
    return f"{PERMITS}/{number}"
