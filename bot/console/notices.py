"""Notices about the law: how often they go out, campaigns, what came of it, and what people asked in vain."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from starlette.responses import Response

from bot.console.calls import BIGGEST
from bot.console.errand import Errand
from bot.console.queue import digits
from bot.rhythm import next_times
from handlers.office import notice_desk
from handlers.office.rhythm import EXAMPLE, Rhythm, read_rhythm
from handlers.office.rights import EVERYWHERE
from storage import campaigns, law_counts, missed_searches, notice_rounds
from storage.campaigns import Campaign
from storage.missed_searches import Missed
from storage.notice_rounds import Rhythm as Kept
from storage.notice_rounds import Round
from storage.unit import Unit

PATH = "/console/notices"
PERIOD = timedelta(days=30)
ROUNDS, CAMPAIGNS, MISSED, BUSIEST, TIMES = 5, 20, 50, 10, 3
UNPROCESSABLE = 422


@dataclass(frozen=True, slots=True)
class Found:
    """What the page shows."""

    rhythm: Kept | None
    rounds: Sequence[Round]
    campaigns: Sequence[Campaign]
    counts: Counter[tuple[str, str]]
    missed: Sequence[Missed]


async def show(errand: Errand) -> Response:
    """Everything, for those who answer for the whole office."""
    errand.require("publish", EVERYWHERE)
    return await _page(errand, problem=errand.request.query_params.get("problem", ""))


async def set_rhythm(errand: Errand) -> Response:
    """Show what a rhythm means, or set it; what was typed stays."""
    errand.require("publish", EVERYWHERE)
    cron, is_on, version = errand.field("cron"), errand.field("on") == "yes", digits(errand.field("version"))
    read = read_rhythm(cron)
    if isinstance(read, str) or errand.field("do") != "save":
        return await _page(errand, cron, read if isinstance(read, str) else "", is_on=is_on)
    code, now = errand.member.code, errand.now
    done = await errand.run(
        lambda unit: notice_desk.set_rhythm(unit, cron, min(version, BIGGEST), code, now, is_on=is_on)
    )
    return errand.go(f"{PATH}?done=saved" if done is True else f"{PATH}?problem=colleague")


async def stop_campaign(errand: Errand) -> Response:
    """Nothing more of a campaign is sent."""
    errand.require("publish", EVERYWHERE)
    number, code, now = min(int(errand.request.path_params["campaign"]), BIGGEST), errand.member.code, errand.now
    stopped = await errand.run(lambda unit: notice_desk.stop(unit, number, code, now))
    return errand.go(f"{PATH}?done=stopped" if stopped else f"{PATH}?problem=gone")


async def drop_missed(errand: Errand) -> Response:
    """A question without an answer has been seen to."""
    errand.require("publish", EVERYWHERE)
    number = min(int(errand.request.path_params["missed"]), BIGGEST)
    await errand.run(lambda unit: missed_searches.drop(unit, number))
    return errand.go(f"{PATH}#missed")


async def _page(
    errand: Errand, typed: str = "", fault: str = "", *, problem: str = "", is_on: bool = False
) -> Response:
    since = errand.desk.pages.today_on(errand.now) - PERIOD
    found = await errand.read(partial(_found, since=since))
    kept = found.rhythm
    cron = typed if typed or fault else (kept.cron if kept else EXAMPLE)
    read = read_rhythm(cron)
    rhythm = read if isinstance(read, Rhythm) else None
    zone = errand.desk.house.settings.zone
    return errand.page(
        "notices",
        UNPROCESSABLE if fault else 200,
        found=found,
        cron=cron,
        is_on=is_on if typed else bool(kept and kept.is_on),
        typed=bool(typed or fault),
        fault=fault,
        problem=problem if problem in {"colleague", "gone"} else "",
        rhythm=rhythm,
        times=next_times(rhythm, zone, errand.now, TIMES) if rhythm else (),
        busiest=partial(_busiest, found.counts),
        titles=errand.desk.house.words.commands()[errand.language],
        days=PERIOD.days,
        today_on=errand.desk.pages.today_on(errand.now),
    )


def _found(unit: Unit, since: date) -> Found:
    return Found(
        notice_rounds.rhythm(unit),
        notice_rounds.newest(unit, ROUNDS),
        campaigns.newest(unit, CAMPAIGNS),
        law_counts.totals(unit, since),
        missed_searches.newest(unit, MISSED),
    )


def _busiest(counts: Counter[tuple[str, str]], what: law_counts.What) -> Sequence[tuple[str, int]]:
    return law_counts.busiest(counts, what)[:BUSIEST]
