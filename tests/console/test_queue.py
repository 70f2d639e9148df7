"""The queue and a submission under review, over HTTP: taken, decided, once; seen only by whom it concerns."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from storage import audit, history, submissions
from storage.audit import Subject
from storage.records import Submission
from storage.unit import Unit
from tests.channels.web_house import WebHouse
from tests.console.clerks import Clerk, at_work, console, run, shown
from tests.handlers.filed import account, file

NOW = datetime.now(UTC)


@pytest.fixture
async def web(tmp_path: Path, database_url: str) -> AsyncIterator[WebHouse]:
    async with console(tmp_path, database_url) as served:
        yield served


async def filed(web: WebHouse, *numbers: str) -> None:
    """Submissions of people with an account each."""

    def write(unit: Unit) -> None:
        for number in numbers:
            holder = number.rjust(32, "h")
            account(unit, number, holder)
            file(unit, number, holder)

    await run(web, write)


async def found(web: WebHouse, number: str) -> Submission:
    one = await run(web, lambda unit: submissions.by_number(unit, number))
    assert isinstance(one, Submission)
    return one


async def decide(clerk: Clerk, number: str, how: str, **fields: str) -> httpx.Response:
    """Open the page and press one of its buttons."""
    page = f"/console/queue/{number}"
    opened = await clerk.get(page)
    version = re.search(r'name="version" value="(\d+)"', opened.text)
    return await clerk.post(f"{page}/{how}", page, version=version[1] if version else "0", **fields)


async def outbox(web: WebHouse) -> list[str]:
    rows = await run(web, lambda unit: unit.connection.execute(text("SELECT once_key FROM outbox ORDER BY id")).all())
    return [row.once_key for row in rows]


async def test_the_oldest_is_taken_approved_and_the_next_follows(web: WebHouse) -> None:
    await filed(web, "N1", "N2")
    async with at_work(web, "reviewer") as clerk:
        listed = await clerk.get("/console/queue")
        assert re.findall(r"<code>(N\d)</code>", listed.text) == ["N1", "N2"]
        taken = await clerk.post("/console/queue/next", "/console/queue")
        assert taken.headers["location"] == "/console/queue/N1"
        page = await clerk.get("/console/queue/N1")
        assert "李伟" in shown(page)
        done = await decide(clerk, "N1", "approve")
        assert done.headers["location"] == "/console/queue/N2?done=approved"
        assert (await found(web, "N1")).status == "registered"
        assert len(await outbox(web)) == 1
        last = await decide(clerk, "N2", "approve")
        assert last.headers["location"] == "/console/queue?done=approved"
        empty = await clerk.post("/console/queue/next", "/console/queue")
        assert empty.headers["location"] == "/console/queue?done=all_done"


async def test_the_person_is_asked_for_everything_that_was_marked(web: WebHouse) -> None:
    await filed(web, "N1")
    async with at_work(web, "reviewer") as clerk:
        await clerk.post("/console/queue/next", "/console/queue")
        marked = {"reason.name": "unclear", "reason.phone": "own_words", "words.phone": "号码少一位"}
        await decide(clerk, "N1", "ask", **marked)
        one = await found(web, "N1")
        way = await run(web, lambda unit: history.of(unit, one.id))
        assert (one.status, set(way[-1].note["asks"])) == ("needs_answers", {"name", "phone"})
        assert "等本人补充" in shown(await clerk.get("/console/queue/N1"))


@pytest.mark.parametrize(("how", "fields"), [("ask", {}), ("refuse", {}), ("refuse", {"reason": "own_words"})])
async def test_without_a_reason_nothing_changes_and_the_page_says_so(
    web: WebHouse, how: str, fields: dict[str, str]
) -> None:
    await filed(web, "N1")
    async with at_work(web, "reviewer") as clerk:
        await clerk.post("/console/queue/next", "/console/queue")
        answer = await clerk.follow(await decide(clerk, "N1", how, **fields))
        assert "没有选原因" in shown(answer)
        assert (await found(web, "N1")).status == "in_review"


async def test_a_refusal_is_told_with_its_reason(web: WebHouse) -> None:
    await filed(web, "N1")
    async with at_work(web, "reviewer") as clerk:
        await clerk.post("/console/queue/next", "/console/queue")
        await decide(clerk, "N1", "refuse", reason="twice")
        assert (await found(web, "N1")).status == "refused"
        assert "已经登记过了" in shown(await clerk.get("/console/queue/N1"))


async def test_the_second_of_two_reviewers_is_told_and_changes_nothing(web: WebHouse) -> None:
    await filed(web, "N1")
    async with at_work(web, "reviewer") as ann, at_work(web, "reviewer") as ben:
        await ann.post("/console/queue/next", "/console/queue")
        seen = await ben.follow(await decide(ben, "N1", "take"))
        assert "另一位同事正在审" in shown(seen)
        assert "通过" not in shown(await ben.get("/console/queue/N1"))
        version = str((await found(web, "N1")).version)
        forced = await ben.post("/console/queue/N1/approve", "/console/queue", version=version)
        assert forced.headers["location"] == "/console/queue/N1?problem=taken"
        await decide(ann, "N1", "approve")
        late = await ben.post("/console/queue/N1/refuse", "/console/queue", version=version, reason="twice")
        assert late.headers["location"] == "/console/queue/N1?problem=decided"
        assert (await found(web, "N1")).status == "registered"


async def test_what_was_given_back_waits_again(web: WebHouse) -> None:
    await filed(web, "N1")
    async with at_work(web, "reviewer") as clerk:
        await clerk.post("/console/queue/next", "/console/queue")
        await decide(clerk, "N1", "give-back")
        assert (await found(web, "N1")).status == "received"


async def test_another_areas_submission_is_not_there(web: WebHouse) -> None:
    await filed(web, "N1")
    async with at_work(web, "reviewer", "S02") as clerk:
        assert "<code>N1</code>" not in (await clerk.get("/console/queue")).text
        assert (await clerk.get("/console/queue/N1")).headers["location"] == "/console/queue?problem=gone"
        answer = await clerk.post("/console/queue/N1/take", "/console/queue")
        assert answer.headers["location"] == "/console/queue/N1?problem=gone"
        assert (await found(web, "N1")).status == "received"


async def test_a_hint_names_the_article_behind_it(web: WebHouse) -> None:
    def write(unit: Unit) -> None:
        account(unit, "N1", "h" * 32)
        file(unit, "N1", "h" * 32, paper_identity={"files": [], "plan": "counter"})

    await run(web, write)
    async with at_work(web, "reviewer") as clerk:
        page = shown(await clerk.get("/console/queue/N1"))
        rule = web.house.settings.pack.rule("registration.docs")
        assert rule.citation["zh"] in page
        assert rule.words["zh"] in page


async def test_a_collector_looks_and_does_not_decide(web: WebHouse) -> None:
    await filed(web, "N1")
    async with at_work(web, "collector", "S01") as clerk:
        page = shown(await clerk.get("/console/queue/N1"))
        assert "李**" in page
        assert not any(told in page for told in ("李伟", "11010519491231002X", "13812345678", "502室", "1949-12-31"))
        assert "我来审" not in page
        assert (await clerk.post("/console/queue/N1/take", "/console/queue")).status_code == 403


async def test_whoever_looks_or_decides_is_in_the_audit_log(web: WebHouse) -> None:
    await filed(web, "N1")
    async with at_work(web, "reviewer") as clerk:
        await clerk.post("/console/queue/next", "/console/queue")
        await decide(clerk, "N1", "approve")
        subject = Subject("submission", str((await found(web, "N1")).id))
        entries = await run(web, lambda unit: audit.about(unit, [subject]))
        assert {(entry.act.action, entry.act.who.id) for entry in entries} >= {
            ("looked", clerk.member.code),
            ("decided", clerk.member.code),
        }
