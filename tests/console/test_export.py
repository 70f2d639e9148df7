"""The export over HTTP: what the role may see, whole, as text, with its reason in the audit log; on both databases."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import httpx
import openpyxl
import pytest

from handlers.office.exporting import without_personal_data
from storage import audit, exports, own
from storage.audit import Subject
from tests.channels.web_house import WebHouse
from tests.console.clerks import Clerk, at_work, console, run, shown
from tests.console.counted import one, year

NOW = datetime.now(UTC)
PATH = "/console/export"
WHY = "报送区统计局"
EVIL = '=HYPERLINK("http://evil.example","x")'


@pytest.fixture
async def web(tmp_path: Path, database_url: str) -> AsyncIterator[WebHouse]:
    async with console(tmp_path, database_url) as served:
        yield served


async def export(clerk: Clerk, form: str = "csv", **fields: str) -> httpx.Response:
    return await clerk.post(PATH, PATH, format=form, **{"reason": WHY, **fields})


def lines(answer: httpx.Response) -> list[dict[str, str]]:
    """The rows of a CSV by their headings."""
    assert answer.status_code == 200, shown(answer)
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def sheet(answer: httpx.Response) -> list[tuple[object, ...]]:
    """The rows of a workbook, the headings first; every cell must be a text."""
    assert answer.status_code == 200, shown(answer)
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr"}
    return list(book.worksheets[0].iter_rows(values_only=True))


async def test_both_formats_hold_every_submission_with_codes_and_words(web: WebHouse) -> None:
    await run(web, lambda unit: year(unit, NOW, 450))
    async with at_work(web, "reviewer") as clerk:
        assert "450 行" in shown(await clerk.get(PATH))
        written = lines(await export(clerk))
        rows = sheet(await export(clerk, "xlsx"))
    assert len(written) == 450
    assert len({line["回执号"] for line in written}) == 450
    first = written[0]
    assert (first["文化程度代码"], first["文化程度"], first["状态"]) == ("70", "初中", "已登记")
    assert (first["民族代码"], first["民族"]) == ("01\t", "汉族")
    heads, plain = rows[0], dict(zip(rows[0], rows[1], strict=True))
    assert list(heads) == list(first)
    assert {head: (text or "") for head, text in plain.items()} == {
        head: text.removesuffix("\t").removeprefix("'") for head, text in first.items()
    }
    assert len(rows) == 451


async def test_numbers_stay_text_and_nothing_is_run(web: WebHouse) -> None:
    for number, text in enumerate((EVIL, "+1", "-1", "@x", "＝1", "正常")):
        await run(web, partial(one, number=number, at=NOW, address=text))
    async with at_work(web, "reviewer") as clerk:
        answer = await export(clerk)
        rows = sheet(await export(clerk, "xlsx"))
    written = lines(answer)
    assert answer.content.startswith("\ufeff".encode())
    assert [line["详细地址"] for line in written] == [f"'{EVIL}", "'+1", "'-1", "'@x", "'＝1", "正常"]
    assert written[0]["身份证号码"] == "341225195503070000\t"
    assert written[0]["手机"] == "'+8613800000000"
    place = rows[0].index("详细地址")
    assert rows[1][place] == EVIL
    assert rows[1][rows[0].index("身份证号码")] == "341225195503070000"


@pytest.mark.parametrize(
    ("fields", "numbers"),
    [
        ({"status": "refused"}, {4}),
        ({"area": "S01"}, {0, 1, 2, 3, 5}),
        ({"area": "S02-01"}, {4}),
        ({"kind": "leaving"}, None),
        ({"first": "2026-03-02", "last": "2026-03-04"}, {1, 2, 3}),
        ({"first": "2026-03-02", "status": "received"}, {1}),
    ],
    ids=str,
)
async def test_only_what_the_filter_asks_for(web: WebHouse, fields: dict[str, str], numbers: set[int] | None) -> None:
    for number in range(6):
        at = datetime(2026, 3, 1, 1, tzinfo=UTC) + timedelta(days=number)
        await run(web, partial(one, number=number, at=at))
    async with at_work(web, "reviewer") as clerk:
        answer = await export(clerk, **fields)
        if numbers is None:
            assert "一行也没有" in shown(answer)
        else:
            assert {int(line["回执号"][2:]) for line in lines(answer)} == numbers


async def test_one_exports_only_the_own_areas(web: WebHouse) -> None:
    await run(web, lambda unit: year(unit, NOW, 30))
    async with at_work(web, "reviewer", "S02") as clerk:
        assert {line["区域代码"] for line in lines(await export(clerk))} == {"S02-01"}
        for area in ("S01", "S01-01", "nowhere"):
            assert (await export(clerk, area=area)).status_code == 403
            assert (await clerk.get(f"{PATH}?area={area}")).status_code == 403


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"reason": ""}, "为什么导出"),
        ({"reason": "x" * 201}, "2 到 200 个字"),
        ({"first": "gestern"}, "日期看不懂"),
        ({"last": "9999-12-31"}, "日期看不懂"),
        ({"status": "nothing"}, "没有这个状态"),
        ({"form": "pdf"}, "请选 XLSX 或 CSV"),
    ],
    ids=str,
)
async def test_what_can_not_be_exported_is_told_and_nothing_leaves(
    web: WebHouse, fields: dict[str, str], says: str
) -> None:
    await run(web, lambda unit: year(unit, NOW, 7))
    async with at_work(web, "reviewer") as clerk:
        answer = await export(clerk, **fields)
        assert answer.status_code == 422
        assert says in shown(answer)
        assert "李伟" not in shown(answer)
        assert await run(web, lambda unit: exports.of(unit, clerk.member.code, 9)) == ()


async def test_who_exported_what_and_why_stands_in_the_audit_log(web: WebHouse) -> None:
    await run(web, lambda unit: year(unit, NOW, 30))
    async with at_work(web, "reviewer") as clerk:
        await export(clerk, "xlsx", status="registered", area="S01")
        page = shown(await clerk.get(PATH))
        (kept,) = await run(web, lambda unit: exports.of(unit, clerk.member.code, 9))
        (entry,) = await run(web, lambda unit: audit.about(unit, [Subject("export", str(kept.id))]))
    assert (entry.act.action, entry.act.who.id, entry.act.reason) == ("exported", clerk.member.code, WHY)
    told = {name: value for name, value in entry.act.details.items() if name != "held"}
    assert told == {"rows": kept.total, "format": "xlsx", "status": "registered", "area": "S01"}
    assert entry.act.details["held"]["areas"] == ["S01", "S01-01", "S01-02", "S01-03"]
    assert kept.written == kept.total > 0
    assert "已完成" in page


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, True),
        ({"area": "S01"}, True),
        ({"area": "S02"}, False),
        ({"first": "2026-03-01", "last": "2026-03-01"}, True),
        ({"first": "2026-03-02"}, False),
        ({"kind": "registration", "last": "2026-03-04"}, True),
    ],
    ids=str,
)
async def test_a_person_reads_of_every_export_that_may_hold_them(
    web: WebHouse, fields: dict[str, str], told: bool
) -> None:
    for number, day in ((0, 1), (4, 3)):
        await run(web, partial(one, number=number, at=datetime(2026, 3, day, 1, tzinfo=UTC)))
    async with at_work(web, "reviewer") as clerk:
        assert (await export(clerk, **fields)).status_code == 200
    await run(web, partial(one, number=5, at=datetime(2026, 3, 1, 1, tzinfo=UTC)))
    found = await run(web, lambda unit: own.looks(unit, "holder0", 9))
    assert [(entry.act.action, entry.act.reason) for entry in found] == ([("exported", WHY)] if told else [])
    assert await run(web, lambda unit: own.looks(unit, "holder5", 9)) == ()


async def test_a_second_export_waits_for_the_first(web: WebHouse) -> None:
    await run(web, lambda unit: year(unit, NOW, 7))
    async with at_work(web, "reviewer") as clerk:
        begun = await run(web, lambda unit: exports.begin(unit, clerk.member.code, "csv", 7, datetime.now(UTC)))
        assert "正在进行" in shown(await export(clerk))
        assert "正在导出" in shown(await clerk.get(f"{PATH}/made"))
        await run(web, lambda unit: exports.move(unit, begun, 3, datetime.now(UTC) - timedelta(minutes=2)))
        assert "中断了" in shown(await clerk.get(f"{PATH}/made"))
        assert len(lines(await export(clerk))) == 7


@pytest.mark.parametrize("role", ["collector", "publisher", "auditor", "administrator"])
async def test_only_who_reviews_exports(web: WebHouse, role: str) -> None:
    async with at_work(web, role) as clerk:
        assert (await clerk.get(PATH)).status_code == 403
        assert (await clerk.post(PATH, "/console/account", format="csv", reason=WHY)).status_code == 403


def test_without_the_right_to_personal_data_rows_are_masked() -> None:
    answers = {"name": "李伟", "id_number": "34122519550307001X", "address": "幸福路18号", "sex": "1"}
    assert without_personal_data(answers) == {"name": "李**", "id_number": "********001X", "sex": "1"}
