"""The town on each kind of database, settled once and copied for each test."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import house as houses
from tests import postgres
from tests.keys.changing import town_at
from tests.keys.town import Town

Settled = tuple[str, Town]


@pytest.fixture(scope="session")
def settled_file(tmp_path_factory: pytest.TempPathFactory) -> Settled:
    """A file with the town."""
    file = tmp_path_factory.mktemp("town") / "town.db"
    return str(file), asyncio.run(town_at(houses.migrated_file(file)))


@pytest.fixture(scope="session")
def settled_server(postgres_server: str, migrated_postgres: str) -> Iterator[Settled]:
    """A server's database with the town."""
    with postgres.fresh_database(postgres_server, like=migrated_postgres) as url:
        yield url, asyncio.run(town_at(url))


@pytest.fixture
def settled(kind: str, request: pytest.FixtureRequest) -> Settled:
    """Where the town is, and what is to be found of it."""
    found: Settled = request.getfixturevalue("settled_file" if kind == "sqlite" else "settled_server")
    return found


@pytest.fixture
def town(settled: Settled) -> Town:
    """What is to be found of it."""
    return settled[1]


@pytest.fixture
def settled_url(settled: Settled, kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The test's own copy of the town."""
    if kind == "sqlite":
        shutil.copy(settled[0], tmp_path / "town.db")
        yield f"sqlite:///{tmp_path / 'town.db'}"
        return
    with postgres.fresh_database(request.getfixturevalue("postgres_server"), like=settled[0]) as url:
        yield url
