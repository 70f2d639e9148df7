"""Reminders that don't arrive, in the console, over HTTP: which, why, for whom; told by telephone; both databases."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from handlers.reminders.entries import REMINDERS
from storage import audit, conversations, grants, quotas, reminder_lists, reminders, tables
from storage.reminder_lists import Carried, Silent
from storage.reminders import Reminder
from storage.unit import Unit
from tests.channels.web_house import WebHouse
from tests.console.clerks import at_work, console, run, shown
from tests.days import today
from tests.handlers.filed import file

PAGE = "/console/reminders"
MISSED = f"{PAGE}?show=missed"
HERE, ELSEWHERE = "S01-01", "S02-01"


@pytest.fixture
async def web(tmp_path: Path, database_url: str) -> AsyncIterator[WebHouse]:
    async with console(tmp_path, database_url) as served:
        yield served


def row(number: int, area: str = HERE, days: int = 3, **more: Any) -> Reminder:
    on = today() + timedelta(days=days)
    at = datetime.now(UTC) + timedelta(days=days)
    return Reminder("landlord_duty", number, 0, on, on, at, holder_id=f"{number:032}", area=area, **more)


def planned(unit: Unit, number: int, area: str = HERE, channel: str = "", reach: str = "reachable") -> int:
    """A reminder of somebody, with an account on a channel or without one."""
    now = datetime.now(UTC)
    one = row(number, area)
    file(unit, f"N{number}", one.holder_id, id_number="none", area=area)
    if channel:
        begun = conversations.begin(unit, channel, f"a{number}", "zh", now)
        conversations.save(unit, replace(begun, holder_id=one.holder_id, reach=reach), now)  # type: ignore[arg-type]  # a reach
    reminders.plan(unit, [one], now)
    rows = tables.reminders.c
    return int(unit.execute(select(rows.id).where(rows.subject == number)).scalar_one())


def state_of(unit: Unit, number: int) -> str:
    found = reminders.get(unit, number)
    return "" if found is None else found.state


CHANNELS = [
    ("", "reachable", "在这里没有账号"),
    ("web", "reachable", "页面"),
    ("wechat", "reachable", "48 小时"),
    ("telegram", "blocked", "拉黑"),
    ("telegram", "reachable", ""),
]


@pytest.mark.parametrize(("channel", "reach", "why"), CHANNELS)
async def test_who_can_not_be_told_is_listed_with_the_reason(web: WebHouse, channel: str, reach: str, why: str) -> None:
    await run(web, lambda unit: planned(unit, 1, HERE, channel, reach))
    async with at_work(web, "collector", "S01") as clerk:
        told = shown(await clerk.get(PAGE))
        assert ("N1" in told) == bool(why)
        if why:
            assert "房东申报" in told


SOON, LATE = timedelta(days=4), timedelta(days=1)  # the reminder comes in three
ON_WECHAT = [  # an approved template for; what the person agreed to; until when they may be written to; takes templates
    ((), "", None, True, False),
    (("landlord_duty", ""), "", None, True, True),
    (("landlord_duty", ""), "", None, False, False),
    (("lease_ends", ""), "", None, True, False),
    (("landlord_duty", "N2"), "", None, True, False),
    (("landlord_duty", "N2"), "N1", None, True, False),
    (("landlord_duty", "N2"), "N2", None, True, True),
    (("lease_ends", "N2"), "N2", None, True, False),
    ((), "", SOON, True, True),
    ((), "", LATE, True, False),
]


@pytest.mark.parametrize(("carried", "agreed", "window", "takes", "reached"), ON_WECHAT)
async def test_on_wechat_a_reminder_reaches_whom_a_window_or_its_own_template_reaches(
    web: WebHouse, carried: tuple[str, ...], agreed: str, window: timedelta | None, *, takes: bool, reached: bool
) -> None:
    now = datetime.now(UTC)
    known = [Carried("zh", {carried[0]}, carried[1])] if carried else []
    silent = Silent("wechat", known, "wechat:refused", "2026-11")

    def begin(unit: Unit) -> None:
        planned(unit, 1, HERE, "wechat")
        account = conversations.find(unit, "wechat", "a1")
        assert account is not None
        if window:
            conversations.save(unit, replace(account, window_left=1, window_until=now + window), now)
        if agreed:
            grants.give(unit, account.id, agreed, lasting=True)
        if not takes:
            quotas.close(unit, f"wechat:refused:{account.id}", "2026-11")

    await run(web, begin)
    found = await run(web, lambda unit: reminder_lists.coming(unit, now, None, silent, 0, 9))
    assert (found == ()) == reached


async def test_the_page_takes_the_templates_of_the_settings(tmp_path: Path) -> None:
    for named, listed in (("decision=T1", True), ("reminder=T2", False)):
        folder = tmp_path / named
        folder.mkdir()
        async with console(folder, wechat_templates=named) as web:
            await run(web, lambda unit: planned(unit, 1, HERE, "wechat"))
            async with at_work(web, "collector", "S01") as clerk:
                assert ("N1" in shown(await clerk.get(PAGE))) == listed


@pytest.mark.parametrize("area", ["", "S01", HERE, "S02"])
async def test_a_member_sees_the_own_areas_only_and_notes_nothing_elsewhere(web: WebHouse, area: str) -> None:
    numbers = {
        HERE: await run(web, lambda unit: planned(unit, 1, HERE)),
        ELSEWHERE: await run(web, lambda unit: planned(unit, 2, ELSEWHERE)),
    }
    async with at_work(web, "collector", area) as clerk:
        told = shown(await clerk.get(PAGE))
        for name, number in numbers.items():
            sees = name.startswith(area)
            assert (f"N{1 if name == HERE else 2}" in told) == sees
            answer = await clerk.post(f"{PAGE}/{number}/told", PAGE, show="coming")
            assert answer.headers["location"].endswith("said=called" if sees else "said=gone")
    states = await run(web, lambda unit: {one: state_of(unit, one) for one in numbers.values()})
    assert states == {number: "told" if name.startswith(area) else "planned" for name, number in numbers.items()}


async def test_told_by_telephone_twice_is_noted_once(web: WebHouse) -> None:
    number = await run(web, lambda unit: planned(unit, 1))
    async with at_work(web, "reviewer") as clerk:
        for _ in range(2):
            answer = await clerk.post(f"{PAGE}/{number}/told", PAGE, show="coming")
            assert "电话告知" in shown(await clerk.follow(answer))
        assert (await clerk.post(f"{PAGE}/999/told", PAGE)).headers["location"].endswith("said=gone")
        assert (await clerk.post(f"{PAGE}/{2**70}/told", PAGE)).headers["location"].endswith("said=gone")
    entries = await run(web, lambda unit: audit.newest(unit, 50))
    assert [entry.act.action for entry in entries].count("called") == 1
    assert (await run(web, lambda unit: reminders.get(unit, number))).reason == "told by telephone"


async def test_what_did_not_arrive_and_what_came_late_stand_under_missed(web: WebHouse) -> None:
    now = datetime.now(UTC)
    first, second = [await run(web, partial(planned, number=n)) for n in (1, 2)]

    def end(unit: Unit) -> None:
        reminders.end(unit, [first], "untold", "blocked", now)
        unit.execute(update(tables.reminders).where(tables.reminders.c.id == second).values(made_up="alert"))
        reminders.end(unit, [second], "told", "sent", now)

    await run(web, end)
    async with at_work(web, "reviewer") as clerk:
        told = shown(await clerk.get(MISSED))
        assert "N1" in told
        assert "N2" in told
        assert "迟到" in told
        assert "N1" not in shown(await clerk.get(PAGE))


async def test_every_row_comes_page_by_page(web: WebHouse) -> None:
    def fill(unit: Unit) -> None:
        reminders.plan(unit, [row(number) for number in range(60)], datetime.now(UTC))

    await run(web, fill)
    seen: list[int] = []
    after = 0
    now = datetime.now(UTC)
    while found := await run(web, lambda unit: reminder_lists.coming(unit, now, None, Silent("wechat"), after, 25)):  # noqa: B023 -- run at once
        seen += [one.reminder.subject for one in found]
        after = found[-1].reminder.id
    assert sorted(seen) == list(range(60))
    async with at_work(web, "reviewer") as clerk:
        assert "after=" in (await clerk.get(PAGE)).text
        assert (await clerk.get(f"{PAGE}?show=x&area=nowhere&after=zzz")).status_code == 200


async def test_every_entry_has_its_words_in_the_console(web: WebHouse) -> None:
    from bot.console.desk import build_desk

    pages = build_desk(web.house).pages
    for table in pages.tables.values():
        assert {entry.name for entry in REMINDERS} == set(table.labels["reminders"])
