"""The charts: what was sent, by whom, how long decisions took, where people stop, what was delivered."""

from datetime import timedelta

from starlette.responses import Response

from bot.console import plot
from bot.console.errand import Errand, Refused
from bot.console.queue import TalkWords
from handlers.office import statistics
from handlers.office.rights import can
from handlers.office.statistics import PERIODS, USUAL, Question, mondays


async def show(errand: Errand) -> Response:
    """All of them, for the period and area that were chosen."""
    question = _question(errand)
    found = await errand.read(lambda unit: statistics.board(unit, errand.member, errand.areas, question))
    exactly = can(errand.member, "view_queue")
    days = mondays(question, whole_weeks=not exactly)
    return errand.page(
        "charts",
        board=found,
        plot=plot,
        words=TalkWords(errand),
        question=question,
        exactly=exactly,
        days=days,
        last_day=days[-1] - timedelta(days=1),
        keep_days=errand.desk.house.settings.keep_deliveries_days,
        periods=PERIODS,
        choices=[area for area in errand.areas if errand.may("see_statistics", area.code)],
        outcomes=list(statistics.OUTCOMES),
    )


def _question(errand: Errand) -> Question:
    wished = errand.request.query_params
    weeks, area = wished.get("weeks", ""), wished.get("area", "") or errand.member.area
    if not errand.may("see_statistics", area):
        raise Refused
    chosen = int(weeks) if weeks in {str(period) for period in PERIODS} else USUAL
    return Question(chosen, area, errand.now, errand.desk.pages.zone)
