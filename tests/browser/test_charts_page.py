"""The charts in a real browser: every width, both languages, both colour schemes, nothing that the policy forbids."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.browser.browsing import needs_chromium
from tests.browser.test_console_page import SMALL_TARGETS, WIDEST, browser_at, let_in, serious
from tests.channels.web_house import WebHouse
from tests.console.clerks import at_work, run
from tests.console.counted import year

pytestmark = [pytest.mark.browser, needs_chromium]

PATH = "/console/charts"
COLOURS = """() => [...document.querySelectorAll(".plot rect")].map((one) => getComputedStyle(one).fill)"""


async def fill(web: WebHouse) -> None:
    await run(web, lambda unit: year(unit, datetime.now(UTC)))


async def looked_at(page: Page, name: str) -> None:
    """The page as it looks, where somebody wants to see it."""
    await page.screenshot(path=name, full_page=True)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [320, 360, 1280])
async def test_the_charts_fit_every_screen(tmp_path: Path, width: int, language: str) -> None:
    async with browser_at(tmp_path, viewport={"width": width, "height": 740}) as (web, context):
        await fill(web)
        async with at_work(web, "reviewer") as reviewer:
            page = await let_in(context, reviewer, language)
            await page.goto(web.url + PATH)
            assert await page.evaluate(WIDEST) <= width
            assert await page.evaluate(SMALL_TARGETS) == []
            assert await page.locator(".plot").count() == 9
            assert "rgb(0, 0, 0)" not in await page.evaluate(COLOURS)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_axe_finds_nothing_serious_in_the_charts(tmp_path: Path, scheme: str, language: str) -> None:
    async with browser_at(tmp_path, color_scheme=scheme) as (web, context):
        await fill(web)
        async with at_work(web, "reviewer") as reviewer, at_work(web, "auditor") as auditor:
            for somebody in (reviewer, auditor):
                page = await let_in(context, somebody, language)
                assert await serious(page, web.url + PATH) == []
                await context.clear_cookies()
