"""The page on which people agree to notifications, in a real browser; WeChat's script is stood in for."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect
from starlette.routing import Route

from bot.channels.web.page import Assets
from tests.browser.browsing import CHROMIUM, needs_chromium
from tests.channels.wechat_house import office
from tests.doubles.wechat_phone import served

pytestmark = [pytest.mark.browser, needs_chromium]

WECHAT = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36 MicroMessenger/8.0.50"
SDK = """
window.wx = {
  ready(then) { this.then = then; },
  error(failed) { this.failed = failed; },
  config(given) { window.given = given; setTimeout(() => (given.signature ? this.then : this.failed)(), 0); },
};
"""


@asynccontextmanager
async def opened(folder: Path, agent: str = WECHAT, sdk: str = SDK, lang: str = "zh") -> AsyncIterator[Page]:
    """The page on a small phone, in WeChat unless another browser is named."""
    async with office(folder, wechat_notifications="decision=N1") as place:
        routes = [*place.channel.routes(), Route("/static/{name}", Assets().answer)]
        async with served(routes) as url, async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            context = await browser.new_context(user_agent=agent, viewport={"width": 360, "height": 640})
            page = await context.new_page()
            await page.route(
                "https://res.wx.qq.com/**", lambda route: route.fulfill(body=sdk, content_type="text/javascript")
            )
            await page.goto(f"{url.removesuffix('/wechat')}/wechat/notices?lang={lang}")
            yield page
            await browser.close()


async def choose(page: Page, status: str) -> None:
    """What WeChat's button tells of the person's choice."""
    details = json.dumps({"N1": json.dumps({"status": status})})
    await page.evaluate(
        "details => document.getElementById('ask').dispatchEvent("
        "new CustomEvent('success', {detail: {errMsg: 'subscribe:ok', subscribeDetails: details}}))",
        details,
    )


@pytest.mark.parametrize(("status", "words"), [("accept", "好了，谢谢"), ("reject", "这次没有同意")])
async def test_the_choice_is_told(status: str, words: str, tmp_path: Path) -> None:
    async with opened(tmp_path) as page:
        await expect(page.locator("#ask")).to_have_attribute("template", "N1")
        await expect(page.locator("#state")).to_have_text("")
        given = await page.evaluate("window.given")
        assert given["openTagList"] == ["wx-open-subscribe"]
        await choose(page, status)
        await expect(page.locator("#state")).to_contain_text(words)


async def test_outside_wechat_the_page_says_where_to_open_it(tmp_path: Path) -> None:
    async with opened(tmp_path, agent="Mozilla/5.0 (X11; Linux x86_64) Chrome/126.0", lang="en") as page:
        await expect(page.locator("#state")).to_contain_text("open this link inside WeChat")
        await expect(page.locator("#ask")).to_be_hidden()


async def test_without_wechats_script_the_page_says_that_it_failed(tmp_path: Path) -> None:
    async with opened(tmp_path, sdk="", lang="en") as page:
        await expect(page.locator("#state")).to_contain_text("could not be shown")


async def test_a_wechat_that_is_too_old_is_told_so(tmp_path: Path) -> None:
    async with opened(tmp_path, lang="en") as page:
        await page.evaluate("document.dispatchEvent(new CustomEvent('WeixinOpenTagsError'))")
        await expect(page.locator("#state")).to_contain_text("too old")


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_nothing_is_wider_than_a_small_phone(lang: str, tmp_path: Path) -> None:
    async with opened(tmp_path, lang=lang) as page:
        assert await page.evaluate("document.documentElement.scrollWidth") == 360
