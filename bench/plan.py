"""The daily plan over very many permits: is it fast, and does it hold no more than a page?

`python -m bench.plan [--permits 1000000]`: on SQLite and PostgreSQL a table of permits whose endorsements are spread
over a year. Measured are the plan of all the coming weeks (what a first start brings), of one more day (what each day
brings), and telling a day's reminders; each against the plain way on the same rows: an indexed SELECT of the permits,
and an INSERT of as many reminders (or messages). Printed: seconds, their ratio, and the memory planning took on top.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Table, delete, func, insert, select, text, tuple_

from bot import logs
from handlers.reminders import planning, telling
from storage import conversations, permit_reminders, reminders, tables
from storage.database import Database, open_database
from storage.secrets import Keyring, Vault
from storage.unit import Unit
from tests import house as houses
from tests import postgres
from tests.handlers.filed import OFFICE, file

CHUNK = 5_000
YEAR = 365
DAY = timedelta(days=1)
PEOPLE = 20_000  # holders with an account, so that telling has somebody to tell
PAGE = 200
NOW = datetime.now(UTC).replace(hour=0, minute=30)


def fill(database: Database, number: int) -> None:
    """That many permits, their anniversaries spread over a year; accounts of some holders."""
    sent = database.run_now(lambda unit: file(unit, "B1"))
    person = database.run_now(lambda unit: dict(unit.execute(select(tables.people)).mappings().first() or {}))
    today = NOW.astimezone(OFFICE.zone).date()
    for first in range(0, min(PEOPLE, number), PAGE):
        database.run_now(partial(_accounts, first=first))
    for first in range(0, number, CHUNK):
        indexes = range(first, min(first + CHUNK, number))
        people = [person | {"id": sent.person_id + 1 + i, "id_number_index": i.to_bytes(16)} for i in indexes]
        rows = [_row(index, sent.person_id, today) for index in indexes]
        database.run_now(partial(_insert, table=tables.people, rows=people))
        database.run_now(partial(_insert, table=tables.permits, rows=rows))
    database.run_now(lambda unit: unit.execute(text("ANALYZE")).close())


def _accounts(unit: Unit, first: int) -> None:
    for index in range(first, first + PAGE):
        begun = conversations.begin(unit, "telegram", f"b{index}", "zh", NOW)
        conversations.save(unit, replace(begun, holder_id=f"{index:032}"), NOW)


def _row(index: int, first: int, today: date) -> dict[str, Any]:
    until = today + timedelta(days=index % YEAR)
    return {
        "person_id": first + 1 + index,
        "holder_id": f"{index % PEOPLE:032}",
        "area": f"S01-0{index % 3 + 1}",
        "state": "issued",
        "card": "handed_out",
        "issued_on": until - YEAR * DAY,
        "endorse_from_on": until - 31 * DAY,
        "endorse_by_on": until - DAY,
        "endorsed_until": until,
        "created_at": NOW,
        "changed_at": NOW,
        "open_person": first + 1 + index,
    }


def plan(database: Database, now: datetime) -> int:
    """The plan, page by page, each in a transaction of its own; how many reminders were new."""
    before = database.run_now(_number)
    place: planning.Place | None = planning.BEGINNING
    while place is not None:
        place = database.run_now(partial(planning.plan_ahead, place=place, limit=PAGE, office=OFFICE, now=now))
    return database.run_now(_number) - before


def plainly(database: Database, rows: Sequence[dict[str, Any]], first: date, until: date) -> None:
    """The plain way: the permits of those days by their index, page by page, and as many rows inserted."""
    after: tuple[date, int] | None = (first, 0)
    while after is not None:
        after = database.run_now(partial(_plain_page, after=after, until=until))
    for begun in range(0, len(rows), PAGE):
        some = rows[begun : begun + PAGE]
        database.run_now(partial(_insert, table=tables.reminders, rows=some))


def _plain_page(unit: Unit, after: tuple[date, int], until: date) -> tuple[date, int] | None:
    c = tables.permits.c
    behind = tuple_(c.endorse_from_on, c.id) > tuple_(*after)
    wanted = select(c.id, c.endorse_from_on, c.endorse_by_on, c.holder_id, c.area)
    wanted = wanted.where(c.state == "issued", c.endorse_from_on <= until, behind)
    found = unit.execute(wanted.order_by(c.endorse_from_on, c.id).limit(PAGE)).all()
    return (found[-1].endorse_from_on, found[-1].id) if found else None


def _insert(unit: Unit, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    unit.connection.execute(insert(table), list(rows))


def _number(unit: Unit) -> int:
    return int(unit.execute(select(func.count()).select_from(tables.reminders)).scalar_one())


def _taken(work: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    done = work()
    return time.perf_counter() - begun, done


def _memory() -> float:
    """The most that this process has ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(name: str, url: str, number: int) -> None:
    """Fill, plan, tell, and the plain way beside each."""
    houses.migrate(url)
    database = open_database(url, Vault(Keyring.parse(houses.KEYS)))
    fill(database, number)
    held, today = _memory(), NOW.astimezone(OFFICE.zone).date()
    taken, new = _taken(lambda: plan(database, NOW))
    print(f"{name}: planning took {_memory() - held:.0f} MB on top")  # noqa: T201 -- a command's output
    rows = database.run_now(_rows)
    database.run_now(_forget)
    until = today + planning.AHEAD
    plain, _ = _taken(lambda: plainly(database, rows, today - permit_reminders.REACH, until))
    _print(name, "all the coming weeks", new, taken, plain)
    taken, new = _taken(lambda: plan(database, NOW + DAY))
    rows = database.run_now(partial(_rows, newest=new))
    database.run_now(partial(_forget, rows=rows))
    plain, _ = _taken(lambda: plainly(database, rows, until, until + DAY))
    _print(name, "one more day", new, taken, plain)
    nine = datetime.combine(today, OFFICE.remind_at, OFFICE.zone)
    taken, new = _taken(lambda: _tell_all(database, nine))
    messages = database.run_now(_messages)
    database.run_now(lambda unit: unit.execute(delete(tables.outbox)).close())
    plain, _ = _taken(lambda: _write_plainly(database, messages, nine))
    _print(name, f"telling a day's in {len(messages)} messages", new, taken, plain)
    database.close()


