"""Permits in the console, over HTTP: lists by state and day, one from its application to its end, one's own areas."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from handlers.office.permit_desk import Desk, accepted
from storage import audit, permits
from storage.audit import Subject
from storage.permits import Permit, Step
from storage.unit import Unit
from tests.channels.web_house import WebHouse
from tests.console.clerks import Clerk, at_work, console, run, shown
from tests.days import today
from tests.handlers.answers.telling import id_number
from tests.handlers.filed import account, file

NUMBER = "330106202600012345"


@pytest.fixture
async def web(tmp_path: Path, database_url: str) -> AsyncIterator[WebHouse]:
    async with console(tmp_path, database_url) as served:
        yield served


async def applied(web: WebHouse, place: int = 1, **answers: Any) -> Permit:
    """An application that was accepted, of an invented person with an account."""
    office, now = web.house.chat.office, datetime.now(UTC)

    def work(unit: Unit) -> Permit:
        holder = f"{place}".rjust(32, "h")
        account(unit, f"me{place}", holder)
        sent = file(unit, f"N{place}", holder, id_number=id_number(order=f"{place:03}"), **answers)
        return accepted(unit, sent, Desk("K7M2PA", None, office, now))

    kept: Permit = await run(web, work)
    return kept


async def given(web: WebHouse, permit: Permit, **told: Any) -> Permit:
    """The same permit with other days and states."""
    moved: Permit | None = await run(
        web,
        lambda unit: permits.move(unit, permit, replace(permit, **told), Step("counted", "program", datetime.now(UTC))),
    )
    assert moved is not None
    return moved


def path(permit: Permit, step: str = "") -> str:
    return f"/console/permits/{permit.id}{step}"


async def do(clerk: Clerk, permit: Permit, step: str, **fields: str) -> str:
    """Send the form of a step; where it leads to, followed."""
    page = await clerk.get(path(permit))
    version = re.search(r'name="version" value="(\d+)"', page.text)
    sent = await clerk.post(path(permit, f"/{step}"), path(permit), version=version[1] if version else "0", **fields)
    return shown(await clerk.follow(sent))


async def test_a_permit_goes_its_way_from_the_application_to_the_end(web: WebHouse) -> None:
    permit = await applied(web)
    today = web.house.chat.office.zone
    day = datetime.now(today).date()
    async with at_work(web, "reviewer") as clerk:
        listed = await clerk.get("/console/permits")
        assert path(permit) in listed.text
        assert "李**" in listed.text
        assert "李伟" not in listed.text
        page = shown(await clerk.get(path(permit)))
        assert "最晚发证" in page
        assert "第十七条第二款" in page
        assert "证件号码不对" in await do(clerk, permit, "issue", number="!", issued_on=str(day), valid_from=str(day))
        late = await do(
            clerk, permit, "issue", number=NUMBER, issued_on=str(day + timedelta(days=1)), valid_from=str(day)
        )
        assert "日期不对" in late
        since = str(day - timedelta(days=200))
        assert "已签发" in await do(clerk, permit, "issue", number=NUMBER, issued_on=str(day), valid_from=since)
        assert "已记录领取" in await do(clerk, permit, "hand-out")
        assert "还没到签注的时间" in await do(clerk, permit, "endorse")
        assert "已终止" in await do(clerk, permit, "end", reason="other_end", on=str(day))
        ended = await clerk.get("/console/permits?show=ended")
        assert path(permit) in ended.text
        entries = await run(web, lambda unit: audit.about(unit, [Subject("permit", str(permit.id))]))
        assert [one.act.details for one in entries if one.act.action == "decided"] == [
            {"as": "ended"}, {"as": "handed_out"}, {"as": "issued"},
        ]  # fmt: skip


async def test_an_endorsement_is_refused_or_done_and_a_late_one_restores(web: WebHouse) -> None:
    day = datetime.now(web.house.chat.office.zone).date()
    issued = day - timedelta(days=400)
    permit = await given(
        web,
        await applied(web),
        state="suspended",
        number=NUMBER,
        card="handed_out",
        issued_on=issued,
        valid_from=issued - timedelta(days=190),
        endorse_from_on=day - timedelta(days=65),
        endorse_by_on=day - timedelta(days=36),
        endorsed_until=day - timedelta(days=35),
        suspended_on=day - timedelta(days=34),
    )
    async with at_work(web, "reviewer") as clerk:
        assert path(permit) in (await clerk.get("/console/permits?show=suspended")).text
        assert "请选一个原因" in await do(clerk, permit, "refuse", reason="")
        assert "不予签注" in await do(clerk, permit, "refuse", reason="conditions_not_met")
        assert "已签注" in await do(clerk, permit, "endorse")
        page = shown(await clerk.get(path(permit)))
        assert "不计入居住年限的天数" in page
        assert "补办签注，恢复" in page
        assert "换领补领" in shown(await clerk.get("/console/permits?show=replacing"))


async def test_a_permit_is_found_by_its_number_and_only_in_ones_own_areas(web: WebHouse) -> None:
    permit = await given(web, await applied(web), number=NUMBER, state="issued")
    async with at_work(web, "collector", "S01") as here, at_work(web, "collector", "S02") as elsewhere:
        found = await here.post("/console/permits/find", "/console/permits", number=NUMBER)
        assert found.headers["location"] == path(permit)
        assert (await here.get(path(permit))).status_code == 200
        assert "/hand-out" not in (await here.get(path(permit))).text
        nothing = await elsewhere.post("/console/permits/find", "/console/permits", number=NUMBER)
        assert nothing.headers["location"] == "/console/permits?problem=unknown"
        assert (await elsewhere.get(path(permit))).headers["location"] == "/console/permits?problem=gone"
        assert path(permit) not in (await elsewhere.get("/console/permits?show=working")).text
        refused = await here.post(path(permit, "/hand-out"), path(permit), version="1")
        assert refused.status_code == 403


async def test_a_long_list_goes_on_where_it_stopped_and_can_end_on_a_day(web: WebHouse, monkeypatch: Any) -> None:
    monkeypatch.setattr("bot.console.permits.ROWS", 2)
    kept = [await applied(web, place) for place in range(1, 6)]
    async with at_work(web, "reviewer") as clerk:
        seen: list[str] = []
        address: str | None = "/console/permits?show=making"
        while address:
            page = await clerk.get(address)
            seen += re.findall(r'href="(/console/permits/\d+)"', page.text)
            more = re.search(r'href="(\?show=making[^"]*after=[^"]+)"', page.text)
            address = f"/console/permits{more[1].replace('&amp;', '&')}" if more else None
        assert seen == [path(one) for one in kept]
        none = await clerk.get(f"/console/permits?show=making&until={today() - timedelta(days=9)}")
        assert path(kept[0]) not in none.text


async def test_two_clicks_do_it_once_and_an_old_page_changes_nothing(web: WebHouse) -> None:
    permit = await given(web, await applied(web), number=NUMBER, state="issued", card="ready")
    async with at_work(web, "reviewer") as clerk, at_work(web, "reviewer") as other:
        for _ in "ab":
            sent = await clerk.post(path(permit, "/hand-out"), path(permit), version=str(permit.version))
            assert "done=permit_handed_out" in sent.headers["location"]
        late = await other.post(path(permit, "/hand-out"), path(permit), version=str(permit.version))
        assert "problem=moved_on" in late.headers["location"]
    steps = await run(web, lambda unit: [one.step for one in permits.way(unit, permit.id)])
    assert steps.count("handed_out") == 1
