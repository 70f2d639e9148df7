"""What can go wrong between a program and a platform, on demand: for the next calls, or by a seeded chance."""

import asyncio
import random
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum

from aiohttp import web

NO_LINGER = struct.pack("ii", 1, 0)


class Trouble(StrEnum):
    """A way for a call to go wrong. After LOST_ANSWER and RESET_AFTER the platform has taken the call."""

    LOST_ANSWER = "taken, but the answer never comes"
    ERROR = "HTTP 500"
    RESET_BEFORE = "connection reset, not taken"
    RESET_AFTER = "taken, then connection reset"
    SLOW = "a slow answer"
    TOKEN_GONE = "token invalidated"


TAKEN_UNANSWERED = frozenset({Trouble.LOST_ANSWER, Trouble.RESET_AFTER})


@dataclass(frozen=True, slots=True)
class Drawn:
    """A trouble that a call met."""

    path: str
    trouble: Trouble


@dataclass
class Troubles:
    """The troubles of one double. `seconds`: how slow SLOW is, and `sleep` does the waiting.

    A path is a platform's path or method, or how it ends; empty means every call.
    """

    seed: int = 0
    seconds: float = 1.0
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    drawn: list[Drawn] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    _next: list[Drawn] = field(default_factory=list)
    _chances: list[tuple[Drawn, float]] = field(default_factory=list)
    _random: random.Random | None = None

    def next(self, trouble: Trouble, *, calls: int = 1, path: str = "") -> None:
        """The next calls meet it."""
        self._next += [Drawn(path, trouble)] * calls

    def chance(self, trouble: Trouble, probability: float, *, path: str = "") -> None:
        """Every call meets it with a probability, the same ones for the same seed."""
        self._chances.append((Drawn(path, trouble), probability))

    def end(self) -> None:
        """No more troubles."""
        self._next, self._chances = [], []

    def draw(self, path: str) -> Trouble | None:
        """What a call meets."""
        trouble = self._demanded(path) or self._chanced(path)
        if trouble is not None:
            self.drawn.append(Drawn(path, trouble))
        return trouble

    def count(self, *troubles: Trouble, path: str = "") -> int:
        """How many calls met one of these."""
        return sum(drawn.trouble in troubles and drawn.path.endswith(path) for drawn in self.drawn)

    async def meet(
        self,
        trouble: Trouble | None,
        request: web.Request,
        error: Callable[[], web.StreamResponse],
        answer: Callable[[], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        """The answer to a request that meets a trouble; `error` makes the platform's 500."""
        if trouble is Trouble.ERROR:
            return error()
        if trouble is Trouble.RESET_BEFORE:
            return _reset(request)
        response = await answer()
        if trouble is Trouble.SLOW:
            await self.sleep(self.seconds)
        if trouble is Trouble.LOST_ANSWER:
            await self.over.wait()
        return _reset(request) if trouble in TAKEN_UNANSWERED else response

    def _demanded(self, path: str) -> Trouble | None:
        found = next((drawn for drawn in self._next if path.endswith(drawn.path)), None)
        if found is None:
            return None
        self._next.remove(found)
        return found.trouble

    def _chanced(self, path: str) -> Trouble | None:
        self._random = self._random or random.Random(self.seed)  # noqa: S311 -- repeatable, no secret
        for drawn, probability in self._chances:
            if path.endswith(drawn.path) and self._random.random() < probability:
                return drawn.trouble
        return None


def _reset(request: web.Request) -> web.StreamResponse:
    """Cut the connection with a TCP reset; the response goes nowhere."""
    if request.transport is not None:
        connection: socket.socket = request.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
        request.transport.abort()
    return web.Response()
