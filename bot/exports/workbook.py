"""XLSX piece by piece: XlsxWriter makes the workbook with its first row, our rows go into its sheet as it is zipped.

XlsxWriter's own way for long sheets keeps them in a file on the disk until they are whole, in the clear; here nothing
is written down, and the first rows leave while the last are not read yet.
"""

import io
import re
from collections.abc import Iterable, Sequence
from zipfile import ZIP_DEFLATED, ZipFile

SHEET = "xl/worksheets/sheet1.xml"
MOST_ROWS = 300_000  # a sheet's zip entry ends at 2 GiB before packing; Excel's own end is at 1,048,576 rows
CELL_LENGTH = 32_767
COLUMN_WIDTH = 16
PACKING = 1  # the rows are alike: packing harder takes three times as long for little

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPE = re.compile("_(x[0-9A-Fa-f]{4}_)")  # what Excel would read as a character's code
_STYLE = re.compile(r'<c r="A2" s="(\d+)"')


class Workbook:
    """Rows as a workbook of one sheet, every cell a text."""

    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def __init__(self) -> None:
        self._out = _Pieces()
        self._zip = ZipFile(self._out, "w", ZIP_DEFLATED, compresslevel=PACKING)
        self._number = 1
        self._letters: list[str] = []
        self._style = ""
        self._foot = b""

    def begin(self, heads: Sequence[str]) -> bytes:
        """Everything before our first row."""
        with ZipFile(io.BytesIO(_empty(heads))) as model:
            for name in model.namelist():
                if name != SHEET:
                    self._zip.writestr(name, model.read(name))
            sheet = model.read(SHEET).decode()
        found = _STYLE.search(sheet)
        self._style = found[1] if found else "0"
        self._letters = [_letters(place) for place in range(len(heads))]
        head, _, rest = re.sub("<dimension[^>]*/>", "", sheet).partition('<row r="2"')
        self._foot = f"</sheetData>{rest.partition('</sheetData>')[2]}".encode()
        self._sheet = self._zip.open(SHEET, "w")
        self._sheet.write(head.encode())
        return self._out.taken()

    def rows(self, rows: Iterable[Sequence[str]]) -> bytes:
        """Some rows."""
        self._sheet.write("".join(self._row(row) for row in rows).encode())
        return self._out.taken()

    def end(self) -> bytes:
        """Everything behind the last row."""
        self._sheet.write(self._foot)
        self._sheet.close()
        self._zip.close()
        return self._out.taken()

    def _row(self, row: Sequence[str]) -> str:
        self._number += 1
        number, style = self._number, self._style
        cells = "".join(
            f'<c r="{letters}{number}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{_text(cell)}</t></is></c>'
            for letters, cell in zip(self._letters, row, strict=True)
            if cell
        )
        return f'<row r="{number}">{cells}</row>'


class _Pieces:
    """What was written since it was taken last; no way back, so the zip needs none."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, piece: bytes) -> int:
        """Hold a piece."""
        self._held += piece
        return len(piece)

    def flush(self) -> None:
        """Nothing is kept back."""

    def close(self) -> None:
        """What is held can still be taken."""

    def taken(self) -> bytes:
        """What is held, once."""
        taken = bytes(self._held)
        self._held.clear()
        return taken


def _empty(heads: Sequence[str]) -> bytes:
    """A workbook with its first row, and one cell that shows the style of those to come."""
    out = io.BytesIO()
    import xlsxwriter

    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet()
        text = book.add_format({"num_format": "@", "quote_prefix": True})
        sheet.set_column(0, len(heads) - 1, COLUMN_WIDTH, text)
        sheet.write_row(0, 0, heads, book.add_format({"bold": True, "text_wrap": True, "valign": "top"}))
        sheet.write_blank(1, 0, None, text)
        sheet.freeze_panes(1, 1)
    return out.getvalue()


def _letters(place: int) -> str:
    """A column's name: A, …, Z, AA, …"""
    tens, ones = divmod(place, 26)
    return (_letters(tens - 1) if tens else "") + chr(ord("A") + ones)


def _text(cell: str) -> str:
    if not cell.isalnum():
        cell = _ESCAPE.sub(r"_x005F_\1", _FORBIDDEN.sub("", cell))
        cell = cell.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return cell[:CELL_LENGTH]
