"""A person in the web chat and staff in the console see each other live; small screens, both languages, axe-core."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, expect

from handlers.office import answering
from handlers.office.answering import Clerk
from handlers.visit import Office
from storage.unit import Unit
from tests.browser.browsing import needs_chromium
from tests.browser.test_console_page import LOCALES, SMALL_TARGETS, WIDEST, browser_at, let_in, serious
from tests.channels.web_house import WebHouse, post, said
from tests.console.clerks import at_work, run

pytestmark = [pytest.mark.browser, needs_chromium]


async def chat(web: WebHouse, context: BrowserContext) -> Page:
    """The web chat, greeted."""
    page = await context.new_page()
    await page.goto(web.url)
    await page.locator(".row.office").first.wait_for()
    return page


async def write(page: Page, text: str) -> None:
    await page.locator("#input").fill(text)
    await page.locator("#input").press("Enter")


async def test_a_person_and_the_staff_see_each_other_live(tmp_path: Path) -> None:
    async with browser_at(tmp_path) as (web, context), at_work(web, "reviewer") as clerk:
        person = await chat(web, context)
        staff = await let_in(context, clerk, "zh")
        await staff.goto(f"{web.url}/console/talks")
        await expect(staff.locator("main")).to_contain_text("现在没有人找我们")
        await write(person, "找工作人员")
        await expect(person.locator("#log")).to_contain_text("我先不插话")
        await write(person, "孩子也要登记吗？")
        await staff.get_by_role("link", name="孩子也要登记吗？").click()  # it appears by itself
        await staff.locator("#words").fill("要的，\n由您代办。")
        await staff.get_by_role("button", name="发送").click()
        await expect(person.locator("#log")).to_contain_text("：要的，\n由您代办。")
        await expect(staff.locator(".log")).to_contain_text("已送到")
        await staff.locator("#words").fill("我还在写")
        await write(person, "谢谢，<b>明白</b>了")
        await expect(staff.locator(".log")).to_contain_text("谢谢，<b>明白</b>了")
        assert await staff.locator("#words").input_value() == "我还在写"  # renewing the talk leaves the form alone
        await staff.locator("#quick").select_option("free")
        assert await staff.locator("#words").input_value() == "我还在写\n居住登记不收费。"
        await staff.get_by_role("button", name="交回机器人").click()
        await expect(person.locator("#log")).to_contain_text("由我（机器人）接着帮您")
        await expect(staff.locator("main")).to_contain_text("现在没有人找我们")


async def test_the_way_back_to_the_bot_stays_open_beside_what_the_person_says(tmp_path: Path) -> None:
    async with browser_at(tmp_path) as (web, context):
        person = await chat(web, context)
        await write(person, "找工作人员")
        back = person.get_by_role("button", name="叫机器人回来")
        await back.wait_for()
        await write(person, "在吗")
        await expect(back).to_be_enabled()
        await back.click()
        await expect(person.locator("#log")).to_contain_text("我回来了")


async def test_a_page_of_a_talk_works_without_scripts(tmp_path: Path) -> None:
    async with browser_at(tmp_path, java_script_enabled=False) as (web, context), at_work(web, "reviewer") as clerk:
        async with web.browser() as person:
            await post(person, said("人工"))
            await post(person, said("在吗"))
        staff = await let_in(context, clerk, "zh")
        await staff.goto(f"{web.url}/console/talks")
        await staff.get_by_role("link", name="在吗").click()
        await staff.locator("#quick").select_option("wait")
        await staff.locator("#words").fill("马上好")
        await staff.get_by_role("button", name="发送").click()
        await expect(staff.locator(".log .staff .said")).to_contain_text("请等几分钟。\n马上好")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [320, 1280])
async def test_a_talk_fits_the_screen(tmp_path: Path, width: int, language: str) -> None:
    options = {"viewport": {"width": width, "height": 740}, "locale": LOCALES[language]}
    async with browser_at(tmp_path, **options) as (web, context), at_work(web, "reviewer") as clerk:
        await talked(web, clerk.member.code)
        page = await let_in(context, clerk, language)
        for path in ("/console/talks", "/console/talks/1"):
            await page.goto(web.url + path)
            assert await page.evaluate(WIDEST) <= width, path
            assert await page.evaluate(SMALL_TARGETS) == [], path


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_serious_in_a_talk(tmp_path: Path, scheme: str) -> None:
    async with browser_at(tmp_path, color_scheme=scheme) as (web, context), at_work(web, "reviewer") as clerk:
        await talked(web, clerk.member.code)
        page = await let_in(context, clerk, "zh")
        assert [fault for path in ("", "/1") for fault in await serious(page, f"{web.url}/console/talks{path}")] == []


async def talked(web: WebHouse, code: str) -> None:
    """One talk that goes on, one that a colleague has, one that waits, and one that nobody answered."""
    for words in ("房东不给合同，怎么办？" * 4, "请问窗口几点开门", "在吗", "有人吗"):
        async with web.browser() as person:
            await post(person, said("人工"))
            await post(person, said(words, place={"latitude": 30.2741, "longitude": 120.1551}))
    await run(web, lambda unit: _progress(unit, web.house.chat.office, code))


def _progress(unit: Unit, office: Office, code: str) -> None:
    now = datetime.now(UTC)
    answering.say(unit, Clerk(code, None), 1, "您好，我看一下。" * 6, "once", office, now)
    answering.take(unit, Clerk("AB2CD3", None), 2, "", now)
    answering.end_silence(unit, office, 4, now + timedelta(hours=1))
