"""The daily plan over very many permits: is it fast, and does it hold no more than a page?

`python -m bench.plan [--permits 1000000] [--only sqlite|postgresql] [--rounds 3] [--folder /tmp]`: a table of permits
whose endorsements are spread over a year. Measured are the plan of all the coming weeks (what a first start brings), of
one more day (what each day brings), and telling a day's reminders; each against the plain way on the same rows: an
indexed SELECT of the permits, and an INSERT of as many reminders (or messages), page by page, each in a transaction.
Printed: seconds, their ratio, this process's processor time with its ratio, and the memory that planning took on top.
"""

import argparse
import itertools
import resource
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Column, MetaData, Table, delete, func, insert, select, tuple_

from bot import logs
from handlers.reminders import planning, telling
from storage import permit_reminders, reminders, tables
from storage.database import Database, open_database
from storage.secrets import Keyring, Vault
from storage.unit import Unit
from tests import house as houses
from tests import postgres
from tests.handlers.filed import OFFICE
from tests.many_permits import fill
from tests.reminded import plan_ahead

DAY = timedelta(days=1)
PAGE = 200
PAGES_ANALYSED = 500
NOW = datetime.now(UTC).replace(hour=0, minute=30)
REMINDERS = tables.reminders
# What was written and is taken out again, so that the plain way can write the very same.
ASIDE = MetaData()
KEPT = {
    table: Table(f"kept_{table.name}", ASIDE, *(Column(column.name, column.type) for column in table.columns))
    for table in (REMINDERS, tables.outbox)
}


@dataclass(slots=True)
class Taken:
    """How long something took in all, in seconds, and how much of this process's processor time."""

    seconds: float = 0
    cpu: float = 0

    @contextmanager
    def going(self) -> Iterator[None]:
        """Count what happens meanwhile."""
        seconds, cpu = time.perf_counter(), time.process_time()
        yield
        self.seconds += time.perf_counter() - seconds
        self.cpu += time.process_time() - cpu


def plan(database: Database, now: datetime) -> Taken:
    """The plan, page by page, each in a transaction of its own."""
    taken = Taken()
    place: planning.Place | None = planning.BEGINNING
    for page in itertools.count(1):
        if place is None:
            break
        if page % PAGES_ANALYSED == 0:
            _analyse(database)
        with taken.going():
            place = database.run_now(partial(plan_ahead, place=place, limit=PAGE, office=OFFICE, now=now))
    return taken


def _analyse(database: Database) -> None:
    """What a PostgreSQL server does by itself where its autovacuum is on: else plans made for an empty table stay."""
    if database.engine.dialect.name == "postgresql":
        with database.engine.begin() as connection:
            connection.exec_driver_sql("ANALYZE reminders")


def plainly(database: Database, newest: int, first: date, until: date) -> tuple[Taken, int]:
    """The plain way: the permits of those days by their index, and the reminders above a number written once more."""
    taken = Taken()
    after: tuple[date, int] | None = (first, 0)
    rows = _taken_out(database, REMINDERS, newest)
    while after is not None:
        with taken.going():
            after = database.run_now(partial(_plain_page, after=after, until=until))
    _written_again(database, REMINDERS, taken)
    return taken, rows


def _taken_out(database: Database, table: Table, newest: int) -> int:
    def move(unit: Unit) -> int:
        gone = table.c.id > newest
        unit.execute(delete(KEPT[table]))
        unit.execute(insert(KEPT[table]).from_select(list(KEPT[table].c), select(table).where(gone)))
        return int(unit.execute(delete(table).where(gone)).rowcount)

    return database.run_now(move)


def _written_again(database: Database, table: Table, taken: Taken) -> None:
    after = 0
    while rows := database.run_now(partial(_kept, table=KEPT[table], after=after)):
        after = rows[-1]["id"]
        for begun in range(0, len(rows), PAGE):
            with taken.going():
                database.run_now(partial(_insert, table=table, rows=rows[begun : begun + PAGE]))


def _kept(unit: Unit, table: Table, after: int) -> list[dict[str, Any]]:
    some = select(table).where(table.c.id > after).order_by(table.c.id).limit(PAGE * 25)
    return [dict(row) for row in unit.execute(some).mappings()]


