"""Whether an export's memory stays flat: 10,000 and 100,000 rows, each format in a process of its own.

`python -m bench.export [--rows 10000 100000]`: prints seconds, rows a second, size, and the peak of memory above
that of the same process before its first row.
"""

import argparse
import asyncio
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert, select

from bot import logs
from bot.console.words import Pages
from bot.exports.columns import Columns
from bot.exports.stream import WRITERS, Streaming
from handlers.office.exporting import Begun, Rows
from storage import exports, tables
from storage.exports import Filter
from storage.staff import Member
from storage.unit import Unit
from tests import house as houses
from tests.console.counted import one

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
MODELS = 50
PIECE = 5_000


def fill(unit: Unit, rows: int) -> None:
    """A few submissions, then copies of their rows under other numbers."""
    for number in range(MODELS):
        one(unit, number, NOW - timedelta(minutes=number))
    models = [dict(row._mapping) for row in unit.execute(select(tables.submissions))]
    for model in models:
        del model["id"]
    for begun in range(MODELS, rows, PIECE):
        copies = [
            models[n % MODELS] | {"number": f"AJ{n:06}", "draft": f"draft {n}"}
            for n in range(begun, min(begun + PIECE, rows))
        ]
        unit.connection.execute(insert(tables.submissions), copies)


async def export(url: str, form: str) -> tuple[int, int, float, float]:
    """Rows, bytes, seconds, and MiB above the beginning."""
    async with houses.opened(houses.settings(url)) as house:
        member = Member(1, "BENCH2", "bench", "王芳", "reviewer", "", "zh")
        found = await house.database.read(lambda unit: exports.extent(unit, Filter()))
        number = await house.database.run(lambda unit: exports.begin(unit, "BENCH2", form, found.number, NOW))
        columns = Columns("zh", Pages(house.settings.zone, house.areas), house.words)
        begun = Begun(number, found)
        streaming = Streaming(house.database, Filter(), begun, Rows(member, house.areas()), columns)
        before, started, size = _peak(), time.perf_counter(), 0
        async for piece in streaming.pieces(WRITERS[form]()):
            size += len(piece)
        return found.number, size, time.perf_counter() - started, _peak() - before


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(rows: int) -> None:
    """Fill a database, then each format in a fresh process."""
    with tempfile.TemporaryDirectory() as folder:
        url = houses.migrated_file(Path(folder) / "bench.db")
        asyncio.run(_filled(url, rows))
        for form in WRITERS:
            again = [sys.executable, "-m", "bench.export", "--url", url, "--format", form]
            subprocess.run(again, check=True, env=os.environ | {"ANJU_TEST_KEYS": houses.KEYS})  # noqa: S603


async def _filled(url: str, rows: int) -> None:
    async with houses.opened(houses.settings(url)) as house:
        await house.database.run(lambda unit: fill(unit, rows))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--url", default="")
    parser.add_argument("--format", default="")
    chosen = parser.parse_args()
    logs.configure(as_json=True, level=40)
    if not chosen.url:
        for rows in chosen.rows:
            measure(rows)
        return
    rows, size, seconds, more = asyncio.run(export(chosen.url, chosen.format))
    told = f"{chosen.format:5}{rows:8} rows {seconds:7.1f} s {rows / seconds:7.0f} rows/s {size / 2**20:7.1f} MiB"
    print(f"{told}, memory +{more:.0f} MiB")  # noqa: T201 -- a command's output


if __name__ == "__main__":
    main()
