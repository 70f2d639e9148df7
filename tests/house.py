"""A whole house for tests: real words, real law, a database of its own, and the server around it."""

import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

from bot.house import House, open_house
from bot.settings import Settings
from storage import schema
from storage.database import open_database
from storage.secrets import Keyring, Vault, generate

KEYS = os.environ.get("ANJU_TEST_KEYS") or generate("test")  # a test's own processes are given the same
PYTHON = sys.executable
FAST = 100_000


def settings(database_url: str, **changes: Any) -> Settings:
    """Settings of a test: nothing comes from a file, and people may write as fast as a test does."""
    own: dict[str, Any] = {
        "database_url": database_url,
        "keys": KEYS,
        "base_url": "http://127.0.0.1",
        "messages_at_once": FAST,
    }
    values = own | changes
    return Settings(_env_file=None, **values)  # type: ignore[call-arg]  # pydantic-settings takes it besides the fields


def migrate(database_url: str) -> None:
    """What `anju migrate` does for a database server."""
    database = open_database(database_url, Vault(Keyring.parse(KEYS)))
    schema.upgrade(database.engine)
    database.close()


def migrated_file(file: Path) -> str:
    """The URL of a SQLite database with every table and nothing in them; one that is there already stays as it is."""
    if not file.exists():
        file.write_bytes(_migrated())
    return f"sqlite:///{file}"


@cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.db"
        migrate(f"sqlite:///{file}")
        return file.read_bytes()


@asynccontextmanager
async def opened(chosen: Settings) -> AsyncIterator[House]:
    """The house, closed afterwards."""
    house = await open_house(chosen)
    try:
        yield house
    finally:
        house.database.close()
