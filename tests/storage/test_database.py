"""The database behind `run`: what commits, what is taken back, what is refused."""

import asyncio
import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from storage import homes as kept
from storage import places, schema
from storage.database import Database, Work, open_database, parse_url
from storage.errors import Busy, NewerSchema, OldSchema, Unavailable, UnknownDatabase
from storage.postgres import CHAT_CONNECTIONS, CONNECT_SECONDS, PostgresDatabase
from storage.records import Area, Home
from storage.secrets import Vault
from storage.unit import Unit
from tests.conftest import NOW
from tests.faults.cable import laid


class Refused(Exception):
    """This work was meant to fail."""


def keep(code: str) -> Work[bool]:
    """Work that keeps a home of that code."""
    return lambda unit: kept.add(unit, Home(code, "S01-01", "x"), NOW)


async def homes(database: Database) -> int:
    return await database.read(lambda unit: int(unit.execute(text("SELECT count(*) FROM homes")).scalar_one()))


async def test_what_was_run_is_there_afterwards(database: Database) -> None:
    assert await database.run(lambda unit: kept.add(unit, Home("H1", "S01-01", "幸福路1号"), NOW))
    home = await database.read(lambda unit: kept.by_code(unit, "H1"))
    assert home == Home("H1", "S01-01", "幸福路1号")


async def test_work_that_fails_takes_back_only_its_own_changes(database: Database) -> None:
    def fail(unit: Unit) -> None:
        kept.add(unit, Home("BAD", "S01-01", "x"), NOW)
        raise Refused

    works = [database.run(keep(f"H{n}")) for n in range(20)]
    outcomes = await asyncio.gather(*works[:10], database.run(fail), *works[10:], return_exceptions=True)
    assert sum(outcome is True for outcome in outcomes) == 20
    assert sum(isinstance(outcome, Refused) for outcome in outcomes) == 1
    assert await homes(database) == 20
    assert await database.read(lambda unit: kept.by_code(unit, "BAD")) is None


def test_the_command_line_needs_no_event_loop(database: Database) -> None:
    assert database.run_now(lambda unit: kept.add(unit, Home("H1", "S01-01", "x"), NOW))
    assert database.run_now(lambda unit: kept.by_code(unit, "H1")) is not None


async def test_reading_sees_only_what_is_committed(database: Database) -> None:
    entered, leave = threading.Event(), threading.Event()

    def slow(unit: Unit) -> None:
        kept.add(unit, Home("SLOW", "S01-01", "x"), NOW)
        entered.set()
        leave.wait(10)

    running = asyncio.ensure_future(database.run(slow))
    await asyncio.to_thread(entered.wait, 10)
    before = await homes(database)
    leave.set()
    await running
    assert (before, await homes(database)) == (0, 1)


async def test_closing_finishes_what_waits(database_url: str, vault: Vault) -> None:
    database = open_database(database_url, vault)
    works = [asyncio.ensure_future(database.run(keep(f"H{n}"))) for n in range(30)]
    await asyncio.sleep(0)
    await asyncio.to_thread(database.close)
    assert await asyncio.gather(*works) == [True] * 30