def _forget(unit: Unit, rows: Sequence[dict[str, Any]] = ()) -> None:
    every = delete(tables.reminders)
    unit.execute(every.where(tables.reminders.c.id.in_([row["id"] for row in rows])) if rows else every)


def _tell_all(database: Database, now: datetime) -> int:
    total = 0
    while done := database.run_now(lambda unit: telling.tell_due(unit, OFFICE, now)):
        total += done
    return total


def _write_plainly(database: Database, messages: Sequence[dict[str, Any]], now: datetime) -> None:
    database.run_now(lambda unit: reminders.due_until(unit, now, 1_000_000))
    for first in range(0, len(messages), PAGE):
        some = messages[first : first + PAGE]
        database.run_now(partial(_insert, table=tables.outbox, rows=some))


def _rows(unit: Unit, newest: int | None = None) -> list[dict[str, Any]]:
    wanted = select(tables.reminders).order_by(tables.reminders.c.id.desc())
    found = unit.execute(wanted if newest is None else wanted.limit(newest)).mappings()
    return [dict(row) for row in found]


def _messages(unit: Unit) -> list[dict[str, Any]]:
    return [dict(row) for row in unit.execute(select(tables.outbox)).mappings()]


def _print(name: str, what: str, number: int, ours: float, plain: float) -> None:
    print(f"{name}: {what}, {number} rows: {ours:.2f} s, plainly {plain:.2f} s, ratio {ours / max(plain, 1e-9):.1f}")  # noqa: T201


def main() -> None:
    """Read the arguments and begin."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--permits", type=int, default=1_000_000)
    told = parser.parse_args()
    logs.configure(as_json=True, level=40)
    with tempfile.TemporaryDirectory() as folder:
        measure("SQLite", f"sqlite:///{Path(folder) / 'plan.db'}", told.permits)
    with postgres.server() as server, postgres.fresh_database(server) as url:
        measure("PostgreSQL", url, told.permits)


if __name__ == "__main__":
    main()
