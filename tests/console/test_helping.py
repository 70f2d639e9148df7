"""Helping on the spot at the console: the collector's phone is the form, the code leads the person to their own."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from storage import helps
from tests.channels.web_house import WebHouse
from tests.console.clerks import Clerk, at_work, console, run, shown
from tests.handlers.test_helping import WORDS
from tests.housed import landlord, let

DRAFT = "a" * 32
VERSION = re.compile(r'name="version" value="(\d+)"')


@pytest.fixture
async def web(tmp_path: Path, database_url: str) -> AsyncIterator[WebHouse]:
    async with console(tmp_path, database_url) as served:
        yield served


async def begun(web: WebHouse, clerk: Clerk, draft: str = DRAFT) -> str:
    """A home, and the address of the help begun there."""
    home = await run(web, lambda unit: let(unit, "301", "302", holder=landlord(unit)))
    path = f"/console/homes/{home.code}"
    answer = await clerk.post(f"{path}/helps", path, draft=draft, agreed="yes")
    return str(answer.headers["location"])


async def say(clerk: Clerk, path: str, **fields: str) -> httpx.Response:
    """Answer the open question."""
    page = await clerk.get(path)
    version = VERSION.search(page.text)
    assert version is not None, shown(page)
    answer = await clerk.post(path, path, version=version[1], **fields)
    return await clerk.follow(answer) if answer.status_code == 303 else answer


async def test_a_whole_registration_is_typed_and_handed_over(web: WebHouse) -> None:
    async with at_work(web, "collector", "S01") as clerk, web.browser() as phone:
        path = await begun(web, clerk)
        for words in WORDS:
            await say(clerk, path, text=words)
        page = await clerk.get(path)
        assert "填好了，交给本人" in shown(page)
        tap = re.search(r'name="tap" value="(helped\|confirm\|send)"', page.text)
        assert tap is not None
        offered = await say(clerk, path, tap=tap[1])
        assert "请本人用手机扫这个码" in shown(offered)
        found = await run(web, lambda unit: helps.by_draft(unit, DRAFT))
        assert found.state == "offered"
        door = await phone.get(f"/h/{found.code}", params={"lang": "zh"})
        assert "核对工作人员代填的内容" in door.text
        assert "李伟" not in door.text
        assert f"/?home={found.code}" in door.text
        again = await clerk.post(f"{path}/reopen", path)
        assert "填好了，交给本人" in shown(await clerk.follow(again))
        assert "没有找到" in (await phone.get(f"/h/{found.code}", params={"lang": "zh"})).text


async def test_the_persons_agreement_is_asked_for_first(web: WebHouse) -> None:
    home = await run(web, let)
    async with at_work(web, "collector") as clerk:
        path = f"/console/homes/{home.code}"
        page = shown(await clerk.get(path))
        assert "您同意按上面的说明处理您的个人信息吗" in page
        for fields in ({"draft": DRAFT}, {"draft": "x", "agreed": "yes"}):
            answer = await clerk.post(f"{path}/helps", path, **fields)
            assert answer.headers["location"] == f"{path}?problem=agreed"
            assert "请先念说明" in shown(await clerk.follow(answer))


async def test_a_wrong_answer_stays_in_the_field_with_what_is_wrong(web: WebHouse) -> None:
    async with at_work(web, "collector") as clerk:
        path = await begun(web, clerk)
        for words in WORDS[:4]:
            await say(clerk, path, text=words)
        answer = await say(clerk, path, text="34122519900307<b>")
        assert answer.status_code == 422
        assert 'value="34122519900307&lt;b&gt;"' in answer.text
        helped = await say(clerk, path, tap="||help")
        assert helped.status_code == 200
        assert "身份证" in shown(helped)


async def test_ended_it_shows_nothing_of_what_was_typed(web: WebHouse) -> None:
    async with at_work(web, "collector") as clerk:
        path = await begun(web, clerk)
        for words in WORDS[:6]:
            await say(clerk, path, text=words)
        answer = await clerk.post(f"{path}/end", path)
        assert "填写的内容已删掉" in shown(await clerk.follow(answer))
        page = shown(await clerk.get(path))
        assert "已经结束" in page
        assert "李伟" not in page


async def test_who_needs_no_registration_is_told_why(web: WebHouse) -> None:
    async with at_work(web, "collector") as clerk:
        path = await begun(web, clerk)
        page = await say(clerk, path, text="本地")
        assert page.status_code == 200
        assert "已经结束" in shown(page)


@pytest.mark.parametrize(("role", "area"), [("collector", "S01"), ("collector", "S02"), ("reviewer", "")])
async def test_nobody_else_sees_what_is_typed(web: WebHouse, role: str, area: str) -> None:
    async with at_work(web, "collector", "S01") as clerk, at_work(web, role, area) as other:
        path = await begun(web, clerk)
        nothing = await other.get("/console/helped/999999")
        for move in ("", "/reopen", "/end"):
            answer = await other.get(path) if not move else await other.post(path + move, "/console/account")
            assert answer.status_code == 303
        assert (await other.get(path)).headers["location"] == nothing.headers["location"]
        said = await other.post(path, "/console/account", text="外地", version="1")
        assert (await other.follow(said)).headers.get("location", "") == nothing.headers["location"]
        assert "您的户口在哪里" in shown(await clerk.get(path))
        assert (await clerk.get("/console/helped/99999999999999999999")).status_code == 303
