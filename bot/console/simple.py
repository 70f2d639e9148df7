"""Submissions without hints: looked through as a list, approved together, each by itself."""

from collections import Counter
from functools import partial

from starlette.responses import Response

from bot.console.errand import Errand
from bot.console.queue import QUEUE, TalkWords, digits, reviewer_of
from handlers.office import simple
from handlers.office.reviewer import Done

PATH = f"{QUEUE}/simple"
MOST = 50


async def show(errand: Errand) -> Response:
    """Those that wait longest and have no hint, with their answers."""
    reviewer = reviewer_of(errand)
    cases = await errand.run(lambda unit: simple.waiting_without_hints(unit, reviewer, errand.now))
    told = {name: digits(errand.request.query_params.get(name, "")) for name in ("approved", "left")}
    return errand.page("simple", cases=cases, words=TalkWords(errand), **told)


async def approve(errand: Errand) -> Response:
    """Approve the chosen ones, one transaction each; what changed meanwhile is left out and counted."""
    office, reviewer = errand.desk.house.chat.office, reviewer_of(errand)
    chosen = [str(value).rpartition(":") for value in errand.fields.getlist("chosen")[:MOST]]
    counted: Counter[str] = Counter()
    for number, _, version in chosen:
        step = partial(
            simple.approve, reviewer=reviewer, number=number, version=digits(version), office=office, now=errand.now
        )
        outcome = await errand.run(step)
        counted["approved" if isinstance(outcome, Done) else "left"] += 1
    return errand.go(f"{PATH}?approved={counted['approved']}&left={counted['left']}")
