"""The schema's version: which the database has, which the program needs, and the way between."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.exc import OperationalError

from storage.errors import Held, NewerSchema, NotReached, OldSchema

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK = 0x616E6A75  # "anju": PostgreSQL's advisory lock, so that two copies don't migrate at once; SQLite locks the file

NAMED = re.compile(r'^(revision|down_revision) = "(\w+)"', re.MULTILINE)
VERSION = "alembic_version"
LOCK_NOT_AVAILABLE = "55P03"  # PostgreSQL documentation, appendix A
# Who migrates waits for others who migrate, but never long for a table: whoever comes behind would wait as well.
PATIENCE = (
    "SET LOCAL statement_timeout = 0",
    f"SELECT pg_advisory_xact_lock({LOCK})",
    "SET LOCAL lock_timeout = '5s'",
)


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database up to date; NewerSchema (and nothing changed) if it is ahead of this program."""
    with _reached(engine) as connection:
        _refuse_newer(connection)
        if current(connection) == head():
            return
        postgres = connection.dialect.name == "postgresql"
        for statement in PATIENCE if postgres else ("BEGIN IMMEDIATE",):
            connection.exec_driver_sql(statement)
        from alembic import command  # it takes as long to load as the rest of the storage, and is seldom needed

        try:
            command.upgrade(_config(connection), revision)
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) == LOCK_NOT_AVAILABLE:
                raise Held from None
            raise
        connection.commit() if postgres else connection.exec_driver_sql("COMMIT")


def check(engine: Engine) -> None:
    """Raise OldSchema or NewerSchema unless the database fits this program, NotReached where it doesn't answer."""
    with _reached(engine) as connection:
        _refuse_newer(connection)
        if current(connection) != head():
            raise OldSchema


def current(connection: Connection) -> str | None:
    """The database's revision; None for an empty database."""
    if not inspect(connection).has_table(VERSION):
        return None
    found: str | None = connection.exec_driver_sql(f"SELECT version_num FROM {VERSION}").scalar_one_or_none()  # noqa: S608 -- a name of ours
    return found


def head() -> str:
    """The revision this program needs."""
    before = set(_revisions().values())
    return next(revision for revision in _revisions() if revision not in before)


def refuse_unknown(revision: str | None) -> None:
    """Raise NewerSchema unless the revision is one of this program's, or none."""
    if revision and revision not in _revisions():
        raise NewerSchema


@contextmanager
def _reached(engine: Engine) -> Iterator[Connection]:
    """A connection; what the driver says about there being none is told as a sentence."""
    try:
        connection = engine.connect()
    except OperationalError:
        raise NotReached from None
    with connection:
        yield connection


def _refuse_newer(connection: Connection) -> None:
    refuse_unknown(current(connection))


@cache
def _revisions() -> Mapping[str, str]:
    """Each migration's revision and the one before it (empty for the first), read from the files."""
    found = (dict(NAMED.findall(file.read_text("utf-8"))) for file in MIGRATIONS.glob("versions/*.py"))
    return {names["revision"]: names.get("down_revision", "") for names in found if "revision" in names}


def _config(connection: Connection) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
