"""No copy works with an index key by which nothing is found; the operator's commands say how it stands."""

import contextlib
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete
from typer.testing import CliRunner, Result

from bot import cli
from bot.doctor import findings_at
from storage import backup, conversations, index_key, tables
from storage.alone import StillRuns
from storage.database import open_database
from storage.index_key import ChangeWaits, OtherIndexKey
from tests import house as houses
from tests.conftest import NOW
from tests.keys.changing import AFTER, BEFORE, BOTH, ask, change, faults, start, vault
from tests.keys.killed import killed_after
from tests.keys.town import Town, found


async def test_no_copy_starts_with_an_index_key_that_nothing_is_found_by(settled_url: str) -> None:
    for keys, error in ((BOTH, ChangeWaits), (AFTER, OtherIndexKey)):
        with pytest.raises(error):
            await start(settled_url, keys)
    change(settled_url)
    await start(settled_url, BOTH)
    await start(settled_url, AFTER)
    with pytest.raises(OtherIndexKey):
        await start(settled_url, BEFORE)


async def test_a_database_of_before_is_known_by_its_audit_log(settled_url: str) -> None:
    unmark = delete(tables.leases).where(tables.leases.c.name == index_key.MARK)
    for keys, error in ((AFTER, OtherIndexKey), (BOTH, ChangeWaits)):
        ask(settled_url, BEFORE, lambda unit: unit.execute(unmark).rowcount)
        with pytest.raises(error):
            await start(settled_url, keys)
    await start(settled_url, BEFORE)
    assert ask(settled_url, BEFORE, index_key.standing) == "present"


@pytest.fixture
def command(settled_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Result]:
    """A command of the operator's, with keys."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANJU_DATABASE_URL", settled_url)

    def run(keys: str, *words: str, typed: str = "") -> Result:
        monkeypatch.setenv("ANJU_KEYS", keys)
        return CliRunner().invoke(cli.app, words, input=typed)

    return run


async def test_the_command_asks_first_and_refuses_beside_a_copy(
    settled_url: str, command: Callable[..., Result]
) -> None:
    assert command(BOTH, "keys", "reindex", typed="n\n").exit_code == 1
    async with houses.opened(houses.settings(settled_url, keys=BEFORE)) as house:
        await house.database.read(lambda unit: conversations.find(unit, "engine", "half"))
        assert isinstance(command(BOTH, "keys", "reindex", "--stopped").exception, StillRuns)
    assert ask(settled_url, BEFORE, index_key.standing) == "present"
    assert "found by the new index key" in command(BOTH, "keys", "reindex", typed="y\n").output
    assert "already" in command(BOTH, "keys", "reindex", "--stopped").output
    assert command(AFTER, "audit", "verify").exit_code == 0


def test_doctor_tells_how_the_index_key_stands(settled_url: str, command: Callable[..., Result]) -> None:
    marks = [_mark(command, keys) for keys in (BEFORE, BOTH, AFTER)]
    assert killed_after(settled_url, BOTH, 5)
    marks.append(_mark(command, BOTH))
    change(settled_url)
    marks += [_mark(command, keys) for keys in (BOTH, AFTER, BEFORE)]
    assert marks == ["good", "bad", "bad", "bad", "note", "good", "bad"]


def _mark(command: Callable[..., Result], keys: str) -> str:
    command(keys, "keys")  # sets them
    return next(finding.mark for finding in findings_at(datetime.now(UTC)) if finding.about == "index key")


async def test_a_backup_of_before_is_brought_to_the_new_key(
    settled_url: str, town: Town, command: Callable[..., Result], kind: str, tmp_path: Path
) -> None:
    if kind == "postgresql" and shutil.which("pg_dump") is None:
        pytest.skip("pg_dump is not here")
    with contextlib.closing(open_database(settled_url, vault(BEFORE))) as database:
        file, _ = backup.make(database.engine, tmp_path / "kept", NOW)
    change(settled_url)
    restored = command(AFTER, "restore", str(file), "--force")
    assert "index-old" in restored.output
    with pytest.raises(OtherIndexKey):
        await start(settled_url, AFTER)
    assert command(BOTH, "keys", "reindex", "--stopped").exit_code == 0
    assert all(ask(settled_url, AFTER, lambda unit: found(unit, town)).values())
    assert faults(settled_url, AFTER) == []
