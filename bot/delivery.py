"""The outbox: claim, pace, send, record."""

import asyncio
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

import structlog

from bot.channels.channel import Channel, HasPages, Push, SendFailed
from bot.pace import Pace, QuietHours
from bot.render import Words
from handlers import turns
from handlers.office import outbox
from handlers.office.ways import Way
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
        due = await self._run(lambda unit: self._claim_for(unit, channel, address))
        await self._send_in_turn(due)
        return len(due)

    def _claim_for(self, unit: Unit, channel: str, address: str) -> Sequence[Delivery]:
        """What waits for a person there, on whichever account it was to be said."""
        now = self.clock(unit)
        outbox.is_back(unit, channel, address, now)
        return claims.claim(unit, channel, now, address=address)

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
            await asyncio.gather(*(self._send_in_turn(waiting) for waiting in _by_person(due)))
            tried += len(due)
        return tried

    async def _send_in_turn(self, waiting: Sequence[Delivery]) -> None:
        """What goes to one person, in order; of what waited for them to come back the shortest first."""
        for delivery in sorted(waiting, key=self._length):
            await self._send(delivery)

    def _length(self, delivery: Delivery) -> int:
        return sum(len(message.text) for message in self.push(delivery).messages) if delivery.late else 0

    def _claim(self, unit: Unit, name: str) -> Sequence[Delivery]:
        """A batch, if this copy is the channel's sender."""
        if not self.is_mine(unit, name):
            return ()
        now = self.clock(unit)
        return claims.claim(unit, name, now, self.at_once, quiet=self.is_quiet(now))

    def is_mine(self, unit: Unit, channel: str) -> bool:
        """Whether this copy sends for the channel, which it goes on to do for a while."""
        return leases.take(unit, _lease(channel), self.name, SENDING_LEASE) is not None

    def is_quiet(self, now: datetime) -> bool:
        """Whether people sleep."""
        return self.quiet is not None and self.quiet.at(now)

    async def _send(self, delivery: Delivery) -> None:
        channel = self.channels[delivery.channel]
        if await self._is_for_another_copy(channel, delivery):
            return
        push = self.push(delivery)
        pace = self.paces.get(delivery.channel)
        if pace is not None and not await pace.wait(delivery.address):
            later = timedelta(seconds=pace.delay(delivery.address))
            await self._run(lambda unit: claims.again(unit, delivery, "pace", self.clock(unit) + later))
            return
        ways = channel.ways(push)
        begun = await self._run(lambda unit: outbox.begin(unit, delivery, ways, self.clock(unit)))
        if begun is not None:
            await self._leave(*begun, push)

    async def _is_for_another_copy(self, channel: Channel, delivery: Delivery) -> bool:
        """Whether the copies were asked just now who has the person's page open, since this one has none."""
        if not isinstance(channel, HasPages) or channel.is_open(delivery.address):
            return False
        return await self._run(lambda unit: outbox.ask_copies(unit, delivery, self.clock(unit)))

    def push(self, delivery: Delivery) -> Push:
        """The message in the person's words, as far as it hasn't been said."""
        said = turns.unpacked(b"", delivery.conversation_id, delivery.message)
        messages = self.words.messages(said)
        if delivery.late and messages:
            earlier = self.words.phrase(said.language, "while_away")
            messages = (replace(messages[0], text=f"{earlier}\n{messages[0].text}"), *messages[1:])
        return Push(
            messages, said.language, delivery.said, said.replies, delivery.kind, delivery.topic,
            delivery.id,
        )  # fmt: skip

    async def _leave(self, delivery: Delivery, way: Way, push: Push) -> None:
        """The attempt itself, shorter than its claim's lease."""
        if delivery.channel in self.paces:
            await self.paces[delivery.channel].leave()
        try:
            async with asyncio.timeout(SEND_SECONDS):
                platform_id = await self.channels[delivery.channel].send(delivery.address, push, way.name)
        except TimeoutError:
            await self._not_sent(delivery, way, outbox.Failure("no answer", retryable=True, unknown=True))
        except SendFailed as failed:
            await self._not_sent(delivery, way, failed.failure)
        except Exception:
            log.exception("send", channel=delivery.channel)
            await self._not_sent(delivery, way, outbox.Failure("fault in the program", retryable=True))
        else:
            await self._run(lambda unit: outbox.note_sent(unit, delivery, platform_id, self.clock(unit)))

    async def _not_sent(self, delivery: Delivery, way: Way, failure: outbox.Failure) -> None:
        if failure.after is not None and delivery.channel in self.paces:
            self.paces[delivery.channel].pause(failure.after)
        log.info("send", channel=delivery.channel, outcome=failure.reason, unknown=failure.unknown)
        await self._run(lambda unit: outbox.note_failure(unit, delivery, way, failure, self.clock(unit)))

    async def _run(self, work: Work[T]) -> T:
        return await self.database.run(work, "batch")


def _by_person(due: Sequence[Delivery]) -> Iterable[Sequence[Delivery]]:
    by_person: dict[int, list[Delivery]] = defaultdict(list)
    for delivery in due:
        by_person[delivery.conversation_id].append(delivery)
    return by_person.values()


def _lease(channel: str) -> str:
    return f"send:{channel}"
