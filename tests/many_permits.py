"""Very many permits, written by SQL alone, their anniversaries spread over a year; accounts of some of the holders."""

from dataclasses import replace
from datetime import date, datetime
from functools import partial

from sqlalchemy import bindparam, text

from storage import conversations, tables
from storage.database import Database
from storage.unit import Unit
from tests.handlers.filed import OFFICE, file

CHUNK = 20_000
SOME = 500
YEAR = 365
PEOPLE = 20_000  # holders with an account, so that telling has somebody to tell
SERIES = {
    "postgresql": "SELECT generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS n",
    "sqlite": "WITH RECURSIVE series(n) AS (SELECT :first UNION ALL SELECT n + 1 FROM series WHERE n < :last)"
    " SELECT n FROM series",
}
BLOB = {"postgresql": "convert_to(lpad(n::text, 16, '0'), 'UTF8')", "sqlite": "CAST(printf('%016d', n) AS BLOB)"}
HOLDER = {"postgresql": "lpad((n % :people)::text, 32, '0')", "sqlite": "printf('%032d', n % :people)"}
AHEAD = {
    "postgresql": "(CAST(:today AS date) + CAST(n % 365 AS int) - {back})",
    "sqlite": "date(:today, (n % 365 - {back}) || ' days')",
}


def fill(database: Database, number: int, now: datetime) -> None:
    """That many permits of as many people, issued a year before their endorsement is due."""
    sent = database.run_now(lambda unit: file(unit, "B1"))
    for first in range(0, min(PEOPLE, number), SOME):
        database.run_now(partial(_accounts, first=first, now=now))
    for first in range(0, number, CHUNK):
        last = min(first + CHUNK, number) - 1
        database.run_now(partial(_write, first=first, last=last, person=sent.person_id, now=now))
    with database.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql("ANALYZE")
        connection.commit()


def _accounts(unit: Unit, first: int, now: datetime) -> None:
    for index in range(first, first + SOME):
        begun = conversations.begin(unit, "telegram", f"b{index}", "zh", now)
        conversations.save(unit, replace(begun, holder_id=f"{index:032}"), now)


def _write(unit: Unit, first: int, last: int, person: int, now: datetime) -> None:
    kind = unit.connection.dialect.name
    today: date = now.astimezone(OFFICE.zone).date()
    people = _people(kind)
    _run(unit, f"INSERT INTO people ({', '.join(people)}) SELECT {', '.join(people.values())}"  # noqa: S608
         f" FROM people p, ({SERIES[kind]}) s WHERE p.id = :person", first=first, last=last, person=person)  # fmt: skip
    permits = _permit(kind)
    _run(unit, f"INSERT INTO permits ({', '.join(permits)}) SELECT {', '.join(permits.values())}"  # noqa: S608
         f" FROM ({SERIES[kind]}) s", first=first, last=last, person=person, people=PEOPLE, now=now,
         today=today if unit.is_postgres else today.isoformat())  # fmt: skip


def _run(unit: Unit, statement: str, **told: object) -> None:
    at = [bindparam("now", type_=tables.Instant)] if "now" in told else []
    unit.execute(text(statement).bindparams(*at), told)


def _people(kind: str) -> dict[str, str]:
    """A person's columns as SQL of its number n: those of the first, but for what finds them."""
    own = {"id": ":person + 1 + n", "id_number_index": BLOB[kind]}
    return {column.name: own.get(column.name, f"p.{column.name}") for column in tables.people.columns}


def _permit(kind: str) -> dict[str, str]:
    """A permit's columns as SQL of its number n."""
    days = {"issued_on": YEAR, "endorse_from_on": 31, "endorse_by_on": 1, "endorsed_until": 0}
    return {
        "person_id": ":person + 1 + n",
        "open_person": ":person + 1 + n",
        "holder_id": HOLDER[kind],
        "area": "'S01-0' || (1 + n % 3)",
        "state": "'issued'",
        "card": "'handed_out'",
        "created_at": ":now",
        "changed_at": ":now",
        **{name: AHEAD[kind].format(back=back) for name, back in days.items()},
    }
