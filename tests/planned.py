"""A town of any size written by SQL in seconds, and what each statement of the program costs in it.

What is measured doesn't depend on the machine: on PostgreSQL how many rows a statement looked at (EXPLAIN ANALYZE), on
SQLite how many steps its virtual machine took; each with the plan that tells why.
"""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Date, Float, Integer, LargeBinary, String, Table, event, text
from sqlalchemy import select as selected

from regulations.pack import load
from regulations.permit_days import COUNTS_ENDORSEMENT, COUNTS_WAITING, counted_by
from storage import contents, conversations, tables
from storage.contents import writing
from storage.database import Database
from storage.probe import SEALED, place
from storage.unit import Unit
from tests.handlers.filed import file

FIRST = 1_000  # ids of the town begin after those of the models
# Not by number: there are few whatever the town's size (a postponed message is answered within seconds).
WRITTEN = ("areas", "audit_head", "leases", "tallies", "quotas", "tokens", "staff", "notice_rhythms", "postponed")

LAW = load("cn-zj-hangzhou")

# What decides whether an index is chosen: how often each value comes, for a row of the number n.
SHARES: dict[str, dict[str, str]] = {
    "submissions": {
        "status": "CASE WHEN n % 50 = 0 THEN 'received' ELSE 'registered' END",
        "kind": "'registration'",
        "form": "'migrant'",
        "area": "'S01-0' || (1 + n % 3)",
        "reviewer": "''",
        "holidays_of": "NULL",
        "former_id": "NULL",
        "lease_until": "NULL",
        "in_time": "NULL",
        "decided_at": "CASE WHEN n % 50 = 0 THEN NULL ELSE {now} END",
    },
    "people": {},
    "conversations": {
        "channel": "'telegram'",
        "status": "CASE WHEN n % 20 = 0 THEN 'active' ELSE 'ended' END",
        "reach": "'reachable'",
        "held": "{false}",
        "hand_over": "NULL",
        "updated_at": "{now}",
    },
    "outbox": {
        "channel": "'telegram'",
        "kind": "'notice'",
        "state": "CASE WHEN n % 100 = 0 THEN 'waiting' ELSE 'sent' END",
        "reason": "''",
        "bundle": "''",
        "topic": "''",
        "due_at": "{later}",
        "ended_at": "CASE WHEN n % 100 = 0 THEN NULL ELSE {now} END",
        "lease_until": "NULL",
        "started_at": "NULL",
        "accepted_at": "NULL",
        "platform_id": "NULL",
        "not_after": "NULL",
        "called_at": "NULL",
    },
    "attempts": {"outcome": "'sent'"},
    "messages": {"received_at": "{now}"},
    "homes": {"state": "'confirmed'", "area": "'S01-0' || (1 + n % 3)", "kind": "'urban_village'"},
    "tenancies": {"state": "CASE WHEN n % 50 = 0 THEN 'claimed' ELSE 'agreed' END", "area": "'S01-0' || (1 + n % 3)"},
    "duties": {"done_at": "{now}"},
    "hand_overs": {"ended_at": "{now}", "area": "'S01-0' || (1 + n % 3)"},
    "privacy_requests": {"state": "'done'", "answered_at": "{now}"},
    "files": {"state": "'stored'", "created_at": "{now}", "due_at": "{later}"},
    # In the middle of their year, counted by the law in force: the clock's first day there is a day like any other.
    "permits": {
        "number_sealed": "NULL",
        "state": "'issued'",
        "card": "'handed_out'",
        "area": "'S01-0' || (1 + n % 3)",
        "counted_by": f"'{counted_by(LAW, COUNTS_ENDORSEMENT)}'",
        "endorse_from_on": "{ahead}",
        "endorse_by_on": "{ahead}",
        "endorsed_until": "{ahead}",
        "end_reason": "''",
        **dict.fromkeys(("issue_by_on", "ready_on", "suspended_on", "restored_on", "ended_on"), "NULL"),
    },
    "permit_prospects": {
        "state": "CASE WHEN n % 10 = 0 THEN 'waiting' ELSE 'over' END",
        "eligible_on": "{ahead}",
        "counted_by": f"CASE WHEN n % 10 IN (0, 3) THEN '{counted_by(LAW, COUNTS_WAITING)}' ELSE 'the law before' END",
    },
    "reminders": {
        "entry": "'permit_endorsement'",
        "state": "CASE WHEN n % 10 = 0 THEN 'planned' ELSE 'told' END",
        "due_at": "CASE WHEN n % 10 = 0 THEN {later} ELSE {now} END",
        "open_key": "CASE WHEN n % 10 = 0 THEN 'x' || n END",
        "ended_at": "CASE WHEN n % 10 = 0 THEN NULL ELSE {now} END",
    },
    "certificates": {"ended_at": "NULL", "end_reason": "''"},
    "link_tries": {"tried_at": "{today}"},
    "link_codes": {"expires_at": "{later}"},
    "invitations": {"expires_at": "{later}"},
    "sign_in_tries": {"tried_at": "{today}"},
    "staff_sessions": {"created_at": "{now}", "seen_at": "{now}"},
    "exports": {"ended_at": "{now}"},
    "audit": {"who_kind": "'staff'", "action": "'looked'", "subject_kind": "'submission'"},
    "missed_searches": {"last_at": "{now}"},
    "notice_readings": {"read_at": "{now}", "sent_at": "{now}", "pushed_at": "{now}"},
    "visits": {"area": "'S01-0' || (1 + n % 3)"},
    "helps": {"state": "'done'"},
}
FEWER = {"homes": 5, "rooms": 5, "home_codes": 5, "exports": 100, "staff_sessions": 100, "staff_setups": 100,
         "staff_chats": 100, "staff_chat_codes": 100, "hand_overs": 10, "hand_over_lines": 10, "privacy_requests": 50,
         "missed_searches": 50, "notice_rounds": 1000, "notice_campaigns": 1000, "law_counts": 50,
         "visits": 5, "helps": 50, "link_codes": 50, "link_tries": 50, "sign_in_tries": 50, "files": 20,
         "broadcasts": 1000, "imports": 200, "invitations": 20}  # fmt: skip

