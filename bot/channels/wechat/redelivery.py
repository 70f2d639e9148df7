"""Slow turns: WeChat waits five seconds, then delivers the same message again, three times in all."""

import asyncio
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Literal

import structlog

from bot.chat import Chat
from handlers.messages import Incoming
from handlers.turns import Answered
from storage.errors import Busy, Unavailable

log = structlog.get_logger(__name__)

LAST = 3
LAST_AGE = 9.0
REMEMBERED_SECONDS = 60.0
HOLD = 4 / 3  # of the patience: 6 s where the platform cuts at 5 s
PAUSE = 1 / 10  # of the patience, between two tries
LAST_WORD = 1 / 10  # of the patience, to keep a message for later, or else to say in time that it was not saved

Undecided = Literal["again", "later", "unsaved", "unknown"]
Key = tuple[str, str]


@dataclass(eq=False, slots=True)
class Running:
    """A turn in this process, shared by the deliveries of its message; `until`: somebody waits for it so long.

    is_asking: whether the database has it in hand just now, so that it may be saved yet.
    """

    since: float
    until: float = 0.0
    deliveries: int = 0
    is_asking: bool = False
    task: asyncio.Task[Answered] | None = None

    @property
    def is_decided(self) -> bool:
        """Whether it has ended in an answer or a fault, and not only in a database that took nothing."""
        task = self.task
        return task is not None and task.done() and not task.cancelled() and not _nothing_saved(task)


@dataclass(slots=True)
class Redeliveries:
    """Answers deliveries; a message that is delivered again joins the turn that runs for it.

    `patience`: seconds within which the last delivery is answered. Earlier ones are held longer than the
    platform waits, so that it cuts the connection and delivers again; an answer of any kind would end that.
    """

    chat: Chat
    patience: float
    _running: dict[Key, Running] = field(default_factory=dict)
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    async def answer(self, incoming: Incoming, age: float) -> Answered | Undecided:
        """The answer; `again`: let the platform deliver again; `later`: acknowledge; `unsaved`: say so.

        `unknown`: the turn still runs; what it answers comes by the outbox. If none comes, nothing was saved, or this
        program ended before it could be said: the same words once more are then answered as a new message.

        `age`: seconds since the platform took the message. Another copy of the program, or this one before a
        restart, may have had the first deliveries, so a message that is old enough is at its last one too.
        """
        running = self._joined(incoming)
        is_last = running.deliveries >= LAST or age >= LAST_AGE
        wait = self.patience * ((1 - LAST_WORD) if is_last else HOLD)
        running.until = max(running.until, monotonic() + wait)
        task = self._task(running, incoming)
        await asyncio.wait({task}, timeout=wait)
        if running.is_decided:
            return task.result()
        return await self._put_off(running, incoming) if is_last else "again"

    async def close(self) -> None:
        """Let running turns end, as long as a person would wait."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self.patience)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _put_off(self, running: Running, incoming: Incoming) -> Answered | Undecided:
        """Keep the message for the outbox; where that fails it is answered by now, not saved, or nobody knows yet."""
        running.until = 0.0
        keeping = asyncio.create_task(self.chat.postpone(incoming))
        await asyncio.wait({keeping}, timeout=self.patience * LAST_WORD)
        if not keeping.done():
            keeping.cancel()  # a database that comes back now may keep it all the same: its answer is said once
            return self._unsure(running, may_be_kept=True)
        if _nothing_saved(keeping):
            return self._unsure(running)
        keeping.result()
        return "later"

    def _unsure(self, running: Running, *, may_be_kept: bool = False) -> Answered | Undecided:
        """Who hears "not saved" types it anew, as another message; so nobody does of what may be saved yet."""
        task = running.task
        if task is not None and running.is_decided:
            return task.result()
        if task is not None and not task.done() and running.is_asking:
            self._keep(asyncio.create_task(self._say_later(task)))
            return "unknown"
        return "unknown" if may_be_kept else "unsaved"

    async def _say_later(self, turn: asyncio.Task[Answered]) -> None:
        """The answer of a turn that ended after its last delivery, for as long as it may be of use."""
        await asyncio.wait({turn})
        if turn.cancelled() or _nothing_saved(turn):
            return
        if (fault := turn.exception()) is not None:
            log.error("turn", outcome="failed after its last delivery", fault=type(fault).__name__)
            return
        until = monotonic() + REMEMBERED_SECONDS
        while monotonic() < until:
            try:
                await self.chat.deliver_later(turn.result())
                return
            except (Busy, Unavailable):
                await asyncio.sleep(self.patience * PAUSE)

    def _keep(self, task: asyncio.Task[Any]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _joined(self, incoming: Incoming) -> Running:
        now = monotonic()
        self._forget(now)
        running = self._running.setdefault((incoming.address, incoming.message_id), Running(now))
        running.deliveries += 1
        return running

    def _forget(self, now: float) -> None:
        """Drop what is too old to be delivered again; the dictionary is in the order of first deliveries."""
        while self._running:
            key = next(iter(self._running))
            if now - self._running[key].since < REMEMBERED_SECONDS:
                return
            del self._running[key]

    def _task(self, running: Running, incoming: Incoming) -> asyncio.Task[Answered]:
        if running.task is None or (running.task.done() and not running.is_decided):
            running.task = asyncio.create_task(self._decide(running, incoming))
            self._keep(running.task)
        return running.task

    async def _decide(self, running: Running, incoming: Incoming) -> Answered:
        """The turn, tried again while the database takes nothing and somebody waits."""
        while True:
            running.is_asking = True
            try:
                return await self.chat.answer(incoming)
            except (Busy, Unavailable):
                running.is_asking = False
                if monotonic() >= running.until:
                    raise
                await asyncio.sleep(self.patience * PAUSE)
                if monotonic() >= running.until:  # its last delivery was answered meanwhile: not saved
                    raise

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()


def _nothing_saved(task: asyncio.Task[Any]) -> bool:
    return isinstance(task.exception(), (Busy, Unavailable))
