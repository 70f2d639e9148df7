"""Talks with people who asked for a person: silence, answers once, one member at a time, ends; on both databases."""

import asyncio
import io
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from sqlalchemy import func, select, update

from bot.house import House
from bot.silences import SilenceEnder
from handlers.messages import Incoming
from handlers.office import answering
from storage import conversations, hand_overs, own, staff, tables
from storage.unit import Unit
from tests.channels.web_house import WebHouse, post, said
from tests.console.clerks import Clerk, at_work, console, invited, run, shown
from tests.console.waiting_rows import submitted

NOW = datetime.now(UTC)
ONCE = re.compile(r'name="once" value="([^"]+)"')


@pytest.fixture
async def web(tmp_path: Path, database_url: str) -> AsyncIterator[WebHouse]:
    async with console(tmp_path, database_url) as served:
        yield served


@pytest.fixture
async def person(web: WebHouse) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody at the web chat who has just asked for a person."""
    async with web.browser() as client:
        await post(client, said("你好"))
        await post(client, said("同意"))
        await post(client, said("人工"))
        yield client


async def waiting_for_us(web: WebHouse) -> list[hand_overs.HandOver]:
    found = await run(web, lambda unit: hand_overs.open_ones(unit, None, 100))
    return [one.hand_over for one in found]


async def messages(web: WebHouse) -> int:
    """How many messages there are in the outbox."""
    return int(await run(web, lambda unit: unit.execute(select(func.count(tables.outbox.c.id))).scalar_one()))


async def changed(web: WebHouse, **values: Any) -> None:
    """The hand-overs, made so."""
    await run(web, lambda unit: unit.execute(update(tables.hand_overs).values(**values)))


async def answer(clerk: Clerk, words: str, talk: int = 1, **fields: str) -> httpx.Response:
    """Send the form of a talk's page, with the id that stands in it."""
    path = f"/console/talks/{talk}"
    found = ONCE.search((await clerk.get(path)).text)
    once = {"once": found[1]} if found else {}
    return await clerk.post(f"{path}/say", "/console/account", **{"words": words, **once, **fields})


async def ended(web: WebHouse) -> int:
    return await SilenceEnder(web.house.chat).end_due()


async def test_what_a_person_says_is_kept_once_and_seen_by_the_staff(web: WebHouse, person: httpx.AsyncClient) -> None:
    message = said("我没有<合同>")
    replies = await asyncio.gather(*(post(person, message) for _ in range(3)))
    assert [reply["messages"] for reply in replies] == [[], [], []]
    await post(person, said("", place={"latitude": 30.2741, "longitude": 120.1551}))
    async with at_work(web, "reviewer") as clerk:
        page = await clerk.get("/console/talks/1")
        assert page.text.count("我没有&lt;合同&gt;") == 1
        told = shown(page)
        assert told.index("合同") < told.index("30.27410, 120.15510")
        assert "户口在哪里" in told  # the question that waits
        assert "位置" in shown(await clerk.get("/console/talks"))  # what they said last


async def test_an_answer_reaches_the_person_once_however_often_it_is_sent(
    web: WebHouse, person: httpx.AsyncClient
) -> None:
    async with at_work(web, "reviewer") as clerk:
        before = await messages(web)
        forms = [answer(clerk, "您好", once="0123456789abcdef") for _ in range(4)]
        assert {response.status_code for response in await asyncio.gather(*forms)} == {303}
        assert await messages(web) == before + 1
        (talk,) = await waiting_for_us(web)
        assert (talk.taken_by, talk.waits_since) == (clerk.member.code, None)
        assert "正在发送" in shown(await clerk.get("/console/talks/1"))


async def test_of_two_who_answer_at_once_the_second_is_told_and_loses_no_word(
    web: WebHouse, person: httpx.AsyncClient
) -> None:
    async with at_work(web, "reviewer") as one, at_work(web, "reviewer") as other:
        before = await messages(web)
        both = await asyncio.gather(answer(one, "我来答复"), answer(other, "我也来"))
        assert sorted(response.status_code for response in both) == [303, 422]
        assert await messages(web) == before + 1
        refused = next(response for response in both if response.status_code == 422)
        assert "一位同事正在谈" in shown(refused)
        unsent = [words for words in ("我来答复", "我也来") if f"readonly>{words}</textarea>" in refused.text]
        assert unsent == [("我来答复", "我也来")[both.index(refused)]]


