"""Does the console open slower in a city? Every page and search with 1,000 and with 1,000,000 people, in turn.

`python -m bench.console [--few 1000] [--many 1000000] [--rounds 20] [--only sqlite|postgresql] [--plans 20]`: two towns
written by SQL, real pages over HTTP; prints each one's medians in milliseconds and the ratio (the aim: at most 2), then
how long a broadcast's audience takes to count, and with --plans the large town's dearest statements, as `bench.plans`.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import httpx

from bench.plans import show
from bot import logs
from bot.console.broadcasts import ACCOUNTS_AT_ONCE
from bot.copies import Parts
from storage import audiences
from storage.audiences import Audience, Terms
from storage.errors import StorageError
from tests import house as houses
from tests import postgres
from tests.console.clerks import Clerk
from tests.hot_paths import PAGES, SEARCHES, Town, asked, town

LAST_PAGES = ("/console/charts",)
# Two towns live in this one process: the clock of either would be counted to the pages of both.
ALONE = Parts(sender=False, clock=False)


async def measure(few: str, many: str, numbers: tuple[int, int], rounds: int, most: int) -> None:
    """Open every page of both towns in turn, and print."""
    with tempfile.TemporaryDirectory() as folder:
        async with AsyncExitStack() as stack:
            towns: list[Town] = []
            # The large one first: whoever signed in before it is written would be signed out.
            for name, url, people in (("many", many, numbers[1]), ("few", few, numbers[0])):
                begun = time.perf_counter()
                towns.insert(0, await stack.enter_async_context(town(Path(folder) / name, url, people, ALONE)))
                _tell(f"  {people} people written in {time.perf_counter() - begun:.0f} s")
            await _pages(towns, PAGES, rounds)
            for by, value in SEARCHES:
                await _compare(f"search by {by}", [partial(somewhere.search, value) for somewhere in towns], rounds)
            await _compare("a broadcast's audience counted", [partial(_count, one) for one in towns], 1)
            # Last, because the database goes on with a page that was given up.
            await _pages(towns, LAST_PAGES, rounds)
            if most:
                show(towns[1].database, await asked(towns[1]), most)


async def _pages(towns: Sequence[Town], pages: Sequence[str], rounds: int) -> None:
    for page in pages:
        try:
            ways = [partial(_get, await _who(somewhere, page), page) for somewhere in towns]
        except httpx.HTTPError as error:
            _tell(f"  {page:34} failed: {type(error).__name__}")
            continue
        await _compare(page, ways, rounds)


async def _who(somewhere: Town, page: str) -> Clerk:
    for clerk in somewhere.clerks:
        if (await clerk.get(page)).status_code != httpx.codes.FORBIDDEN:
            return clerk
    raise SystemExit(f"nobody may open {page}")


async def _get(clerk: Clerk, page: str) -> None:
    (await clerk.get(page)).raise_for_status()


async def _count(somewhere: Town) -> None:
    """All accounts, a piece at a time, as the page before a broadcast's approval does."""
    terms = Terms(
        Audience(), None, 0, ("zh", "en"), ("telegram",), datetime.now(UTC), mass=False, month="", quota="", most=0
    )
    last, after = await somewhere.database.read(audiences.highest), 0
    while after < last:
        await somewhere.database.read(partial(audiences.count, terms=terms, after=after, upto=after + ACCOUNTS_AT_ONCE))
        after += ACCOUNTS_AT_ONCE


async def _compare(name: str, ways: Sequence[Callable[[], Awaitable[None]]], rounds: int) -> None:
    times: list[list[float]] = [[], []]
    for _ in range(rounds + 1):
        for way, taken in zip(ways, times, strict=True):
            begun = time.perf_counter()
            try:
                await way()
            except (httpx.HTTPError, StorageError) as error:
                _tell(f"  {name:34} failed after {time.perf_counter() - begun:.1f} s: {type(error).__name__}")
                return
            taken.append(time.perf_counter() - begun)
    few, many = (statistics.median(taken[1:]) * 1000 for taken in times)
    _tell(f"  {name:34} {few:9.1f} ms {many:9.1f} ms   ratio {many / few:6.2f}")


def _tell(line: str) -> None:
    print(line, flush=True)  # noqa: T201 -- a command's output


def main() -> None:
    """Measure on both databases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--few", type=int, default=1_000)
    parser.add_argument("--many", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    parser.add_argument("--plans", type=int, default=0)
    chosen = parser.parse_args()
    logs.configure(as_json=True, level=50)
    numbers = (chosen.few, chosen.many)
    if chosen.only != "postgresql":
        with tempfile.TemporaryDirectory() as folder:
            few, many = (houses.migrated_file(Path(folder) / f"{name}.db") for name in ("few", "many"))
            _tell(f"SQLite, {numbers[0]} and {numbers[1]} people")
            asyncio.run(measure(few, many, numbers, chosen.rounds, chosen.plans))
    if chosen.only != "sqlite":
        fresh = postgres.fresh_database
        with postgres.durable_server() as server, fresh(server) as few, fresh(server) as many:
            for url in (few, many):
                houses.migrate(url)
            _tell(f"PostgreSQL, {numbers[0]} and {numbers[1]} people")
            asyncio.run(measure(few, many, numbers, chosen.rounds, chosen.plans))


if __name__ == "__main__":
    main()
