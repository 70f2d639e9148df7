"""A load generator: connections that each say the next line as soon as the last is answered, or at a set rate.

It speaks HTTP/1.1 on bare transports, so that it costs far less than what it loads.
"""

import asyncio
import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from bench.dialects import Dialect

CONNECTIONS = 32
PATIENCE = 30.0
OK = 200

_people = itertools.count(100_001)


@dataclass(slots=True)
class Heard:
    """What was answered: the seconds each answer took, and how many were refused or empty."""

    times: list[float] = field(default_factory=list)
    refused: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.times) / self.seconds if self.seconds else 0.0


@dataclass(slots=True)
class Talkers:
    """People who go through a talk one after another on some connections.

    is_said: whether an answer's body is one; awaited: also wait until the person was written to by the API;
    gap: seconds from the beginning of one message to that of the next on a connection (0: at once).
    """

    port: int
    dialect: Dialect
    lines: Sequence[str]
    is_said: Callable[[bytes], bool]
    awaited: "Callable[[int, Callable[[], None]], None] | None" = None
    gap: float = 0.0
    heard: Heard = field(default_factory=Heard)

    async def talk(self, seconds: float, connections: int = CONNECTIONS) -> Heard:
        """Load for that long; whoever still waits then is not counted."""
        loop = asyncio.get_running_loop()
        self.heard = Heard()
        begun = time.perf_counter()
        lanes = [Lane(self, loop.time() + self.gap * self._place(n, connections)) for n in range(connections)]
        await asyncio.gather(*(lane.connect() for lane in lanes))
        await asyncio.sleep(seconds)
        self.heard.seconds = time.perf_counter() - begun
        for lane in lanes:
            lane.close()
        return self.heard

    def _place(self, number: int, connections: int) -> float:
        """After how many gaps a connection begins: at a set rate people are at different lines of their talks."""
        return number / connections + number % len(self.lines)

    def said(self) -> Iterator[tuple[int, bytes]]:
        """The messages of one connection: person after person."""
        while True:
            person = next(_people)
            for line in self.lines:
                yield person, self.dialect(person, line)


class Lane(asyncio.Protocol):
    """One connection."""

    def __init__(self, talkers: Talkers, due: float) -> None:
        self._talkers = talkers
        self._said = talkers.said()
        self._due = due
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._begun = 0.0
        self._missing = 0
        self._is_waiting = False
        self._closes = self._is_over = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say the next line, or again what a closed connection cut off."""
        self._transport = transport  # type: ignore[assignment]  # a socket's transport is one
        self._buffer = b""
        asyncio.get_running_loop().call_at(self._due, self._say) if self._talkers.gap else self._say()

    def connection_lost(self, exc: Exception | None) -> None:
        """Servers without keep-alive close after each answer."""
        self._transport = None
        if not self._is_over:
            if self._is_waiting and self._missing:
                self._talkers.heard.refused += 1
            task = asyncio.ensure_future(self.connect())
            task.add_done_callback(lambda done: done.exception())

    async def connect(self) -> None:
        """Call the server."""
        await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", self._talkers.port)

    def close(self) -> None:
        """Hang up for good."""
        self._is_over = True
        if self._transport is not None:
            self._transport.abort()

    def _say(self) -> None:
        if self._is_over or self._transport is None:
            return
        person, request = next(self._said)
        self._missing = 1
        if self._talkers.awaited is not None:
            self._missing = 2
            self._talkers.awaited(person, self._arrived)
        self._is_waiting, self._begun = True, time.perf_counter()
        if self._talkers.gap:
            # What waits behind a slow answer was due earlier: the delay counts from when it should have left.
            self._begun -= max(0.0, asyncio.get_running_loop().time() - self._due)
            self._due += self._talkers.gap
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """An answer, once it is whole."""
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        lowered = head.lower()
        if b"transfer-encoding: chunked" in lowered:
            if not body.endswith(b"0\r\n\r\n"):
                return
        elif len(body) < _length(lowered):
            return
        self._buffer = b""
        good = int(head[9:12]) == OK and (self._talkers.awaited is not None or self._talkers.is_said(body))
        if not good:
            self._talkers.heard.refused += 1
        self._closes = b"connection: close" in lowered
        self._arrived()

    def _arrived(self) -> None:
        self._missing -= 1
        if self._missing:
            return
        self._is_waiting = False
        if not self._is_over:
            self._talkers.heard.times.append(time.perf_counter() - self._begun)
        if self._transport is not None and self._closes:
            self._transport.close()
        elif self._talkers.gap:
            asyncio.get_running_loop().call_at(self._due, self._say)
        else:
            self._say()


def _length(head: bytes) -> int:
    _, found, rest = head.partition(b"content-length:")
    return int(rest.partition(b"\r\n")[0]) if found else 0


def centile(times: Sequence[float], share: float) -> float:
    """The time within which that share of the answers came, in milliseconds."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 if ordered else 0.0
