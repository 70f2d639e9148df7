"""Updates by long polling: confirmed only once their turns are committed and said."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import TYPE_CHECKING, Any

import structlog

from bot import metrics
from bot.channels.telegram import updates
from bot.channels.telegram.desk import Desk, log_fault
from bot.channels.telegram.errors import ApiFailed
from bot.channels.telegram.incoming import CHANNEL
from bot.channels.telegram.pauses import Pauses, Result, until_done
from storage.errors import Busy, Unavailable

if TYPE_CHECKING:
    from bot.channels.telegram.api import Api

log = structlog.get_logger(__name__)


class Poller:
    """Takes updates in batches; the next batch is asked for, and this one confirmed, when all of it is answered."""

    def __init__(self, api: "Api", desk: Desk, *, wait: int, first_pause: float) -> None:
        """`wait`: seconds a request waits for updates."""
        self._api = api
        self._desk = desk
        self._wait = wait
        self._first_pause = first_pause
        self._offset = 0
        self._ending = asyncio.Event()

    def end(self) -> None:
        """Take no further updates; `run` returns once the present batch is answered."""
        self._ending.set()

    async def run(self) -> None:
        """Poll until `end`. Updates come this way only where no webhook is set."""
        pauses = Pauses(self._first_pause)
        await self._unless_ending(until_done("deleteWebhook", self._delete_webhook, pauses))
        while not self._ending.is_set():
            batch = await self._unless_ending(until_done("getUpdates", self._take, pauses))
            if batch:
                await asyncio.gather(*(self._answer_chat(chat) for chat in by_chat(batch)))
                self._offset = 1 + max(number for raw in batch if (number := updates.update_id(raw)) is not None)
        await self._confirm()

    async def _take(self) -> list[object]:
        return [
            raw for raw in await self._api.updates(self._offset, wait=self._wait) if updates.update_id(raw) is not None
        ]

    async def _delete_webhook(self) -> None:
        await self._api.call("deleteWebhook", {})

    async def _unless_ending(self, trying: Coroutine[Any, Any, Result]) -> Result | None:
        """What is tried for, or nothing as soon as the end is wanted."""
        task = asyncio.create_task(trying)
        ending = asyncio.create_task(self._ending.wait())
        try:
            await asyncio.wait({task, ending}, return_when=asyncio.FIRST_COMPLETED)
            return task.result() if task.done() else None
        finally:
            task.cancel()
            ending.cancel()
            await asyncio.gather(task, ending, return_exceptions=True)

    async def _answer_chat(self, batch: Iterable[object]) -> None:
        """The updates of one chat, one after another."""
        for raw in batch:
            await self._answer(raw)

    async def _answer(self, raw: object) -> None:
        """One update, again and again while the database can't take it."""
        pauses = Pauses(self._first_pause)
        while True:
            try:
                await self._answer_once(raw)
            except (Busy, Unavailable) as fault:
                log.warning("telegram_waits", fault=type(fault).__name__)
                await pauses.pause()
            else:
                return

    async def _answer_once(self, raw: object) -> None:
        try:
            said = await self._desk.answer(updates.read(raw))
            await self._desk.say(said, said.calls)
        except updates.Unreadable as error:
            metrics.REJECTED.labels(CHANNEL, "unreadable").inc()
            log.warning("telegram_unreadable", fields=str(error))
        except (Busy, Unavailable):
            raise
        except Exception as fault:  # noqa: BLE001 -- one update must not hold up all others
            log_fault(fault)

    async def _confirm(self) -> None:
        """Tell that the last batch was answered, so that the next start doesn't answer it again."""
        if self._offset:
            try:
                await self._api.updates(self._offset, wait=0, limit=1)
            except ApiFailed as failed:
                log.info("telegram", doing="confirm", outcome=failed.reason)


def by_chat(batch: Iterable[object]) -> Iterable[list[object]]:
    """Updates that belong to one chat together, in order; those that can't be read each alone."""
    chats: dict[object, list[object]] = {}
    for raw in batch:
        chats.setdefault(_chat(raw), []).append(raw)
    return chats.values()


def _chat(raw: object) -> object:
    try:
        chat = updates.read(raw).chat
    except updates.Unreadable:
        chat = None
    return f"unreadable {updates.update_id(raw)}" if chat is None else chat.id
