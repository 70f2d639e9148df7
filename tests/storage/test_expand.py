"""Copies of the release before go on while the schema is brought forward (docs/decisions/0201).

What is tested: everything that the schema of the last release has is still there, as it was; and rows are written,
read, changed and deleted in the newest schema by statements that know only the columns of then. What isn't: that
release's program itself, which a test can't have beside this one.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Engine,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    delete,
    insert,
    inspect,
    select,
    text,
    update,
)  # fmt: skip

from storage import schema
from storage.contents import writing
from storage.database import open_database
from storage.errors import Held
from storage.secrets import Vault
from tests.postgres import fresh_database

# The schema of the last release; whoever makes a release writes its `schema.head()` here.
RELEASED = "0190"
FORGOTTEN = ("alembic_version", "audit", "audit_head")  # Alembic's own; what refuses every change by itself


@pytest.fixture
def released(kind: str, request: pytest.FixtureRequest, tmp_path: Path, vault: Vault) -> Iterator[Engine]:
    """A database as the last release made it."""
    if kind == "sqlite":
        yield from _at(f"sqlite:///{tmp_path / 'released.db'}", vault)
        return
    with fresh_database(request.getfixturevalue("postgres_server")) as url:
        yield from _at(url, vault)


def _at(url: str, vault: Vault) -> Iterator[Engine]:
    database = open_database(url, vault)
    schema.upgrade(database.engine, RELEASED)
    yield database.engine
    database.close()


def reflected(engine: Engine) -> MetaData:
    known = MetaData()
    known.reflect(engine)
    return known


def test_nothing_that_older_copies_use_is_taken_away(released: Engine) -> None:
    before = reflected(released)
    schema.upgrade(released)
    after = reflected(released)
    for table in before.sorted_tables:
        now = after.tables[table.name]
        for column in table.columns:
            assert str(now.c[column.name].type) == str(column.type), f"{table.name}.{column.name}"
            assert now.c[column.name].nullable or not column.nullable, f"{table.name}.{column.name} must be given now"
        for fresh in set(now.c.keys()) - set(table.c.keys()):
            may_be_left_out = now.c[fresh].nullable or now.c[fresh].server_default is not None
            assert may_be_left_out, f"older copies don't give {table.name}.{fresh}"


def test_nothing_new_must_be_unique_and_no_index_is_gone(released: Engine) -> None:
    names = [table.name for table in reflected(released).sorted_tables]
    before = {name: rules(released, name) for name in names}
    schema.upgrade(released)
    for name, (unique, indexes) in before.items():
        unique_now, indexes_now = rules(released, name)
        assert unique_now <= unique, f"older copies may break what must be unique in {name} now"
        assert indexes <= indexes_now, f"older copies choose by an index of {name} that is gone"


def rules(engine: Engine, table: str) -> tuple[set[tuple[str | None, ...]], set[str | None]]:
    """What must be unique in a table, and the names of its indexes."""
    seen = inspect(engine)
    indexes = seen.get_indexes(table)
    unique = {tuple(rule["column_names"]) for rule in seen.get_unique_constraints(table)}
    return unique | {tuple(i["column_names"]) for i in indexes if i["unique"]}, {index["name"] for index in indexes}


def test_statements_of_the_last_release_work_on_the_newest_schema(released: Engine) -> None:
    known = reflected(released)
    schema.upgrade(released)
    tables = [table for table in known.sorted_tables if table.name not in FORGOTTEN]
    with writing(released) as connection:
        for table in tables:
            connection.execute(insert(table).values({column.name: value(column) for column in table.columns}))
        for table in tables:
            assert connection.execute(select(table)).one() is not None
            (key, *_) = table.primary_key.columns
            changed = update(table).where(key == value(key)).values({key.name: value(key)})
            assert connection.execute(changed).rowcount == 1
        for table in reversed(tables):
            assert connection.execute(delete(table)).rowcount == 1


def value(column: Column[Any]) -> Any:
    """Something of the column's kind; 1 wherever a number is meant, so that references fit."""
    instant = datetime(2026, 1, 1, tzinfo=UTC if getattr(column.type, "timezone", False) else None)
    kinds: list[tuple[type, Any]] = [
        (Boolean, True), (Integer, 1), (Date, date(2026, 1, 1)), (DateTime, instant), (Float, 1.0),
        (LargeBinary, b"1" * 16),
    ]  # fmt: skip
    return next((told for kind, told in kinds if isinstance(column.type, kind)), "1")


def test_whoever_migrates_does_not_stand_in_the_way(
    postgres_server: str, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table that somebody holds is waited for shortly; then nothing has changed, and a sentence tells so."""
    short = tuple(statement.replace("5s", "200ms") for statement in schema.PATIENCE)
    monkeypatch.setattr(schema, "PATIENCE", short)
    with fresh_database(postgres_server) as url:
        database = open_database(url, vault)
        schema.upgrade(database.engine, RELEASED)
        with database.engine.begin() as holder:
            holder.execute(text("LOCK TABLE outbox IN ROW EXCLUSIVE MODE"))
            with pytest.raises(Held):
                schema.upgrade(database.engine)
        with database.engine.connect() as connection:
            assert schema.current(connection) == RELEASED
        schema.upgrade(database.engine)
        database.close()


def test_the_last_release_is_one_of_this_programs_revisions() -> None:
    schema.refuse_unknown(RELEASED)
