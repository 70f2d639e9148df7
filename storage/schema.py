"""The schema's version: which the database has, which the program needs, and the way between."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from storage.errors import NewerSchema, OldSchema

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK = 0x616E6A75  # "anju": PostgreSQL's advisory lock, so that two copies don't migrate at once; SQLite locks the file


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database up to date; NewerSchema (and nothing changed) if it is ahead of this program."""
    with engine.connect() as connection:
        _refuse_newer(connection)
        if current(connection) == head():
            return
        postgres = connection.dialect.name == "postgresql"
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})" if postgres else "BEGIN IMMEDIATE")
        command.upgrade(_config(connection), revision)
        connection.commit() if postgres else connection.exec_driver_sql("COMMIT")


def check(engine: Engine) -> None:
    """Raise OldSchema or NewerSchema unless the database fits this program."""
    with engine.connect() as connection:
        _refuse_newer(connection)
        if current(connection) != head():
            raise OldSchema


def current(connection: Connection) -> str | None:
    """The database's revision; None for an empty database."""
    return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """The revision this program needs."""
    return str(_scripts().get_current_head())


def refuse_unknown(revision: str | None) -> None:
    """Raise NewerSchema unless the revision is one of this program's, or none."""
    if revision and revision not in {script.revision for script in _scripts().walk_revisions()}:
        raise NewerSchema


def _refuse_newer(connection: Connection) -> None:
    refuse_unknown(current(connection))


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
