"""A cable between the program and its database, that a test can cut, leave silent, or make slow."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

Mode = Literal["whole", "cut", "gone", "silent", "slow"]
CHUNK = 65536
LOOK = 0.05


class Cable:
    """Passes bytes on between a port of its own and another. Modes: whole; cut: every connection ends and none begins;
    gone: the same, and the port refuses, as where nobody listens;
    silent: connections stay and nothing passes (half-open); slow: the other side's answer takes `delay` seconds.
    """

    def __init__(self, host: str, port: int, at: str = "127.0.0.1") -> None:
        self.mode: Mode = "whole"
        self.delay = 2.0
        self._target = host, port
        self._at = at
        self.port = 0
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listen()

    def set(self, mode: Mode) -> None:
        """From now on."""
        before, self.mode = self.mode, mode
        if mode == "gone":
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
        elif before == "gone":
            self._listen()
        if mode in {"cut", "gone"}:
            self._end_all()

    def close(self) -> None:
        """Take it away."""
        self.mode = "cut"
        self._listener.close()
        self._end_all()

    def _listen(self) -> None:
        self._listener = socket.create_server((self._at, self.port))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _end_all(self) -> None:
        with self._lock:
            for one in self._open:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        with near, contextlib.suppress(OSError), self._far() as far:
            with self._lock:
                self._open |= {near, far}
            back = threading.Thread(target=self._pass, args=(far, near, True), daemon=True)
            back.start()
            self._pass(near, far, False)
            back.join()
            with self._lock:
                self._open -= {near, far}

    @contextmanager
    def _far(self) -> Iterator[socket.socket]:
        self._wait()
        if self.mode == "cut":
            raise ConnectionRefusedError
        with socket.create_connection(self._target) as far:
            yield far

    def _pass(self, source: socket.socket, to: socket.socket, is_answer: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(CHUNK):
                if is_answer and self.mode == "slow":
                    time.sleep(self.delay)
                self._wait()
                to.sendall(data)
        for end in (source, to):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _wait(self) -> None:
        while self.mode == "silent":
            time.sleep(LOOK)


@contextmanager
def laid(url: str) -> Iterator[tuple[Cable, str]]:
    """A cable to the database of a URL, and the URL through it."""
    parts = urlsplit(url)
    cable = Cable(parts.hostname or "127.0.0.1", parts.port or 5432)
    user = f"{parts.username}@" if parts.username else ""
    through = urlunsplit((parts.scheme, f"{user}127.0.0.1:{cable.port}", parts.path, "", ""))
    try:
        yield cable, through
    finally:
        cable.close()
