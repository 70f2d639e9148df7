"""The console in a real browser: the way in, small screens, keyboard, both languages, both colour schemes, axe-core."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import BrowserContext, Page, async_playwright, expect

from bot.console.navigation import NAVIGATION
from handlers.office.rights import RIGHTS
from storage import staff as accounts
from tests.browser.browsing import CHROMIUM, needs_chromium
from tests.channels.web_house import WebHouse, served
from tests.console.clerks import PASSWORD, Clerk, at_work, invited, run
from tests.console.waiting_rows import submitted, unreached

pytestmark = [pytest.mark.browser, needs_chromium]

LOCALES = {"zh": "zh-CN", "en": "en-GB"}
SET_UP = {"zh": "下一步：手机验证", "en": "Next: verify with your phone"}
PAGES = ("/console", "/console/account", "/console/staff", "/console/staff/new", "/console/staff/1", "/console/nothing")
WIDEST = "() => document.documentElement.scrollWidth"
SMALL_TARGETS = """() => [...document.querySelectorAll("button, .button, header a, select, input")]
  .filter((one) => one.checkVisibility() && !["hidden", "radio", "checkbox"].includes(one.type) && one.offsetWidth > 1)
  .filter((one) => one.offsetHeight < 44).map((one) => one.outerHTML)"""


@asynccontextmanager
async def browser_at(folder: Path, **options: Any) -> AsyncIterator[tuple[WebHouse, BrowserContext]]:
    """A browser of its own, at an office of its own; the browser may not complain of the pages' policy."""
    context = {"viewport": {"width": 360, "height": 740}, "locale": "zh-CN", **options}
    async with served(folder) as web, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        opened = await browser.new_context(**context)
        opened.set_default_timeout(20_000)
        faults: list[str] = []
        opened.on("console", lambda message: faults.append(message.text))
        yield web, opened
        await browser.close()
        assert [fault for fault in faults if "Content Security Policy" in fault] == []


async def fill(web: WebHouse) -> None:
    """Work for a day: submissions, calls, colleagues."""
    now = datetime.now(UTC)
    for number in range(1, 8):
        due_on = date(2026, 1, 4) if number % 3 == 0 else date(2999, 1, 1)
        await run(web, submitted(number, f"S01-0{number % 3 + 1}", now - timedelta(days=9 - number), due_on))
    await run(web, unreached(2, "no longer following", now - timedelta(hours=1), now + timedelta(days=1)))
    await run(web, unreached(5, "blocked", now - timedelta(hours=1), now + timedelta(days=2)))
    for role, area in (("collector", "S01-01"), ("auditor", "")):
        await invited(web, role, area)


async def let_in(context: BrowserContext, somebody: Clerk, language: str) -> Page:
    """A page of a browser in which a member is signed in."""
    member = somebody.member
    changed = Clerk(somebody.web, somebody.client, member)
    await changed.post("/console/account/language", "/console/account", language=language)
    cookie: Any = {"name": "anju_console", "value": somebody.client.cookies["anju_console"], "url": somebody.web.url}
    await context.add_cookies([cookie])
    return await context.new_page()


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_from_the_set_up_link_to_today_and_in_again_on_a_small_screen(tmp_path: Path, language: str) -> None:
    async with browser_at(tmp_path, locale=LOCALES[language]) as (web, context):
        invitation = await invited(web, login="wangfang")
        number = invitation.member.id
        page = await context.new_page()
        await page.goto(f"{web.url}/console/set-up/{invitation.token}?language={language}")
        await page.locator("#password").fill(PASSWORD)
        await page.locator("#again").fill(PASSWORD)
        await page.get_by_role("button", name=SET_UP[language]).click()
        await expect(page.locator("svg.qr")).to_be_visible()
        assert await page.evaluate(WIDEST) <= 360
        totp = pyotp.TOTP(await run(web, lambda unit: accounts.proofs(unit, number).totp))
        step = totp.timecode(datetime.now(UTC))
        await page.locator("#code").fill(totp.generate_otp(step))
        await page.locator("#code").press("Enter")
        await expect(page.locator("h1")).to_contain_text("今日")  # the account's own language
        await page.get_by_role("button", name="退出").click()
        await page.goto(f"{web.url}/console/sign-in?language={language}")
        await expect(page.locator("#login")).to_be_focused()
        await page.keyboard.type("wangfang")
        await page.keyboard.press("Tab")
        await page.keyboard.type(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page.locator("#code")).to_be_focused()
        await page.keyboard.type(totp.generate_otp(step + 1))
        await page.keyboard.press("Enter")
        await expect(page.locator("h1")).to_contain_text("今日")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [320, 360, 1280])
async def test_nothing_is_wider_than_the_screen_and_targets_are_large(
    tmp_path: Path, width: int, language: str
) -> None:
    async with browser_at(tmp_path, viewport={"width": width, "height": 740}) as (web, context):
        await fill(web)
        async with at_work(web) as admin, at_work(web, "reviewer") as reviewer:
            for somebody, paths in ((admin, PAGES), (reviewer, PAGES[:2])):
                page = await let_in(context, somebody, language)
                for path in paths:
                    await page.goto(web.url + path)
                    assert await page.evaluate("document.documentElement.lang") == language
                    assert await page.evaluate(WIDEST) <= width, path
                    assert await page.evaluate(SMALL_TARGETS) == [], path
                await context.clear_cookies()


async def test_every_stop_of_the_keyboard_can_be_seen(tmp_path: Path) -> None:
    async with browser_at(tmp_path, viewport={"width": 1280, "height": 800}) as (web, context):
        async with at_work(web) as admin:
            page = await let_in(context, admin, "zh")
            await page.goto(f"{web.url}/console/staff")
            stops = []
            for _ in range(14):
                await page.keyboard.press("Tab")
                focused = page.locator(":focus")
                outline = await focused.evaluate("one => getComputedStyle(one).outlineStyle")
                stops.append((await focused.inner_text(), outline))
                if stops[-1][0] == "添加人员":
                    break
        names = [name.split("\n")[0] for name, _ in stops]
        assert names[0] == "跳到正文"
        assert "添加人员" in names
        assert {outline for _, outline in stops} == {"solid"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_serious(tmp_path: Path, scheme: str) -> None:
    async with browser_at(tmp_path, color_scheme=scheme) as (web, context):
        await fill(web)
        invitation = await invited(web)
        page = await context.new_page()
        found = []
        for path in ("/console/sign-in", f"/console/set-up/{invitation.token}", "/console/set-up/spent"):
            found += await serious(page, web.url + path)
        async with at_work(web) as admin, at_work(web, "reviewer") as reviewer:
            menu = [link.path for link in NAVIGATION if link.needs in RIGHTS["reviewer"]]
            for somebody, paths in ((admin, PAGES), (reviewer, (*menu, "/console/queue/simple"))):
                page = await let_in(context, somebody, "zh")
                for path in paths:
                    found += await serious(page, web.url + path)
                await context.clear_cookies()
        assert found == []


async def serious(page: Page, url: str) -> list[str]:
    """What axe-core finds on a page that keeps somebody from using it."""
    await page.goto(url)
    result = await Axe().run(page)
    violations = result.response["violations"]
    return [f"{url}: {v['id']} {v['nodes'][0]['html']}" for v in violations if v["impact"] in {"serious", "critical"}]
