"""What came of a list, as XLSX made piece by piece: the rows to mend with what is wrong, and what to pass on."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Literal

from bot.exports.workbook import Workbook
from bot.imports.template import Template
from handlers.office import home_codes
from storage import imports
from storage.database import Database
from storage.imports import Import, Line

Part = Literal["faults", "links"]
PARTS: tuple[Part, ...] = ("faults", "links")


@dataclass(frozen=True, slots=True)
class Report:
    """A part of one list's report; `url` is the address that people reach."""

    database: Database
    one: Import
    template: Template
    part: Part
    url: str

    async def pieces(self) -> AsyncIterator[bytes]:
        """The file. The rows to mend look like the template, so that they can be handed in as they are."""
        writer = Workbook()
        yield await asyncio.to_thread(writer.begin, self._heads())
        at = 0
        while True:
            first, lines = await self.database.read(lambda unit, at=at: imports.lines(unit, self.one.id, at))  # type: ignore[misc]
            if not lines:
                break
            yield await asyncio.to_thread(writer.rows, [self._row(line) for line in lines if self._belongs(line)])
            at = first + len(lines)
        yield await asyncio.to_thread(writer.end)

    def _heads(self) -> list[str]:
        heads = [self.template.title(column) for column in self.template.columns]
        if self.part == "faults":
            return [*heads, self.template.say("wrong_column"), self.template.say("row_column")]
        return [*heads, self.template.say("link_column" if self.one.kind == "tenants" else "code_column")]

    def _belongs(self, line: Line) -> bool:
        return line["state"] == "bad" if self.part == "faults" else bool(line["code"])

    def _row(self, line: Line) -> list[str]:
        cells = [line["cells"].get(column, "") for column in self.template.columns]
        if self.part == "faults":
            return [*cells, self._wrong(line), str(line["n"])]
        link = f"{self.url}/h/{line['code']}" if self.one.kind == "tenants" else home_codes.clear(line["code"])
        return [*cells, link]

    def _wrong(self, line: Line) -> str:
        """Every fault of a row in words, each with its column."""
        words, language = self.template.words, self.template.language
        return "\n".join(
            f"{self.template.title(column).rstrip('*')}: {words.say(language, f'invalid/{reason}', **data)}"
            for column, reason, data in line["faults"]
        )


def report(database: Database, one: Import, template: Template, part: Part, url: str) -> Report:
    """A part of the report in the list's own columns."""
    return Report(database, one, replace(template, kind=one.kind), part, url)
