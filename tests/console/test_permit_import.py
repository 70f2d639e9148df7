"""Permits issued before, from a list: bad rows explained, good ones kept once, the same file twice changes nothing."""

import asyncio
import io
import threading
import time
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import text

from handlers.office import permit_dates
from regulations.deadlines import add_months
from storage import permits, submissions
from storage.permits import Permit
from storage.records import Answer
from storage.unit import Unit
from tests.channels.web_house import WebHouse
from tests.conftest import NOW
from tests.console.clerks import Clerk, at_work, console, run, shown
from tests.console.test_imports import PATH, hand_in, rows_of, work
from tests.days import today
from tests.handlers.answers.telling import id_number
from tests.handlers.filed import account, file
from tests.imports.lists import xlsx

HEADS = ("居住证号码*", "姓名*", "身份证号码*", "签发日期*", "居住起算日期*", "最近一次签注有效到", "街道", "社区")
PLACE = ("安宁街道（示例）", "翠竹社区")


@pytest.fixture
async def web(tmp_path: Path, database_url: str) -> AsyncIterator[WebHouse]:
    async with console(tmp_path, database_url) as served:
        yield served


def row(place: int, number: str, issued: str, since: str, until: str = "") -> list[str]:
    return [number, "李伟", id_number(order=f"{place:03}"), issued, since, until, *PLACE]


async def test_permits_of_before_are_kept_once_and_each_bad_row_is_explained(web: WebHouse) -> None:
    day = today()
    recent, older = add_months(day, -8), add_months(day, -30)
    last = add_months(older, 36)
    rows = [
        row(1, "33010620240001", str(recent), str(add_months(recent, -7))),
        row(2, "33010620240002", str(older), str(add_months(older, -7)), str(last)),
        row(3, "33010620240003", str(older), str(add_months(older, -7)), str(add_months(older, 30))),
        row(4, "33010620240004", str(recent), str(day)),
        row(5, "?", str(recent), str(recent)),
        row(6, "33010620240001", str(recent), str(recent)),
    ]
    rows[5][2] = "110105194912310021"
    data = xlsx(rows, HEADS)
    async with at_work(web, "reviewer") as clerk:
        template = await clerk.get(f"{PATH}/template/permits.xlsx")
        heads = next(openpyxl.load_workbook(io.BytesIO(template.content)).worksheets[0].iter_rows(values_only=True))
        assert heads == HEADS
        await hand_in(clerk, data)
        await work(web)
        assert "共6行：可以导入2，有问题4" in shown(await clerk.get(PATH))
        report = await clerk.get(f"{PATH}/1/faults.xlsx")
        told = [line[8] for line in openpyxl.load_workbook(io.BytesIO(report.content)).worksheets[0].values][1:]
        for words, said in zip(("对不上", "不能晚于签发日期", "居住证号码不对", "身份证"), told, strict=True):
            assert words in str(said)
        await clerk.post(f"{PATH}/1/take", PATH)
        await work(web)
        assert "已经导入2行" in shown(await clerk.get(PATH))
        kept = await run(web, lambda unit: permits.page(unit, (), 9))
        assert [(one.state, one.endorsed_until, one.area) for one in kept] == [
            ("issued", add_months(recent, 12), "S01-01"),
            ("issued", last, "S01-01"),
        ]
        assert [row.step for row in await rows_of(web, "permit_steps")] == ["imported", "imported"]
        await hand_in(clerk, data)
        await work(web)
        await hand_in(clerk, xlsx(rows[:2], HEADS))
        await work(web)
        assert "可以导入0" in shown(await clerk.get(PATH))
        assert len(await run(web, lambda unit: permits.page(unit, (), 9))) == 2


def somebody(unit: Unit, place: int) -> int:
    """A person whom the office knows from elsewhere."""
    known = {"name": "王芳", "id_number": id_number(order=f"{place:03}")}
    return submissions.known_person(unit, {name: Answer("given", told) for name, told in known.items()}, NOW)


def issued(unit: Unit, person: int, number: str) -> Permit:
    """A permit with that number."""
    new = Permit(person, "S01-01", "issued", number=number, card="handed_out", issued_on=today(), valid_from=today())
    return permits.begin(unit, new, permits.Step("issued", "staff", NOW))[0]


