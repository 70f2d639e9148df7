"""24 hours of a city, compressed: rush, night, broadcasts, a copy killed, a new version deployed; then a recount.

`python -m bench.city_day [--people 3000] [--seed 1] [--postgres] [--copies 2]`. Every copy is a whole house in this
process, since processes of their own can't share a clock that jumps (`bench/city/hours.py`); the platforms' doubles
enforce their limits by the same clock. The recount (`bench/city/recount.py`) goes by what people said and saw.
"""

import argparse
import asyncio
import io
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from datetime import datetime
from pathlib import Path

import psycopg

from bench.city.copies import DoorDelivery, DoorPhone, Doors, owned
from bench.city.evidence import Evidence
from bench.city.hours import Hours
from bench.city.office import Office
from bench.city.plan import live
from bench.city.recount import recount
from bench.city.ways import Mail
from bench.city.world import EVENING, ORIGIN, City, Wanted
from bench.doubles import settings
from bot import logs
from tests import house as houses
from tests import postgres
from tests.doubles.telegram import telegram_double
from tests.doubles.telegram_limits import Limits
from tests.doubles.wechat import WeChatDouble, wechat_double

RESULTS_EVERY = 300.0
LOOKS_IN = 1500.0  # seconds; a session at the console lasts a little longer


async def _city(url: str, wanted: Wanted) -> City:
    doors, mail = Doors(), Mail()
    delivery = DoorDelivery(doors=doors)
    async with wechat_double() as wechat, telegram_double(limits=Limits(), delivery=delivery) as telegram:
        chosen = settings(url, wechat, telegram, base_url=ORIGIN)
        city = City(wanted, chosen, doors, wechat, telegram, mail, Office(doors, ORIGIN, min(wanted.every, LOOKS_IN)))
        wechat.heeds = telegram.heeds = city.see
        wechat.program = DoorPhone(ORIGIN, "t", doors=doors)
        results = asyncio.ensure_future(_results(wechat))
        await live(city)
        results.cancel()
        return city


async def _results(wechat: WeChatDouble) -> None:
    """WeChat tells what became of what it had accepted."""
    while True:
        await asyncio.sleep(RESULTS_EVERY)
        await wechat.deliver_due()


def day(url: str, wanted: Wanted) -> tuple[City, Evidence]:
    """Live it; the city, and what there is to recount."""
    logged = io.StringIO()
    with redirect_stderr(logged), _clock(url) as tells:
        logs.configure(as_json=True, level=20)
        loop = Hours(EVENING, tells)
        loop.set_task_factory(owned)
        try:
            city = loop.run_until_complete(_city(url, wanted))
        finally:
            loop.close()
    return city, _evidence(url, city, logged.getvalue())


def _evidence(url: str, city: City, logged: str) -> Evidence:
    return Evidence(
        url, city.people, city.landlords, city.mail, city.office, city.broadcasts, city.paused, city.gone, city.lists,
        Counter(one.kind for double in (city.wechat, city.telegram) for one in double.violations), logged,
        city.metrics, Counter(city.doors.statuses), city.telegram.delivery.undelivered, city.failed,
    )  # fmt: skip


@contextmanager
def _clock(url: str) -> Iterator[Callable[[datetime], object] | None]:
    """PostgreSQL's clock too: a function of that name in a schema before its own."""
    if not url.startswith("postgresql"):
        yield None
        return
    with psycopg.connect(url, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute("CREATE SCHEMA city")
        connection.execute("CREATE TABLE city.clock (at timestamptz)")
        connection.execute("INSERT INTO city.clock VALUES (%s)", (EVENING,))
        connection.execute(
            "CREATE FUNCTION city.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS"
            " 'SELECT at FROM city.clock'"
        )
        connection.execute(f'ALTER DATABASE "{name}" SET search_path = city, pg_catalog, public')
        yield lambda now: connection.execute("UPDATE city.clock SET at = %s", (now,))


@contextmanager
def fresh(*, is_postgres: bool) -> Iterator[str]:
    """A database of its own; a file in memory where there is such a place."""
    if is_postgres:
        with postgres.durable_server() as server, postgres.fresh_database(server) as url:
            houses.migrate(url)
            yield url
        return
    memory = Path("/dev/shm")  # noqa: S108 -- a folder of its own is made in it
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield houses.migrated_file(Path(folder) / "city.db")


def report(city: City, found: list[str]) -> None:
    """Print what came of it."""
    told: Callable[[str], None] = print
    for line in city.happened:
        told(f"  {line}")
    roles = Counter(person.role for person in city.people)
    said = sum(len(person.said) for person in (*city.people, *city.landlords))
    told(f"{len(city.people)} people {dict(roles)}, {len(city.landlords)} landlords, {said} messages of theirs")
    told(f"receipts {sum(bool(p.receipt) for p in city.people)}, the office did {dict(city.office.ledger.acts)}")
    ways = Counter(seen.way for mails in city.mail.of.values() for seen in mails)
    told(f"seen {dict(ways)}, HTTP {dict(Counter(city.doors.statuses))}")
    told(f"the console's pages {dict(city.office.ledger.statuses)}, rows listed {sum(len(o.rows) for o in city.lists)}")
    for line in found[:60]:
        told(f"WRONG: {line}")
    told("every invariant holds" if not found else f"{len(found)} findings")


def main() -> None:
    """Live through it, and print what the recount finds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--copies", type=int, default=2)
    parser.add_argument("--every", type=float, default=300.0)
    parser.add_argument("--postgres", action="store_true")
    told = parser.parse_args()
    begun, used = time.perf_counter(), time.process_time()
    with fresh(is_postgres=told.postgres) as url:
        city, evidence = day(url, Wanted(told.people, told.seed, told.copies, told.every))
        found = recount(evidence)
    report(city, found)
    print(f"{time.perf_counter() - begun:.0f} s, {time.process_time() - used:.0f} s of processor")  # noqa: T201 -- output
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