async def test_of_two_who_take_it_at_once_one_has_it(web: WebHouse, person: httpx.AsyncClient) -> None:
    async with at_work(web, "reviewer") as one, at_work(web, "reviewer") as other:
        path = "/console/talks/1/take"
        both = await asyncio.gather(*(clerk.post(path, "/console/account", **{"from": ""}) for clerk in (one, other)))
        assert sorted("problem=another" in response.headers["location"] for response in both) == [False, True]
        (talk,) = await waiting_for_us(web)
        holder, second = (one, other) if talk.taken_by == one.member.code else (other, one)
        assert f"{holder.member.code} 正在谈" in shown(await second.get("/console/talks/1"))
        await second.post(path, "/console/talks/1", **{"from": holder.member.code})
        (talk,) = await waiting_for_us(web)
        assert talk.taken_by == second.member.code


async def test_a_colleague_goes_on_who_may_answer_there(web: WebHouse, person: httpx.AsyncClient) -> None:
    await changed(web, area="S01-01")
    async with (
        at_work(web, "reviewer") as one,
        at_work(web, "reviewer", "S01") as there,
        at_work(web, "reviewer", "S02") as elsewhere,
        at_work(web, "collector", "S01") as collector,
    ):
        await answer(one, "您好")
        for wrong in (elsewhere, collector):
            assert f'value="{wrong.member.code}"' not in (await one.get("/console/talks/1")).text
            refused = await one.post("/console/talks/1/give", "/console/account", to=wrong.member.code)
            assert "problem=colleague" in refused.headers["location"]
        await one.post("/console/talks/1/give", "/console/talks/1", to=there.member.code)
        (talk,) = await waiting_for_us(web)
        assert talk.taken_by == there.member.code
        assert (await answer(one, "还有")).status_code == 422
        assert (await answer(there, "我接着")).status_code == 303


@pytest.mark.parametrize(
    ("area", "own", "seen"),
    [("S01-01", "S01", True), ("S01-01", "", True), ("S01-01", "S02", False), ("", "S02", True), ("", "", True)],
)
async def test_whose_talk_it_is(web: WebHouse, person: httpx.AsyncClient, area: str, own: str, seen: bool) -> None:
    await post(person, said("只给该看的人"))
    await changed(web, area=area)
    async with at_work(web, "reviewer", own) as clerk:
        for path in ("", "/rows", "/1", "/1/lines"):
            told = shown(await clerk.get(f"/console/talks{path}"))
            assert ("只给该看的人" in told) == seen, path
        for act, fields in (("take", {"from": ""}), ("say", {"words": "x"}), ("give", {}), ("hand-back", {})):
            answered = await clerk.post(f"/console/talks/1/{act}", "/console/account", **fields)
            assert ("problem=gone" in answered.headers.get("location", "")) == (not seen), act


async def test_the_area_is_that_of_the_last_registration(web: WebHouse) -> None:
    await run(web, submitted(1, "S02-01", NOW, None))

    def own_account(unit: Unit) -> None:
        begun = conversations.begin(unit, "engine", "me", "zh", NOW)
        conversations.save(unit, replace(begun, holder_id="holder1"), NOW)

    await run(web, own_account)
    await web.house.chat.answer(Incoming("engine", "me", "m1", NOW, text="人工"))
    (talk,) = await waiting_for_us(web)
    assert talk.area == "S02-01"
    async with at_work(web, "reviewer", "S02") as clerk:
        assert "AJ000001" in shown(await clerk.get("/console/talks/1"))


async def test_words_too_long_or_none_are_refused_with_a_sentence_and_stay_in_the_form(
    web: WebHouse, person: httpx.AsyncClient
) -> None:
    async with at_work(web, "reviewer") as clerk:
        long = "很长" * 2000
        refused = await answer(clerk, long)
        assert refused.status_code == 422
        assert long in refused.text
        assert "最多 600 个字" in shown(refused)
        assert "还没有写答复" in shown(await answer(clerk, "  "))
        assert (await answer(clerk, "马上好", quick="wait")).status_code == 303
        assert "请等几分钟。 马上好" in shown(await clerk.get("/console/talks/1"))


