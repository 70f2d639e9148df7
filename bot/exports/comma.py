"""CSV (RFC 4180) that Excel opens as it is meant: UTF-8 with a mark, no cell that it would run, digits that stay."""

import csv
import io
from collections.abc import Iterable, Sequence

MARK = "\ufeff"
RUN = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
KEPT_DIGITS = 11  # of longer numbers Excel shows only the first digits, and of 16 and more it loses the others


class CommaSeparated:
    """Rows as CSV."""

    media_type = "text/csv; charset=utf-8"

    def begin(self, heads: Sequence[str]) -> bytes:
        """The mark and the first row."""
        return MARK.encode() + _written([heads])

    def rows(self, rows: Iterable[Sequence[str]]) -> bytes:
        """Some rows."""
        return _written([defused(cell) for cell in row] for row in rows)

    def end(self) -> bytes:
        """Nothing follows."""
        return b""


def defused(cell: str) -> str:
    """A cell that no spreadsheet runs or turns into a number.

    What begins like a formula gets an apostrophe in front (OWASP, CSV injection); digits that would lose some get a
    tab behind, which spreadsheets take for text and don't show.
    """
    if cell.startswith(RUN):
        return f"'{cell}"
    is_digits = cell.isascii() and cell.isdigit()
    return f"{cell}\t" if is_digits and (len(cell) > KEPT_DIGITS or cell.startswith("0")) else cell


def _written(rows: Iterable[Iterable[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(rows)
    return out.getvalue().encode()
