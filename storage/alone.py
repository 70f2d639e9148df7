"""Whether nobody else has the database open, for what must not be done beside a running program."""

import sqlite3
from pathlib import Path

from sqlalchemy import Engine

from storage.errors import StorageError

WAIT_SECONDS = 1.0
OTHERS = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name IN ('anju', 'anju listening')"
)


class StillRuns(StorageError):
    """A copy of the program, or another command, has the database open; stop it first. Nothing was changed."""


def refuse_company(engine: Engine) -> None:
    """Raise StillRuns where somebody has the database open besides this command."""
    engine.dispose()
    if engine.dialect.name == "sqlite":
        _refuse_open_file(Path(str(engine.url.database)))
        return
    with engine.connect() as connection:
        if connection.exec_driver_sql(OTHERS).scalar_one():
            raise StillRuns


def _refuse_open_file(file: Path) -> None:
    """SQLite gives up its write-ahead log only for who is alone (sqlite.org/wal.html); who opens next takes it up."""
    connection = sqlite3.connect(file, timeout=WAIT_SECONDS)
    try:
        connection.execute("PRAGMA journal_mode=DELETE").fetchone()
    except sqlite3.OperationalError:
        raise StillRuns from None
    finally:
        connection.close()
