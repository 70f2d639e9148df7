"""Does a long queue open slower? The console's pages with 1,000 and with 100,000 submissions, in turn, in one run.

`python -m bench.queue [--few 1000] [--many 100000] [--rounds 40] [--open 0.3]`: real pages over HTTP, on SQLite and
PostgreSQL; prints each page's medians in milliseconds and the ratio (the aim: at most 2).
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import insert, select, text

from bot import logs
from storage import tables
from storage.unit import Unit
from tests import house as houses
from tests import postgres
from tests.console.clerks import Clerk, at_work, console
from tests.handlers.filed import file

PAGES = ("/console/queue", "/console/queue?show=registered", "/console/queue/simple", "/console")
CHUNK = 5_000
FIRST = 1_000  # the first person's id
OF_ITS_OWN = ("id", "number", "draft", "person_id")


def fill(unit: Unit, number: int, share_open: float) -> None:
    """That many submissions of invented people, as many of them undecided as told, some of them late."""
    for name in ("bench1", "bench2"):
        file(unit, name)
    model = dict(unit.execute(select(tables.submissions)).mappings().first() or {})
    person = dict(unit.execute(select(tables.people)).mappings().first() or {})
    for one in OF_ITS_OWN:
        del model[one]
    now = datetime.now(UTC)
    for first in range(0, number, CHUNK):
        indexes = range(first, min(first + CHUNK, number))
        people = [person | {"id": FIRST + index, "id_number_index": index.to_bytes(16)} for index in indexes]
        unit.connection.execute(insert(tables.people), people)
        rows = [_row(model, index, number, share_open, now) for index in indexes]
        unit.connection.execute(insert(tables.submissions), rows)
    unit.connection.execute(text("ANALYZE"))


def _row(model: dict[str, Any], index: int, number: int, share_open: float, now: datetime) -> dict[str, Any]:
    is_open = index >= number * (1 - share_open)
    at = now - timedelta(minutes=number - index)
    return model | {
        "number": f"B{index:08}",
        "draft": f"b{index}",
        "person_id": FIRST + index,
        "due_on": (at + timedelta(days=7)).date(),
        "late_after": (at + timedelta(days=7)).date(),
        "status": "received" if is_open else "registered",
        "submitted_at": at,
        "area": f"S01-0{index % 3 + 1}",
        "phone_index": index.to_bytes(16),
        "home_index": index.to_bytes(16),
    }


async def measure(few: str, many: str, numbers: tuple[int, int], rounds: int, share_open: float) -> None:
    """Open the pages of both offices in turn, and print."""
    with tempfile.TemporaryDirectory() as folder:
        async with AsyncExitStack() as stack:
            offices = []
            for name, url, number in (("few", few, numbers[0]), ("many", many, numbers[1])):
                web = await stack.enter_async_context(console(Path(folder) / name, url))
                await web.house.database.run(partial(fill, number=number, share_open=share_open))
                offices.append(await stack.enter_async_context(at_work(web, "reviewer")))
            for page in PAGES:
                await _compare(page, offices, rounds)


async def _compare(page: str, offices: list[Clerk], rounds: int) -> None:
    times: list[list[float]] = [[], []]
    for _ in range(rounds + 1):
        for office, taken in zip(offices, times, strict=True):
            begun = time.perf_counter()
            answer = await office.get(page)
            taken.append(time.perf_counter() - begun)
            if answer.status_code != httpx.codes.OK:
                raise SystemExit(f"{page}: {answer.status_code}")
    few, many = (statistics.median(taken[1:]) * 1000 for taken in times)
    print(f"  {page:34} {few:8.1f} ms {many:8.1f} ms   ratio {many / few:5.2f}")  # noqa: T201 -- a command's output


@contextmanager
def _postgres() -> Iterator[tuple[str, str]]:
    fresh = postgres.fresh_database
    with postgres.durable_server() as server, fresh(server) as few, fresh(server) as many:
        for url in (few, many):
            houses.migrate(url)
        yield few, many


def main() -> None:
    """Measure on both databases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--few", type=int, default=1_000)
    parser.add_argument("--many", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--open", type=float, default=0.3)
    chosen = parser.parse_args()
    logs.configure(as_json=True, level=50)
    numbers = (chosen.few, chosen.many)
    with tempfile.TemporaryDirectory() as folder:
        few, many = (houses.migrated_file(Path(folder) / f"{name}.db") for name in ("few", "many"))
        print(f"SQLite, {numbers[0]} and {numbers[1]} submissions")  # noqa: T201 -- a command's output
        asyncio.run(measure(few, many, numbers, chosen.rounds, chosen.open))
    with _postgres() as (few, many):
        print(f"PostgreSQL, {numbers[0]} and {numbers[1]} submissions")  # noqa: T201 -- a command's output
        asyncio.run(measure(few, many, numbers, chosen.rounds, chosen.open))


if __name__ == "__main__":
    main()
