"""Several submissions without hints approved together: each once, as it was seen, and only while nothing looks odd."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from storage import audit, submissions
from storage.audit import Subject
from storage.unit import Unit
from tests.channels.web_house import WebHouse
from tests.console.clerks import Clerk, at_work, console, run, shown
from tests.console.test_queue import decide, filed, found, outbox
from tests.handlers.filed import account, blank

PATH = "/console/queue/simple"
PEOPLE = {"N1": "110105194912310021", "N2": "11010519491231003X", "N3": "110105194912310048"}


@pytest.fixture
async def web(tmp_path: Path, database_url: str) -> AsyncIterator[WebHouse]:
    async with console(tmp_path, database_url) as served:
        yield served


async def three(web: WebHouse, **odd: str) -> None:
    """Three people without hints, but for the answers of the last."""

    def write(unit: Unit) -> None:
        for number, id_number in PEOPLE.items():
            holder = number.rjust(32, "h")
            account(unit, number, holder)
            told = {
                "id_number": id_number,
                "phone": f"+861381234567{number[1]}",
                "address": f"幸福路{number[1]}号101室",
            }
            one = blank(number, holder, **told, **(odd if number == "N3" else {}))
            submissions.submit(unit, replace(one, in_time=not (odd and number == "N3"), due_on=one.submitted_at.date()))

    await run(web, write)


def ticked(page: httpx.Response) -> list[str]:
    return re.findall(r'name="chosen" value="([^"]+)"', page.text)


async def approve(clerk: Clerk, *chosen: str) -> httpx.Response:
    token = re.search(r'name="csrf" value="([^"]+)"', (await clerk.get("/console/queue")).text)
    assert token is not None
    return await clerk.client.post(PATH, data={"csrf": token[1], "chosen": list(chosen)})


async def statuses(web: WebHouse) -> list[str]:
    return [(await found(web, number)).status for number in PEOPLE]


async def test_those_without_hints_are_approved_together_and_each_person_is_told(web: WebHouse) -> None:
    await three(web)
    async with at_work(web, "reviewer") as clerk:
        page = await clerk.get(PATH)
        assert ticked(page) == ["N1:0", "N2:0", "N3:0"]
        done = await approve(clerk, "N1:0", "N3:0")
        assert done.headers["location"] == f"{PATH}?approved=2&left=0"
        assert await statuses(web) == ["registered", "received", "registered"]
        assert len(await outbox(web)) == 2
        assert ticked(await clerk.get(PATH)) == ["N2:0"]


async def test_the_same_form_sent_twice_does_it_once(web: WebHouse) -> None:
    await three(web)
    async with at_work(web, "reviewer") as clerk:
        for _ in range(2):
            done = await approve(clerk, "N1:0", "N2:0")
            assert done.headers["location"] == f"{PATH}?approved=2&left=0"
        assert len(await outbox(web)) == 2


async def test_one_with_a_hint_is_not_in_the_list_and_not_approved_by_a_forged_form(web: WebHouse) -> None:
    await three(web, arrived_on="2026-10-01")
    async with at_work(web, "reviewer") as clerk:
        assert ticked(await clerk.get(PATH)) == ["N1:0", "N2:0"]
        done = await clerk.follow(await approve(clerk, "N3:0"))
        assert "1 件没有通过" in shown(done)
        assert await statuses(web) == ["received"] * 3


async def test_what_a_colleague_has_or_decided_is_left_out(web: WebHouse) -> None:
    await three(web)
    async with at_work(web, "reviewer") as ann, at_work(web, "reviewer") as ben:
        await ann.post("/console/queue/next", "/console/queue")
        assert ticked(await ben.get(PATH)) == ["N2:0", "N3:0"]
        await decide(ann, "N1", "approve")
        done = await approve(ben, "N1:0", "N2:0", "N9:0", "N2", "", "N3:0")  # Ann has N2 by now
        assert done.headers["location"] == f"{PATH}?approved=1&left=5"


@pytest.mark.parametrize(("role", "area", "status"), [("collector", "S01", 403), ("reviewer", "S02", 303)])
async def test_it_is_for_reviewers_of_the_area(web: WebHouse, role: str, area: str, status: int) -> None:
    await three(web)
    async with at_work(web, role, area) as clerk:
        assert (await approve(clerk, "N1:0")).status_code == status
        assert await statuses(web) == ["received"] * 3


async def test_whoever_looks_through_the_list_is_in_the_audit_log(web: WebHouse) -> None:
    await filed(web, "N1")
    async with at_work(web, "reviewer") as clerk:
        await clerk.get(PATH)
        await approve(clerk, "N1:0")
        subject = Subject("submission", str((await found(web, "N1")).id))
        entries = await run(web, lambda unit: audit.about(unit, [subject]))
        assert {entry.act.action for entry in entries} >= {"looked", "decided"}
