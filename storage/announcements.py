"""What one copy of the program tells the others at once, through PostgreSQL (LISTEN and NOTIFY).

SQLite has one process that serves, and so nobody to tell. A word may be lost with a connection: whoever hears again
after a gap looks for themselves.
"""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlalchemy import Engine, func, select

from storage.unit import Unit

if TYPE_CHECKING:
    import psycopg

CHANNEL = "anju"
LOOK_SECONDS = 10.0  # how often a quiet connection is tried
RETRY_SECONDS = 2.0
CONNECTION = {"connect_timeout": 5, "tcp_user_timeout": 10_000, "application_name": "anju listening"}

Heard = Callable[[str], object]


def reach_others(unit: Unit) -> bool:
    """Whether other copies of the program may be there that hear."""
    return unit.is_postgres


def announce(unit: Unit, word: str) -> None:
    """Tell every copy, this one too, a word of fewer than 8,000 bytes once the transaction has been committed."""
    if reach_others(unit):
        unit.execute(select(func.pg_notify(CHANNEL, word)))


class Ear:
    """Hears what the copies say, in a thread of its own, with a connection of its own."""

    def __init__(self, engine: Engine, heard: Heard, resumed: Callable[[], object]) -> None:
        """Both are called in the thread: `heard` with each word, `resumed` when words may have been missed."""
        self._url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._heard = heard
        self._resumed = resumed
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._listen_until_stopped, name="postgres-ear", daemon=True)

    @classmethod
    def of(cls, engine: Engine, heard: Heard, resumed: Callable[[], object]) -> "Ear | None":
        """An ear that listens, where the database has a way to tell; else none."""
        if engine.dialect.name != "postgresql":
            return None
        ear = cls(engine, heard, resumed)
        ear._thread.start()
        return ear

    def stop(self) -> None:
        """Listen no more; the thread ends within a second or so."""
        self._stopped.set()
        self._thread.join(LOOK_SECONDS)

    def _listen_until_stopped(self) -> None:
        import psycopg  # an office on SQLite never loads it

        while not self._stopped.is_set():
            try:
                self._listen()
            except psycopg.Error:
                self._stopped.wait(RETRY_SECONDS)

    def _listen(self) -> None:
        import psycopg
        from psycopg import sql

        with psycopg.connect(self._url, autocommit=True, **CONNECTION) as connection:  # type: ignore[arg-type]  # libpq's
            connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
            self._resumed()
            while not self._stopped.is_set():
                self._hear_for_a_while(connection)
                connection.execute("SELECT 1")

    def _hear_for_a_while(self, connection: "psycopg.Connection") -> None:
        for _ in range(int(LOOK_SECONDS)):
            for word in connection.notifies(timeout=1.0):
                self._heard(word.payload)
            if self._stopped.is_set():
                return
