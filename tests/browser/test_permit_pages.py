"""Permits in a browser: the list and a permit in both languages, on small screens, by axe-core."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.browser.browsing import needs_chromium
from tests.browser.test_console_page import SMALL_TARGETS, WIDEST, browser_at, let_in, serious
from tests.console.clerks import at_work
from tests.console.test_permits import NUMBER, applied, given

pytestmark = [pytest.mark.browser, needs_chromium]


@pytest.mark.parametrize(("language", "width", "scheme"), [("zh", 360, "light"), ("en", 320, "dark")])
async def test_the_pages_fit_small_screens_and_axe_finds_nothing_serious(
    tmp_path: Path, language: str, width: int, scheme: str
) -> None:
    async with browser_at(tmp_path, viewport={"width": width, "height": 740}, color_scheme=scheme) as (web, context):
        made = await applied(web, 1, pick_up="police_station")
        day = made.accepted_on
        assert day is not None
        late = await given(
            web,
            await applied(web, 2),
            state="suspended",
            number=NUMBER,
            card="ready",
            ready_on=day,
            issued_on=day - timedelta(days=400),
            valid_from=day - timedelta(days=590),
            endorse_from_on=day - timedelta(days=65),
            endorse_by_on=day - timedelta(days=36),
            endorsed_until=day - timedelta(days=35),
            suspended_on=day - timedelta(days=34),
        )
        async with at_work(web, "reviewer") as somebody:
            page = await let_in(context, somebody, language)
            paths = ("", "?show=suspended", f"/{made.id}", f"/{late.id}?problem=bad_reason")
            for path in paths:
                assert await serious(page, f"{web.url}/console/permits{path}") == []
                assert await page.evaluate(WIDEST) <= width, path
                small = await page.evaluate(SMALL_TARGETS)
                assert [one for one in small if "checkbox" not in one] == [], path  # its label is the target
