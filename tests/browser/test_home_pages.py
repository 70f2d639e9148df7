"""Homes, tenancies and help on the spot in a browser: both languages, small screens, axe-core, and one whole way."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import select

from storage import conversations, helps, submissions, tables, tenancies
from storage.unit import Unit
from tests.browser.browsing import needs_chromium
from tests.browser.test_console_page import SMALL_TARGETS, WIDEST, browser_at, let_in, serious
from tests.console.clerks import at_work, run
from tests.console.let_rows import Rows, rows
from tests.handlers.test_helping import WORDS
from tests.housed import landlord, let

pytestmark = [pytest.mark.browser, needs_chromium]

DOORS = {"zh": ("在这里登记", "核对工作人员代填的内容"), "en": ("Register here", "Check what was typed for you")}


def paths(made: Rows) -> tuple[str, ...]:
    """The pages that have an id in their address."""
    return (
        "/console/homes",
        f"/console/homes/{made.home.code}",
        f"/console/homes/{made.waiting.code}",
        "/console/tenancies?show=disputed",
        f"/console/tenancies/{made.disputed}",
        f"/console/tenancies/{made.reported}",
        "/console/queue/NCLAIM",
    )


SCREENS = [("zh", 360, "light"), ("en", 320, "dark"), ("en", 1280, "light")]


@pytest.mark.parametrize(("language", "width", "scheme"), SCREENS)
async def test_the_pages_fit_the_screen_and_axe_finds_nothing_serious(
    tmp_path: Path, language: str, width: int, scheme: str
) -> None:
    async with browser_at(tmp_path, viewport={"width": width, "height": 740}, color_scheme=scheme) as (web, context):
        made: Rows = await run(web, rows)
        async with at_work(web, "collector", "S01") as clerk:
            page = await let_in(context, clerk, language)
            for path in paths(made):
                assert await serious(page, web.url + path) == []
                await fits(page, language, width)
            await page.goto(f"{web.url}/console/homes/{made.home.code}")
            await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
            await fits(page, language, width)
            await begin(page)
            for words in ("1", "1", "1"):
                assert await serious(page, page.url) == []
                await fits(page, language, width)
                await page.locator("#text").fill(words)
                await page.locator("#text").press("Enter")


async def fits(page: Page, language: str, width: int) -> None:
    """The page is in its language, no wider than the screen, and its buttons are large."""
    assert await page.evaluate("document.documentElement.lang") == language
    assert await page.evaluate(WIDEST) <= width, page.url
    assert await page.evaluate(SMALL_TARGETS) == [], page.url


async def begin(page: Page) -> None:
    """Tick that the person agrees, and begin."""
    form = page.locator('form[action$="/helps"]')
    await form.evaluate("(form) => { form.closest('details').open = true; }")
    await form.get_by_role("checkbox").check()
    await form.get_by_role("button").click()
    await expect(page.locator("#text")).to_be_visible()


async def test_a_collector_types_and_the_person_sends_it_from_their_own_phone(tmp_path: Path) -> None:
    async with browser_at(tmp_path) as (web, context):
        home = await run(web, lambda unit: let(unit, "301", "302", holder=landlord(unit)))
        async with at_work(web, "collector", "S01") as clerk:
            page = await let_in(context, clerk, "zh")
            await page.goto(f"{web.url}/console/homes/{home.code}")
            await begin(page)
            for number, words in enumerate(WORDS):
                if number == 4:
                    await wrong(page)
                await page.locator("#text").fill(words)
                await page.locator("#text").press("Enter")
            await page.get_by_role("button", name="填好了，交给本人").click()
            await expect(page.locator("svg.qr")).to_be_visible()
            assert await serious(page, page.url) == []
            code = "".join((await page.locator("code.secret").inner_text()).split("-"))
            phone = await (await phone_of(context)).new_page()
            await phone.goto(f"{web.url}/h/{code}")
            await expect(phone.locator("h1")).to_have_text(DOORS["zh"][1])
            await phone.locator(".way").first.click()
            await expect(phone.locator("#log")).to_contain_text(clerk.member.code)
            for button in ("同意", "以后", "以后", "确认提交"):
                await tap(phone, button)
            await expect(phone.locator("#log")).to_contain_text("受理编号")
            await page.reload()
            await expect(page.locator("main")).to_contain_text("本人已经提交")
            await page.get_by_role("link", name="回到住处").click()
            await expect(page.locator("main")).to_contain_text("本人已收到")
        assert await run(web, lambda unit: claimed(unit, home.code)) == ["claimed"]


async def wrong(page: Page) -> None:
    """An ID number with a wrong digit stays in the field, with what is wrong about it."""
    await page.locator("#text").fill("341225199003071234")
    await page.locator("#text").press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("校验")
    await expect(page.locator("#text")).to_have_value("341225199003071234")


async def phone_of(context: Any) -> Any:
    """Another person's browser, which knows nothing of the collector's."""
    return await context.browser.new_context(viewport={"width": 360, "height": 740}, locale="zh-CN")


async def tap(phone: Page, name: str) -> None:
    """Tap the newest button of that name, and wait until it was answered."""
    answers = phone.locator(".row.office")
    seen = await answers.count()
    await phone.locator("#log button:enabled", has_text=re.compile(rf"^(\d+ )?{name}")).last.click()
    await expect(answers).not_to_have_count(seen)


def claimed(unit: Unit, home: str) -> list[str]:
    """The states of a home's tenancies, each with a registration that was helped with."""
    found = tenancies.of_home(unit, home)
    sent = [submissions.get(unit, one.submission_id) for one in found if one.submission_id]
    assert all(one is not None and helps.by_draft(unit, one.draft) is not None for one in sent)
    return [one.state for one in found]


