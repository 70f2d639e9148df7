"""The privacy desk over HTTP, on both databases: asked in the chat, answered once, by whoever it belongs to."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from storage import audit, conversations, erasures, ledger, own, papers, privacy_requests, retention, submissions
from storage.audit import Entry
from storage.history import Mark
from storage.privacy_requests import Kind, Request
from storage.records import PaperFile, State
from storage.unit import Unit
from tests.channels.web_house import WebHouse
from tests.console.clerks import at_work, console, form_token, run, shown
from tests.handlers.filed import ANSWERS, HOLDER, blank

NOW = datetime.now(UTC)
TODAY = NOW.date()
PRIVACY = "/console/privacy"
WORDS = "名字应该是李玮"
PHONE = "+8613812345678"
ID_NUMBERS = ("34122519900307201X", "341225199003072028", "341225199003072036")


@pytest.fixture
async def web(tmp_path: Path, database_url: str) -> AsyncIterator[WebHouse]:
    async with console(tmp_path, database_url) as served:
        yield served


async def asked(web: WebHouse, area: str = "S01-01", kind: Kind = "correct", days: int = 15) -> Request:
    """Somebody's request."""

    def write(unit: Unit) -> Request:
        talk = conversations.begin(unit, "web", f"visitor{area}{kind}{days}", "zh", NOW)
        due_on = TODAY + timedelta(days=days)
        return privacy_requests.add(unit, Request(0, talk.id, area, kind, WORDS, NOW, due_on))

    found: Request = await run(web, write)
    return found


async def kept(web: WebHouse, request: Request) -> Request:
    found: Request = await run(web, partial(privacy_requests.get, number=request.id, areas=None))
    return found


async def noted(web: WebHouse, action: str) -> list[Entry]:
    return [entry for entry in await run(web, lambda unit: audit.newest(unit, 500)) if entry.act.action == action]


async def told(web: WebHouse) -> int:
    """How many answers are on their way or there."""
    return len(await run(web, lambda unit: ledger.entries(unit, "", "web", 50)))


async def test_the_oldest_comes_first_and_what_is_late_is_marked(web: WebHouse) -> None:
    late, fresh = await asked(web, days=-1), await asked(web, kind="complaint")
    async with at_work(web, "reviewer", "S01") as clerk:
        assert "2 个人信息请求 1" in shown(await clerk.get("/console"))
        page = await clerk.get(PRIVACY)
        assert page.text.index(f"{PRIVACY}/{late.id}") < page.text.index(f"{PRIVACY}/{fresh.id}")
        assert shown(page).count("已过") == 1
        assert "ANJU_KEEP_REQUESTS_DAYS" in page.text
        assert WORDS in shown(await clerk.get(f"{PRIVACY}/{late.id}"))
    [entry] = await noted(web, "looked")
    assert entry.act.subject.id == str(late.conversation_id)


@pytest.mark.parametrize("outcome", ["done", "answered", "refused"])
async def test_an_answer_is_kept_told_and_noted_once_though_it_is_sent_three_times(web: WebHouse, outcome: str) -> None:
    request = await asked(web)
    async with at_work(web, "reviewer", "S01-01") as clerk:
        path = f"{PRIVACY}/{request.id}"
        form = {"csrf": form_token(await clerk.get(path)), "outcome": outcome, "words": "您搬走后我们会删除。"}
        answers = await asyncio.gather(*(clerk.client.post(path, data=form) for _ in range(3)))
        assert {answer.headers["location"] for answer in answers} == {f"{PRIVACY}?done=privacy"}
        assert "会告诉本人" in shown(await clerk.follow(answers[0]))
        found = await kept(web, request)
        assert (found.state, found.answer, found.answered_by) == (outcome, "您搬走后我们会删除。", clerk.member.code)
    assert await told(web) == 1
    [entry] = await noted(web, "answered")
    assert entry.act.subject.id == str(request.conversation_id)


async def test_who_comes_second_changes_nothing_and_is_told_so(web: WebHouse) -> None:
    request = await asked(web)
    path = f"{PRIVACY}/{request.id}"
    async with at_work(web, "reviewer") as first, at_work(web, "reviewer") as second:
        token = form_token(await second.get(path))
        await first.post(path, outcome="done")
        late = await second.client.post(path, data={"csrf": token, "outcome": "refused", "words": "不行"})
        assert "同事已经答复了" in shown(await second.follow(late))
    assert (await kept(web, request)).state == "done"
    assert await told(web) == 1


@pytest.mark.parametrize(
    ("area", "there"), [("", True), ("S01", True), ("S01-01", True), ("S01-02", False), ("S02", False)]
)
async def test_a_request_of_another_area_is_not_there(web: WebHouse, area: str, there: bool) -> None:
    request = await asked(web)
    path = f"{PRIVACY}/{request.id}"
    async with at_work(web, "reviewer", area) as clerk:
        assert (f'"{path}"' in (await clerk.get(PRIVACY)).text) == there
        assert ((await clerk.get(path)).status_code == 200) == there
        answer = await clerk.post(path, "/console", outcome="done")
        assert answer.headers["location"] == (f"{PRIVACY}?done=privacy" if there else f"{PRIVACY}?problem=gone")
    assert (await kept(web, request)).state == ("done" if there else "open")
    assert await told(web) == int(there)


@pytest.mark.parametrize(
    ("outcome", "words"), [("", ""), ("erased", "好"), ("refused", ""), ("answered", " "), ("done", "长" * 1001)]
)
async def test_an_answer_that_lacks_something_is_not_sent_and_nothing_is_lost(
    web: WebHouse, outcome: str, words: str
) -> None:
    request = await asked(web)
    async with at_work(web, "reviewer") as clerk:
        answer = await clerk.post(f"{PRIVACY}/{request.id}", outcome=outcome, words=words)
        assert answer.status_code == 422
        assert words.strip() in answer.text
    assert (await kept(web, request)).state == "open"
    assert await told(web) == 0