async def reasons(clerk: Clerk) -> list[str]:
    """What the report says of each bad row."""
    report = await clerk.get(f"{PATH}/1/faults.xlsx")
    return [str(line[8]) for line in openpyxl.load_workbook(io.BytesIO(report.content)).worksheets[0].values][1:]


async def test_what_became_anothers_between_check_and_taking_is_a_fault_of_its_row(web: WebHouse) -> None:
    issued_on = add_months(today(), -8)
    since = add_months(issued_on, -7)
    rows = [row(place, f"3301062024000{place}", str(issued_on), str(since)) for place in (1, 2, 3)]
    async with at_work(web, "reviewer") as clerk:
        await hand_in(clerk, xlsx(rows, HEADS))
        await work(web)
        assert "可以导入3" in shown(await clerk.get(PATH))
        await run(web, lambda unit: issued(unit, somebody(unit, 9), "33010620240001"))
        await run(web, lambda unit: issued(unit, somebody(unit, 2), "33010620249999"))
        await clerk.post(f"{PATH}/1/take", PATH)
        await work(web)
        page = shown(await clerk.get(PATH))
        assert "共3行：可以导入1，有问题2" in page
        assert "已经导入1行" in page
        for words, said in zip(("已经是别人的", "另有一个没有终止的居住证"), await reasons(clerk), strict=True):
            assert words in said
    assert len(await rows_of(web, "permits")) == 3
    assert len(await rows_of(web, "people")) == 3, "nobody is kept of the row whose number is another's"


async def test_a_number_that_becomes_anothers_in_the_same_moment_is_the_same_fault(web: WebHouse) -> None:
    issued_on = add_months(today(), -8)
    since = add_months(issued_on, -7)
    rows = [row(place, f"3301062024000{place}", str(issued_on), str(since)) for place in (1, 2)]
    person, has_begun = await run(web, lambda unit: somebody(unit, 9)), threading.Event()

    def until_it_is_wanted(unit: Unit) -> None:
        """PostgreSQL: the list's own transaction waits for this one. SQLite does one after the other."""
        issued(unit, person, "33010620240001")
        has_begun.set()
        waits = text("SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))")
        while unit.is_postgres and unit.connection.execute(waits).first() is None:
            time.sleep(0.02)

    async with at_work(web, "reviewer") as clerk:
        await hand_in(clerk, xlsx(rows, HEADS))
        await work(web)
        other = asyncio.create_task(asyncio.to_thread(web.house.database.run_now, until_it_is_wanted))
        await asyncio.to_thread(has_begun.wait, 10)
        await clerk.post(f"{PATH}/1/take", PATH)
        await work(web)
        await other
        assert "共2行：可以导入1，有问题1" in shown(await clerk.get(PATH))
        (said,) = await reasons(clerk)
        assert "已经是别人的" in said
    assert len(await rows_of(web, "permits")) == len(await rows_of(web, "people")) == 2


async def test_a_permit_of_before_becomes_theirs_when_they_register_and_lapses_like_others(web: WebHouse) -> None:
    issued = date(2023, 5, 10)
    async with at_work(web, "reviewer") as clerk:
        await hand_in(clerk, xlsx([row(1, "33010620230001", str(issued), "2022-10-01", "2025-05-10")], HEADS))
        await work(web)
        await clerk.post(f"{PATH}/1/take", PATH)
        await work(web)
    office, now = web.house.chat.office, datetime.now(UTC)
    await run(web, lambda unit: permit_dates.SUSPENSIONS.page(unit, office, now, None, 9))
    (kept,) = await run(web, lambda unit: permits.page(unit, (), 9))
    assert (kept.state, kept.suspended_on, kept.holder_id) == ("suspended", date(2025, 5, 11), "")
    holder = "h" * 32

    def registers(unit: object) -> bool:
        account(unit, "me", holder)  # type: ignore[arg-type]  # a unit
        sent = file(unit, "N1", holder, id_number=id_number(order="001"))  # type: ignore[arg-type]  # the same
        return sent.already_registered

    assert not await run(web, registers), "nobody had registered them: the office knew them from a list"
    found = await run(web, lambda unit: submissions.by_number(unit, "N1"))
    assert found.person_id == kept.person_id
