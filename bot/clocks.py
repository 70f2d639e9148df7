"""Clocks that jump: noticed by the one that can't, and what a wrong one had put off is done now."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from bot import metrics
from storage import leases, wrong_clocks
from storage.database import Database
from storage.errors import StorageError

log = structlog.get_logger(__name__)

EVERY = 1.0
ASK_EVERY = 10.0
JUMP = 5.0  # seconds; a clock that is only being corrected moves by far less in a second
APART = 30.0


@dataclass(slots=True)
class Jumps:
    """A clock beside the machine's steady one, `steady`, in seconds."""

    steady: Callable[[], float] = time.monotonic
    _beside: float | None = None

    def since(self, now: float) -> float:
        """How far the clock jumped since it was asked last; 0.0 where it only went on."""
        beside = now - self.steady()
        moved = 0.0 if self._beside is None else beside - self._beside
        self._beside = beside
        return moved if abs(moved) >= JUMP else 0.0


def _of_the_loop() -> float:
    return asyncio.get_running_loop().time()


@dataclass(slots=True)
class Unhurried:
    """A wall clock whose jump ahead isn't followed for so long, `lasts`: for what ends when nobody does anything.

    Meanwhile whoever does something is seen by the new time, so that nobody is taken for idle who isn't.
    """

    lasts: timedelta
    own: Jumps = field(default_factory=lambda: Jumps(_of_the_loop))
    _ahead: float = 0.0
    _until: float = 0.0

    def at(self, now: datetime) -> datetime:
        """The time to go by, `now` by the wall."""
        if moved := self.own.since(now.timestamp()):
            self._ahead = max(0.0, self._ahead + moved)
            self._until = self.own.steady() + self.lasts.total_seconds()
        if self.own.steady() >= self._until:
            self._ahead = 0.0
        return now - timedelta(seconds=self._ahead)


@dataclass(slots=True)
class ClockWatch:
    """Watches this machine's clock (`now`), and the database's, by which messages fall due.

    replan: sets the times of what runs when anew, after this machine's clock went back.
    """

    database: Database
    replan: Callable[[], None]
    now: Callable[[], float] = time.time
    own: Jumps = field(default_factory=Jumps)
    theirs: Jumps = field(default_factory=Jumps)
    _ask_at: float = 0.0
    _is_suspect: bool = True

    async def watch(self) -> None:
        """Until it is cancelled."""
        while True:
            try:
                await self.look()
            except StorageError:
                self._is_suspect = True
            except Exception:
                log.exception("clock watch")
            await asyncio.sleep(EVERY)

    async def look(self) -> None:
        """One look: at this machine's clock, and from time to time, or after a jump, at the database's."""
        if moved := self.own.since(self.now()):
            self._is_suspect, self._ask_at = True, 0.0
            metrics.CLOCK_JUMPS.inc()
            log.warning("clock jumped", seconds=round(moved))
            if moved < 0:
                self.replan()
        if self.own.steady() >= self._ask_at:
            self._ask_at = self.own.steady() + ASK_EVERY
            await self._ask()

    async def _ask(self) -> None:
        theirs = (await self.database.run(leases.clock, "batch")).timestamp()
        apart = self.now() - theirs
        metrics.CLOCK_APART.set(apart)
        if self.theirs.since(theirs) or abs(apart) > APART or self._is_suspect:
            pulled = await self.database.run(lambda unit: wrong_clocks.pull(unit, leases.clock(unit)), "batch")
            log.info("clock", apart=round(apart), pulled=pulled)
        self._is_suspect = False
