"""What each statement of the day looks at in a city of any size, on SQLite and PostgreSQL.

`python -m bench.plans [--people 1000000] [--only sqlite|postgresql] [--most 20]`: fills a town by SQL, goes through the
program's doors once, and prints what was dearest: rows looked at (PostgreSQL), steps (SQLite), and the plan.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from bot import logs
from storage.database import Database
from tests import house as houses
from tests import postgres
from tests.hot_paths import asked, town
from tests.planned import Cost


async def measure(name: str, url: str, people: int, most: int) -> None:
    """Fill, go through every door, print."""
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        async with town(Path(folder), url, people) as somewhere:
            print(f"{name}: {people} people filled in {time.perf_counter() - begun:.0f} s")  # noqa: T201 -- its output
            show(somewhere.database, await asked(somewhere), most)


def show(database: Database, found: Mapping[str, Sequence[Cost]], most: int) -> None:
    """The dearest statements, with their plans on SQLite."""
    dearest = [(cost.looked_at, way, cost) for way, costs in found.items() for cost in costs]
    for looked_at, way, cost in sorted(dearest, key=lambda one: -one[0])[:most]:
        print(f"{looked_at:>12} {way}: {' '.join(cost.statement.split())[:260]}")  # noqa: T201 -- its output
        if database.engine.dialect.name == "sqlite":
            print("             " + cost.plan.replace("\n", "\n             "))  # noqa: T201 -- its output


def main() -> None:
    """Both databases, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    parser.add_argument("--most", type=int, default=20)
    chosen = parser.parse_args()
    logs.configure(as_json=False, level=40)
    if chosen.only != "postgresql":
        with tempfile.TemporaryDirectory() as folder:
            url = houses.migrated_file(Path(folder) / "anju.db")
            asyncio.run(measure("sqlite", url, chosen.people, chosen.most))
    if chosen.only != "sqlite":
        with postgres.durable_server() as server, postgres.fresh_database(server) as url:
            houses.migrate(url)
            asyncio.run(measure("postgresql", url, chosen.people, chosen.most))


if __name__ == "__main__":
    main()