def _plain_page(unit: Unit, after: tuple[date, int], until: date) -> tuple[date, int] | None:
    c = tables.permits.c
    behind = tuple_(c.endorse_from_on, c.id) > tuple_(*after)
    wanted = select(c.id, c.endorse_from_on, c.endorse_by_on, c.holder_id, c.area)
    wanted = wanted.where(c.state == "issued", c.endorse_from_on <= until, behind)
    found = unit.execute(wanted.order_by(c.endorse_from_on, c.id).limit(PAGE)).all()
    return (found[-1].endorse_from_on, found[-1].id) if found else None


def _insert(unit: Unit, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    unit.connection.execute(insert(table), list(rows))


def _newest(database: Database, table: Table) -> int:
    return int(database.run_now(lambda unit: unit.execute(select(func.max(table.c.id))).scalar_one() or 0))


def _memory() -> float:
    """The most that this process has ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(name: str, url: str, number: int, rounds: int) -> None:
    """Fill, plan, tell, and the plain way beside each."""
    houses.migrate(url)
    database = open_database(url, Vault(Keyring.parse(houses.KEYS)))
    KEPT[REMINDERS].metadata.create_all(database.engine)
    begun = time.perf_counter()
    fill(database, number, NOW)
    print(f"{name}: {number} permits filled in {time.perf_counter() - begun:.0f} s", flush=True)  # noqa: T201
    held, today = _memory(), NOW.astimezone(OFFICE.zone).date()
    taken = plan(database, NOW)
    print(f"{name}: planning took {_memory() - held:.0f} MB on top", flush=True)  # noqa: T201 -- a command's output
    until = today + planning.AHEAD
    _print(name, "all the coming weeks", taken, *plainly(database, 0, today - permit_reminders.REACH, until))
    for day in range(1, rounds + 1):
        newest = _newest(database, REMINDERS)
        taken = plan(database, NOW + day * DAY)
        _print(name, "one more day", taken, *plainly(database, newest, until + (day - 1) * DAY, until + day * DAY))
    nine = datetime.combine(today, OFFICE.remind_at, OFFICE.zone)
    for day in range(rounds):
        newest = _newest(database, tables.outbox)
        taken = _tell_all(database, nine + day * DAY)
        _print(name, "telling a day's", taken, *_tell_plainly(database, newest, nine + day * DAY))
    database.close()


def _tell_all(database: Database, now: datetime) -> Taken:
    taken = Taken()
    with taken.going():
        while database.run_now(lambda unit: telling.tell_due(unit, OFFICE, now)):
            pass
    return taken


def _tell_plainly(database: Database, newest: int, now: datetime) -> tuple[Taken, int]:
    taken = Taken()
    rows = _taken_out(database, tables.outbox, newest)
    with taken.going():
        database.run_now(lambda unit: len(reminders.due_until(unit, now, 1_000)))
    _written_again(database, tables.outbox, taken)
    return taken, rows


def _print(name: str, what: str, ours: Taken, plain: Taken, rows: int) -> None:
    ratio, cpu = ours.seconds / max(plain.seconds, 1e-9), ours.cpu / max(plain.cpu, 1e-9)
    told = f"{ours.seconds:.2f} s, plainly {plain.seconds:.2f} s, ratio {ratio:.1f}"
    print(f"{name}: {what}, {rows} rows: {told}; processor {ours.cpu:.2f} s, {cpu:.1f}", flush=True)  # noqa: T201


def main() -> None:
    """Read the arguments and begin."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--permits", type=int, default=1_000_000)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", help="where SQLite's file goes")
    chosen = parser.parse_args()
    logs.configure(as_json=True, level=40)
    if chosen.only != "postgresql":
        with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
            measure("SQLite", f"sqlite:///{Path(folder) / 'plan.db'}", chosen.permits, chosen.rounds)
    if chosen.only != "sqlite":
        with postgres.durable_server() as server, postgres.fresh_database(server) as url:
            measure("PostgreSQL", url, chosen.permits, chosen.rounds)


if __name__ == "__main__":
    main()
