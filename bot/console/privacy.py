"""The privacy desk: requests about people's data, oldest first, and one request with its answer."""

from functools import partial
from typing import Any

from starlette.responses import Response

from bot.console.calls import BIGGEST, seeker_of
from bot.console.errand import Errand
from bot.console.queue import digits
from bot.purge import KEPT
from handlers.office import privacy_desk
from handlers.office.privacy_desk import LONGEST, OUTCOMES
from handlers.office.rights import scope
from storage import privacy_requests
from storage.privacy_requests import Request
from storage.unit import Unit

PRIVACY = "/console/privacy"
ROWS = 50
ANSWERED = 20
UNPROCESSABLE = 422


async def show(errand: Errand) -> Response:
    """What waits, what was answered last, and how long each kind of data is kept."""
    query = errand.request.query_params
    after = min(digits(query.get("after", "")), BIGGEST)
    waiting, answered = await errand.read(partial(_listed, errand, after))
    settings, more = errand.desk.house.settings, waiting[ROWS - 1].id if len(waiting) > ROWS else 0
    kept = [(keep.kind.name, keep.days(settings), keep.setting, keep.zero_is_for_ever) for keep in KEPT]
    limits: dict[str, Any] = {"days": settings.privacy_days, "today_on": errand.desk.pages.today_on(errand.now)}
    rows: dict[str, Any] = {"waiting": waiting[:ROWS], "answered": answered, "more": more, "kept": kept}
    return errand.page("privacy", problem=query.get("problem", ""), **limits, **rows)


async def show_one(errand: Errand) -> Response:
    """One request; elsewhere's are not there."""
    return await _one(errand, errand.request.query_params.get("problem", ""))


async def answer(errand: Errand) -> Response:
    """Done, refused with a reason, or answered in words; the person is told."""
    number, words, outcome = _number(errand), errand.field("words"), errand.field("outcome")
    answered = partial(privacy_desk.answer, seeker=seeker_of(errand), number=number, outcome=outcome, words=words)
    settled = await errand.run(partial(answered, now=errand.now, erase=_ticked(errand)))
    if settled == "settled":
        return errand.go(f"{PRIVACY}?done=privacy")
    if settled in {"gone", "quicker"}:
        return errand.go(f"{PRIVACY}?problem={settled}")
    return await _one(errand, settled, UNPROCESSABLE)


def _listed(errand: Errand, after: int, unit: Unit) -> tuple[tuple[Request, ...], tuple[Request, ...]]:
    areas = scope(errand.member, errand.areas)
    return privacy_requests.waiting(unit, areas, after, ROWS + 1), privacy_requests.answered(unit, areas, ANSWERED)


async def _one(errand: Errand, problem: str, status: int = 200) -> Response:
    number, seeker = _number(errand), seeker_of(errand)
    found = await errand.run(lambda unit: privacy_desk.look(unit, seeker, number, errand.now))
    if found is None:
        return errand.go(f"{PRIVACY}?problem=gone")
    typed = {"words": errand.field("words"), "outcome": errand.field("outcome"), "erase": _ticked(errand)}
    shown = {"found": found, "typed": typed, "outcomes": OUTCOMES, "longest": LONGEST, "problem": problem}
    return errand.page("privacy_request", status, **shown, today_on=errand.desk.pages.today_on(errand.now))


def _ticked(errand: Errand) -> frozenset[str]:
    return frozenset(str(number) for number in errand.fields.getlist("erase"))


def _number(errand: Errand) -> int:
    number = int(errand.request.path_params["request"])
    return number if number < BIGGEST else 0
