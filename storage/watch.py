"""Transactions that hang: a server that went silent without a word would hold its threads for good."""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

TICK_SECONDS = 1.0


class Watch:
    """Cuts the connection of a transaction that takes longer than so many seconds; its thread hears of a lost server.

    The server's own statement_timeout ends what is only slow; this is for cables that are cut and machines that freeze.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._since: dict[int, tuple[float, Any]] = {}
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._look_until_stopped, name="postgres-watch", daemon=True)

    @contextmanager
    def over(self, connection: Any) -> Iterator[None]:
        """Watch over a psycopg connection while a transaction uses it."""
        key = threading.get_ident()
        with self._lock:
            if self._thread.ident is None:
                self._thread.start()
            self._since[key] = time.monotonic(), connection
        try:
            yield
        finally:
            with self._lock:
                self._since.pop(key, None)

    def close(self) -> None:
        """Look no more."""
        self._stopped.set()

    def _look_until_stopped(self) -> None:
        while not self._stopped.wait(min(TICK_SECONDS, self._seconds / 4)):
            with self._lock:
                for since, connection in self._since.values():
                    if time.monotonic() - since > self._seconds:
                        _cut(connection)


def _cut(connection: Any) -> None:
    """End both directions of its socket; the owner closes it."""
    ended_meanwhile = contextlib.suppress(Exception)
    with ended_meanwhile, socket.socket(fileno=os.dup(connection.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)
