"""Lists as people fill them in, as XLSX and CSV; and twenty ways to get a row wrong. Everybody is invented."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import openpyxl

from tests.days import today
from tests.handlers.answers.telling import id_number

HEADS = ("房屋*", "房间", "租客姓名*", "租客手机*", "身份证号码", "入住日期*", "搬走日期")
SURNAMES, GIVEN = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华"


@dataclass(frozen=True, slots=True)
class Wrong:
    """A way to get a row wrong: the column, what stands there, the reason, and a part of what is said about it."""

    column: int
    cell: Any
    reason: str
    said: str
    also: tuple[int, Any] | None = None


def person(number: int, home: str, room: str) -> list[Any]:
    """A row that is right."""
    name = SURNAMES[number % 20] + GIVEN[number // 20 % 24] + GIVEN[number // 480 % 24]
    born = (date(1970, 1, 1) + timedelta(days=number * 3)).strftime("%Y%m%d")
    known = id_number("341225", born, f"{number % 1000:03d}") if number % 3 else ""
    since = today() - timedelta(days=number % 300 + 1)
    return [home, room, name, f"138{number:08d}", known, since.isoformat(), ""]


def ways() -> tuple[Wrong, ...]:
    """Twenty-four kinds of faults."""
    far = (today() + timedelta(days=400)).isoformat()
    tomorrow, before = (today() + timedelta(days=1)).isoformat(), (today() - timedelta(days=340)).isoformat()
    assert tomorrow > before
    return (
        Wrong(0, "和平路999号", "import_home_unknown", "没有找到这处房屋"),
        Wrong(0, "", "import_missing", "是空的"),
        Wrong(1, "9999", "import_choice", "这里只能填"),
        Wrong(1, "1", "import_choice", "这里只能填"),
        Wrong(2, "", "import_missing", "是空的"),
        Wrong(2, "李4伟", "name_digits", "数字"),
        Wrong(2, "王先生", "name_title", "全名"),
        Wrong(2, "王", "name_too_short", "写全"),
        Wrong(2, "@#￥", "name_characters", "姓名"),
        Wrong(3, "", "import_missing", "是空的"),
        Wrong(3, "1381234567", "phone_no_country", "11位"),
        Wrong(3, "0571-87654321", "phone_not_mobile", "手机"),
        Wrong(3, "1.38E+10", "import_lost_digits", "后几位丢了"),
        Wrong(4, "34122519900307", "id_number_length", "18位"),
        Wrong(4, "341225199003071234", "id_number_check_digit", "校验"),
        Wrong(4, "991225199003071233", "id_number_region", "前6位"),
        Wrong(4, "341225199013071233", "id_number_date", "出生"),
        Wrong(4, "341225900307123", "id_number_15", "15位"),
        Wrong(4, "E12345678", "id_number_passport", "护照"),
        Wrong(4, "3.41225E+17", "import_lost_digits", "后几位丢了"),
        Wrong(5, "", "import_missing", "是空的"),
        Wrong(5, "上个月吧大概", "day_unreadable", "没看懂"),
        Wrong(5, "2026-02-30", "day_impossible", "没有"),
        Wrong(5, far, "day_not_near", "太远"),
        Wrong(6, before, "import_out_before_in", "还早", (5, (today() - timedelta(days=3)).isoformat())),
    )


def broken(row: Sequence[Any], wrong: Wrong) -> list[Any]:
    """A row with one thing wrong."""
    cells = list(row)
    cells[wrong.column] = wrong.cell
    if wrong.also is not None:
        cells[wrong.also[0]] = wrong.also[1]
    return cells


def many(
    number: int, faults: int, homes: Sequence[tuple[str, Sequence[str]]]
) -> tuple[list[list[Any]], dict[int, Wrong]]:
    """A long list, its faults spread over it: the rows, and what is wrong by row as a spreadsheet counts."""
    kinds, step = ways(), number // faults
    rows: list[list[Any]] = []
    expected: dict[int, Wrong] = {}
    for place in range(number):
        home, rooms = homes[place % len(homes)]
        row = person(place, home, rooms[place % len(rooms)])
        if place % step == step - 1 and len(expected) < faults:
            wrong = kinds[len(expected) % len(kinds)]
            row, expected[place + 2] = broken(row, wrong), wrong
        rows.append(row)
    return rows, expected


def xlsx(rows: Iterable[Sequence[Any]], heads: Sequence[str] = HEADS) -> bytes:
    """As Excel writes it: days as days, everything else as text."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("租客")
    for row in (heads, *rows):
        sheet.append([_day(cell) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def comma(rows: Iterable[Sequence[Any]], encoding: str = "utf-8-sig", heads: Sequence[str] = HEADS) -> bytes:
    """As people save it as CSV."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([heads, *rows])
    return out.getvalue().encode(encoding)


def _day(cell: Any) -> Any:
    try:
        return date.fromisoformat(cell) if len(cell) == 10 else cell
    except (TypeError, ValueError):
        return cell


FORMATS: dict[str, Callable[[Iterable[Sequence[Any]]], bytes]] = {
    "xlsx": xlsx,
    "csv": comma,
    "csv in GB 18030": lambda rows: comma(rows, "gb18030"),
    "csv without a mark": lambda rows: comma(rows, "utf-8"),
}
