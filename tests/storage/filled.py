"""A few rows in every table there is, whatever they mean, for tests of what moves the whole database."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, Column, Date, Float, Integer, LargeBinary, Table, insert

from storage import audit, contents, tables
from storage.audit import PROGRAM, Act, Subject
from storage.database import Database
from storage.probe import SEALED, place
from storage.unit import Unit
from tests.conftest import NOW

CHAINED = ("audit", "audit_head")


def fill(database: Database, rows: int = 7) -> None:
    """Rows 1 to `rows` in every table; the audit log by its own way."""
    database.run_now(lambda unit: _fill(unit, rows))


def _fill(unit: Unit, rows: int) -> None:
    for table in contents.ordered():
        if table.name not in CHAINED:
            for number in range(1, rows + 1):
                unit.connection.execute(insert(table).values(row(unit, table, number)))
    for number in range(rows):
        audit.append(unit, Act(PROGRAM, "issued", Subject("submission", str(number))), NOW)


def row(unit: Unit, table: Table, number: int) -> dict[str, Any]:
    """One row: each column after its kind, its number in each."""
    return {column.name: _value(unit, table, column, number) for column in table.columns}


def _value(unit: Unit, table: Table, column: Column[Any], number: int) -> Any:
    if column.name.endswith(SEALED):
        return unit.vault.seal_json({"n": number}, place(table, column))
    kinds: list[tuple[type, Any]] = [
        (tables.Instant, datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number, microseconds=number)),
        (Boolean, number % 2 == 0),
        (Integer, number),
        (Date, date(2026, 1, 1) + timedelta(days=number)),
        (Float, number + 0.1),
        (LargeBinary, number.to_bytes(16)),
    ]
    found = [value for kind, value in kinds if isinstance(column.type, kind)]
    return found[0] if found else str(number)


__all__ = ["fill"]
