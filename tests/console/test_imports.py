"""Lists at the console: handed in by who tends homes, checked within their areas, taken once; on both databases."""

import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest
from sqlalchemy import select

from storage import audit, tables
from storage.audit import Subject
from storage.unit import Unit
from tests.channels.web_house import WebHouse
from tests.console.clerks import Clerk, at_work, console, form_token, run, shown
from tests.days import today
from tests.housed import LANDLORD, landlord, let
from tests.imports.desk import worked
from tests.imports.lists import comma, person, xlsx
from tests.talks.listed import HOME_HEADS, HOMES

PATH = "/console/import"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
async def web(tmp_path: Path, database_url: str) -> AsyncIterator[WebHouse]:
    async with console(tmp_path, database_url) as served:
        yield served


async def hand_in(clerk: Clerk, data: bytes, **fields: str) -> httpx.Response:
    token = form_token(await clerk.get(PATH))
    return await clerk.client.post(PATH, data={"csrf": token, **fields}, files={"file": ("名单.xlsx", data, KIND)})


async def work(web: WebHouse) -> None:
    await worked(web.house)


async def rows_of(web: WebHouse, table: str) -> list[Any]:
    return list(await run(web, lambda unit: unit.execute(select(getattr(tables, table))).all()))


def homes(unit: Unit) -> None:
    landlord(unit)
    let(unit, "101", "102")
    let(unit, "101", area="S02-01", address="平川路1号")
    let(unit, holder="", address="幸福路40号")


async def test_what_a_landlord_brings_is_checked_taken_once_and_noted(web: WebHouse) -> None:
    await run(web, homes)
    left = person(3, "幸福路40号", "")
    left[5], left[6] = (today().isoformat(),) * 2
    data = xlsx([person(1, "幸福路20号", "101"), person(2, "平川路1号", "101"), left, person(4, "幸福路40号", "7")])
    async with at_work(web, "collector") as clerk:
        assert "还没有交过" in shown(await clerk.get(PATH))
        assert (await hand_in(clerk, data)).status_code == 303
        assert "检查" in shown(await clerk.get(f"{PATH}/rows"))
        await work(web)
        page = shown(await clerk.get(PATH))
        assert "共4行：可以导入3，有问题1" in page
        report = await clerk.get(f"{PATH}/1/faults.xlsx")
        assert "没有分间" in str(openpyxl.load_workbook(io.BytesIO(report.content)).worksheets[0].cell(2, 8).value)
        assert await rows_of(web, "tenancies") == []
        for _ in range(2):
            assert (await clerk.post(f"{PATH}/1/take", PATH)).status_code == 303
        await work(web)
        assert "已经导入3行" in shown(await clerk.get(PATH))
        states = sorted((row.state, row.reported_by) for row in await rows_of(web, "tenancies"))
        assert states == [("ended", ""), ("reported", LANDLORD), ("reported", LANDLORD)]
        assert {row.staff_id for row in await rows_of(web, "tenancy_steps")} == {clerk.member.code}
        (entry,) = await run(web, lambda unit: audit.about(unit, [Subject("import", "1")]))
        assert (entry.act.who.id, entry.act.details) == (clerk.member.code, {"rows": 3, "kind": "tenants"})
        await hand_in(clerk, data)
        await work(web)
        assert len(await rows_of(web, "tenancies")) == 3


async def test_homes_of_a_list_are_confirmed_with_it_and_only_in_the_members_areas(web: WebHouse) -> None:
    elsewhere = (*HOMES[0][:2], "平川街道", "东篱社区", *HOMES[0][4:])
    async with at_work(web, "reviewer", "S01") as clerk:
        await hand_in(clerk, xlsx([*HOMES, elsewhere], HOME_HEADS))
        await work(web)
        assert "可以导入2，有问题1" in shown(await clerk.get(PATH))
        await clerk.post(f"{PATH}/1/take", PATH)
        await work(web)
        kept = await rows_of(web, "homes")
        assert [(row.state, row.area, row.holder_id) for row in kept] == [("confirmed", "S01-02", "")] * 2
        more = (*HOMES[0][:5], "101 102 103", *HOMES[0][6:])
        await hand_in(clerk, comma([more], heads=HOME_HEADS))
        await work(web)
        await clerk.post(f"{PATH}/2/take", PATH)
        await work(web)
        assert len(await rows_of(web, "homes")) == 2, "a home that stands gets the rooms it lacks"
        assert len(await rows_of(web, "rooms")) == len(await rows_of(web, "home_codes")) - 2 == 3


async def test_somebody_of_another_area_reports_nobody_there_and_sees_no_list_of_others(web: WebHouse) -> None:
    await run(web, homes)
    async with at_work(web, "collector", "S02") as other, at_work(web, "collector", "S01") as clerk:
        await hand_in(other, xlsx([person(1, "幸福路20号", "101"), person(2, "平川路1号", "101")]))
        await work(web)
        assert "可以导入1，有问题1" in shown(await other.get(PATH))
        for step in (f"{PATH}/1/faults.xlsx", f"{PATH}/1/links.xlsx"):
            assert (await clerk.get(step)).headers["location"].endswith("problem=gone")
        for step in ("take", "drop"):
            answer = await clerk.post(f"{PATH}/1/{step}", PATH)
            assert "没有这张表" in shown(await clerk.follow(answer))
        template = await other.get(f"{PATH}/template/tenants.xlsx")
        lists = openpyxl.load_workbook(io.BytesIO(template.content))["lists"]
        assert [str(cell.value)[:5] for cell in lists["A"]] == ["平川路1号"]
        places = openpyxl.load_workbook(io.BytesIO((await other.get(f"{PATH}/template/homes.xlsx")).content))["lists"]
        assert "翠竹社区" not in {cell.value for row in places.iter_rows() for cell in row}
        assert (await other.get(f"{PATH}/template/other.exe")).status_code == 303
        assert (await other.post(f"{PATH}/1/drop", PATH)).status_code == 303
        await other.post(f"{PATH}/1/take", PATH)
        await work(web)
    assert await rows_of(web, "tenancies") == []


async def test_what_can_not_be_used_is_told_and_a_form_needs_its_token(web: WebHouse) -> None:
    async with at_work(web, "reviewer") as clerk:
        token = form_token(await clerk.get(PATH))
        photo = await clerk.client.post(PATH, data={"csrf": token}, files={"file": ("x.jpg", b"\xff\xd8\xff", "x")})
        assert (photo.status_code, "这不是表格" in shown(photo)) == (422, True)
        assert (await clerk.post(PATH)).status_code == 422
        files = {"file": ("x.csv", comma([]), "text/csv")}
        assert (await clerk.client.post(PATH, data={"csrf": "x"}, files=files)).status_code == 403
        assert (await clerk.client.post(PATH, files=files)).status_code == 403
        foreign = {"Origin": "https://evil.example"}
        assert (await clerk.client.post(PATH, data={"csrf": token}, files=files, headers=foreign)).status_code == 403
        broken = {"Content-Type": "multipart/form-data; boundary=x"}
        assert (await clerk.client.post(PATH, content=b"--x", headers=broken)).status_code == 413
        assert await rows_of(web, "imports") == []
