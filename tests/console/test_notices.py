"""The publisher's pages about notices: the rhythm in plain words, campaigns, counts, questions without an answer."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from storage import audit, campaigns, law_counts, missed_searches, notice_rounds
from storage.unit import Unit
from tests.channels.web_house import WebHouse
from tests.console.clerks import Clerk, at_work, console, run, shown
from tests.days import today

PATH = "/console/notices"
NEW = f"{PATH}/campaigns/new"


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[WebHouse]:
    async with console(tmp_path) as served:
        yield served


async def set_rhythm(somebody: Clerk, cron: str, do: str = "save", on: str = "yes", version: str = "0") -> Any:
    return await somebody.post(f"{PATH}/rhythm", PATH, cron=cron, do=do, on=on, version=version)


async def english(somebody: Clerk) -> None:
    await somebody.post("/console/account/language", "/console/account", language="en")


async def test_nothing_is_sent_before_somebody_says_so(web: WebHouse) -> None:
    async with at_work(web, "publisher") as publisher:
        page = await publisher.get(PATH)
        assert "不发送" in shown(page)
        assert 'value="0 10 * * wed"' in page.text
        assert "每周三 10:00" in shown(page)


WORDS = [
    ("0 10 * * wed", "Every Wednesday at 10:00"),
    ("5 9 * * mon,fri", "Every Monday, Friday at 09:05"),
    ("0 19 1,15 * *", "Every month on day 1, 15 at 19:00"),
    ("30 8 * * *", "Every day at 08:30"),
]


@pytest.mark.parametrize(("cron", "words"), WORDS)
async def test_a_rhythm_is_told_in_plain_words_before_it_is_kept(web: WebHouse, cron: str, words: str) -> None:
    async with at_work(web, "publisher") as publisher:
        await english(publisher)
        page = await set_rhythm(publisher, cron, "look")
        assert page.status_code == 200
        assert words in shown(page)
        assert page.text.count("<time") >= 3
        assert await run(web, notice_rounds.rhythm) is None


@pytest.mark.parametrize(
    ("cron", "hint"),
    [("0 10 * * 3", "use no numbers"), ("10:00 wed", "such as 0 10 * * wed"), ("* 10 * * wed", "such as 0"),
     ("0 10 1 * wed", "* for the other"), ("", "such as 0 10 * * wed")],
)  # fmt: skip
@pytest.mark.parametrize("do", ["look", "save"])
async def test_a_rhythm_that_cant_be_read_gets_a_sentence_and_stays_typed(
    web: WebHouse, cron: str, hint: str, do: str
) -> None:
    async with at_work(web, "publisher") as publisher:
        await english(publisher)
        page = await set_rhythm(publisher, cron, do)
        assert page.status_code == 422
        assert hint in shown(page)
        assert f'name="cron" value="{cron}"' in page.text
        assert await run(web, notice_rounds.rhythm) is None


async def test_a_rhythm_is_set_told_of_and_in_the_audit_log(web: WebHouse) -> None:
    async with at_work(web, "publisher") as publisher:
        page = await publisher.follow(await set_rhythm(publisher, " 0  10 * * WED "))
        assert "已保存" in shown(page)
        kept = await run(web, notice_rounds.rhythm)
        assert (kept.cron, kept.is_on, kept.changed_by) == ("0 10 * * wed", True, publisher.member.code)
        off = await publisher.follow(await set_rhythm(publisher, "0 10 * * wed", on="no", version="1"))
        assert "不发送" in shown(off)
        acts = [entry.act.action for entry in await run(web, audit.newest)]
        assert acts.count("rhythm_set") == 2


async def test_a_colleague_who_was_faster_is_not_overwritten(web: WebHouse) -> None:
    async with at_work(web, "publisher") as one, at_work(web, "publisher") as other:
        await set_rhythm(one, "0 10 * * wed")
        page = await other.follow(await set_rhythm(other, "0 3 * * mon"))
        assert "同事刚刚改过" in shown(page)
        assert (await run(web, notice_rounds.rhythm)).cron == "0 10 * * wed"


async def campaign(somebody: Clerk, **changes: str) -> Any:
    first, last = today() + timedelta(days=1), today() + timedelta(days=30)
    fields = {
        "title": "年前讨薪", "topic": "wages", "begins": first.isoformat(), "ends": last.isoformat(),
        "order:payment-order": "2", "order:refusing-wages-is-a-crime": "1", "order:minimum-wage": "",
        "audience": "employed",
    }  # fmt: skip
    return await somebody.post(NEW, f"{NEW}?topic=wages", **fields | changes)


async def test_a_campaign_has_an_order_an_audience_and_days_and_can_be_stopped(web: WebHouse) -> None:
    async with at_work(web, "publisher") as publisher:
        page = await publisher.follow(await campaign(publisher))
        for expected in ("年前讨薪", "未开始", "打工", "1. 拒付工资可能犯罪", "2. 欠薪可申请支付令"):
            assert expected in shown(page)
        (kept,) = await run(web, lambda unit: campaigns.newest(unit, 5))
        assert kept.notices == ("refusing-wages-is-a-crime", "payment-order")
        assert kept.audience == ("employed",)
        assert kept.changed_by == publisher.member.code
        for expected in ("专题停止了", "已经停止了"):
            page = await publisher.follow(await publisher.post(f"{PATH}/campaigns/{kept.id}/stop", PATH))
            assert expected in shown(page)
        acts = [entry.act.action for entry in await run(web, audit.newest)]
        assert (acts.count("campaign_begun"), acts.count("campaign_stopped")) == (1, 1)


BAD: list[tuple[str, dict[str, str], str]] = [
    ("no name", {"title": ""}, "1 到 30 个字"),
    ("a name too long", {"title": "长" * 31}, "1 到 30 个字"),
    ("no notice", {"order:payment-order": "", "order:refusing-wages-is-a-crime": ""}, "至少给一条"),
    ("a notice that isn't there",
     {"order:payment-order": "", "order:refusing-wages-is-a-crime": "", "order:x": "1"}, "至少给一条"),
    ("an order in words", {"order:payment-order": "第一"}, "1 到 99 的数字"),
    ("no first day", {"begins": ""}, "请选开始的日期"),
    ("no last day", {"ends": "2027-02-30"}, "请选结束的日期"),
    ("over before it begins", {"ends": (today() - timedelta(days=3)).isoformat()}, "不能早于开始"),
    ("in the past", {"begins": "2020-01-01", "ends": "2020-02-01"}, "已经过了"),
    ("for years", {"ends": (today() + timedelta(days=800)).isoformat()}, "最长一年"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "hint"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
async def test_a_campaign_with_something_wrong_gets_a_sentence_and_nothing_is_lost(
    web: WebHouse, changes: dict[str, str], hint: str
) -> None:
    async with at_work(web, "publisher") as publisher:
        page = await campaign(publisher, **changes)
        assert page.status_code == 422
        assert hint in shown(page)
        title = changes.get("title", "年前讨薪")
        assert f'name="title" value="{title}"' in page.text
        assert 'value="employed" checked' in page.text
        assert await run(web, lambda unit: campaigns.newest(unit, 5)) == []


async def test_a_topics_notices_stand_in_their_order_at_first(web: WebHouse) -> None:
    async with at_work(web, "publisher") as publisher:
        assert "先选一个主题" in shown(await publisher.get(NEW))
        page = (await publisher.get(f"{NEW}?topic=renting")).text
        assert page.index('name="order:lease-in-writing"') < page.index('name="order:tenant-buys-first"')
        assert "先选一个主题" in shown(await publisher.get(f"{NEW}?topic=cooking"))


async def test_another_topic_joins_what_was_typed(web: WebHouse) -> None:
    async with at_work(web, "publisher") as publisher:
        page = await campaign(publisher, do="list", topic="renting", title="")
        assert page.status_code == 200
        for expected in ('name="order:repairs" value=""', 'name="order:payment-order" value="2"', '"employed" checked'):
            assert expected in page.text
        assert 'name="order:minimum-wage"' not in page.text


async def test_counts_and_questions_without_an_answer_are_for_the_editor(web: WebHouse) -> None:
    def asked(unit: Unit) -> None:
        law_counts.count(unit, today(), "sent", "minimum-wage", 7)
        law_counts.count(unit, today(), "topic", "wages", 3)
        law_counts.count(unit, today() - timedelta(days=60), "sent", "minimum-wage", 1000)
        for words in ("彩礼可以退吗", "彩礼可以退吗", "<b>彩票"):
            missed_searches.note(unit, words, "zh", datetime.now(UTC))

    await run(web, asked)
    async with at_work(web, "publisher") as publisher:
        page = await publisher.get(PATH)
        assert "<b>彩票" not in page.text
        for expected in ("最低工资 7", "工资 3", "彩礼可以退吗 2"):
            assert expected in shown(page)
        assert "1000" not in shown(page)
        (first, *_) = await run(web, lambda unit: missed_searches.newest(unit, 5))
        for _ in range(2):
            page = await publisher.follow(await publisher.post(f"{PATH}/missed/{first.id}", PATH))
        assert "彩礼" not in shown(page)


async def test_only_who_publishes_for_the_whole_office_sees_and_changes_it(web: WebHouse) -> None:
    async with at_work(web, "publisher", "S01") as local, at_work(web, "administrator") as admin:
        for somebody in (local, admin):
            assert (await somebody.get(PATH)).status_code == 403
            assert (await somebody.get(NEW)).status_code == 403
            assert PATH not in (await somebody.get("/console")).text
            for path in (f"{PATH}/rhythm", NEW, f"{PATH}/campaigns/1/stop", f"{PATH}/missed/1"):
                assert (await somebody.post(path, "/console/account", cron="0 10 * * wed")).status_code == 403
    assert await run(web, notice_rounds.rhythm) is None
