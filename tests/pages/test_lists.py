"""A page of the sender's own for lists: where no file can be sent in the talk, and everywhere else."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest

from bot.imports.sheet import LARGEST
from handlers.office import links
from handlers.office.links import Link
from tests.channels.web_house import WebHouse, served
from tests.channels.wechat_house import TOKEN
from tests.doubles.wechat_phone import Phone
from tests.housed import LANDLORD, let
from tests.imports.desk import count, landlord, places, worked
from tests.imports.lists import many, person, xlsx
from tests.talks.listed import content

KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def path(web: WebHouse, conversation: int, kind: Any = "import", ago: timedelta = timedelta()) -> str:
    token = links.token(web.house.database.vault, Link(kind, conversation), datetime.now(UTC) - ago)
    return f"/import/{token}"


async def upload(browser: httpx.AsyncClient, page: str, data: bytes, name: str = "名单.xlsx") -> httpx.Response:
    return await browser.post(page, files={"file": (name, data, KIND)})


def book(answer: httpx.Response) -> openpyxl.Workbook:
    assert answer.status_code == 200
    assert answer.headers["content-type"] == KIND
    return openpyxl.load_workbook(io.BytesIO(answer.content))


def filled(template: openpyxl.Workbook, rows: list[list[Any]]) -> bytes:
    """The template as somebody fills it in, below its example."""
    sheet = template.worksheets[0]
    for at, row in enumerate(rows, 3):
        for place, cell in enumerate(row, 1):
            sheet.cell(at, place, cell or None)
    out = io.BytesIO()
    template.save(out)
    return out.getvalue()


async def test_a_template_is_downloaded_filled_in_uploaded_checked_and_taken(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as browser:
        one = await landlord(web.house, 2)
        page = path(web, one.conversation)
        shown = await browser.get(page)
        assert shown.status_code == 200
        assert "form-action 'self'" in shown.headers["content-security-policy"]
        template = book(await browser.get(f"{page}/tenants.xlsx"))
        options = [cell.value for cell in template["lists"]["A"]]
        assert options[0].startswith("幸福路20号 ")
        row = person(1, options[1], "103")
        wrong = [*person(2, options[0], "103")[:3], "139", "", row[5], ""]
        assert (await upload(browser, page, filled(template, [row, wrong]))).status_code == 303
        await worked(web.house)
        checked = await browser.get(page)
        assert "共2行：可以导入1，有问题1" in checked.text
        assert "导入这1行" in checked.text
        report = book(await browser.get(f"{page}/1/faults.xlsx")).worksheets[0]
        assert "139" in [cell.value for cell in report[2]]
        assert (await browser.post(f"{page}/1/take")).status_code == 303
        assert (await browser.post(f"{page}/1/take")).status_code == 303
        await worked(web.house)
        assert await count(web.house, "tenancies") == 1
        told = book(await browser.get(f"{page}/1/links.xlsx")).worksheets[0]
        link = str(told.cell(2, 8).value)
        assert "房东邀请您登记" in (await browser.get(link.partition("/h/")[1] + link.partition("/h/")[2])).text


@pytest.mark.parametrize("kind", ["tenants", "homes"])
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_templates_explain_each_column_and_their_example_is_not_taken(
    kind: str, language: str, tmp_path: Path
) -> None:
    async with served(tmp_path) as web, web.browser() as browser:
        one = await landlord(web.house, 1)
        page = path(web, one.conversation)
        answer = await browser.get(f"{page}/{kind}.xlsx?lang={language}")
        sheet, helping, lists = book(answer).worksheets
        heads = [cell.value for cell in sheet[1]]
        assert [cell.value for cell in helping["A"]][3:] == heads
        assert all(cell.value for cell in helping["C"][3:])
        assert lists.sheet_state == "hidden"
        rules = sheet.data_validations.dataValidation
        assert {rule.type for rule in rules} >= {"list"}
        assert all(rule.prompt for rule in rules)
        comma = (await browser.get(f"{page}/{kind}.csv?lang={language}")).content
        assert comma.decode("utf-8-sig").splitlines()[0].split(",") == heads
        for number, data in enumerate((answer.content, comma), 1):
            await upload(browser, page, data)
            await worked(web.house)
            assert (await one.standing(number)).reason == "sheet_empty"


async def test_employers_have_their_own_words(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as browser:
        one = await landlord(web.house, 0)
        await web.house.database.run(lambda unit: let(unit, holder=LANDLORD, acts_as="employer"))
        page = path(web, one.conversation)
        assert "员工（入住、离职）" in (await browser.get(page)).text
        sheet = book(await browser.get(f"{page}/tenants.xlsx")).worksheets[0]
        assert sheet.title == "员工"
        assert "员工姓名*" in [cell.value for cell in sheet[1]]


async def test_a_link_that_is_over_of_another_kind_or_anothers_list_leads_nowhere(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as browser:
        one, other = await landlord(web.house, 1), await landlord(web.house, 1, "o" * 32, "other")
        await upload(browser, path(web, one.conversation), xlsx(many(4, 2, places(one))[0]))
        await worked(web.house)
        stolen = path(web, other.conversation)
        late = path(web, one.conversation, ago=timedelta(hours=25))
        for page in (late, path(web, one.conversation, "export"), "/import/x", path(web, 999)):
            assert (await browser.get(page)).status_code == 404
            assert (await upload(browser, page, b"a,b\n")).status_code == 404
            assert (await browser.get(f"{page}/tenants.xlsx")).status_code == 404
            assert (await browser.post(f"{page}/1/take")).status_code == 404
        assert (await browser.get(f"{stolen}/1/faults.xlsx")).status_code == 404
        assert (await browser.post(f"{stolen}/1/cancel")).status_code == 404
        assert (await one.standing(1)).state == "checked"
        for wrong in ("1/other.xlsx", "nothing.xlsx", "tenants.exe"):
            assert (await browser.get(f"{path(web, one.conversation)}/{wrong}")).status_code == 404


async def test_what_can_not_be_used_is_told_on_the_page(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as browser:
        one = await landlord(web.house, 1)
        page = path(web, one.conversation)
        assert "这不是表格" in (await upload(browser, page, b"\xff\xd8\xff photo")).text
        assert (await browser.post(page, data={"file": "x"})).status_code == 422
        assert (await browser.post(page, files={"other": "x"})).status_code == 422
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        for body in (b"", b"--x", b"--x\r\nContent-Disposition: form-data\r\n\r\nx", b"--xy"):
            assert (await browser.post(page, content=body, headers=headers)).status_code == 400
        assert (await upload(browser, page, b"a,b\n" * (LARGEST // 4 + 40_000))).status_code == 413
        assert await count(web.house, "imports") == 0
        await upload(browser, page, xlsx(many(4, 2, places(one))[0]))
        await worked(web.house)
        assert (await browser.post(f"{page}/1/cancel")).status_code == 303
        assert "没有导入" in (await browser.get(page)).text


async def test_homes_of_a_newcomer_are_taken_from_the_page(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as browser:
        one = await landlord(web.house, 0, "", "newcomer")
        page = path(web, one.conversation)
        assert "tenants.xlsx" not in (await browser.get(page)).text
        await upload(browser, page, content("homes"))
        await worked(web.house)
        assert "导入就表示您同意" in (await browser.get(page)).text
        await browser.post(f"{page}/1/take")
        await worked(web.house)
        assert await count(web.house, "homes") == 2
        assert "tenants.xlsx" in (await browser.get(page)).text
        codes = book(await browser.get(f"{page}/1/links.xlsx")).worksheets[0]
        assert len(str(codes.cell(2, 13).value)) == 14


async def test_on_wechat_the_talk_says_so_and_gives_the_link(tmp_path: Path) -> None:
    async with served(tmp_path, wechat_token=TOKEN) as web, web.browser() as browser:
        phone = Phone(web.url, TOKEN)
        await phone.say("你好")
        reply = await phone.say("批量导入")
        link = str(reply).partition("/import/")[2].split()[0]
        assert "直接发到这里" not in str(reply)
        assert (await browser.get(f"/import/{link.rstrip(chr(10))}")).status_code == 200
