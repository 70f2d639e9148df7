"""Time without waiting: an event loop whose clock jumps to the next timer as soon as nothing else is to be done.

The program runs unchanged in it: its sleeps, time-outs and scheduler are the loop's timers, and the wall clock is moved
along (time-machine). Where a thread or a child process works, time stands still.
"""

import asyncio
import selectors
import socket
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine

THREADS_SECONDS = 0.02  # real: how long to look away while threads work; their end wakes the loop
SETTLES_SECONDS = 0.001  # real: bytes on loopback arrive within that
LONG = 0.5  # a jump before which the loop looks twice
HOUR = timedelta(hours=1)
AT_MOST = 60.0  # in one jump, so that what comes in from outside isn't late by more


class Hours(asyncio.SelectorEventLoop):
    """The loop. `tells`: called with the new instant after each jump, for clocks elsewhere."""

    def __init__(self, start: datetime, tells: Callable[[datetime], object] | None = None) -> None:
        self.start, self.passed, self.at_work = start, 0.0, 0
        self._tells = tells
        self._joined: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._gone: frozenset[int] = frozenset()
        self._wall = time_machine.travel(start, tick=False)
        self._traveller = self._wall.start()
        super().__init__(_Jumping(self))

    def time(self) -> float:
        """Seconds since the start, in the loop's own time."""
        return self.passed

    def now(self) -> datetime:
        """The same as an instant."""
        return datetime.now(UTC)

    def jump(self, seconds: float) -> None:
        """Nothing is to be done for so long."""
        self.passed += seconds
        now = self.start + timedelta(seconds=self.passed)
        self._traveller.move_to(now, tick=False)
        if self._tells is not None:
            self._tells(now)

    def cut_off(self, ports: Iterable[int]) -> None:
        """From now on these ports of this machine refuse, and whoever is connected is cut off; none: all is well."""
        self._gone = frozenset(ports)
        for one in list(self._joined):
            with suppress(OSError):
                if one.getpeername()[1] in self._gone:
                    one.shutdown(socket.SHUT_RDWR)

    async def sock_connect(self, sock: socket.socket, address: Any) -> None:
        """As ever, but for ports that are cut off."""
        if address[1] in self._gone:
            raise ConnectionRefusedError
        await super().sock_connect(sock, address)
        self._joined.add(sock)

    @contextmanager
    def standing(self) -> Iterator[None]:
        """Time stands still while this runs."""
        self.at_work += 1
        try:
            yield
        finally:
            self.at_work -= 1

    def run_in_executor(self, *arguments: Any) -> Any:  # type: ignore[override]  # handed on as they come
        """As ever; time stands still until the thread is done."""
        future = super().run_in_executor(*arguments)
        self.at_work += 1
        future.add_done_callback(self._is_done)
        return future

    def _is_done(self, future: object) -> None:
        self.at_work -= 1

    def close(self) -> None:
        """Let go, and let real time go on."""
        super().close()
        self._wall.stop()


class _Jumping(selectors.DefaultSelector):
    """Waits for nothing: where nothing is ready and nobody works, time jumps."""

    def __init__(self, hours: Hours) -> None:
        super().__init__()
        self._hours = hours

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready, at once."""
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        if self._hours.at_work or timeout is None:
            return super().select(THREADS_SECONDS)
        if timeout > LONG and (ready := super().select(SETTLES_SECONDS)):
            return ready
        self._hours.jump(min(timeout, AT_MOST))
        return []


async def until(moment: datetime) -> None:
    """Sleep until an instant; no time where it has passed."""
    await asyncio.sleep(max(0.0, (moment - datetime.now(UTC)).total_seconds()))
