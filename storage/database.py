"""The database behind one `run`: a piece of synchronous work in one transaction, awaited from the async world."""

from collections.abc import Callable
from typing import Literal, Protocol, TypeVar

from sqlalchemy import Engine, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from storage.errors import UnknownDatabase
from storage.secrets import Vault
from storage.unit import Unit, Whose

T = TypeVar("T")
Work = Callable[[Unit], T]
Lane = Literal["chat", "batch"]


class Database(Protocol):
    """What the floors above see of either database.

    Work has no effect outside its unit, since it may run again, and stays under some 20 ms.
    """

    engine: Engine
    vault: Vault

    async def run(self, work: Work[T], lane: Lane = "chat", whose: Whose | None = None) -> T:
        """Do the work in a transaction; the result comes after the commit.

        whose: the account whose turn it is; what waits of such turns may be done together, in one transaction.
        Raises Busy when the queue is full, Unavailable when the database is gone.
        """
        ...

    async def read(self, work: Work[T]) -> T:
        """Do work that writes nothing, beside the writers."""
        ...

    def run_now(self, work: Work[T]) -> T:
        """The same as `run` for the command line, where no event loop runs."""
        ...

    def close(self) -> None:
        """Finish what waits, then let go of every connection."""
        ...


def open_database(url: str, vault: Vault) -> Database:
    """The database at a URL: `sqlite:///var/anju.db` or `postgresql://user@host/name`."""
    from storage.postgres import PostgresDatabase
    from storage.sqlite import SqliteDatabase

    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        return SqliteDatabase(parsed, vault)
    return PostgresDatabase(parsed.set(drivername="postgresql+psycopg"), vault)


def parse_url(url: str) -> URL:
    """The URL in parts, or UnknownDatabase (which never shows the URL: it may hold a password)."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise UnknownDatabase from None
    if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
        raise UnknownDatabase
    return parsed
