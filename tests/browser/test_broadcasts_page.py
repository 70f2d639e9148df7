"""A broadcast in a browser: composed, previewed, approved as another person, watched, paused, resumed, read."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from playwright.async_api import BrowserContext, Page, async_playwright, expect

from storage import conversations, staff_chats
from storage.unit import Unit
from tests.broadcasts.town import account
from tests.browser.browsing import CHROMIUM, needs_chromium
from tests.browser.test_console_page import SMALL_TARGETS, WIDEST, browser_at, let_in, serious
from tests.channels.web_house import WebHouse, served
from tests.console.clerks import Clerk, at_work, run
from tests.doubles.telegram import TOKEN, telegram_double

pytestmark = [pytest.mark.browser, needs_chromium]

PEOPLE = 400
LOADED = "at => [...document.querySelectorAll(at)].every(one => one.complete && one.naturalWidth > 0)"
SMALL = SMALL_TARGETS.replace('"radio"]', '"radio", "checkbox"]')  # of a checkbox its label is the target


@asynccontextmanager
async def browser_and_telegram(folder: Path, width: int) -> AsyncIterator[tuple[WebHouse, BrowserContext]]:
    """A browser at an office whose bot speaks to people through Telegram's double, slowly enough to be watched."""
    telegram = {"telegram_mode": "webhook", "telegram_token": TOKEN, "telegram_secret": "s", "telegram_rate": 15}
    async with telegram_double() as double, async_playwright() as playwright:
        changes = {**telegram, "telegram_api_base": double.base, "quiet_hours": ""}
        async with served(folder, **changes) as web:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            context = await browser.new_context(viewport={"width": width, "height": 800}, locale="zh-CN")
            context.set_default_timeout(20_000)
            yield web, context
            await browser.close()


def drawing() -> bytes:
    """A street's plan, as it were."""
    picture = Image.new("RGB", (900, 600), "#dfe9d8")
    ImageDraw.Draw(picture).line((0, 420, 900, 180), fill="#7a8a99", width=60)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


async def settle(web: WebHouse) -> None:
    """People on Telegram."""

    def write(unit: Unit) -> None:
        for number in range(PEOPLE):
            account(unit, str(7_000_000 + number), "telegram", "zh" if number % 4 else "en")

    await run(web, write)


async def linked(web: WebHouse, clerk: Clerk) -> None:
    """A chat account of the publisher's own."""
    now = datetime.now(UTC)

    def link(unit: Unit) -> None:
        talk = conversations.begin(unit, "web", f"own{clerk.member.id}", "zh", now)
        staff_chats.link(unit, talk.id, clerk.member.id, now, now.replace(year=now.year + 1))

    await run(web, link)


async def shot(page: Page, folder: Path, name: str) -> None:
    """A picture to look at."""
    await page.screenshot(path=folder / f"{name}.png", full_page=True)


async def second(context: BrowserContext, clerk: Clerk) -> Page:
    """A page of another browser, in which another publisher is signed in."""
    browser = context.browser
    assert browser is not None
    other = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
    cookie: Any = {"name": "anju_console", "value": clerk.client.cookies["anju_console"], "url": clerk.web.url}
    await other.add_cookies([cookie])
    return await other.new_page()


async def compose(page: Page, web: WebHouse, folder: Path) -> str:
    """Write it with a mistake first, mend it, and keep it; its address."""
    await page.goto(f"{web.url}/console/broadcasts")
    await page.locator("main .head button").click()
    await page.locator("#title").fill("停水通知")
    await page.locator("#text-zh").fill("{{ nam }}您好，今晚停水。")
    await expect(page.locator(".preview")).to_contain_text("nam")
    await page.locator("#text-zh").fill("{{ name }}您好，今晚8点到10点停水，请提前储水。")
    await expect(page.locator(".preview .phone")).to_have_count(3)
    await expect(page.locator(".preview .wechat")).to_contain_text("王小明您好")
    await expect(page.locator(".preview .tag").first).to_contain_text("English")
    await page.locator("#text-en").fill("Dear {{ name }}, no water tonight from 8 to 10 pm.")
    await page.locator("#ask").select_option("read")
    await page.screenshot(path=folder / "edit.png", full_page=True)
    await page.locator(".sticky button").click()
    await expect(page.locator(".done")).to_be_visible()
    await page.screenshot(path=folder / "draft.png", full_page=True)
    return page.url.partition("?")[0]


