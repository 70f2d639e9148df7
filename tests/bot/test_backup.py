"""Backups: made while somebody writes, put back only where nothing is lost, and looked at afterwards."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, text
from typer.testing import CliRunner, Result

from bot import cli
from storage import backup, contents, tables
from storage.backup import Damaged, Incomplete, NoBackup, NoProgram, NotEmpty, OtherKind
from storage.database import Database, open_database
from storage.secrets import Keyring, Vault, generate
from tests import house as houses
from tests.conftest import NOW
from tests.postgres import fresh_database
from tests.storage.filled import fill

VAULT = Vault(Keyring.parse(houses.KEYS))


@pytest.fixture
def source(database_url: str, kind: str) -> Iterator[Database]:
    """A database with rows in every table."""
    if kind == "postgresql" and shutil.which("pg_dump") is None:
        pytest.skip("pg_dump is not here")
    opened = open_database(database_url, VAULT)
    fill(opened)
    yield opened
    opened.close()


@pytest.fixture
def fresh_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Another database, without any table."""
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'fresh.db'}"
        return
    with fresh_database(request.getfixturevalue("postgres_server")) as url:
        yield url


@pytest.fixture
def fresh(fresh_url: str) -> Iterator[Database]:
    """The same, opened."""
    opened = open_database(fresh_url, VAULT)
    yield opened
    opened.close()


def sums(database: Database) -> dict[str, contents.Sum]:
    with contents.snapshot(database.engine) as seen:
        return {table.name: contents.digest_of(seen, table) for table in contents.ordered()}


def test_what_is_restored_is_what_was_there(source: Database, fresh: Database, tmp_path: Path) -> None:
    before = sums(source)
    file, manifest = backup.make(source.engine, tmp_path / "kept", NOW)
    assert backup.restore(fresh.engine, file, force=False) == manifest
    assert sums(fresh) == before
    assert {name: found.rows for name, found in before.items()} == manifest.rows


def test_a_backup_is_for_its_owner_alone(source: Database, tmp_path: Path) -> None:
    file, _ = backup.make(source.engine, tmp_path / "kept", NOW)
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_backup_is_of_one_moment_while_others_write(
    source: Database, fresh: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written after the count and before the copying is in neither."""
    counted = contents.counts

    def count_and_write(connection):  # type: ignore[no-untyped-def]  # as the real one
        rows = counted(connection)
        source.run_now(lambda unit: unit.execute(delete(tables.tallies)))
        return rows

    monkeypatch.setattr(contents, "counts", count_and_write)
    file, manifest = backup.make(source.engine, tmp_path / "kept", NOW)
    monkeypatch.undo()
    backup.restore(fresh.engine, file, force=False)
    assert manifest.rows["tallies"] == sums(fresh)["tallies"].rows == 7


def test_a_full_database_is_only_replaced_when_forced(source: Database, tmp_path: Path) -> None:
    before = sums(source)
    file, _ = backup.make(source.engine, tmp_path / "kept", NOW)
    source.run_now(lambda unit: unit.execute(delete(tables.tallies)))
    with pytest.raises(NotEmpty, match="people"):
        backup.restore(source.engine, file, force=False)
    backup.restore(source.engine, file, force=True)
    assert sums(source) == before
    with pytest.raises(Exception, match="append-only"):
        source.run_now(lambda unit: unit.execute(text("DELETE FROM audit")))


def test_a_changed_or_foreign_file_is_refused(source: Database, fresh: Database, tmp_path: Path) -> None:
    file, _ = backup.make(source.engine, tmp_path / "kept", NOW)
    with pytest.raises(NoBackup):
        backup.restore(fresh.engine, backup.listed(file), force=False)
    listed = backup.listed(file).read_text("utf-8")
    other = "postgresql" if '"sqlite"' in listed else "sqlite"
    backup.listed(file).write_text(listed.replace(f'"{source.engine.dialect.name}"', f'"{other}"'), "utf-8")
    with pytest.raises(OtherKind):
        backup.restore(fresh.engine, file, force=False)
    backup.listed(file).write_text(listed, "utf-8")
    with file.open("ab") as appended:
        appended.write(b"x")
    with pytest.raises(Damaged):
        backup.restore(fresh.engine, file, force=False)


def test_missing_rows_are_noticed(source: Database, fresh: Database, tmp_path: Path) -> None:
    file, _ = backup.make(source.engine, tmp_path / "kept", NOW)
    listed = backup.listed(file)
    listed.write_text(listed.read_text("utf-8").replace('"people": 7', '"people": 8'), "utf-8")
    with pytest.raises(Incomplete, match="people"):
        backup.restore(fresh.engine, file, force=False)


def test_without_the_servers_programs_a_sentence_tells_what_to_install(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if database_url.startswith("sqlite"):
        return
    monkeypatch.setattr(shutil, "which", lambda name: None)
    database = open_database(database_url, VAULT)
    with pytest.raises(NoProgram, match="postgresql-client"):
        backup.make(database.engine, tmp_path, NOW)
    database.close()


class Operator:
    """The command line with an environment of its own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self._environment = monkeypatch
        monkeypatch.chdir(folder)

    def run(self, url: str, *words: str, keys: str = houses.KEYS) -> Result:
        self._environment.setenv("ANJU_KEYS", keys)
        self._environment.setenv("ANJU_DATABASE_URL", url)
        return CliRunner().invoke(cli.app, list(words))


@pytest.fixture
def operator(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Operator:
    return Operator(monkeypatch, tmp_path)


def test_the_commands_back_up_restore_and_tell_whether_it_can_be_read(
    source: Database, database_url: str, fresh_url: str, operator: Operator, tmp_path: Path
) -> None:
    made = operator.run(database_url, "backup", "kept")
    assert made.exit_code == 0, made.output
    (file,) = (path for path in (tmp_path / "kept").iterdir() if path.suffix != ".json")
    restored = operator.run(fresh_url, "restore", str(file))
    assert restored.exit_code == 0, restored.output
    assert "The audit log is whole." in restored.output
    again = operator.run(fresh_url, "restore", str(file), "--force", keys=generate("other"))
    assert "ANJU_KEYS lack the key of people.person" in again.output
    assert again.exit_code == 1


def test_the_command_copies_into_an_empty_database(
    source: Database, database_url: str, operator: Operator, tmp_path: Path
) -> None:
    target = f"sqlite:///{tmp_path / 'copy.db'}"
    done = operator.run("sqlite://", "copy", "--from", database_url, "--to", target)
    assert done.exit_code == 0, done.output
    assert "alike in both databases" in done.output
