"""The outbox: claim, pace, send, record."""

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

import structlog

from bot import metrics
from bot.channels.channel import Channel, Push, SendFailed
from bot.pace import Pace, QuietHours
from bot.render import Words
from handlers import turns
from handlers.office import outbox
from storage import claims, deliveries, leases
from storage.database import Database, Work
from storage.records import Delivery
from storage.unit import Unit

log = structlog.get_logger(__name__)

T = TypeVar("T")

SENDING_LEASE = timedelta(seconds=9)  # another copy takes a dead sender's place within ten seconds
SEND_SECONDS = 25.0  # shorter than a claim's lease, so that nobody else begins the same meanwhile
AT_ONCE = 20
CONFIRMED_WITHIN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends what waits in the outbox through its channel, and records what became of it.

    Of all copies of the program one at a time sends for a channel; `paces` are its limits, by channel.
    """

    database: Database
    words: Words
    channels: Mapping[str, Channel]
    paces: Mapping[str, Pace] = field(default_factory=dict)
    quiet: QuietHours | None = None
    name: str = field(default_factory=lambda: secrets.token_hex(16))
    clock: Callable[[Unit], datetime] = leases.clock
    at_once: int = AT_ONCE

    async def send_due(self) -> int:
        """One round over every channel, side by side; how many messages were tried."""
        return sum(await asyncio.gather(*(self._send_channel(name) for name in self.channels)))

    async def send_to(self, channel: str, address: str) -> int:
        """What waits for one address that has just become reachable."""
        due = await self._run(lambda unit: claims.claim(unit, channel, self.clock(unit), address=address))
        for delivery in due:
            await self._send(delivery)
        return len(due)

    async def settle(self) -> int:
        """What was accepted a day ago and never reported on counts as sent, what is too late expires; how many."""
        return await self._run(self._settle)

    def _settle(self, unit: Unit) -> int:
        now = self.clock(unit)
        return deliveries.settle(unit, now - CONFIRMED_WITHIN, now) + deliveries.expire(unit, now)

    async def give_back(self) -> None:
        """Let another copy go on at once."""
        for name in self.channels:
            await self._run(partial(leases.give_back, name=_lease(name), holder=self.name))

    async def _send_channel(self, name: str) -> int:
        tried = 0
        while due := await self._run(partial(self._claim, name=name)):
            await asyncio.gather(*(self._send(delivery) for delivery in due))
            tried += len(due)
        return tried

    def _claim(self, unit: Unit, name: str) -> Sequence[Delivery]:
        """A batch, if this copy is the channel's sender."""
        if leases.take(unit, _lease(name), self.name, SENDING_LEASE) is None:
            return ()
        now = self.clock(unit)
        quiet = self.quiet is not None and self.quiet.at(now)
        return claims.claim(unit, name, now, self.at_once, quiet=quiet)

    async def _send(self, delivery: Delivery) -> None:
        channel = self.channels[delivery.channel]
        push = self._push(delivery)
        pace = self.paces.get(delivery.channel)
        if pace is not None and not await pace.wait(delivery.address):
            later = timedelta(seconds=pace.delay(delivery.address))
            await self._run(lambda unit: claims.again(unit, delivery, "pace", self.clock(unit) + later))
            return
        cost = channel.cost(push)
        begun = await self._run(lambda unit: outbox.begin(unit, delivery, cost, self.clock(unit)))
        if begun is not None:
            await self._leave(begun, channel, push)

    def _push(self, delivery: Delivery) -> Push:
        """The message in the person's words, as far as it hasn't been said."""
        said = turns.unpacked(b"", delivery.conversation_id, delivery.message)
        return Push(self.words.messages(said), said.language, delivery.said)

    async def _leave(self, delivery: Delivery, channel: Channel, push: Push) -> None:
        """The attempt itself, shorter than its claim's lease."""
        try:
            async with asyncio.timeout(SEND_SECONDS):
                platform_id = await channel.send(delivery.address, push)
        except TimeoutError:
            await self._not_sent(delivery, outbox.Failure("no answer", retryable=True, unknown=True))
        except SendFailed as failed:
            await self._not_sent(delivery, failed.failure)
        except Exception:
            log.exception("send", channel=delivery.channel)
            await self._not_sent(delivery, outbox.Failure("fault in the program", retryable=True))
        else:
            await self._note(delivery, lambda unit: outbox.note_sent(unit, delivery, platform_id, self.clock(unit)))

    async def _not_sent(self, delivery: Delivery, failure: outbox.Failure) -> None:
        if failure.after is not None and delivery.channel in self.paces:
            self.paces[delivery.channel].pause(failure.after)
        log.info("send", channel=delivery.channel, outcome=failure.reason, unknown=failure.unknown)
        if failure.unknown:
            metrics.UNKNOWN.labels(delivery.channel, delivery.kind).inc()
        await self._note(delivery, lambda unit: outbox.note_failure(unit, delivery, failure, self.clock(unit)))

    async def _note(self, delivery: Delivery, work: Work[str]) -> None:
        """Write down what became of an attempt; an end is counted."""
        state = await self._run(work)
        if state:
            metrics.DELIVERIES.labels(delivery.channel, delivery.kind, state).inc()

    async def _run(self, work: Work[T]) -> T:
        return await self.database.run(work, "batch")


def _lease(channel: str) -> str:
    return f"send:{channel}"
