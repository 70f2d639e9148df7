"""Files that strangers hand in: bombs, entities, what is no list, what was saved in some odd way."""

import io
import zipfile
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from bot.house import House
from bot.imports.receiving import in_pieces, receive
from bot.imports.sheet import LARGEST, Unreadable, is_sheet
from bot.imports.worker import Unfit, rows
from storage.imports import Sender
from tests import house as houses
from tests.channels.ways import _pdf, _photo
from tests.days import today
from tests.imports.desk import count, landlord, places
from tests.imports.lists import HEADS, comma, person, xlsx

GOOD = xlsx([person(1, "幸福路20号", "101")])


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with houses.opened(houses.settings(houses.migrated_file(tmp_path / "anju.db"))) as opened:
        yield opened


def with_part(name: str, content: bytes) -> bytes:
    """A workbook with a part put in place of another."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(GOOD)) as book, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as other:
        for part in book.namelist():
            other.writestr(part, content if part == name else book.read(part))
        if name not in book.namelist():
            other.writestr(name, content)
    return out.getvalue()


def sheet_of(cells: str, before: str = "") -> bytes:
    return (
        f'<?xml version="1.0"?>{before}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{cells}</sheetData></worksheet>"
    ).encode()


def docx() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        book.writestr("word/document.xml", "<document/>")
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
ENTITY = '<row r="1"><c r="A1" t="inlineStr"><is><t>&a;</t></is></c></row>'
WIDE = sheet_of(ENTITY, LAUGHS).decode().replace('"1.0"', '"1.0" encoding="UTF-16"')
LAST = '<row r="1048576"><c r="A1048576"><v>1</v></c></row>'
FILES: dict[str, tuple[Callable[[], bytes], str]] = {
    "a zip bomb": (lambda: with_part(SHEET, b" " * (210 * 1024 * 1024)), "sheet_bomb"),
    "a bomb of strings": (lambda: with_part("xl/sharedStrings.xml", b" " * (70 * 1024 * 1024)), "sheet_bomb"),
    "entities that grow": (lambda: with_part(SHEET, sheet_of(ENTITY, LAUGHS)), "sheet_bomb"),
    "an entity from outside": (lambda: with_part(SHEET, sheet_of(ENTITY, OUTSIDE)), "sheet_bomb"),
    "entities in UTF-16": (lambda: with_part(SHEET, WIDE.encode("utf-16")), "sheet_bomb"),
    "a million rows by their number": (lambda: with_part(SHEET, sheet_of(LAST)), "sheet_too_long"),
    "a password, or the old format": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "sheet_old"),
    "cut off": (lambda: GOOD[: len(GOOD) // 2], "sheet_broken"),
    "another kind of zip": (docx, "sheet_kind"),
    "broken inside": (lambda: with_part(SHEET, b"<worksheet><sheetData><row>"), "sheet_broken"),
    "no rows": (lambda: with_part(SHEET, sheet_of("")), "sheet_empty"),
    "nothing but spaces": (lambda: b" ,\n , \n", "sheet_empty"),
    "no letters": (lambda: b"a,b\n\x81\xff\xfe\x81,\n", "sheet_encoding"),
    "too many rows": (lambda: comma([("x",)] * 21_000), "sheet_too_long"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
async def test_what_is_malicious_or_no_list_is_refused_in_words_and_nothing_is_kept(name: str, house: House) -> None:
    make, reason = FILES[name]
    one = await landlord(house, 1)
    found = await one.hand_in(make())
    assert (found.state, found.reason) == ("refused", reason)
    (reply,) = await one.told()
    assert reply.template == "say/import_refused"
    assert all(house.words.say(language, f"invalid/{reason}") for language in house.words.languages)
    assert await count(house, "import_pieces") == await count(house, "import_lines") == 0


async def test_a_file_too_large_is_refused_while_it_comes_in(house: House) -> None:
    one, sent = await landlord(house, 1), 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1024 * 1024
            yield b"a,b\n" * (256 * 1024)

    with pytest.raises(Unreadable, match="sheet_too_large"):
        await receive(house.database, Sender("zh", one.conversation), endless())
    assert sent <= LARGEST + 2 * 1024 * 1024
    assert await count(house, "imports") == await count(house, "import_pieces") == 0


@pytest.mark.parametrize(("content", "listed"), [(GOOD, True), (comma([]), True), (_photo(), False), (_pdf(), False)])
def test_lists_are_told_from_papers_by_their_content(content: bytes, listed: bool) -> None:
    assert is_sheet(content) is listed


async def test_what_is_neither_list_nor_paper_is_refused_at_once(house: House) -> None:
    one = await landlord(house, 1)
    for content, reason in ((b"hello" * 100_000, "sheet_kind"), (b"", "sheet_empty")):
        with pytest.raises(Unreadable, match=reason):
            await receive(house.database, Sender("zh", one.conversation), in_pieces(content))
    assert await count(house, "imports") == 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_letters_and_delimiters_are_found_out(encoding: str, delimiter: str) -> None:
    text = delimiter.join(HEADS) + "\n" + delimiter.join(person(1, "幸福路20号", "101"))
    (_, heads), (number, cells) = rows(text.encode(encoding))
    assert [text for _, text in heads] == list(HEADS)
    assert (number, cells[0]) == (2, ("text", "幸福路20号"))


def test_numbers_and_days_of_a_workbook_come_as_they_were_typed() -> None:
    book, day = openpyxl.Workbook(), datetime(2026, 11, 20, 8, tzinfo=UTC).replace(tzinfo=None)
    book.active.append([13812345678, 341225199003071232, 3.5, date(2026, 11, 20), day, True, "#N/A"])
    out = io.BytesIO()
    book.save(out)
    ((_, cells),) = rows(out.getvalue())
    assert cells[:7] == [
        ("number", "13812345678"), ("lost", "341225199003071232"), ("number", "3.5"), ("day", "2026-11-20"),
        ("day", "2026-11-20"), ("text", "TRUE"), ("error", "#N/A"),
    ]  # fmt: skip
    with pytest.raises(Unfit):
        list(rows(b""))


async def test_numbers_in_cells_are_read_or_told_to_be_lost(house: House) -> None:
    one = await landlord(house, 1)
    serial = (today() - date(1899, 12, 30)).days - 3
    home, rooms = places(one)[0]
    table: list[list[Any]] = [
        [home, int(rooms[0]), "李伟", 13812345678, "", serial, ""],
        [home, rooms[1], "王芳", "13912345678", 341225199003071233, "2026-11-20", ""],
        [home, rooms[2], "张敏", "'+8613912345679", "无", today() - timedelta(days=2), ""],
        [home, "", "#N/A", "13912345670", "", "昨天", ""],
    ]  # fmt: skip
    found = await one.hand_in(xlsx(table))
    assert [[fault[:2] for fault in line["faults"]] for line in await one.lines(found.id)] == [
        [], [["id_number", "import_lost_digits"]], [], [["name", "import_error_cell"]],
    ]  # fmt: skip
    told = [line["told"].get("moved_in_on") for line in await one.lines(found.id)]
    assert told[0] == (today() - timedelta(days=3)).isoformat()


async def test_headings_are_known_in_both_languages_in_any_order_and_examples_are_left_out(house: House) -> None:
    one = await landlord(house, 1)
    heads = ("备注", "Moved in on*", "手机号码", "姓名", "房号", "地址")
    table = [
        ["", "2026-11-20", "13812345678", "例：李伟", "101", "x"],
        ["", "2026-11-20", "13812345678", "李伟", "101", ""],
    ]
    found = await one.hand_in(xlsx(table, heads))
    assert (found.kind, found.total, found.good) == ("tenants", 1, 1)
    nameless = await one.hand_in(xlsx([["13812345678", "101"]], ("电话", "房号")))
    assert (nameless.state, nameless.reason) == ("refused", "sheet_headings")
    assert datetime.now(UTC) >= found.changed_at
