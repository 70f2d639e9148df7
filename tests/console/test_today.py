"""Today's page: what waits, in one's own areas, oldest and most urgent first; on both databases."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from storage.records import State
from tests.channels.web_house import WebHouse
from tests.console.clerks import at_work, console, invited, run, shown
from tests.console.waiting_rows import submitted, unreached

NOW = datetime.now(UTC)
PAST, FUTURE = date(2020, 1, 2), date(2999, 1, 1)
QUIET = "现在没有等着您的事"


@pytest.fixture
async def web(tmp_path: Path, database_url: str) -> AsyncIterator[WebHouse]:
    async with console(tmp_path, database_url) as served:
        yield served


async def filled(web: WebHouse) -> None:
    """Six open submissions and one that was decided, in two streets; two people whom no message reaches."""
    rows: tuple[tuple[str, date | None, State], ...] = (
        ("S01-01", PAST, "received"),
        ("S01-01", FUTURE, "received"),
        ("S01-02", PAST, "received"),
        ("S01-02", None, "in_review"),
        ("S02-01", PAST, "needs_answers"),
        ("S02-01", FUTURE, "received"),
        ("S02-01", PAST, "registered"),
    )
    for number, (area, due_on, status) in enumerate(rows, 1):
        await run(web, submitted(number, area, NOW - timedelta(days=20 - number), due_on, status))
    await run(web, unreached(1, "blocked", NOW - timedelta(hours=1), NOW + timedelta(days=2)))
    await run(web, unreached(6, "no longer following", NOW - timedelta(hours=1), NOW + timedelta(days=1)))


async def today(web: WebHouse, role: str, area: str = "") -> str:
    async with at_work(web, role, area) as somebody:
        answer = await somebody.get("/console")
        assert answer.status_code == 200
        return shown(answer)


async def test_counts_with_what_is_late_and_nothing_that_was_decided(web: WebHouse) -> None:
    await filled(web)
    told = await today(web, "reviewer")
    assert "4 待审核 2 件过了法定期限 1 审核中 1 等本人补充 1 件过了法定期限" in told
    assert "AJ000007" not in told


async def test_what_waits_longest_comes_first_and_whose_deadline_is_nearest_is_called_first(web: WebHouse) -> None:
    await filled(web)
    told = await today(web, "reviewer")
    waiting, _, calls = told.partition("需要打电话的人")
    order = ["AJ000001", "AJ000002", "AJ000003", "AJ000004", "AJ000006"]
    assert [number for number in order if number in waiting] == order
    assert sorted(order, key=waiting.index) == order
    assert calls.index("AJ000006") < calls.index("AJ000001")
    assert "取消了关注" in calls
    assert "屏蔽了我们" in calls


@pytest.mark.parametrize(
    ("area", "seen"),
    [("S01", {1, 2, 3, 4}), ("S01-02", {3, 4}), ("S02", {6}), ("S02-03", set())],
)
async def test_one_sees_only_the_own_area_and_below(web: WebHouse, area: str, seen: set[int]) -> None:
    await filled(web)
    told = await today(web, "collector", area)
    assert {number for number in range(1, 8) if f"AJ{number:06}" in told} == seen
    assert ("屏蔽了我们" in told) == (1 in seen)
    assert ("取消了关注" in told) == (6 in seen)
    assert (QUIET in told) == (not seen)


async def test_an_office_without_work_says_so(web: WebHouse) -> None:
    for role in ("collector", "reviewer", "publisher", "auditor", "administrator"):
        assert QUIET in await today(web, role), role


@pytest.mark.parametrize("role", ["publisher", "auditor", "administrator"])
async def test_who_sees_only_statistics_gets_no_small_counts_and_no_rows(web: WebHouse, role: str) -> None:
    await filled(web)
    await run(web, submitted(8, "S01", NOW, FUTURE))
    told = await today(web, role)
    assert "5 待审核 不到5 件过了法定期限 不到5 审核中 不到5 等本人补充" in told
    assert "AJ0" not in told


async def test_an_administrator_is_told_who_has_not_set_up_the_account(web: WebHouse) -> None:
    member = (await invited(web, "reviewer", "S01")).member
    assert "还没设置好的账号 1" in await today(web, "administrator")
    assert member.name in await today(web, "administrator", "S01")
    assert QUIET in await today(web, "administrator", "S02")
