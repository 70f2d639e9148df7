"""How much the database grows with each person: rows and bytes of every table, measured through the program's doors.

`python -m bench.growth [--people 200] [--pushes 24]`: that many people register in a whole talk, are approved, get
their certificate and that many messages more; what each left behind, on SQLite and PostgreSQL, indexes included, is
written as the table of docs/scale.md. What goes again after some days (docs/data.md) is told apart from what stays.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sqlalchemy import text
from stdnum.iso7064 import mod_11_2

from bot import logs
from bot.delivery import Sender
from bot.house import House
from handlers import turns
from handlers.messages import Reply
from handlers.office import review
from handlers.office.reviewer import Reviewer, Taken
from handlers.turns import Answered
from storage import contents, conversations, deliveries
from storage.deliveries import Terms
from storage.unit import Unit
from tests import house as houses
from tests import postgres
from tests.bot.stations import Station
from tests.certified import registered

CLERK = Reviewer("bench")
WARM = 20  # people before the first measuring, so that a table's first page isn't counted as theirs
KEPT_DAYS = {"messages": 30, "outbox": 90, "attempts": 90, "reminders": 400, "files": 30}  # as .env.example keeps them
YEAR = 365
SQLITE_BYTES = (
    "SELECT coalesce(m.tbl_name, d.name), sum(d.pgsize) FROM dbstat d"
    " LEFT JOIN sqlite_master m ON m.name = d.name GROUP BY 1"
)
POSTGRES_BYTES = (
    "SELECT relname, pg_table_size(oid) + pg_indexes_size(oid) FROM pg_class"
    " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
)


@dataclass(frozen=True, slots=True)
class Size:
    """A table's rows and bytes, indexes included."""

    rows: float
    bytes: float


async def live(house: House, first: int, people: int, pushes: int) -> None:
    """They register, are approved, and are told so many things more."""
    sender = Sender(house.database, house.words, {"engine": Station()})
    for number in range(first, first + people):
        await registered(house, f"person {number}", id_number=_id_number(number), address=f"幸福路{number}号502室")
        await house.database.run(partial(_approve, house=house))
        await house.database.run(partial(_tell, who=f"person {number}", pushes=pushes))
        await sender.send_due()


def _id_number(number: int) -> str:
    body = f"11010519{50 + number // 336 % 50}{number // 28 % 12 + 1:02}{number % 28 + 1:02}{number // 16800:03}"
    return body + mod_11_2.calc_check_digit(body)


def _approve(unit: Unit, house: House) -> None:
    now = datetime.now(UTC)
    taken = review.take_next(unit, CLERK, now)
    if isinstance(taken, Taken):
        sent = taken.submission
        review.approve(unit, CLERK, sent.number, sent.version, house.chat.office, now)


def _tell(unit: Unit, who: str, pushes: int) -> None:
    found = conversations.find(unit, "engine", who)
    if found is None:
        raise LookupError(who)
    said = turns.packed(Answered(b"", found.id, "zh", (Reply("say/bot_back", {"asks": False}),)))
    for number in range(pushes):
        deliveries.enqueue(unit, f"{who} {number}", found.id, said, datetime.now(UTC), Terms("reminder", urgent=True))


def sizes(house: House) -> dict[str, Size]:
    """Of every table, as they are now."""
    on_postgres = house.database.engine.dialect.name == "postgresql"
    if on_postgres:
        with house.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM")
    with contents.snapshot(house.database.engine) as seen:
        rows_of = seen.execute(text(POSTGRES_BYTES if on_postgres else SQLITE_BYTES))
        found: dict[str, int] = {name: int(size) for name, size in rows_of}
        return {name: Size(rows, found.get(name, 0)) for name, rows in contents.counts(seen).items()}


async def measure(url: str, people: int, pushes: int) -> Mapping[str, Size]:
    """What each person adds to each table."""
    async with houses.opened(houses.settings(url)) as house:
        await live(house, 0, WARM, pushes)
        before = sizes(house)
        await live(house, WARM, people, pushes)
        after = sizes(house)
    added = {
        name: Size((size.rows - before[name].rows) / people, (size.bytes - before[name].bytes) / people)
        for name, size in after.items()
    }
    return {name: size for name, size in added.items() if size.rows > 0}


def show(name: str, found: Mapping[str, Size]) -> None:
    """A table in Markdown, the largest first, and what remains of it after a year."""
    print(f"\n{name}\n\n| table | rows | bytes | kept |\n|---|---:|---:|---|")  # noqa: T201 -- its output
    for table, size in sorted(found.items(), key=lambda entry: -entry[1].bytes):
        days = KEPT_DAYS.get(table)
        kept = "stays" if days is None else f"{days} days"
        print(f"| {table} | {size.rows:.1f} | {size.bytes:,.0f} | {kept} |")  # noqa: T201 -- its output
    stays = sum(size.bytes for table, size in found.items() if table not in KEPT_DAYS)
    passing = sum(size.bytes * KEPT_DAYS[table] / YEAR for table, size in found.items() if table in KEPT_DAYS)
    rows = sum(size.rows for size in found.values())
    print(f"| **all** | {rows:.1f} | {sum(size.bytes for size in found.values()):,.0f} | |")  # noqa: T201 -- its output
    print(f"\nstays: {stays:,.0f} bytes; at any moment {passing:,.0f} more, on an average of the year")  # noqa: T201 -- its output


def main() -> None:
    """Both databases, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--pushes", type=int, default=24)
    chosen = parser.parse_args()
    logs.configure(as_json=False, level=40)
    with tempfile.TemporaryDirectory() as folder:
        url = houses.migrated_file(Path(folder) / "anju.db")
        show("SQLite", asyncio.run(measure(url, chosen.people, chosen.pushes)))
    with postgres.durable_server() as server, postgres.fresh_database(server) as url:
        houses.migrate(url)
        show("PostgreSQL", asyncio.run(measure(url, chosen.people, chosen.pushes)))


if __name__ == "__main__":
    main()
