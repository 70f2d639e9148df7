"""The page of the audit log: newest first, filtered, without details, for the whole office only; on both databases."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from storage import audit
from storage.audit import Act, Subject, Who
from tests.channels.web_house import WebHouse
from tests.console.clerks import at_work, console, run, shown

NOW = datetime(2026, 3, 1, 4, tzinfo=UTC)


@pytest.fixture
async def web(tmp_path: Path, database_url: str) -> AsyncIterator[WebHouse]:
    async with console(tmp_path, database_url) as served:
        yield served


async def filled(web: WebHouse, count: int = 3) -> None:
    """One entry a day, by two members in turn."""
    for number in range(1, count + 1):
        who, action = Who("staff", "ABCD" if number % 2 else "WXYZ"), "looked" if number % 2 else "decided"
        act = Act(who, action, Subject("submission", f"n{number}"), f"cause {number}.", {"name": "hidden"})
        await run(web, partial(audit.append, act=act, now=NOW + timedelta(days=number)))


async def asked(web: WebHouse, query: str = "", role: str = "auditor") -> str:
    async with at_work(web, role) as somebody:
        answer = await somebody.get(f"/console/audit{query}")
        assert answer.status_code == 200
        return shown(answer)


async def test_the_newest_comes_first_with_its_reason_and_without_its_details(web: WebHouse) -> None:
    await filled(web)
    told = await asked(web)
    assert told.index("cause 3.") < told.index("cause 2.") < told.index("cause 1.")
    assert "hidden" not in told


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("?staff=wxyz", {2}),
        ("?action=looked", {1, 3}),
        ("?kind=submission&subject=n1", {1}),
        ("?kind=person", set()),
        ("?since=2026-03-03", {2, 3}),
        ("?until=2026-03-03", {1, 2}),
        ("?before=2", {1}),
    ],
)
async def test_a_filter_leaves_what_fits(web: WebHouse, query: str, seen: set[int]) -> None:
    await filled(web)
    told = await asked(web, query)
    assert {number for number in (1, 2, 3) if f"cause {number}." in told} == seen


async def test_a_page_ends_and_the_next_goes_on_where_it_ended(web: WebHouse) -> None:
    await filled(web, 52)
    async with at_work(web, "auditor") as somebody:
        answer = await somebody.get("/console/audit")
        assert "cause 3." in shown(answer)
        assert "cause 2." not in shown(answer)
        assert "before=3" in answer.text
        assert "cause 2." in shown(await somebody.get("/console/audit?before=3"))


async def test_a_day_that_is_none_is_told_and_what_was_typed_stays(web: WebHouse) -> None:
    async with at_work(web, "auditor") as somebody:
        answer = await somebody.get("/console/audit?since=spring&staff=ABCD")
    assert answer.status_code == 422
    assert "2026-03-01" in shown(answer)
    assert 'value="ABCD"' in answer.text


async def test_the_newest_rows_are_checked_when_somebody_asks(web: WebHouse) -> None:
    await filled(web)
    assert "没有被改动" in await asked(web, "?check=1", "administrator")


async def test_whoever_has_an_area_does_not_see_the_log_of_the_whole_office(web: WebHouse) -> None:
    async with at_work(web, "auditor", "S01") as somebody:
        assert (await somebody.get("/console/audit")).status_code == 403


@pytest.mark.parametrize(("area", "there"), [("", True), ("S01", False)])
async def test_the_menu_leads_there_only_whoever_may_see_it(web: WebHouse, area: str, there: bool) -> None:
    async with at_work(web, "auditor", area) as somebody:
        assert ('href="/console/audit"' in (await somebody.get("/console")).text) == there


async def test_actions_and_subjects_have_names(web: WebHouse) -> None:
    await filled(web)
    told = await asked(web)
    assert "查看" in told
    assert "申报 n1" in told
