"""Fixtures that every folder shares: keys, databases of both kinds, an office with the real words."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.areas import read_csv
from storage import places, schema
from storage.database import Database, open_database
from storage.secrets import Keyring, Vault, generate
from tests import postgres

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def vault() -> Vault:
    """Keys of this test run."""
    return Vault(Keyring.parse(generate("test")))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server for the session."""
    with postgres.server() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database: first a SQLite file, then PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'anju.db'}"
        return
    with postgres.fresh_database(request.getfixturevalue("postgres_server")) as url:
        yield url


@pytest.fixture
def database(database_url: str, vault: Vault) -> Iterator[Database]:
    """A migrated database with the sample's areas, of either kind."""
    opened = open_database(database_url, vault)
    schema.upgrade(opened.engine)
    opened.run_now(lambda unit: places.replace_areas(unit, read_csv()))
    yield opened
    opened.close()
