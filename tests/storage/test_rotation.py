"""A new encryption key takes the old one's place, while somebody writes; only the audit log keeps the old one."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select, update

from storage import rotation, tables
from storage.audit_check import verify
from storage.database import Database, open_database
from storage.probe import unreadable
from storage.rotation import Rotation
from storage.secrets import Keyring, Vault, generate
from storage.unit import Unit
from tests.storage.filled import fill

OLD = generate("old")
NEW = generate("new").partition(",")[0]
BOTH = Vault(Keyring.parse(f"{NEW},{OLD}"))
ONLY_NEW = Vault(Keyring.parse(f"{NEW},{OLD.partition(',')[2]}"))
ROWS = 7


@pytest.fixture
def rotating(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database that the old key sealed, opened with the new one in front."""
    monkeypatch.setattr(rotation, "ROWS", 3)
    former = open_database(database_url, Vault(Keyring.parse(OLD)))
    fill(former, ROWS)
    former.close()
    opened = open_database(database_url, BOTH)
    yield opened
    opened.close()


def silent(name: str, rows: int) -> None:
    """Nobody watches."""


def test_afterwards_the_new_key_opens_everything_but_the_audit_log(rotating: Database, database_url: str) -> None:
    told: list[int] = []
    work = Rotation(rotating, lambda name, rows: told.append(rows))
    total = work.total()
    found = work.run()
    assert sum(told) == total
    assert found.sealed_by["old"] == 2 * ROWS
    assert found.sealed_by["new"] == found.changed > 100
    assert not found.unreadable
    with_new = open_database(database_url, ONLY_NEW)
    assert list(unreadable(with_new)) == ["audit.reason", "audit.details"]
    with_new.close()
    assert list(verify(rotating)) == []


def test_a_second_round_changes_nothing(rotating: Database) -> None:
    Rotation(rotating, silent).run()
    assert Rotation(rotating, silent).run().changed == 0


def test_what_broke_off_goes_on(rotating: Database) -> None:
    class Broken(Exception): ...

    def break_off(name: str, rows: int) -> None:
        if name == "people":
            raise Broken

    with pytest.raises(Broken):
        Rotation(rotating, break_off).run()
    assert Rotation(rotating, silent).run().changed > 0
    assert set(Rotation(rotating, silent).run().sealed_by) == {"new", "old"}


def test_what_no_key_opens_is_counted_and_left(rotating: Database) -> None:
    stranger = Vault(Keyring.parse(generate("stranger"))).seal(b"{}", "people.person")

    def spoil(unit: Unit) -> None:
        unit.execute(update(tables.people).where(tables.people.c.id == 1).values(person_sealed=stranger))

    rotating.run_now(spoil)
    assert Rotation(rotating, silent).run().unreadable == {"people.person": 1}
    kept = select(tables.people.c.person_sealed).where(tables.people.c.id == 1)
    assert bytes(rotating.run_now(lambda unit: unit.execute(kept).scalar_one())) == stranger


def test_a_value_keeps_its_meaning(rotating: Database) -> None:
    read = select(tables.people.c.person_sealed).order_by(tables.people.c.id)

    def told(unit: Unit) -> list[object]:
        return [unit.vault.open_json(bytes(sealed), "people.person") for sealed in unit.execute(read).scalars()]

    before = rotating.run_now(told)
    Rotation(rotating, silent).run()
    assert rotating.run_now(told) == before == [{"n": number} for number in range(1, ROWS + 1)]
