"""The call list in the console, over HTTP: by area, told once by telephone, contacts for a reason; both databases."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage import audit, calls
from storage.audit import Entry, Subject
from tests.channels.web_house import WebHouse
from tests.console.clerks import at_work, console, form_token, run, shown
from tests.console.waiting_rows import submitted, unreached
from tests.handlers.filed import file

NOW = datetime.now(UTC)
CALLS = "/console/calls"


@pytest.fixture
async def web(tmp_path: Path, database_url: str) -> AsyncIterator[WebHouse]:
    async with console(tmp_path, database_url) as served:
        yield served


async def missed(web: WebHouse, number: int, area: str) -> None:
    """Somebody of an area whom a reminder did not reach; the deadline of a higher number is later."""
    await run(web, submitted(number, area, NOW - timedelta(days=2), None))
    await run(web, unreached(number, "blocked", NOW - timedelta(hours=1), NOW + timedelta(hours=number)))


async def listed(web: WebHouse) -> dict[str, int]:
    """The whole list: registration and message."""
    found = await run(web, lambda unit: calls.calls(unit, NOW, timedelta(days=9), 500))
    return {call.registration: call.id for call in found}


async def noted(web: WebHouse, action: str) -> list[Entry]:
    return [entry for entry in await run(web, lambda unit: audit.newest(unit, 500)) if entry.act.action == action]


async def test_who_waits_is_listed_nearest_deadline_first_with_the_reason_in_words(web: WebHouse) -> None:
    await missed(web, 2, "S01-01")
    await missed(web, 1, "S01-02")
    async with at_work(web, "collector", "S01") as clerk:
        told = shown(await clerk.get(CALLS))
        assert told.index("AJ000001") < told.index("AJ000002")
        assert "blocked" not in told
        assert 'href="/console/calls"' in (await clerk.get("/console")).text
        only = shown(await clerk.get(f"{CALLS}?area=S01-01"))
        assert "AJ000002" in only
        assert "AJ000001" not in only


async def test_every_row_comes_page_by_page_though_some_are_told_meanwhile(web: WebHouse) -> None:
    for number in range(1, 54):
        await missed(web, number, "S01-01")
    async with at_work(web, "reviewer") as clerk:
        first = (await clerk.get(CALLS)).text
        more = re.search(r"after=(\d+)", first)
        assert more is not None
        await clerk.post(f"{CALLS}/{more[1]}/told", CALLS)
        second = (await clerk.get(f"{CALLS}?after={more[1]}")).text
        numbers = [set(re.findall(r"AJ\d{6}", page)) for page in (first, second)]
        assert [len(found) for found in numbers] == [50, 3]
        assert not numbers[0] & numbers[1]


async def test_told_by_telephone_twice_at_once_is_noted_once(web: WebHouse) -> None:
    await missed(web, 1, "S01-01")
    message = (await listed(web))["AJ000001"]
    async with at_work(web, "collector", "S01-01") as clerk:
        csrf = form_token(await clerk.get(CALLS))
        click = [clerk.client.post(f"{CALLS}/{message}/told", data={"csrf": csrf}) for _ in range(3)]
        answers = await asyncio.gather(*click)
        assert {answer.headers["location"].rpartition("&")[2] for answer in answers} == {"done=called"}
        assert "AJ000001" not in shown(await clerk.follow(answers[0]))
        [entry] = await noted(web, "called")
        assert (entry.act.who.id, entry.act.subject.kind) == (clerk.member.code, "submission")
    assert await listed(web) == {}


@pytest.mark.parametrize(
    ("area", "there"), [("", True), ("S01", True), ("S01-01", True), ("S01-02", False), ("S02", False)]
)
async def test_a_row_of_another_area_is_not_there(web: WebHouse, area: str, there: bool) -> None:
    await missed(web, 1, "S01-01")
    message = (await listed(web))["AJ000001"]
    async with at_work(web, "collector", area) as clerk:
        assert ("AJ000001" in shown(await clerk.get(CALLS))) == there
        assert ("AJ000001" in shown(await clerk.get(f"{CALLS}?area=S01-01"))) == there
        contacts = await clerk.post(CALLS, area="S01-01", reason="visit")
        assert ("AJ000001" in shown(contacts)) == there
        answer = await clerk.post(f"{CALLS}/{message}/told", CALLS)
        assert ("done=called" if there else "problem=gone") in answer.headers["location"]
    assert ("AJ000001" in await listed(web)) != there
    assert len(await noted(web, "unmasked")) == len(await noted(web, "called")) == int(there)


async def test_contacts_are_shown_for_a_reason_only_and_their_people_see_it(web: WebHouse) -> None:
    sent = await run(web, lambda unit: file(unit, "N1", "holder1"))
    await run(web, unreached(1, "blocked", NOW - timedelta(hours=1), NOW + timedelta(hours=1)))
    async with at_work(web, "collector", "S01-01") as clerk:
        without = await clerk.post(CALLS)
        assert without.status_code == 422
        for answer in (without, await clerk.get(CALLS)):
            assert not [word for word in ("李伟", "138", "幸福路") if word in shown(answer)]
        assert await noted(web, "unmasked") == []
        told = shown(await clerk.post(CALLS, reason="visit"))
        assert "李伟 138 1234 5678 幸福路18号3幢502室" in told
        [entry] = await noted(web, "unmasked")
        assert (entry.act.reason, entry.act.subject) == ("visit", Subject("submission", str(sent.id)))


async def test_a_message_that_is_not_there_is_told_so(web: WebHouse) -> None:
    async with at_work(web, "collector") as clerk:
        for number in ("999", "99999999999999999999"):
            answer = await clerk.post(f"{CALLS}/{number}/told", CALLS)
            assert "没有做任何改动" in shown(await clerk.follow(answer))
