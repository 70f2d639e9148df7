"""Fixtures that every folder shares: keys, databases of both kinds, an office with the real words."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog

from bot.areas import read_csv
from storage import places
from storage.database import Database, open_database
from storage.secrets import Keyring, Vault, generate
from tests import house as houses
from tests import postgres

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def logs_as_at_first() -> Iterator[None]:
    """What one test's command sets up for the logs doesn't last."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def vault() -> Vault:
    """Keys of this test run."""
    return Vault(Keyring.parse(generate("test")))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server for the session."""
    with postgres.server() as url:
        yield url


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str) -> Iterator[str]:
    """The URL of a database that is only copied: migrating one takes longer than most tests."""
    with postgres.fresh_database(postgres_server) as url:
        houses.migrate(url)
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind of database in turn."""
    return str(request.param)


@pytest.fixture
def empty_database_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without any table."""
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    with postgres.fresh_database(request.getfixturevalue("postgres_server")) as url:
        yield url


@pytest.fixture
def database_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database with every table and nothing in them."""
    if kind == "sqlite":
        yield houses.migrated_file(tmp_path / "anju.db")
        return
    server = request.getfixturevalue("postgres_server")
    with postgres.fresh_database(server, like=request.getfixturevalue("migrated_postgres")) as url:
        yield url


@pytest.fixture
def database(database_url: str, vault: Vault) -> Iterator[Database]:
    """A migrated database with the sample's areas, of either kind."""
    opened = open_database(database_url, vault)
    opened.run_now(lambda unit: places.replace_areas(unit, read_csv()))
    yield opened
    opened.close()
