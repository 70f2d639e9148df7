"""An export as it leaves: pages read by key, written in threads, passed on piece by piece; memory stays flat."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from bot.exports.columns import Columns
from bot.exports.comma import CommaSeparated
from bot.exports.workbook import Workbook
from handlers.office.exporting import Begun, Rows
from storage import exports
from storage.database import Database
from storage.exports import Filter
from storage.unit import Unit

ROWS = 200  # opened and read in some ten milliseconds
NOTED_EVERY = 2_000


class Writer(Protocol):
    """A format: what stands before the rows, the rows, what stands behind them."""

    media_type: str

    def begin(self, heads: Sequence[str]) -> bytes:
        """Up to the first row."""
        ...

    def rows(self, rows: Sequence[Sequence[str]]) -> bytes:
        """Some rows; may be empty where they are held back."""
        ...

    def end(self) -> bytes:
        """What follows the last row."""
        ...


WRITERS: dict[str, Callable[[], Writer]] = {"xlsx": Workbook, "csv": CommaSeparated}


@dataclass(frozen=True, slots=True)
class Streaming:
    """One export under way."""

    database: Database
    wanted: Filter
    begun: Begun
    rows: Rows
    columns: Columns

    async def pieces(self, writer: Writer) -> AsyncIterator[bytes]:
        """The file, piece by piece; how far it is stands in the database meanwhile."""
        yield await asyncio.to_thread(writer.begin, self.columns.heads)
        after, written, noted = 0, 0, 0
        while True:
            lines, after = await self.database.read(lambda unit, at=after: self._page(unit, at))  # type: ignore[misc]
            if not lines:
                break
            yield await asyncio.to_thread(writer.rows, lines)
            written += len(lines)
            if written - noted >= NOTED_EVERY:
                noted = written
                await self._note(written)
        yield await asyncio.to_thread(writer.end)
        await self._note(written, ended=True)

    def _page(self, unit: Unit, after: int) -> tuple[list[list[str]], int]:
        found = exports.page(unit, self.wanted, after, self.begun.extent.last, ROWS)
        return [self.columns.row(self.rows.row(one)) for one in found], found[-1].id if found else after

    async def _note(self, written: int, *, ended: bool = False) -> None:
        now, number = datetime.now(UTC), self.begun.id
        await self.database.run(lambda unit: exports.move(unit, number, written, now, ended=ended), "batch")
