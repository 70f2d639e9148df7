"""Tenancies at the console: what each side says, by state and area; contradictions are settled once, for a reason."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from handlers.office import tenancies as office
from handlers.office.tenancies import Report
from storage import audit, duties, tenancies
from storage.audit import Subject
from storage.unit import Unit
from tests.channels.web_house import WebHouse
from tests.conftest import NOW
from tests.console.clerks import Clerk, at_work, console, run, shown
from tests.console.let_rows import REPORTED, Rows, rows
from tests.handlers.filed import OFFICE
from tests.housed import let

GOOD = {"to": "ended", "reason": "visited", "version": "1"}
NEVER_SHOWN = ("341225199003071233", "幸福村1号")


@pytest.fixture
async def web(tmp_path: Path, database_url: str) -> AsyncIterator[WebHouse]:
    async with console(tmp_path, database_url) as served:
        yield served


async def settle(clerk: Clerk, number: int, **fields: str) -> str:
    """What the page says after a settlement."""
    path = f"/console/tenancies/{number}"
    return shown(await clerk.follow(await clerk.post(path, "/console/account", **(GOOD | fields))))


async def test_both_statements_stand_side_by_side(web: WebHouse) -> None:
    made: Rows = await run(web, rows)
    async with at_work(web, "collector", "S01-02") as clerk:
        told = shown(await clerk.get(f"/console/tenancies/{made.disputed}"))
        for words in ("住在这里", "不住这里", "NDISPUTE", "王芳", "作出处理", "说法不一"):
            assert words in told, words
        page = await clerk.get(f"/console/tenancies/{made.reported}")
        for words in ("周小梅", "137 0000 1111", "341*************33", "还没说", "2026-11-18"):
            assert words in shown(page), words
        assert "作出处理" not in shown(page)
        assert not any(secret in page.text for secret in NEVER_SHOWN)
    subject = Subject("tenancy", str(made.reported))
    looked = await run(web, lambda unit: audit.about(unit, [subject]))
    assert [(one.act.action, one.act.who.id) for one in looked] == [("looked", clerk.member.code)]


async def test_duties_tell_the_nominal_and_the_rolled_day_and_whether_it_was_in_time(web: WebHouse) -> None:
    made: Rows = await run(web, rows)
    (duty,) = await run(web, lambda unit: duties.of(unit, made.reported))
    async with at_work(web, "reviewer") as clerk:
        told = shown(await clerk.get(f"/console/tenancies/{made.reported}"))
        for day in (duty.due_on, duty.rolled_on):
            assert day.isoformat() in told
        assert ("按时" in told) == bool(duty.in_time)
        assert ("迟了" in told) == (not duty.in_time)


@pytest.mark.parametrize(
    ("show", "listed"),
    [
        ("open", {"claimed", "reported", "disputed"}),
        ("disputed", {"disputed"}),
        ("claimed", {"claimed"}),
        ("reported", {"reported"}),
        ("confirmed", set()),
        ("over", set()),
        ("nonsense", {"claimed", "reported", "disputed"}),
    ],
)
async def test_the_list_is_by_state(web: WebHouse, show: str, listed: set[str]) -> None:
    made: Rows = await run(web, rows)
    async with at_work(web, "reviewer") as clerk:
        page = await clerk.get(f"/console/tenancies?show={show}&area=S01")
        found = {
            name for name in ("claimed", "reported", "disputed") if f'tenancies/{getattr(made, name)}"' in page.text
        }
        assert found == listed


def full(unit: Unit) -> None:
    """A home with sixty reported tenants."""
    home = let(unit)
    for number in range(60):
        told = Report({"name": f"甲{number}", "phone": ""}, None, REPORTED.moved_in_on)
        office.report(unit, home, told, OFFICE, NOW)


async def test_the_list_goes_on_where_it_stopped(web: WebHouse) -> None:
    await run(web, full)
    async with at_work(web, "reviewer") as clerk:
        first = (await clerk.get("/console/tenancies")).text
        assert first.count('href="/console/tenancies/') == 50
        rest = (await clerk.get("/console/tenancies?after=50")).text
        assert rest.count('href="/console/tenancies/') == 10


async def test_a_contradiction_is_settled_once_for_a_reason(web: WebHouse) -> None:
    made: Rows = await run(web, rows)
    async with at_work(web, "collector", "S01-02") as clerk, at_work(web, "reviewer") as other:
        for wrong in ({"reason": ""}, {"to": ""}, {"to": "merged"}, {"reason": "own_words"}, {"reason": "unclear"}):
            assert "没有选查明的情况或原因" in await settle(clerk, made.disputed, **wrong)
        told = await settle(clerk, made.disputed, reason="own_words", words="室友说上周搬走")
        assert "已处理" in told
        assert "室友说上周搬走" in told
        assert "已处理" in await settle(clerk, made.disputed)
        assert "别人已经处理了" in await settle(other, made.disputed, to="confirmed")
    found = await run(web, lambda unit: tenancies.get(unit, made.disputed))
    assert found.state == "ended"
    assert len(await run(web, lambda unit: tenancies.way(unit, made.disputed))) == 3


AREAS = ("", "S01", "S01-02", "S01-01", "S02")
SEEN = {"", "S01", "S01-02"}


@pytest.mark.parametrize("role", ["collector", "reviewer"])
@pytest.mark.parametrize("own", AREAS)
async def test_whose_area_it_is_not_sees_and_settles_nothing(web: WebHouse, role: str, own: str) -> None:
    made: Rows = await run(web, rows)
    async with at_work(web, role, own) as clerk:
        for number in (made.claimed, made.reported, made.disputed):
            page = await clerk.get(f"/console/tenancies/{number}")
            assert (page.status_code == 200) == (own in SEEN)
            if own not in SEEN:
                nothing = await clerk.get("/console/tenancies/999999")
                assert page.headers["location"] == nothing.headers["location"]
        answer = await clerk.post(f"/console/tenancies/{made.disputed}", "/console/account", **GOOD)
        assert ("problem=gone" in answer.headers["location"]) == (own not in SEEN)
        assert (await clerk.get("/console/tenancies/99999999999999999999")).status_code == 303
    state = (await run(web, lambda unit: tenancies.get(unit, made.disputed))).state
    assert state == ("ended" if own in SEEN else "disputed")