async def test_a_full_queue_is_refused_at_once(tmp_path: Path, vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.sqlite.QUEUE_LENGTH", 3)
    database = open_database(f"sqlite:///{tmp_path / 'small.db'}", vault)
    held = threading.Event()
    blocked = asyncio.ensure_future(database.run(lambda unit: held.wait(10)))
    await asyncio.sleep(0.1)
    waiting = [asyncio.ensure_future(database.run(lambda unit: None)) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await database.run(lambda unit: None)
    held.set()
    await asyncio.gather(blocked, *waiting)
    database.close()


async def test_chat_goes_before_batch(tmp_path: Path, vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.sqlite.BATCH", 1)
    database = open_database(f"sqlite:///{tmp_path / 'lanes.db'}", vault)
    held, order = threading.Event(), []
    blocked = asyncio.ensure_future(database.run(lambda unit: held.wait(10)))
    await asyncio.sleep(0.1)
    batch = [asyncio.ensure_future(database.run(lambda unit: order.append("batch"), "batch")) for _ in range(3)]
    await asyncio.sleep(0)
    chat = [asyncio.ensure_future(database.run(lambda unit: order.append("chat"))) for _ in range(3)]
    await asyncio.sleep(0)
    held.set()
    await asyncio.gather(blocked, *batch, *chat)
    assert order == ["chat"] * 3 + ["batch"] * 3
    database.close()


async def test_batch_that_has_let_the_chat_go_first_for_a_while_waits_no_longer(
    tmp_path: Path, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.sqlite.BATCH", 1)
    monkeypatch.setattr("storage.sqlite.LETS_BEFORE", {"chat": 0.0, "batch": 0.01})
    database = open_database(f"sqlite:///{tmp_path / 'lanes.db'}", vault)
    held, order = threading.Event(), []
    blocked = asyncio.ensure_future(database.run(lambda unit: held.wait(10)))
    await asyncio.sleep(0.1)
    batch = asyncio.ensure_future(database.run(lambda unit: order.append("batch"), "batch"))
    await asyncio.sleep(0.1)
    chat = [asyncio.ensure_future(database.run(lambda unit: order.append("chat"))) for _ in range(3)]
    await asyncio.sleep(0)
    held.set()
    await asyncio.gather(blocked, batch, *chat)
    assert order == ["batch", "chat", "chat", "chat"]
    database.close()


async def test_a_database_without_room_says_that_nothing_was_saved(tmp_path: Path, vault: Vault) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'full.db'}", vault)
    schema.upgrade(database.engine)

    def limit(unit: Unit) -> None:
        pages = unit.connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        unit.connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    await database.run(limit)
    many = [Area(f"S{n}", "", {"zh": "街" * 60, "en": "x" * 60}) for n in range(200)]
    with pytest.raises(Unavailable):
        await database.run(lambda unit: places.replace_areas(unit, many))
    await database.run(lambda unit: unit.connection.exec_driver_sql("PRAGMA max_page_count=100000"))
    assert await database.run(lambda unit: places.replace_areas(unit, many)) == 200
    database.close()


async def test_a_server_that_goes_silent_is_unavailable_and_its_threads_come_back(
    migrated_postgres: str, vault: Vault
) -> None:
    with laid(migrated_postgres) as (cable, through):
        database = PostgresDatabase(parse_url(through).set(drivername="postgresql+psycopg"), vault, silent_seconds=1)
        assert await homes(database) == 0
        cable.set("silent")
        begun = asyncio.get_running_loop().time()
        asked = [homes(database) for _ in range(CHAT_CONNECTIONS)]
        found = await asyncio.gather(*asked, return_exceptions=True)
        assert {type(one) for one in found} == {Unavailable}
        assert asyncio.get_running_loop().time() - begun < 3 * CONNECT_SECONDS + 5
        cable.set("whole")
        assert await asyncio.gather(*(homes(database) for _ in range(CHAT_CONNECTIONS))) == [0] * CHAT_CONNECTIONS
        database.close()


def test_a_server_that_is_away_is_unavailable(vault: Vault) -> None:
    database = open_database("postgresql://nobody@127.0.0.1:1/none", vault)
    with pytest.raises(Unavailable, match="nothing was saved"):
        database.run_now(lambda unit: None)
    database.close()


@pytest.mark.parametrize("url", ["mysql://x/y", "not a url", ""])
def test_other_databases_are_refused_without_showing_the_url(url: str, vault: Vault) -> None:
    with pytest.raises(UnknownDatabase) as caught:
        open_database(url, vault)
    assert url not in str(caught.value) or not url


def test_the_migrations_give_what_the_tables_say(database: Database) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    from storage.tables import metadata

    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert schema.current(connection) == schema.head()


def test_a_newer_database_is_refused_and_left_alone(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NewerSchema):
        schema.upgrade(database.engine)
    with pytest.raises(NewerSchema):
        schema.check(database.engine)
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "9999"


def test_an_empty_database_is_told_to_be_old(empty_database_url: str, vault: Vault) -> None:
    database = open_database(empty_database_url, vault)
    with pytest.raises(OldSchema, match="anju migrate"):
        schema.check(database.engine)
    database.close()


def test_upgrading_twice_at_once_does_it_once(empty_database_url: str, vault: Vault) -> None:
    databases = [open_database(empty_database_url, vault) for _ in range(3)]
    failures: list[Exception] = []

    def upgrade(database: Database) -> None:
        try:
            schema.upgrade(database.engine)
        except Exception as error:  # noqa: BLE001 -- counted below
            failures.append(error)

    threads = [threading.Thread(target=upgrade, args=(database,)) for database in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    for database in databases:
        schema.check(database.engine)
        database.close()


def test_a_database_of_the_first_version_keeps_what_it_holds(empty_database_url: str, vault: Vault) -> None:
    database = open_database(empty_database_url, vault)
    schema.upgrade(database.engine, "0001")
    with pytest.raises(OldSchema):
        schema.check(database.engine)
    old = {"channel": "web", "language": "zh", "status": "active", "form": "migrant", "asked": "name"}
    sealed = {"address_index": b"1" * 16, "address_sealed": b"2", "state_sealed": b"3"}
    row = {**old, **sealed, "holder_id": "", "version": 0, "created_at": NOW, "updated_at": NOW}
    columns, values = ", ".join(row), ", ".join(f":{name}" for name in row)
    with database.engine.begin() as connection:
        connection.execute(text(f"INSERT INTO conversations ({columns}) VALUES ({values})"), row)  # noqa: S608 -- names above
        request = {"talk": 1, "step": "name", "at": NOW}
        connection.execute(text("INSERT INTO requests_for_a_person VALUES (:talk, :step, :at)"), request)
    schema.upgrade(database.engine)
    schema.check(database.engine)
    with database.engine.connect() as connection:
        asked = connection.execute(text("SELECT conversation_id, step, why, ended_at FROM hand_overs")).one()
        kept = connection.execute(text("SELECT asked, reach, held, window_left FROM conversations")).one()
    assert (asked.conversation_id, asked.step, asked.why, bool(asked.ended_at)) == (1, "name", "no_answer", True)
    assert (kept.asked, kept.reach, bool(kept.held), kept.window_left) == ("name", "reachable", False, 0)
    database.close()
