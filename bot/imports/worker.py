"""The child process that reads what strangers hand in: a file in by stdin, a JSON line for each row out.

A row is `[number, [[kind, text], …]]`; the kinds of cells are told in `handlers/office/cells.py`. The last line is
`{"end": how many rows}` or `{"refused": reason}`; the reason names the template `invalid/<reason>`.
"""

import csv
import io
import json
import resource
import sys
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from xml.parsers import expat

MEMORY_BYTES = 768 * 1024 * 1024
CPU_SECONDS = 120
MOST_ROWS = 20_000
MOST_BLANK = 200_000  # rows that only look filled: somebody coloured the whole column
MOST_COLUMNS = 60
CELL_LENGTH = 600
MOST_PARTS = 400
LARGEST_PART = 200 * 1024 * 1024
LARGEST_TOGETHER = 300 * 1024 * 1024
LARGEST_STRINGS = 60 * 1024 * 1024  # these are held whole
KEPT_DIGITS = 15  # Excel keeps no more of a number
ZIP, OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
DELIMITERS = ",;\t"
ERRORS = frozenset({"#N/A", "#VALUE!", "#REF!", "#DIV/0!", "#NUM!", "#NAME?", "#NULL!"})

Cell = tuple[str, str]
EMPTY: Cell = ("", "")


class Unfit(Exception):
    """The file can't be read."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def main() -> None:
    """Read, tell row by row."""
    _limit()
    out, told = sys.stdout, 0
    try:
        for number, cells in rows(sys.stdin.buffer.read()):
            out.write(json.dumps([number, cells], ensure_ascii=True) + "\n")
            told += 1
        out.write(json.dumps({"end": told}) + "\n")
    except Unfit as unfit:
        out.write(json.dumps({"refused": unfit.reason}) + "\n")
    except MemoryError:
        out.write(json.dumps({"refused": "sheet_bomb"}) + "\n")


def rows(data: bytes) -> Iterator[tuple[int, list[Cell]]]:
    """Every row that isn't empty, with its number as a spreadsheet counts; raises Unfit."""
    if data.startswith(OLD):
        raise Unfit("sheet_old")
    found = _workbook(data) if data.startswith(ZIP) else _text(data)
    kept = blank = 0
    for number, cells in enumerate(found, 1):
        if any(text for _, text in cells):
            kept += 1
            yield number, cells
        else:
            blank += 1
        if kept > MOST_ROWS + 1 or blank > MOST_BLANK:
            raise Unfit("sheet_too_long")
    if not kept:
        raise Unfit("sheet_empty")


def _workbook(data: bytes) -> Iterator[list[Cell]]:
    """The rows of the first sheet that is shown."""
    import openpyxl

    try:
        _check_parts(data)
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        if not shown:
            raise Unfit("sheet_empty")
        sheet = shown[0]
        sheet.reset_dimensions()
        for row in sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True):
            yield [_cell(value) for value in row]
    except (Unfit, MemoryError, GeneratorExit):
        raise
    except Exception:  # noqa: BLE001 -- openpyxl meets a broken file with whatever it trips over
        raise Unfit("sheet_broken") from None


def _check_parts(data: bytes) -> None:
    """No zip bomb, and no document type in any part: entities grow, and what is outside may be looked at."""
    try:
        book = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError):
        raise Unfit("sheet_broken") from None
    parts = book.infolist()
    strings = sum(part.file_size for part in parts if part.filename.lower().endswith("sharedstrings.xml"))
    large = max((part.file_size for part in parts), default=0) > LARGEST_PART
    together = sum(part.file_size for part in parts) > LARGEST_TOGETHER
    if len(parts) > MOST_PARTS or large or together or strings > LARGEST_STRINGS:
        raise Unfit("sheet_bomb")
    if not any(part.filename.lower() == "xl/workbook.xml" for part in parts):
        raise Unfit("sheet_kind")
    for part in parts:
        if part.filename.lower().endswith((".xml", ".rels", ".vml")):
            _check_prolog(book, part)


def _check_prolog(book: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Read a part up to its first element: in whatever encoding, a document type stands before that."""
    parser = expat.ParserCreate()
    begun: list[str] = []
    parser.StartElementHandler = lambda name, attributes: begun.append(name)
    parser.StartDoctypeDeclHandler = _no_document_type
    with book.open(part) as content:
        while not begun:
            piece = content.read(4096)
            parser.Parse(piece, not piece)
            if not piece:
                return


def _no_document_type(*told: object) -> None:
    raise Unfit("sheet_bomb")


def _cell(value: object) -> Cell:
    """A value as kind and text."""
    if value is None:
        return EMPTY
    if isinstance(value, bool):
        return ("text", "TRUE" if value else "FALSE")
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, datetime | date):
        return ("day", value.isoformat()[:10])
    text = str(value)[:CELL_LENGTH]
    return ("error" if text in ERRORS else "text", text)


def _number(value: float) -> Cell:
    """A number as it was typed, where all its digits are there."""
    if not float(value).is_integer():
        return ("number", repr(value))
    digits = str(int(value))
    return ("lost" if len(digits.lstrip("-")) > KEPT_DIGITS else "number", digits)


def _text(data: bytes) -> Iterator[list[Cell]]:
    """The rows of a CSV."""
    text = _decoded(data)
    if "\0" in text:
        raise Unfit("sheet_kind")
    csv.field_size_limit(64 * 1024)
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)):
            yield [_written(cell) for cell in row[:MOST_COLUMNS]]
    except csv.Error:
        raise Unfit("sheet_broken") from None


def _decoded(data: bytes) -> str:
    """UTF-8 with or without its mark, UTF-16 with one, else GB 18030 as Excel and WPS save it in China."""
    marked = next((encoding for mark, encoding in MARKS.items() if data.startswith(mark)), "")
    for encoding in (marked,) if marked else ("utf-8", "gb18030"):
        with suppress(UnicodeDecodeError):
            return data.decode(encoding)
    raise Unfit("sheet_encoding")


def _delimiter(text: str) -> str:
    """The sign that stands most often in the first line that holds one."""
    head = next((line for line in text.splitlines()[:10] if any(sign in line for sign in DELIMITERS)), "")
    return max(DELIMITERS, key=head.count)


def _written(text: str) -> Cell:
    """A cell of a CSV."""
    bare = text.strip()[:CELL_LENGTH]
    if not bare:
        return EMPTY
    return ("error" if bare in ERRORS else "text", bare)


def _limit() -> None:
    """Bounds on memory and processor time; nothing can be written to a disk."""
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
