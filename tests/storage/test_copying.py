"""A database into another of either kind: everything, unchanged, once, and never over what is there."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text, update

from bot.house import prepare
from storage import audit, contents, schema, tables
from storage.audit import PROGRAM, Act, Subject
from storage.audit_check import verify
from storage.copying import Copy, NotEmpty, OtherCopy, SameDatabase, Unequal, Unfinished, Untaken
from storage.database import Database, open_database
from storage.secrets import Vault
from tests import house as houses
from tests.conftest import NOW
from tests.postgres import fresh_database
from tests.storage.filled import fill, row

WAYS = [("sqlite", "postgresql"), ("postgresql", "sqlite"), ("sqlite", "sqlite")]


@pytest.fixture
def two(request: pytest.FixtureRequest, tmp_path: Path, vault: Vault) -> Iterator[tuple[Database, Database]]:
    """A database with rows in every table, and a new one."""
    kinds: tuple[str, str] = request.param
    with (
        _url(kinds[0], request, tmp_path / "from.db", migrated=True) as given,
        _url(kinds[1], request, tmp_path / "to.db", migrated=False) as taken,
    ):
        source, target = open_database(given, vault), open_database(taken, vault)
        fill(source)
        yield source, target
        source.close()
        target.close()


@contextmanager
def _url(kind: str, request: pytest.FixtureRequest, file: Path, *, migrated: bool) -> Iterator[str]:
    if kind == "sqlite":
        yield houses.migrated_file(file) if migrated else f"sqlite:///{file}"
        return
    like = request.getfixturevalue("migrated_postgres") if migrated else ""
    with fresh_database(request.getfixturevalue("postgres_server"), like=like) as url:
        yield url


def every_way(*ways: tuple[str, str]) -> pytest.MarkDecorator:
    marked = [
        pytest.param(way, marks=[pytest.mark.postgres] if "postgresql" in way else [], id="-".join(way))
        for way in ways or WAYS
    ]
    return pytest.mark.parametrize("two", marked, indirect=True)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few rows already are several chunks."""
    monkeypatch.setattr(contents, "ROWS", 3)
    monkeypatch.setattr(contents, "HEAVY", {"files": 2})


def silent(name: str, rows: int) -> None:
    """Nobody watches."""


def copied(two: tuple[Database, Database]) -> Copy:
    return Copy(two[0].engine, two[1].engine, silent)


@every_way()
def test_everything_arrives_unchanged(two: tuple[Database, Database]) -> None:
    source, target = two
    told: dict[str, int] = {}
    work = Copy(source.engine, target.engine, lambda name, rows: told.update({name: told.get(name, 0) + rows}))
    total = work.total()
    sums = work.run()
    assert told == {name: rows for name, rows in total.items() if rows} == {name: s.rows for name, s in sums.items()}
    assert min(total.values()) >= 1
    assert list(verify(target)) == []


@every_way()
def test_the_new_database_goes_on_where_the_old_one_stood(two: tuple[Database, Database]) -> None:
    copied(two).run()
    target = two[1]
    prepare(target)
    fresh = insert(tables.holders).values({"id": "h", "created_at": NOW, "prefers": ""})
    more = row_without_id(target, "tenancy_steps", 8)
    target.run_now(lambda unit: unit.execute(fresh))
    target.run_now(lambda unit: unit.execute(insert(tables.tenancy_steps).values(more)))
    highest = target.run_now(lambda unit: max(unit.execute(select(tables.tenancy_steps.c.id)).scalars()))
    assert highest == 8
    target.run_now(lambda unit: audit.append(unit, Act(PROGRAM, "issued", Subject("submission", "9")), NOW))
    assert list(verify(target)) == []
    with pytest.raises(Exception, match="append-only"):
        target.run_now(lambda unit: unit.execute(text("UPDATE audit SET who = 'x'")))


def row_without_id(database: Database, name: str, number: int) -> dict[str, object]:
    table = getattr(tables, name)
    values = database.run_now(lambda unit: row(unit, table, number))
    return {key: value for key, value in values.items() if key not in {"id", "tenancy_id"}} | {"tenancy_id": 1}


@every_way(("sqlite", "sqlite"), ("sqlite", "postgresql"))
def test_what_broke_off_is_finished_and_not_begun_again(two: tuple[Database, Database]) -> None:
    source, target = two

    class Broken(Exception): ...

    def break_off(name: str, rows: int) -> None:
        if name == "submissions":
            raise Broken

    with pytest.raises(Broken):
        Copy(source.engine, target.engine, break_off).run()
    with pytest.raises(Unfinished):
        prepare(target)
    with pytest.raises(NotEmpty, match="people"):
        copied(two).run()
    copied(two).run(resume=True)
    prepare(target)


@every_way(("sqlite", "sqlite"))
def test_only_an_unfinished_copy_of_the_same_database_is_gone_on_with(two: tuple[Database, Database]) -> None:
    with pytest.raises(OtherCopy):
        copied(two).run(resume=True)


@every_way(("sqlite", "sqlite"), ("sqlite", "postgresql"))
def test_nothing_is_copied_over_what_is_there(two: tuple[Database, Database]) -> None:
    target = two[1]
    schema.upgrade(target.engine)
    target.run_now(
        lambda unit: unit.execute(insert(tables.holders).values({"id": "h", "created_at": NOW, "prefers": ""}))
    )
    with pytest.raises(NotEmpty, match="holders"):
        copied(two).run()


@every_way(("sqlite", "sqlite"))
def test_a_database_is_not_copied_into_itself(two: tuple[Database, Database]) -> None:
    with pytest.raises(SameDatabase):
        Copy(two[0].engine, two[0].engine, silent).run()


@every_way(("sqlite", "sqlite"), ("sqlite", "postgresql"))
def test_a_copy_that_was_changed_meanwhile_is_found_out(two: tuple[Database, Database]) -> None:
    source, target = two

    def meddle(name: str, rows: int) -> None:
        if name == "people":
            later = NOW + timedelta(microseconds=1)
            target.run_now(lambda unit: unit.execute(update(tables.holders).values(created_at=later)))

    with pytest.raises(Unequal, match="holders"):
        Copy(source.engine, target.engine, meddle).run()


@every_way(("sqlite", "postgresql"))
def test_a_row_that_the_other_database_does_not_take_is_named(two: tuple[Database, Database]) -> None:
    source = two[0]
    long = update(tables.holders).where(tables.holders.c.id == "1").values(prefers="x" * 99)
    source.run_now(lambda unit: unit.execute(long))
    with pytest.raises(Untaken, match="holders"):
        copied(two).run()


def test_the_digest_does_not_depend_on_the_order_and_sees_every_change(tmp_path: Path, vault: Vault) -> None:
    rows: list[dict[str, object]] = [{"a": 1, "b": b"\x00"}, {"a": 2, "b": None}]
    both = [sum(contents.weight(row) for row in order) for order in (rows, rows[::-1])]
    assert both[0] == both[1]
    others: list[dict[str, object]] = [{"a": 1}, {"a": "1"}, {"a": None}, {"b": 1}]
    assert len({contents.weight(row) for row in others}) == 4
