"""What a database holds, table by table: how many rows, and a digest that is the same on SQLite and PostgreSQL."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, Table, func, inspect, literal, select, tuple_

from storage.tables import metadata

ROWS = 1_000
HEAVY = {"files": 8}  # rows of up to 20 MB: a few at a time, so that memory stays flat
DIGEST_BYTES = 32


@dataclass(frozen=True, slots=True)
class Sum:
    """A table's rows and the sum of their SHA-256, which doesn't depend on their order."""

    rows: int
    digest: str


def ordered() -> Sequence[Table]:
    """Every table, those that others refer to first."""
    return metadata.sorted_tables


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection that sees the database as it is now, however long it reads, and writes nothing."""
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
            yield connection
        else:
            connection.exec_driver_sql("BEGIN")
            connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")
            try:
                yield connection
            finally:
                connection.exec_driver_sql("ROLLBACK")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that may take its time, for the operator's commands; rolled back whole on any error."""
    with engine.connect() as connection:
        is_server = connection.dialect.name == "postgresql"
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0" if is_server else "BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.rollback() if is_server else connection.exec_driver_sql("ROLLBACK")
            raise
        connection.commit() if is_server else connection.exec_driver_sql("COMMIT")


def count(connection: Connection, table: Table) -> int:
    """How many rows there are."""
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def counts(connection: Connection) -> dict[str, int]:
    """The rows of every table that is there."""
    there = set(inspect(connection).get_table_names())
    return {str(table.name): count(connection, table) for table in ordered() if table.name in there}


def chunks(connection: Connection, table: Table) -> Iterator[Sequence[Mapping[str, Any]]]:
    """The rows in order of their key, some at a time, so that memory stays flat."""
    keys = tuple(table.primary_key.columns)
    limit = HEAVY.get(table.name, ROWS)
    wanted = select(table).order_by(*keys).limit(limit)
    last: Sequence[Any] = ()
    while True:
        after = tuple_(*keys) > tuple_(*(literal(value, key.type) for key, value in zip(keys, last, strict=False)))
        rows = [dict(row) for row in connection.execute(wanted.where(after) if last else wanted).mappings()]
        if rows:
            yield rows
        if len(rows) < limit:
            return
        last = [rows[-1][key.name] for key in keys]


def digest_of(connection: Connection, table: Table) -> Sum:
    """Rows and digest of a table."""
    rows, total = 0, 0
    for chunk in chunks(connection, table):
        rows += len(chunk)
        total += sum(weight(row) for row in chunk)
    return summed(rows, total)


def summed(rows: int, total: int) -> Sum:
    """The sum of rows' weights, cut to the digest's length."""
    return Sum(rows, f"{total % (1 << 8 * DIGEST_BYTES):0{2 * DIGEST_BYTES}x}")


def weight(row: Mapping[str, Any]) -> int:
    """A row's part of its table's digest."""
    told = orjson.dumps({str(name): _plain(value) for name, value in row.items()}, option=orjson.OPT_SORT_KEYS)
    return int.from_bytes(hashlib.sha256(told).digest())


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return value.isoformat() if isinstance(value, datetime | date) else value
