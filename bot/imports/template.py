"""The template of a list: headings, drop-downs, examples, and a sheet that explains each column; also as CSV."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.exports.comma import MARK
from bot.imports.columns import hint, title
from bot.render import Words
from handlers.forms.home import KINDS as HOME_KINDS
from handlers.forms.home import ROLES
from handlers.office import home_codes
from handlers.office.imports import KINDS
from storage.records import Area, Home

ROWS = 5_000  # rows with drop-downs and formats
FIRST = 1
WIDTH, WIDE = 18, 34
OWNERS = ("person", "company")
CALM = "#666666"
WIDE_COLUMNS = frozenset({"home", "address", "rooms", "uscc", "id_number"})


@dataclass(frozen=True, slots=True)
class Template:
    """For whom a template is made: kind of list, language, role, and what its drop-downs hold."""

    words: Words
    kind: str
    language: str
    acts_as: str = "owner"
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """Its columns, in order."""
        return KINDS[self.kind].columns

    def title(self, column: str) -> str:
        """A column's heading; needed ones have a star."""
        star = "*" if column in KINDS[self.kind].must else ""
        return title(self.words, self.language, self.kind, column, self.acts_as) + star

    def say(self, key: str) -> str:
        """A word of the sheets, in the role's own words where it has some."""
        table = self.words.table(self.language, "sheets")
        return table.get(f"{key}_{self.acts_as}", table[key])

    def example(self, column: str) -> str:
        """What an example has in a column."""
        own = self.words.table(self.language, f"{self.kind}_examples").get(column)
        options = self.choices.get(column, ())
        return own if own is not None else (options[0] if options else "")

    def row(self) -> list[str]:
        """A row that shows how it is meant, marked so that it isn't taken."""
        cells = [self.example(column) for column in self.columns]
        return [self.say("example_mark") + cells[0], *cells[1:]]


def of_tenants(words: Words, language: str, acts_as: str, homes: Sequence[Home]) -> Template:
    """The list of who moved in and out, with the homes to choose from."""
    rooms = dict.fromkeys(room.name for home in homes for room in home.rooms)
    named = sorted(f"{home.address} {home_codes.clear(home.code)}" for home in homes)
    choices = {"home": named, "room": list(rooms)}
    return Template(words, "tenants", language, acts_as, choices)


def of_homes(words: Words, language: str, acts_as: str, areas: Sequence[Area]) -> Template:
    """The list of homes, with what each question of the talk has to choose from."""

    def named(codes: str, values: Sequence[str]) -> list[str]:
        return [words.label(language, codes, value) for value in values]

    choices = {
        "acts_as": named("acts_as", ROLES),
        "home_kind": named("home_kind", HOME_KINDS),
        "street": named("areas", [area.code for area in areas if not area.parent]),
        "community": named("areas", [area.code for area in areas if area.parent]),
        "owner_kind": named("owner_kind", OWNERS),
    }
    return Template(words, "homes", language, acts_as, choices)


def of_permits(words: Words, language: str, areas: Sequence[Area]) -> Template:
    """The list of permits issued before, with the communities to choose from."""
    streets = [words.label(language, "areas", area.code) for area in areas if not area.parent]
    communities = [words.label(language, "areas", area.code) for area in areas if area.parent]
    return Template(words, "permits", language, "owner", {"street": streets, "community": communities})


def comma_separated(template: Template) -> bytes:
    """The template as CSV that Excel opens as it is meant."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([[template.title(column) for column in template.columns], template.row()])
    return (MARK + out.getvalue()).encode()


def workbook(template: Template) -> bytes:
    """The template as XLSX."""
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet(template.say(f"{template.kind}_title"))
        helping = book.add_worksheet(template.say("help_title"))
        lists = book.add_worksheet("lists")
        lists.hide()
        _write_heads(book, sheet, template)
        for place, column in enumerate(template.columns):
            _offer(sheet, lists, template, place, column)
        _explain(book, helping, template)
        sheet.activate()
    return out.getvalue()


def _write_heads(book: Any, sheet: Any, template: Template) -> None:
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E8F3F1", "bottom": 1})
    text = book.add_format({"num_format": "@"})
    calm = book.add_format({"num_format": "@", "italic": True, "font_color": CALM})
    for place, column in enumerate(template.columns):
        sheet.set_column(place, place, WIDE if column in WIDE_COLUMNS else WIDTH, text)
        sheet.write_string(0, place, template.title(column), head)
    for place, cell in enumerate(template.row()):
        sheet.write_string(FIRST, place, cell, calm)
    sheet.freeze_panes(1, 1)
    sheet.set_row(0, 32)


def _offer(sheet: Any, lists: Any, template: Template, place: int, column: str) -> None:
    """What belongs into the column, told when a cell is chosen; where it is one of several, the drop-down."""
    options = template.choices.get(column, ())
    told = {
        "input_title": template.title(column)[:32],
        "input_message": hint(template.words, template.language, template.kind, column, template.acts_as)[:255],
    }
    rule: dict[str, Any] = {"validate": "any"}
    if options:
        lists.write_column(0, place, options)
        letter = chr(ord("A") + place)
        source = f"=lists!${letter}$1:${letter}${len(options)}"
        rule = {
            "validate": "list",
            "source": source,
            "error_type": "warning",
            "error_title": template.say("warn_title"),
        }
    sheet.data_validation(FIRST, place, ROWS, place, rule | told)


def _explain(book: Any, sheet: Any, template: Template) -> None:
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    head = book.add_format({"bold": True, "bottom": 1})
    sheet.set_column(0, 1, WIDTH, wrap)
    sheet.set_column(2, 3, 60, wrap)
    sheet.merge_range(0, 0, 0, 3, template.say("help_intro"), wrap)
    sheet.set_row(0, 48)
    sheet.write_row(2, 0, [template.say(f"help_{name}") for name in ("column", "must", "what", "example")], head)
    for at, column in enumerate(template.columns, 3):
        needed = template.say("must" if column in KINDS[template.kind].must else "may")
        what = hint(template.words, template.language, template.kind, column, template.acts_as)
        for place, cell in enumerate((template.title(column), needed, what, template.example(column))):
            sheet.write_string(at, place, cell, wrap)