async def test_nobody_answers_and_the_bot_is_back_told_once(web: WebHouse, person: httpx.AsyncClient) -> None:
    assert await ended(web) == 0
    await changed(web, silent_until=NOW - timedelta(minutes=1))
    before = await messages(web)
    assert sum(await asyncio.gather(*(ended(web) for _ in range(3)))) == 1
    assert await messages(web) == before + 1
    replies = (await post(person, said("外地")))["messages"]
    assert "住" in replies[0]["text"]  # the open question was answered, and the next one is asked
    async with at_work(web, "reviewer") as clerk:
        assert "没来得及答复 1" in shown(await clerk.get("/console/talks"))
        assert "1 个没来得及答复" in shown(await clerk.get("/console"))
        assert (await answer(clerk, "对不起，现在看到了")).status_code == 303  # and has the talk again
        assert (await post(person, said("好的")))["messages"] == []
        assert "没来得及答复" not in shown(await clerk.get("/console/talks"))
        gone_on = await clerk.post("/console/talks/1/hand-back", "/console/talks/1")
        assert "done=handed_back" in gone_on.headers["location"]
        assert (await answer(clerk, "还有一句")).status_code == 422


async def test_what_nobody_answered_is_settled_or_asked_again(web: WebHouse, person: httpx.AsyncClient) -> None:
    await changed(web, silent_until=NOW - timedelta(minutes=1))
    await ended(web)
    await post(person, said("人工"))
    async with at_work(web, "reviewer") as clerk:
        assert "没来得及答复" not in shown(await clerk.get("/console/talks"))
        await changed(web, silent_until=NOW - timedelta(minutes=1))
        await ended(web)
        await clerk.post("/console/talks/2/hand-back", "/console/talks/2")
        assert "现在没有人找我们" in shown(await clerk.get("/console/talks"))


async def test_an_answer_gives_time_and_a_new_word_waits_anew(web: WebHouse, person: httpx.AsyncClient) -> None:
    async with at_work(web, "reviewer") as clerk:
        await answer(clerk, "您好")
        answered_at = datetime.now(UTC)
        (talk,) = await waiting_for_us(web)
        assert talk.silent_until > answered_at + timedelta(minutes=100)
        await post(person, said("还有一个问题"))
        (asked,) = await waiting_for_us(web)
        await post(person, said("在吗"))
        (again,) = await waiting_for_us(web)
        assert asked.waits_since == again.waits_since
        assert asked.silent_until == again.silent_until < answered_at + timedelta(minutes=40)
        assert "等我们答复 0 分钟" in shown(await clerk.get("/console/talks"))
        assert "1 等工作人员答复" in shown(await clerk.get("/console"))


async def test_a_photo_of_a_talk_is_seen_by_whom_it_is_for(web: WebHouse, person: httpx.AsyncClient) -> None:
    content = io.BytesIO()
    Image.new("RGB", (640, 480), "teal").save(content, "JPEG")
    sent = await person.post("/chat/files", content=content.getvalue(), headers={"X-Anju-File": "1"})
    await post(person, said("看这个", files=[sent.json()["id"]]))
    await changed(web, area="S01-01")
    async with at_work(web, "reviewer", "S01") as clerk, at_work(web, "reviewer", "S02") as other:
        found = re.search(r'src="(/console/talks/1/files/[0-9a-f]+)"', (await clerk.get("/console/talks/1")).text)
        assert found is not None
        photo = await clerk.get(found[1])
        assert (photo.status_code, photo.headers["content-type"]) == (200, "image/jpeg")
        assert (await other.get(found[1])).status_code == 303
        assert (await clerk.get("/console/talks/1/files/" + "0" * 32)).status_code == 303


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"window_left": 3, "window_until": NOW + timedelta(hours=2)}, "微信还能发 3 条"),
        ({"window_left": 0, "window_until": NOW + timedelta(hours=2)}, "等对方说话才能送到"),
        ({"window_left": 3, "window_until": NOW - timedelta(hours=2)}, "等对方说话才能送到"),
        ({"reach": "unfollowed"}, "送不到"),
    ],
)
async def test_the_staff_see_how_much_wechat_allows(
    web: WebHouse, person: httpx.AsyncClient, values: dict[str, Any], told: str
) -> None:
    wechat = {"channel": "wechat", **values}
    await run(web, lambda unit: unit.execute(update(tables.conversations).values(**wechat)))
    async with at_work(web, "reviewer") as clerk:
        assert told in shown(await clerk.get("/console/talks"))
        assert told in shown(await clerk.get("/console/talks/1"))


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"state": "sent"}, "已送到"),
        ({"state": "waiting", "reason": "no window"}, "等对方说话才能送到"),
        ({"state": "waiting", "reason": "not connected"}, "网页没有打开"),
        ({"state": "failed", "reason": "blocked"}, "没有送到: 屏蔽了我们"),
    ],
)
async def test_the_staff_see_what_became_of_each_answer(
    web: WebHouse, person: httpx.AsyncClient, values: dict[str, Any], told: str
) -> None:
    async with at_work(web, "reviewer") as clerk:
        await answer(clerk, "您好")
        await run(web, lambda unit: unit.execute(update(tables.outbox).values(**values)))
        assert told in shown(await clerk.get("/console/talks/1/lines"))


