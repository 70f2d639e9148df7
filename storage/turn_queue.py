"""PostgreSQL's turns: one thread takes all that wait, and one transaction does them together."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from storage.database import Work
from storage.outcomes import Outcome, deliver, failed
from storage.unit import Whose

BATCH = 64

Works = Mapping[Whose, Work[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """A turn that waits, and who waits for it."""

    whose: Whose
    work: Work[Any]
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)


class TurnQueue:
    """Takes turns and tells what became of them, those of one account in their order.

    together: does some and says what became of them; what it leaves out is handed to `apart`, which comes back at once,
    tells by itself, and calls `over` when it is done.
    """

    def __init__(self, together: Callable[[Works], Mapping[Whose, Outcome]], apart: Callable[[Turn], None]) -> None:
        self._together, self._apart = together, apart
        self._waiting: deque[Turn] = deque()
        self._behind: dict[Whose, list[Turn]] = {}  # accounts with a turn apart, and what came after it
        self._changed = threading.Condition()
        self._is_stopping = False
        self._thread = threading.Thread(target=self._work_until_stopped, name="postgres-turns", daemon=True)

    async def run(self, work: Work[Any], whose: Whose) -> Any:
        """The result of a turn, after its commit."""
        turn = Turn(whose, work, asyncio.get_running_loop().create_future())
        with self._changed:
            if self._thread.ident is None:
                self._thread.start()
            self._behind.get(whose, self._waiting).append(turn)
            self._changed.notify()
        return await turn.future

    def over(self, whose: Whose) -> None:
        """An account's turn apart is done: what came after it is next."""
        with self._changed:
            self._waiting.extendleft(reversed(self._behind.pop(whose, ())))
            self._changed.notify()

    def close(self) -> None:
        """Do what waits, then stop."""
        with self._changed:
            self._is_stopping = True
            self._changed.notify()
        if self._thread.ident is not None:
            self._thread.join()

    def _work_until_stopped(self) -> None:
        while batch := self._next_batch():
            self._do({whose: turn for whose, turn in batch.items() if not turn.future.cancelled()})

    def _next_batch(self) -> dict[Whose, Turn]:
        """Of each account the turn that has waited longest; nothing once it stops and nobody waits."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or (self._is_stopping and not self._behind))
            taken = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
        batch: dict[Whose, Turn] = {}
        later = [turn for turn in taken if batch.setdefault(turn.whose, turn) is not turn]
        self._waiting.extendleft(reversed(later))
        return batch

    def _do(self, batch: Mapping[Whose, Turn]) -> None:
        try:
            outcomes = self._together({whose: turn.work for whose, turn in batch.items()})
        except Exception as error:  # noqa: BLE001 -- the thread outlives every fault; those who wait are told
            outcomes = dict.fromkeys(batch, failed(error))
        apart = [turn for whose, turn in batch.items() if whose not in outcomes]
        self._hold_behind({turn.whose for turn in apart})
        deliver((batch[whose].loop, batch[whose].future, outcome) for whose, outcome in outcomes.items())
        for turn in apart:
            self._apart(turn)

    def _hold_behind(self, accounts: Set[Whose]) -> None:
        """What these accounts still say waits until their turn apart is over."""
        if not accounts:
            return
        with self._changed:
            self._behind |= {whose: [] for whose in accounts}
            for turn in (waiting := list(self._waiting)):
                if turn.whose in accounts:
                    self._behind[turn.whose].append(turn)
            self._waiting = deque(turn for turn in waiting if turn.whose not in accounts)
