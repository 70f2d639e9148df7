"""The audit log, the call list and the privacy desk in a browser: both languages, small screens, paper, axe-core."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import expect

from storage import conversations, privacy_requests
from storage.privacy_requests import Request
from storage.unit import Unit
from tests.browser.browsing import needs_chromium
from tests.browser.test_console_page import SMALL_TARGETS, WIDEST, browser_at, fill, let_in, serious
from tests.browser.test_talks_page import chat, write
from tests.channels.web_house import WebHouse
from tests.console.clerks import at_work, run

pytestmark = [pytest.mark.browser, needs_chromium]

PAGES = {
    "auditor": ("/console/audit", "/console/audit?check=1&since=spring"),
    "publisher": ("/console/notices", "/console/notices/campaigns/new?topic=wages"),
    "reviewer": ("/console/calls", "/console/privacy", "/console/privacy/1"),
}


async def asked(web: WebHouse) -> None:
    """A request that is late already."""
    now = datetime.now(UTC)

    def keep(unit: Unit) -> None:
        talk = conversations.begin(unit, "web", "visitor", "zh", now)
        due_on = now.date() - timedelta(days=2)
        privacy_requests.add(unit, Request(0, talk.id, "S01-01", "correct", "名字应该是李玮", now, due_on))

    await run(web, keep)


@pytest.mark.parametrize(("language", "width", "scheme"), [("zh", 360, "light"), ("en", 320, "dark")])
async def test_the_pages_fit_small_screens_and_axe_finds_nothing_serious(
    tmp_path: Path, language: str, width: int, scheme: str
) -> None:
    async with browser_at(tmp_path, viewport={"width": width, "height": 740}, color_scheme=scheme) as (web, context):
        await fill(web)
        await asked(web)
        for role, paths in PAGES.items():
            async with at_work(web, role) as somebody:
                page = await let_in(context, somebody, language)
                for path in paths:
                    assert await serious(page, web.url + path) == []
                    assert await page.evaluate("document.documentElement.lang") == language
                    assert await page.evaluate(WIDEST) <= width, path
                    assert await page.evaluate(SMALL_TARGETS) == [], path
                await context.clear_cookies()


async def test_a_visit_list_has_names_and_addresses_on_paper_and_no_buttons(tmp_path: Path) -> None:
    async with browser_at(tmp_path, viewport={"width": 1280, "height": 740}) as (web, context):
        await fill(web)
        async with at_work(web, "collector") as clerk:
            page = await let_in(context, clerk, "zh")
            await page.goto(f"{web.url}/console/calls")
            await page.get_by_text("显示姓名、电话和住址").click()
            await page.locator("#reason").select_option("visit")
            await page.get_by_role("button", name="显示本页的联系方式").click()
            await expect(page.locator("thead")).to_contain_text("联系谁")
            await page.emulate_media(media="print")
            await expect(page.locator("tbody")).to_contain_text("AJ000002")
            await expect(page.get_by_role("button", name="已电话告知").first).to_be_hidden()
            await expect(page.locator("header")).to_be_hidden()
            await expect(page.locator("#area")).to_be_hidden()
            await page.emulate_media(media="screen")
            await page.get_by_role("button", name="已电话告知").first.click()
            await expect(page.locator(".done")).to_contain_text("已电话告知")


async def test_a_person_complains_and_the_answer_comes_by_itself(tmp_path: Path) -> None:
    async with browser_at(tmp_path) as (web, context), at_work(web, "reviewer") as clerk:
        person = await chat(web, context)
        await write(person, "投诉：同一份材料\n让我交了两次")
        await expect(person.locator("#log")).to_contain_text("已交给工作人员")
        staff = await let_in(context, clerk, "zh")
        await staff.goto(f"{web.url}/console/privacy")
        await staff.get_by_role("link", name="1号").click()
        await expect(staff.locator("main")).to_contain_text("同一份材料\n让我交了两次")
        await staff.get_by_label("已答复").check()
        await staff.locator("#words").fill("对不起，<b>以后</b>只收一次。")
        await staff.get_by_role("button", name="答复本人").click()
        await expect(staff.locator(".done")).to_contain_text("会告诉本人")
        await expect(person.locator("#log")).to_contain_text("对不起，<b>以后</b>只收一次。", timeout=20_000)
