"""Homes in a real browser: both languages, both colour schemes, small and large screens, axe-core."""

from pathlib import Path

import pytest

from storage import homes as storage_homes
from storage.records import Home
from storage.unit import Unit
from tests.browser.browsing import needs_chromium
from tests.browser.test_console_page import SMALL_TARGETS, WIDEST, browser_at, let_in, serious
from tests.conftest import NOW
from tests.console.clerks import at_work, run
from tests.handlers.filed import ANSWERS, account, file

pytestmark = [pytest.mark.browser, needs_chromium]

PATHS = ("/console/homes", "/console/homes/CROWDED234", "/console/homes/EMPTY23456")


def lived_in(unit: Unit) -> None:
    """A home with many people, and one with nobody."""
    storage_homes.add(unit, Home("CROWDED234", "S01-01", str(ANSWERS["address"])), NOW)
    storage_homes.add(unit, Home("EMPTY23456", "S01-01", "幸福路20号1幢101室"), NOW)
    for number in range(12):
        holder = str(number).rjust(32, "h")
        account(unit, str(number), holder)
        file(unit, f"ZC2611-{number:05}", holder, id_number="none")


@pytest.mark.parametrize(("language", "scheme"), [("zh", "light"), ("zh", "dark"), ("en", "light"), ("en", "dark")])
async def test_homes_can_be_read_and_used_by_everybody(tmp_path: Path, language: str, scheme: str) -> None:
    async with browser_at(tmp_path, color_scheme=scheme) as (web, context):
        await run(web, lived_in)
        async with at_work(web, "reviewer") as clerk:
            page = await let_in(context, clerk, language)
            for path in PATHS:
                for width in (360, 1280):
                    await page.set_viewport_size({"width": width, "height": 740})
                    assert await serious(page, web.url + path) == []
                    assert await page.evaluate("document.documentElement.lang") == language
                    assert await page.evaluate(WIDEST) <= width, path
                    assert await page.evaluate(SMALL_TARGETS) == [], path