# What goes by itself after weeks or months lies in the last four weeks, so that the first hour has nothing to purge.
PASSING = frozenset({
    "messages", "outbox", "attempts", "conversations", "files", "exports", "link_codes", "link_tries", "sign_in_tries",
    "staff_sessions", "missed_searches",
})  # fmt: skip

A_DAY = 23 * 60  # minutes
FAST_ON_POSTGRES = (
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL maintenance_work_mem = '1GB'",
    "SET LOCAL synchronous_commit = off",
)
CHOSEN = re.compile(r"\s*INSERT INTO .*?\)\s+(SELECT .*?)(?:\s(?:ON CONFLICT|RETURNING) .*)?$", re.DOTALL)
INDEXES_ON_SQLITE = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
INDEXES_ON_POSTGRES = """
    SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()
    AND indexname NOT IN (SELECT conname FROM pg_constraint)
"""


def settle(database: Database, people: int) -> None:
    """Fill every table for that many people beside the staff that is there, and let PostgreSQL's planner know."""
    database.run_now(lambda unit: [file(unit, f"M{number}") for number in range(2)])
    database.run_now(lambda unit: conversations.begin(unit, "telegram", "model", "zh", datetime.now(UTC)))
    with writing(database.engine) as connection, _indexed_afterwards(connection):
        unit = Unit(connection, database.vault)
        for table in contents.ordered():
            if table.name not in WRITTEN:
                _write(unit, table, max(1, people // FEWER.get(table.name, 1)))
        for table in contents.ordered():
            _set_sequence(connection, table, people)
    if database.engine.dialect.name == "postgresql":  # whose autovacuum does so; nobody does on SQLite
        with database.engine.connect() as connection:
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            connection.exec_driver_sql("ANALYZE")
            connection.commit()


@contextmanager
def _indexed_afterwards(connection: Connection) -> Iterator[None]:
    """Indexes that are no constraints are built once all is written, which takes a tenth of keeping them up to date."""
    postgresql = connection.dialect.name == "postgresql"
    for setting in FAST_ON_POSTGRES if postgresql else ("PRAGMA cache_size = -2000000",):
        connection.exec_driver_sql(setting)
    indexes = connection.exec_driver_sql(INDEXES_ON_POSTGRES if postgresql else INDEXES_ON_SQLITE).all()
    for name, _ in indexes:
        connection.exec_driver_sql(f'DROP INDEX "{name}"')
    yield
    for _, made in indexes:
        connection.exec_driver_sql(made)


def _write(unit: Unit, table: Table, rows: int) -> None:
    dialect = unit.connection.dialect.name
    model = dict(unit.connection.execute(selected(table).limit(1)).mappings().first() or {})
    columns = [column for column in table.columns if column.name != "id" or not isinstance(column.type, Integer)]
    own = SHARES.get(table.name, {})
    sealed = [column for column in columns if _is_sealed(column) and column.name not in own]
    given = {f"p_{column.name}": _sealed(unit, table, column, model) for column in sealed}
    named = ", ".join(f'"{column.name}"' for column in (*_ids(table), *columns))
    told = ", ".join([*("n" for _ in _ids(table)), *(_expression(table, column, model, dialect) for column in columns)])
    unit.connection.execute(
        text(f'INSERT INTO "{table.name}" ({named}) SELECT {told} FROM ({_series(dialect)}) AS numbers'),  # noqa: S608
        {"first": FIRST, "last": FIRST + rows - 1} | given,
    )


def _series(dialect: str) -> str:
    if dialect == "postgresql":
        return "SELECT generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS n"
    return (
        "WITH RECURSIVE series(n) AS (SELECT :first UNION ALL SELECT n + 1 FROM series WHERE n < :last)"
        " SELECT n FROM series"
    )


def _ids(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if column.name == "id" and isinstance(column.type, Integer)]


def _is_sealed(column: Column[Any]) -> bool:
    return column.name.endswith(SEALED)


def _sealed(unit: Unit, table: Table, column: Column[Any], model: dict[str, Any]) -> bytes:
    """The model's own, which the program can read; else anything of that place."""
    return model.get(column.name) or unit.vault.seal_json({"n": 1}, place(table, column))


def _expression(table: Table, column: Column[Any], model: dict[str, Any], dialect: str) -> str:
    own = SHARES.get(table.name, {}).get(column.name)
    if own is not None:
        return _dated(own, dialect, table.name)
    if _is_sealed(column):
        return f":p_{column.name}"
    return _by_kind(column, dialect, table.name)


def _by_kind(column: Column[Any], dialect: str, of: str) -> str:
    """After its type, different in every row; references lead to the row of the same number, or of a fifth of it."""
    text_of = f"substr('x' || n, 1, {getattr(column.type, 'length', None) or 40})"
    blob = "CAST(printf('%016d', n) AS BLOB)" if dialect == "sqlite" else "convert_to(lpad(n::text, 16, '0'), 'UTF8')"
    number = "n"
    for key in column.foreign_keys:
        fewer = FEWER.get(key.column.table.name, 1)
        if key.column.table is tables.staff:
            number = "1"
        else:
            number = f"({FIRST} + (n - {FIRST}) / {fewer})" if fewer > 1 else "n"
        text_of = f"('x' || {number})"
    small = f"({number} % 30000)" if "SMALL" in str(column.type) else number
    kinds: list[tuple[type, str]] = [
        (tables.Instant, _dated("{now}", dialect, of)),
        (Boolean, _dated("{false}", dialect, of)),
        (Integer, small),
        (Date, _dated("{day}", dialect, of)),
        (Float, "0.5"),
        (LargeBinary, blob),
        (String, text_of),
    ]
    return next(told for kind, told in kinds if isinstance(column.type, kind))


def _dated(told: str, dialect: str, of: str) -> str:
    """Moments in the months, weeks or hours before now, days in most of the year before and after, far ahead."""
    now, minutes = datetime.now(UTC), 40_000 if of in PASSING else 300_000
    if dialect == "postgresql":
        moment = f"(timestamptz '{now:%Y-%m-%d %H:%M:%S}+00' - (n % {minutes}) * interval '1 minute')"
        today = f"(timestamptz '{now:%Y-%m-%d %H:%M:%S}+00' - (n % {A_DAY}) * interval '1 minute')"
        later = f"(timestamptz '{now + timedelta(days=300):%Y-%m-%d %H:%M:%S}+00')"
        day = f"(date '{now:%Y-%m-%d}' - (n % 300)::int)"
        ahead = f"(date '{now:%Y-%m-%d}' + 1 + (n % 360)::int)"
    else:
        moment = f"strftime('%Y-%m-%d %H:%M:%f000', '{now:%Y-%m-%d %H:%M:%S}', '-' || (n % {minutes}) || ' minutes')"
        today = f"strftime('%Y-%m-%d %H:%M:%f000', '{now:%Y-%m-%d %H:%M:%S}', '-' || (n % {A_DAY}) || ' minutes')"
        later = f"'{now + timedelta(days=300):%Y-%m-%d %H:%M:%S.000000}'"
        day = f"date('{now:%Y-%m-%d}', '-' || (n % 300) || ' days')"
        ahead = f"date('{now:%Y-%m-%d}', '+' || (1 + n % 360) || ' days')"
    false = "false" if dialect == "postgresql" else "0"
    values = {"now": moment, "today": today, "later": later, "day": day, "ahead": ahead, "false": false}
    return told.format(**values)


def _set_sequence(connection: Connection, table: Table, people: int) -> None:
    if connection.dialect.name == "postgresql" and _ids(table):
        sequence = connection.execute(text("SELECT pg_get_serial_sequence(:t, 'id')"), {"t": table.name}).scalar_one()
        if sequence:
            connection.execute(text(f"SELECT setval('{sequence}', {FIRST + people * 2})"))


@dataclass(frozen=True, slots=True)
class Cost:
    """A statement: what it looked at (rows, or steps on SQLite), and how it went about it."""

    statement: str
    looked_at: int
    plan: str


@dataclass(slots=True)
class Heard:
    """The statements that the program made, each once, with values it was made with."""

    statements: dict[str, Any] = field(default_factory=dict)

    def hear(self, connection: Any, cursor: Any, statement: str, values: Any, context: Any, many: bool) -> None:
        """SQLAlchemy's event."""
        chosen = CHOSEN.match(statement)  # it can't be inserted a second time
        asked = chosen[1] if chosen else statement
        if asked.lstrip("( ").upper().startswith(("SELECT", "UPDATE", "DELETE", "WITH")) and not many:
            self.statements.setdefault(asked, values)


@contextmanager
def heard(database: Database) -> Iterator[Heard]:
    """Hear what is asked of the database meanwhile."""
    ear = Heard()
    event.listen(database.engine, "before_cursor_execute", ear.hear)
    try:
        yield ear
    finally:
        event.remove(database.engine, "before_cursor_execute", ear.hear)


def costs(database: Database, ear: Heard) -> Sequence[Cost]:
    """What each statement costs now, with the dearest first; nothing is changed."""
    explain = _on_postgres if database.engine.dialect.name == "postgresql" else _on_sqlite
    with database.engine.connect() as connection:
        raw: Any = connection.connection.dbapi_connection
        found = [explain(raw, statement, values) for statement, values in ear.statements.items()]
    return sorted(found, key=lambda cost: -cost.looked_at)


def _on_postgres(raw: Any, statement: str, values: Any) -> Cost:
    if "pg_notify" in statement or "pg_catalog" in statement:
        return Cost(statement, 0, "")
    with raw.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + statement, values)
        plan = cursor.fetchone()[0][0]["Plan"]
    raw.rollback()
    return Cost(statement, sum(_rows(node) for node in _nodes(plan)), json.dumps(plan, indent=1))


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)


def _rows(node: dict[str, Any]) -> int:
    """What was read from a table or index; filters and joins leave out what was read for nothing."""
    left_out = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    read = node["Actual Rows"] if "Scan" in node["Node Type"] else 0
    return int((read + left_out) * node["Actual Loops"])


STEP = 100


def _on_sqlite(raw: Any, statement: str, values: Any) -> Cost:
    steps = 0

    def count() -> None:
        nonlocal steps
        steps += STEP

    plan = "\n".join(str(row[3]) for row in raw.execute("EXPLAIN QUERY PLAN " + statement, values))
    raw.execute("BEGIN")
    raw.set_progress_handler(count, STEP)
    try:
        raw.execute(statement, values).fetchall()
    finally:
        raw.set_progress_handler(None, 0)
        raw.execute("ROLLBACK")
    return Cost(statement, steps, plan)