async def test_a_page_that_renews_itself_keeps_nobody_signed_in(web: WebHouse, person: httpx.AsyncClient) -> None:
    async with at_work(web, "reviewer") as clerk:
        long_ago = datetime.now(UTC) - timedelta(minutes=20)
        sessions = tables.staff_sessions

        async def seen_after(path: str) -> bool:
            await run(web, lambda unit: unit.execute(update(sessions).values(seen_at=long_ago)))
            await clerk.get(path)
            seen = await run(web, lambda unit: unit.execute(select(sessions.c.seen_at)).scalar_one())
            return bool(seen > long_ago + timedelta(minutes=1))

        assert not await seen_after("/console/talks/rows")
        assert not await seen_after("/console/talks/1/lines")
        assert await seen_after("/console/talks/1")


async def test_whoever_opens_a_talk_stands_in_the_audit_log(web: WebHouse, person: httpx.AsyncClient) -> None:
    async with at_work(web, "reviewer") as clerk:
        await clerk.get("/console/talks/1")
        await clerk.get("/console/talks/1/lines")
        rows = await run(web, lambda unit: unit.execute(select(tables.audit)).all())
        assert [(row.who, row.action, row.subject_kind) for row in rows] == [
            (clerk.member.code, "looked", "conversation")
        ]


async def test_unfollowing_erases_what_was_said_and_a_copy_of_ones_data_holds_it(web: WebHouse) -> None:
    house: House = web.house
    for number, text in enumerate(("人工", "我的电话是空的"), 1):
        await house.chat.answer(Incoming("wechat", "o1", f"m{number}", NOW, text=text))
    (talk,) = await waiting_for_us(web)
    copy = await run(web, lambda unit: own.everything(unit, talk.conversation_id))
    (account,) = copy["accounts"]
    assert [line["said"] for line in account["talks_with_staff"][0]["said"]] == ["我的电话是空的"]
    await house.chat.answer(Incoming("wechat", "o1", "m3", NOW, kind="unfollow"))
    left = await run(web, lambda unit: unit.execute(select(func.count(tables.hand_over_lines.c.id))).scalar_one())
    assert (left, await waiting_for_us(web)) == (0, [])
    async with at_work(web, "reviewer") as clerk:
        assert (await clerk.get("/console/talks/1")).headers["location"] == "/console/talks?problem=gone"
        assert answering.LONGEST > 0


async def test_anybody_may_check_a_staff_code_few_times_wrong(web: WebHouse, person: httpx.AsyncClient) -> None:
    member = (await invited(web, "collector", "S01-01")).member

    async def checked(text: str) -> str:
        return str((await post(person, said(text)))["messages"][0]["text"])

    real = await checked(f"核实 {member.code.lower()}")  # beside the staff's talk too
    assert member.name in real
    assert "网格员" in real
    await post(person, said("机器人"))
    await post(person, said("English"))
    assert "Collector" in await checked(f"check: {member.code}")
    await run(web, lambda unit: staff.save(unit, replace(member, disabled=True), NOW))
    assert member.name not in await checked(f"查工号{member.code}")
    for _ in range(4):
        assert "Nobody who works for us" in await checked("check ZZZZZZ")
    assert "too many" in await checked("check ZZZZZZ")
    assert "6 letters" in await checked("Check a code")
