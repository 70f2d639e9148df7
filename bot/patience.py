"""uvicorn's HTTP, which waits for nobody who dawdles: it has no time limit for a request of its own (its issue 157)."""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bot import metrics


class Patient(HttpToolsProtocol):
    """A connection that ends where a request isn't whole in time, or its head is larger than any of ours.

    A request has `first_seconds`, and more for what has come: a body may be slow, as on a bad line, but not slower
    than `least_rate` bytes a second. A new connection on which nothing is said ends after `first_seconds` too; one
    between two requests by uvicorn's own time limit. A request that comes in one piece, as nearly all do, costs no
    timer.
    """

    first_seconds = 15.0
    least_rate = 4 * 1024
    head_bytes = 64 * 1024
    _is_whole = False
    _has_head = False
    _came = 0
    _since = 0.0
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin to wait."""
        super().connection_made(transport)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing to wait for any more."""
        self._rest()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; wait for the rest if there is one."""
        self._came += len(data)
        super().data_received(data)
        if self._is_whole:
            self._rest()
        elif not self._has_head and self._came > self.head_bytes:
            self._end("head_too_big")
        elif self._timer is None:
            self._watch()

    def on_message_begin(self) -> None:
        """A request begins."""
        self._is_whole = self._has_head = False
        self._came = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Its head is there; how long its body may be is for who reads it."""
        self._has_head = True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """It is whole."""
        self._is_whole = True
        super().on_message_complete()

    def _watch(self) -> None:
        self._since = self.loop.time()
        self._timer = self.loop.call_later(self.first_seconds, self._look)

    def _look(self) -> None:
        """Where the program itself doesn't read, the wait begins anew."""
        if self.flow.read_paused:
            self._came = 0
            self._watch()
            return
        left = self._since + self.first_seconds + self._came / self.least_rate - self.loop.time()
        if left > 0:
            self._timer = self.loop.call_later(left, self._look)
        else:
            self._end("too_slow")

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end(self, reason: str) -> None:
        metrics.REJECTED.labels("http", reason).inc()
        self._rest()
        self.transport.abort()