async def test_a_contradiction_is_settled_and_a_visit_noted_with_the_keyboard(tmp_path: Path) -> None:
    async with browser_at(tmp_path) as (web, context):
        made: Rows = await run(web, rows)
        async with at_work(web, "collector", "S01") as clerk:
            page = await let_in(context, clerk, "zh")
            await page.goto(f"{web.url}/console/tenancies/{made.disputed}")
            await page.get_by_label("不住在这里").focus()
            await page.keyboard.press("Space")
            await page.locator("#reason").select_option("visited")
            await page.get_by_role("button", name="作出处理").press("Enter")
            await expect(page.locator(".done")).to_contain_text("已处理")
            await page.goto(f"{web.url}/console/homes/{made.home.code}")
            await page.get_by_text("记一次走访").press("Enter")
            await page.get_by_label("见到了人").press("Space")
            await page.get_by_label("备注").fill("租客在家，<b>已登记</b>")
            await page.get_by_role("button", name="记下").press("Enter")
            await expect(page.locator(".done")).to_contain_text("走访已记下")
            await expect(page.locator("main")).to_contain_text("<b>已登记</b>")


@pytest.mark.parametrize(("language", "width", "scheme"), [("zh", 360, "light"), ("en", 320, "dark")])
async def test_the_page_of_a_doors_code_fits_and_leads_into_the_talk_with_the_home_known(
    tmp_path: Path, language: str, width: int, scheme: str
) -> None:
    locale = {"zh": "zh-CN", "en": "en-GB"}[language]
    options: dict[str, Any] = {"viewport": {"width": width, "height": 740}, "color_scheme": scheme, "locale": locale}
    async with browser_at(tmp_path, **options) as (web, context):
        home = await run(web, lambda unit: let(unit, "302"))
        page = await context.new_page()
        for code in (home.code, "-".join((home.code[:4], home.code[4:8], home.code[8:])), "AAAABBBBCCCC"):
            assert await serious(page, f"{web.url}/h/{code}") == []
            assert await page.evaluate(WIDEST) <= width
            assert await page.evaluate("document.documentElement.lang") == language
        await page.goto(f"{web.url}/h/{home.code}")
        await expect(page.locator("h1")).to_have_text(DOORS[language][0])
        assert await heights(page) == []
        await page.locator(".way").first.click()
        await page.locator(".row.office").first.wait_for()
        assert await run(web, scenes) == [home.code]


async def heights(page: Page) -> list[str]:
    """The ways that are too small for a thumb."""
    found: list[str] = await page.evaluate(
        "() => [...document.querySelectorAll('.way')].filter((one) => one.offsetHeight < 44).map((one) => one.href)"
    )
    return found


def scenes(unit: Unit) -> list[str]:
    """Of which code each talk knows that it came by it."""
    ids = unit.execute(select(tables.conversations.c.id)).scalars().all()
    addresses = [conversations.address_of(unit, number) for number in ids]
    talks = [conversations.find(unit, *address) for address in addresses if address]
    return [talk.scene for talk in talks if talk]
