"""Five thousand rows, three hundred of them wrong in twenty-five ways: each is explained, the others taken, once."""

import io
import resource
import tracemalloc
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import openpyxl
import pytest

from bot.house import House
from bot.imports import template as templates
from bot.imports.report import Part, report
from handlers.office import imports as office_imports
from storage.imports import Import
from tests import house as houses
from tests.imports.desk import Landlord, count, landlord, places
from tests.imports.lists import FORMATS, comma, many, xlsx

ROWS, FAULTS = 5_000, 300
MEGABYTE = 1024 * 1024


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with houses.opened(houses.settings(houses.migrated_file(tmp_path / "anju.db"))) as opened:
        yield opened


async def told(one: Landlord, found: Import, part: Part = "faults", language: str = "zh") -> list[tuple[str, ...]]:
    """The rows of a report, without its headings; every cell must be a text that nothing runs."""
    blank = templates.of_tenants(one.house.words, language, "owner", one.homes)
    pieces = [piece async for piece in report(one.house.database, found, blank, part, "http://x").pieces()]
    book = openpyxl.load_workbook(io.BytesIO(b"".join(pieces)))
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr"}
    return [tuple(str(cell or "") for cell in row) for row in book.worksheets[0].iter_rows(min_row=2, values_only=True)]


@pytest.mark.parametrize("form", ["xlsx", "csv in GB 18030"])
async def test_of_five_thousand_rows_each_fault_is_explained_and_nothing_is_taken_unasked(
    form: str, house: House
) -> None:
    one = await landlord(house)
    rows, expected = many(ROWS, FAULTS, places(one))
    assert len({(wrong.column, wrong.reason, str(wrong.cell)) for wrong in expected.values()}) >= 20
    found = await one.hand_in(FORMATS[form](rows))
    assert (found.state, found.total, found.good, found.bad) == ("checked", ROWS, ROWS - FAULTS, FAULTS)
    explained = {int(row[-1]): row for row in await told(one, found)}
    assert explained.keys() == expected.keys()
    for number, wrong in expected.items():
        assert wrong.said in explained[number][-2], (wrong, explained[number])
    assert await count(house, "tenancies") == 0, "nothing is taken before the sender says so"


async def test_the_good_ones_of_five_thousand_rows_are_taken_and_the_same_file_again_changes_nothing(
    house: House,
) -> None:
    one = await landlord(house)
    data = xlsx(many(ROWS, FAULTS, places(one))[0])
    found = await one.hand_in(data)
    assert (await one.take(found.id)).taken == ROWS - FAULTS
    assert await count(house, "tenancies") == ROWS - FAULTS
    links = await told(one, found, "links")
    assert len({row[-1] for row in links}) == ROWS - FAULTS
    again = await one.hand_in(data)
    assert (again.good, again.known, again.bad) == (0, ROWS - FAULTS, FAULTS)
    assert await one.press(again.id) is False
    assert await count(house, "tenancies") == ROWS - FAULTS


@pytest.mark.parametrize("form", FORMATS)
async def test_each_way_of_saving_a_list_says_the_same(form: str, house: House) -> None:
    one = await landlord(house, 2)
    rows, expected = many(100, 25, places(one))
    found = await one.hand_in(FORMATS[form](rows))
    faults = {
        line["n"]: [fault[:2] for fault in line["faults"]] for line in await one.lines(found.id) if line["faults"]
    }
    columns = office_imports.KINDS["tenants"].columns
    assert faults == {n: [[columns[wrong.column], wrong.reason]] for n, wrong in expected.items()}


async def test_the_report_is_in_the_senders_language_and_can_be_handed_in_mended(house: House) -> None:
    one = await landlord(house, 2)
    rows, expected = many(100, 25, places(one))
    found = await one.hand_in(xlsx(rows))
    english = {row[-2] for row in await told(one, found, language="en")}
    assert any("This home is not known" in text for text in english)
    assert not any("请" in text.partition("幸福路")[0] for text in english)
    await one.take(found.id)
    mended = await told(one, found)
    good, _ = many(100, 1, places(one))
    heads = ("房屋*", "房间", "租客姓名*", "租客手机*", "身份证号码", "入住日期*", "搬走日期", "哪里不对", "原来的行")
    data = xlsx([[*good[int(row[-1]) - 2], row[-2], row[-1]] for row in mended], heads)
    second = await one.hand_in(data)
    assert (second.total, second.good, second.bad) == (25, 24, 1), "the row that is still wrong"
    assert len(expected) == 25


async def test_checking_a_long_list_takes_no_more_memory_than_a_short_one(house: House) -> None:
    one, before = await landlord(house), child_bytes()
    peaks = []
    for number in (400, 400, 4_000):  # the first warms everything up
        data = comma(many(number, 20, places(one))[0])
        tracemalloc.start()
        await one.hand_in(data)
        peaks.append(tracemalloc.get_traced_memory()[1] - len(data))
        tracemalloc.stop()
    assert peaks[2] < peaks[1] + 1.5 * MEGABYTE, peaks
    assert child_bytes() <= max(400 * MEGABYTE, before)


def child_bytes() -> int:
    """The most that any child process has held; other tests have large ones, such as a browser."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024


async def test_a_piece_of_work_is_short(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    one = await landlord(house)
    found = await one.hand_in(xlsx(many(300, 10, places(one))[0]))
    pieces: list[int] = []
    work = office_imports.take_some

    def counted(*arguments: object, **named: object) -> object:
        pieces.append(1)
        return work(*arguments, **named)  # type: ignore[arg-type]  # whatever it takes

    monkeypatch.setattr(office_imports, "take_some", counted)
    await one.take(found.id)
    assert len(pieces) >= 290 / 5  # `python -m bench.turns` tells what that costs those who talk meanwhile


def test_there_are_more_than_twenty_kinds_of_faults() -> None:
    rows, expected = many(ROWS, FAULTS, [("幸福路20号", ("101",))])
    assert len(rows) == ROWS
    assert min(Counter(wrong.reason + str(wrong.cell) for wrong in expected.values()).values()) >= 10
