"""The whole way of a submission in two browsers: a reviewer decides, and the person sees it come by itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from bot.console.navigation import NAVIGATION
from handlers.office.rights import RIGHTS, ROLES
from tests.browser.browsing import Person, needs_chromium, somebody
from tests.browser.test_chat_page import UNTIL_SUMMARY, play
from tests.console.clerks import PASSWORD, Clerk, clerk

pytestmark = [pytest.mark.browser, needs_chromium, pytest.mark.timeout(180)]

SENT = (*UNTIL_SUMMARY, "[确认提交]")
MOVED = (
    "变更登记", "[搬家了]", "[一般住处]", "[3天或更久]", "[安宁街道]", "[翠竹社区]", "新华路8号1幢201室",
    "[自己的房子]", "今天", "[1年以上]", "[到窗口出示]", "[确认提交]",
)  # fmt: skip


async def sign_in(page: Page, member: Clerk) -> None:
    """By hand: name and password, then the code of the telephone."""
    await page.goto(f"{member.web.url}/console")
    await page.locator("#login").fill(member.member.login)
    await page.locator("#password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.locator("#code").fill(member.code())
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_contain_text("今日")


@asynccontextmanager
async def office(person: Person) -> AsyncIterator[Page]:
    """A reviewer's page, signed in, in a browser context of its own."""
    async with clerk(person.web, "reviewer") as reviewer:
        assert person.context.browser is not None
        desk = await person.context.browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
        desk.set_default_timeout(20_000)
        page = await desk.new_page()
        await sign_in(page, reviewer)
        yield page
        await desk.close()


async def take_next(page: Page) -> None:
    """Go to the queue and take the oldest, with the keyboard."""
    await page.get_by_role("link", name="审核").first.click()
    await expect(page.locator("h1")).to_have_text("审核")
    await page.keyboard.press("n")
    await expect(page.get_by_role("button", name="通过")).to_be_visible()


async def heard(person: Person, words: str) -> None:
    """The person's page shows it without being touched."""
    await expect(person.page.locator(".row.office .bubble", has_text=words).last).to_be_visible(timeout=30_000)


async def test_asked_again_then_registered_then_left(tmp_path: Path) -> None:
    async with somebody(tmp_path) as person:
        await person.open()
        await play(person, SENT)
        async with office(person) as desk:
            await take_next(desk)
            await desk.keyboard.press("q")
            await desk.locator("#ask-name").select_option("unclear")
            await desk.get_by_role("button", name="发给本人").click()
            await heard(person, "姓名")
            await play(person, ("[补充资料]", "李玮", "[确认提交]"))
            await take_next(desk)
            await expect(desk.locator("main")).to_contain_text("李玮")
            await desk.keyboard.press("a")
            await heard(person, "您的居住登记办好了")
            await play(person, ("离开", "今天", "[确认提交]"))
            await take_next(desk)
            await desk.keyboard.press("a")
            await heard(person, "已经注销")
            await desk.get_by_role("link", name="审核").first.click()
            await expect(desk.locator("main")).to_contain_text("这里没有了")


async def test_refused_with_the_reviewers_own_words(tmp_path: Path) -> None:
    async with somebody(tmp_path) as person:
        await person.open()
        await play(person, SENT)
        async with office(person) as desk:
            await take_next(desk)
            await desk.keyboard.press("r")
            await desk.locator("#refusal").select_option("own_words")
            await desk.locator("#refusal-words").fill("这个地址不归我们街道管，请到邻街登记。")
            await desk.locator("button.stop").click()
            await heard(person, "请到邻街登记")


async def test_moved_and_then_taken_back(tmp_path: Path) -> None:
    async with somebody(tmp_path) as person:
        await person.open()
        await play(person, SENT)
        async with office(person) as desk:
            await take_next(desk)
            await desk.keyboard.press("a")
            await heard(person, "您的居住登记办好了")
            await play(person, MOVED)
            await take_next(desk)
            await expect(desk.locator("main")).to_contain_text("新华路8号1幢201室")
            await expect(desk.get_by_role("heading", name="改了什么")).to_be_visible()
            await desk.keyboard.press("a")
            await heard(person, "您的变更办好了")
            await play(person, ("撤回申请", "[确认提交]"))
            await take_next(desk)
            await desk.keyboard.press("a")
            await heard(person, "已经注销")
            await desk.goto(f"{person.web.url}/console/queue?show=registered")
            await expect(desk.locator("main")).to_contain_text("这里没有了")


@pytest.mark.parametrize("role", ROLES)
async def test_each_role_signs_in_and_finds_its_own_menu(tmp_path: Path, role: str) -> None:
    async with somebody(tmp_path) as person, clerk(person.web, role) as member:
        await sign_in(person.page, member)
        menu = person.page.locator("header nav a")
        seen = [await link.get_attribute("href") for link in await menu.all()]
        assert seen == [link.path for link in NAVIGATION if link.needs in RIGHTS[role]]
        for path in seen:
            answer = await person.page.goto(f"{person.web.url}{path}")
            assert answer is not None
            assert answer.status == 200, path
