"""A key and its successor, and what tests do with a database that goes from one to the other."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from storage.audit_check import verify
from storage.database import open_database
from storage.reindexing import Reindexing
from storage.secrets import Keyring, Vault, generate
from storage.unit import Unit
from tests import house as houses
from tests.keys.town import Town, settled

SEALING, _, OLD = houses.KEYS.partition(",")
NEW, OTHER = (generate("x").partition(",")[2] for _ in range(2))
FORMER = OLD.replace("index:", "index-old:")
BEFORE, BOTH, AFTER = (f"{SEALING},{keys}" for keys in (OLD, f"{NEW},{FORMER}", NEW))


def vault(keys: str) -> Vault:
    """Of a setting."""
    return Vault(Keyring.parse(keys))


def silent(name: str, rows: int) -> None:
    """Nobody watches."""


def change(url: str, keys: str = BOTH) -> bool:
    """What `anju keys reindex` does."""
    with closing(open_database(url, vault(keys))) as database:
        return Reindexing(database, silent).run(datetime.now(UTC))


def ask(url: str, keys: str, work: Callable[[Unit], Any]) -> Any:
    """What somebody with these keys finds."""
    with closing(open_database(url, vault(keys))) as database:
        return database.run_now(work)


async def town_at(url: str) -> Town:
    """The town, settled there under the key of before."""
    async with houses.opened(houses.settings(url, keys=BEFORE)) as house:
        return await settled(house)


async def start(url: str, keys: str) -> None:
    """A copy of the program starts and stops."""
    async with houses.opened(houses.settings(url, keys=keys)):
        pass


def faults(url: str, keys: str) -> list[tuple[str, int, int]]:
    """What is wrong with the audit log."""
    with closing(open_database(url, vault(keys))) as database:
        return [(fault.kind, fault.first, fault.last) for fault in verify(database)]
