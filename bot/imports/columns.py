"""Which column of a file is which: headings as the templates have them, in any language, or as people call them."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.imports.sheet import Row
from bot.render import Words
from handlers.office.cells import Cell
from handlers.office.imports import KINDS

SEARCHED = 12  # rows in which the headings may stand
FEWEST = 2
ALSO = "import_also"  # tables of further names of columns: `tenants_import_also`
EXAMPLE = "example_mark"
_AROUND = re.compile(r"[（(].*?[)）]|[\s*＊:：_\-/]")


@dataclass(frozen=True, slots=True)
class Columns:
    """The headings of one file: what kind of list it is, and which column stands where."""

    kind: str
    places: Mapping[int, str]
    row: int
    examples: tuple[str, ...]

    def cells(self, row: Row) -> Mapping[str, Cell]:
        """A row's cells by their column; columns that nobody knows are left out."""
        return {self.places[at]: Cell(*cell) for at, cell in enumerate(row[1]) if at in self.places and cell[1]}

    def is_example(self, cells: Mapping[str, Cell]) -> bool:
        """Whether a row is one of the template's examples, or has nothing to read."""
        return not cells or any(cell.text.startswith(self.examples) for cell in cells.values())


class Headings:
    """What columns are called."""

    def __init__(self, words: Words) -> None:
        self._known = {kind: _names(words, kind) for kind in KINDS}
        self._examples = tuple(words.table(language, "sheets")[EXAMPLE] for language in words.languages)

    def find(self, rows: Sequence[Row]) -> Columns | None:
        """The columns of a file by its first rows; None where none of them has headings that are known."""
        found = [self._read(kind, row) for row in rows[:SEARCHED] for kind in KINDS]
        fitting = [one for one in found if len(one.places) >= FEWEST]
        return max(fitting, key=lambda one: len(one.places), default=None)

    def missing(self, columns: Columns) -> list[str]:
        """The columns that must be there and aren't."""
        there = set(columns.places.values())
        return [name for name in KINDS[columns.kind].columns if name in KINDS[columns.kind].must - there]

    def _read(self, kind: str, row: Row) -> Columns:
        places: dict[int, str] = {}
        for at, (_, text) in enumerate(row[1]):
            column = self._known[kind].get(folded(text), "")
            if column and column not in places.values():
                places[at] = column
        return Columns(kind, places, row[0], self._examples)


def folded(heading: str) -> str:
    """A heading as it is compared: no spaces, stars and brackets."""
    return _AROUND.sub("", unicodedata.normalize("NFKC", heading)).casefold()


def title(words: Words, language: str, kind: str, column: str, acts_as: str = "owner") -> str:
    """What a column is called; employers have workers and not tenants."""
    own = words.label(language, f"{kind}_columns_{acts_as}", column)
    return words.label(language, f"{kind}_columns", column) if own == column else own


def hint(words: Words, language: str, kind: str, column: str, acts_as: str = "owner") -> str:
    """What belongs into a column."""
    own = words.label(language, f"{kind}_hints_{acts_as}", column)
    return words.label(language, f"{kind}_hints", column) if own == column else own


def _names(words: Words, kind: str) -> dict[str, str]:
    """Folded headings with their column, in every language."""
    found: dict[str, str] = {}
    for language in words.languages:
        also = words.table(language, f"{kind}_{ALSO}")
        for column in KINDS[kind].columns:
            titles = {title(words, language, kind, column, role) for role in ("owner", "employer")}
            for name in (*titles, *also.get(column, "").split("|")):
                found.setdefault(folded(name), column)
    found.pop("", None)
    return found
