"""The page "today"."""

from datetime import timedelta

from starlette.responses import Response

from bot.console.errand import Errand
from handlers.office import today
from handlers.office.today import Day
from storage import waiting


async def show(errand: Errand) -> Response:
    """What waits for whoever is signed in."""
    settings, pages = errand.desk.house.settings, errand.desk.pages
    day = Day(errand.now, pages.today_on(errand.now), timedelta(days=settings.call_days))
    found = await errand.read(lambda unit: today.of(unit, errand.member, errand.areas, day))
    return errand.page("today", today=found, today_on=day.today_on, now=errand.now, most=waiting.MOST)