@pytest.mark.parametrize(("language", "width"), [("zh", 360), ("en", 1280)])
async def test_from_the_first_word_to_the_report(tmp_path: Path, language: str, width: int) -> None:
    async with (
        browser_and_telegram(tmp_path, width) as (web, context),
        at_work(web, "publisher") as author,
        at_work(web, "publisher") as other,
    ):
        await settle(web)
        await linked(web, author)
        page = await let_in(context, author, language)
        path = await compose(page, web, tmp_path)
        await expect(page.locator("main")).to_contain_text(str(PEOPLE + 1))
        await page.locator("form[action$='/test'] button").click()
        await page.locator("button[value=propose]").click()
        await expect(page.locator("button[value=approve]")).to_have_count(0)
        colleague = await second(context, other)
        await colleague.goto(path)
        await colleague.locator("button[value=approve]").click()
        await expect(colleague.locator("button[value=start]")).to_be_visible()
        await page.goto(path)
        await page.locator("button[value=start]").click()
        await expect(page.locator("progress.bar")).to_be_visible()
        await expect(page.locator("progress.bar")).not_to_have_attribute("value", "0", timeout=20_000)
        await page.locator("button[value=pause]").click()  # it appears by itself once everybody is listed
        await expect(page.locator("button[value=resume]")).to_be_visible()
        await shot(page, tmp_path, f"paused-{language}-{width}")
        await page.locator("button[value=resume]").click()
        await expect(page.locator("button[value=pause]")).to_be_visible()
        for at in (path, f"{path}/people", f"{web.url}/console/broadcasts"):
            await page.goto(at)
            await shot(page, tmp_path, f"{at.rpartition('/')[2]}-{language}-{width}")
        await page.goto(f"{path}/people")
        await expect(page.locator("tbody tr")).to_have_count(50)
        for at in (path, f"{path}/people", f"{web.url}/console/broadcasts"):
            assert await serious(page, at) == [], at
            assert await page.evaluate(WIDEST) <= width, at
            assert await page.evaluate(SMALL) == [], at


async def illustrate(page: Page, web: WebHouse) -> None:
    """Write one with a picture, and keep it."""
    await page.goto(f"{web.url}/console/broadcasts")
    await page.locator("main .head button").click()
    await page.locator("#title").fill("停水通知")
    await page.locator("#text-zh").fill("明天8点到10点停水，请提前储水。")
    await page.locator("#text-en").fill("No water tomorrow from 8 to 10 am.")
    await page.locator("#file").set_input_files({"name": "map.png", "mimeType": "image/png", "buffer": drawing()})
    await page.locator(".sticky button").click()
    await expect(page.locator(".done")).to_be_visible()


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_picture_is_seen_in_the_preview_and_in_the_chat(tmp_path: Path, language: str) -> None:
    async with (
        browser_and_telegram(tmp_path, 360) as (web, context),
        at_work(web, "publisher") as author,
        at_work(web, "publisher") as other,
    ):
        await linked(web, author)
        page = await let_in(context, author, language)
        chat = await context.new_page()
        await chat.goto(f"{web.url}/?lang={language}")
        await chat.locator("#input").fill("help")
        await chat.keyboard.press("Enter")
        await expect(chat.locator(".row.office").nth(1)).to_be_visible()
        await illustrate(page, web)
        await expect(page.locator(".phone img")).to_have_count(6)
        assert await page.evaluate(LOADED, ".phone img")
        await shot(page, tmp_path, f"picture-draft-{language}")
        assert await page.evaluate(WIDEST) <= 360
        await page.locator("form[action$='/test'] button").click()
        await page.locator("button[value=propose]").click()
        colleague = await second(context, other)
        await colleague.goto(page.url.partition("?")[0])
        await colleague.locator("button[value=approve]").click()
        await colleague.locator("button[value=start]").click()
        await expect(chat.locator(".bubble .picture img")).to_have_count(1)
        await chat.wait_for_function(LOADED, arg=".bubble .picture img")
        await expect(chat.locator(".bubble").last).not_to_contain_text("/f/")
        assert await chat.evaluate(WIDEST) <= 360
        await chat.locator(".bubble").last.scroll_into_view_if_needed()
        await chat.screenshot(path=tmp_path / f"picture-chat-{language}.png")


async def test_the_form_fits_a_small_screen_and_keeps_what_was_written(tmp_path: Path) -> None:
    async with browser_at(tmp_path) as (web, context), at_work(web, "publisher") as author:
        page = await let_in(context, author, "zh")
        await page.goto(f"{web.url}/console/broadcasts")
        await page.locator("main .head button").click()
        at = page.url
        await page.locator("#title").fill("停水")
        await page.locator("#text-zh").fill("{% for x in name %}")
        await page.locator(".sticky button").click()
        await expect(page.locator(".alert").first).to_be_visible()
        await expect(page.locator("#text-zh")).to_have_value("{% for x in name %}")
        assert await serious(page, at) == []
        assert await page.evaluate(WIDEST) <= 360
        assert await page.evaluate(SMALL) == []