async def test_what_is_not_there_is_told_so(web: WebHouse) -> None:
    async with at_work(web, "reviewer") as clerk:
        for number in ("999", "99999999999999999999"):
            for answer in (await clerk.get(f"{PRIVACY}/{number}"), await clerk.post(f"{PRIVACY}/{number}", "/console")):
                assert answer.headers["location"] == f"{PRIVACY}?problem=gone"


async def test_a_person_takes_the_request_along_and_what_was_answered_long_ago_goes(web: WebHouse) -> None:
    waiting, done = await asked(web), await asked(web, kind="complaint")
    async with at_work(web, "reviewer") as clerk:
        await clerk.post(f"{PRIVACY}/{done.id}", outcome="answered", words="已经处理。")
    copy = await run(web, lambda unit: own.everything(unit, done.conversation_id))
    assert copy["accounts"][0]["privacy_requests"][0]["answer"] == "已经处理。"
    erase, later = retention.PRIVACY_REQUESTS.erase, datetime.now(UTC) + timedelta(days=1)
    assert await run(web, lambda unit: erase(unit, later, 10)) == 1
    assert await kept(web, done) is None
    assert (await kept(web, waiting)).state == "open"


async def sent_by(web: WebHouse, request: Request) -> None:
    """Three submissions of whoever asked: one withdrawn, one refused (each of a person of its own), one in force."""

    def write(unit: Unit) -> None:
        address = conversations.address_of(unit, request.conversation_id)
        assert address is not None
        talk = conversations.lock(unit, *address)
        assert talk is not None
        conversations.save(unit, replace(talk, holder_id=HOLDER), NOW)
        states: tuple[State, ...] = ("withdrawn", "refused", "registered")
        for number, (state, id_number) in enumerate(zip(states, ID_NUMBERS, strict=True)):
            kept = submissions.submit(
                unit, replace(blank(f"E{number}", id_number=id_number, phone=PHONE), status=state, decided_at=NOW)
            )
            file = PaperFile(f"{number}" * 32, talk.id, "paper_identity", "stored", "", "image/jpeg", 3, 0)
            papers.store(unit, file, b"jpg", NOW)
            papers.attach(unit, [file.id], talk.id, kept.id)

    await run(web, write)


async def test_what_the_office_erases_at_somebodys_word_is_gone_and_the_rest_stays(web: WebHouse) -> None:
    request = await asked(web, kind="erase")
    await sent_by(web, request)
    path = f"{PRIVACY}/{request.id}"
    async with at_work(web, "reviewer", "S01-01") as clerk:
        page = await clerk.get(path)
        assert 'value="E0"' in page.text
        assert 'value="E1"' in page.text
        assert 'name="erase" value="E2"' not in page.text
        unticked = await clerk.post(path, outcome="done")
        assert (unticked.status_code, "请勾选" in shown(unticked)) == (422, True)
        form = {"csrf": form_token(await clerk.get(path)), "outcome": "done", "erase": ["E0", "E2"]}
        answers = await asyncio.gather(*(clerk.client.post(path, data=form) for _ in range(3)))
        assert {answer.headers["location"] for answer in answers} == {f"{PRIVACY}?done=privacy"}
        opened = shown(await clerk.get("/console/queue/E0"))
        assert "已删除" in opened
        assert "本人要求删除" in opened
        assert "李伟" not in opened
    states = {number: await run(web, partial(submissions.by_number, number=number)) for number in ("E0", "E1", "E2")}
    assert {number: one.status for number, one in states.items()} == {
        "E0": "erased", "E1": "refused", "E2": "registered",
    }  # fmt: skip
    assert set(states["E0"].answers) == {"area"}
    assert states["E1"].answers["name"].value == "李伟"
    assert [await run(web, partial(papers.get, file_id=f"{n}" * 32)) is None for n in range(3)] == [True, False, False]
    found = [await run(web, partial(submissions.person, id_number=id_number)) for id_number in ID_NUMBERS]
    assert [bool(one) for one in found] == [False, True, True]
    assert [entry.act.subject.id for entry in await noted(web, "erased")] == [str(states["E0"].id)]
    assert await told(web) == 1


async def test_a_person_stays_while_something_else_is_kept_of_them(web: WebHouse) -> None:
    request = await asked(web, kind="erase")

    def write(unit: Unit) -> None:
        first = submissions.submit(unit, replace(blank("E0"), status="withdrawn"))
        submissions.submit(unit, replace(blank("E1"), status="registered"))
        erasures.erase(unit, first, Mark("staff", NOW, "S1", "asked_to_erase"))
        assert erasures.erase(unit, first, Mark("staff", NOW, "S1", "asked_to_erase")) is None

    await run(web, write)
    known = await run(web, partial(submissions.person, id_number=str(ANSWERS["id_number"])))
    assert known["name"] == "李伟"
    assert (await kept(web, request)).state == "open"


async def test_what_the_office_erases_elsewhere_is_not_this_offices_to_erase(web: WebHouse) -> None:
    request = await asked(web, area="", kind="erase")
    await sent_by(web, request)
    path = f"{PRIVACY}/{request.id}"
    async with at_work(web, "reviewer", "S02") as clerk:
        assert 'name="erase"' not in (await clerk.get(path)).text
        await clerk.post(path, outcome="done", erase="E0")
    left = await run(web, partial(submissions.by_number, number="E0"))
    assert left.status == "withdrawn"
