"""The outbox: claim, pace, send, record."""

import asyncio
import math
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import TypeVar

from bot.channels.channel import Channel, Push
from bot.pace import Pace, QuietHours
from bot.passing import passed_over
from bot.render import Words
from bot.rounds import Books, Round
from bot.wordings import Wordings
from handlers.office import outbox, sending
from handlers.office.sending import Begun, End, Wish
from storage import claims, deliveries, leases
from storage.claims import Claimed
from storage.database import Database, Work
from storage.records import Delivery
from storage.unit import Unit

T = TypeVar("T")

SENDING_LEASE = timedelta(seconds=9)  # another copy takes a dead sender's place within ten seconds
AT_ONCE = 40  # messages begun and without a written end: so many a crash can leave of unknown outcome
PAGES = 20  # of messages that can't be read, stepped over at a time
LEAVES_WITHIN = 8.0  # seconds that a stop waits for what is leaving; Docker kills after ten
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
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    under_way: set[asyncio.Future[None]] = field(default_factory=set)  # rounds
    wordings: Wordings = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "wordings", Wordings(self.words))

    async def send_due(self) -> int:
        """One round over every channel, side by side; how many messages were tried."""
        return sum(await asyncio.gather(*(self._send_channel(name) for name in self.channels)))

    async def send_to(self, channel: str, address: str) -> int:
        """What waits for one address that has just become reachable."""
        due = await self._taken(lambda unit: self._claim_for(unit, channel, address))
        round_ = self._round(channel)
        round_.take(due)
        return await self._run_round(round_)

    def _claim_for(self, unit: Unit, channel: str, address: str) -> Claimed:
        """What waits for a person there, on whichever account it was to be said."""
        now = self.clock(unit)
        outbox.is_back(unit, channel, address, now)
        return claims.take(unit, channel, now, address=address)

    async def _taken(self, claim: Work[Claimed]) -> Sequence[Delivery]:
        """What was claimed and is to be sent; what can't be read is told, and what lies behind it claimed.

        Not for ever, though: what was begun meanwhile is to have its end written while its lease lasts.
        """
        for _ in range(PAGES):
            claimed = await self._run(claim)
            for one in claimed.unreadable:
                with passed_over("outbox", number=one.id, kind=one.kind):
                    raise one.fault
            if claimed.deliveries or not claimed.unreadable or self.closing.is_set():
                return claimed.deliveries
        return ()

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
        return await self._run_round(self._round(name, Holding(self, name)))

    async def _run_round(self, round_: Round) -> int:
        over = asyncio.get_running_loop().create_future()
        self.under_way.add(over)
        try:
            return await round_.run()
        finally:
            self.under_way.discard(over)
            over.set_result(None)

    async def close(self) -> None:
        """Begin nothing more, and wait for what is leaving, so that nobody has to guess whether it left."""
        self.closing.set()
        if self.under_way:
            await asyncio.wait(tuple(self.under_way), timeout=LEAVES_WITHIN)

    def _round(self, name: str, holding: "Holding | None" = None) -> Round:
        """A round of one channel, as its one sender or, without `holding`, of what was claimed otherwise."""

        async def claim(limit: int) -> Sequence[Delivery]:
            return () if holding is None else await self._taken(lambda unit: self._claim(unit, holding, limit))

        async def turn(ends: Sequence[End], wishes: Sequence[Wish]) -> Mapping[int, Begun]:
            return await self._run(lambda unit: self._turn(unit, holding, ends, wishes))

        async def note(ends: Sequence[End]) -> None:
            await self._run(lambda unit: sending.note(unit, ends, self.clock(unit)))

        async def put_back(some: Sequence[Delivery], seconds: float) -> None:
            await self._run(lambda unit: self._put_back(unit, some, timedelta(seconds=seconds)))

        books = Books(claim, turn, note, put_back)
        return Round(self.channels[name], books, self.push, self.at_once, self.paces.get(name), self.closing)

    def _claim(self, unit: Unit, holding: "Holding", limit: int) -> Claimed:
        """A batch, if this copy is the channel's sender."""
        if not holding.is_fresh and not holding.renew(unit):
            return Claimed()
        now = self.clock(unit)
        return claims.take(unit, holding.channel, now, limit, quiet=self.is_quiet(now))

    def _turn(
        self, unit: Unit, holding: "Holding | None", ends: Sequence[End], wishes: Sequence[Wish]
    ) -> Mapping[int, Begun]:
        """What has ended; then what begins, which is nothing where another copy has become the channel's sender."""
        now = self.clock(unit)
        sending.note(unit, ends, now)
        if not wishes or (holding is not None and not holding.is_fresh and not holding.renew(unit)):
            return {}
        return sending.begin(unit, wishes, now)

    def _put_back(self, unit: Unit, some: Sequence[Delivery], later: timedelta) -> None:
        now = self.clock(unit)
        for delivery in some:
            claims.again(unit, delivery, "pace", now + later)

    def is_mine(self, unit: Unit, channel: str) -> bool:
        """Whether this copy sends for the channel, which it goes on to do for a while."""
        return leases.take(unit, _lease(channel), self.name, SENDING_LEASE) is not None

    def is_quiet(self, now: datetime) -> bool:
        """Whether people sleep."""
        return self.quiet is not None and self.quiet.at(now)

    def awake_seconds(self, now: datetime) -> float:
        """Since when what waited for the morning may leave, in seconds; a night is nothing that stands."""
        if self.quiet is None or self.quiet.at(now):
            return float("inf")
        return self.quiet.since_the_end(now).total_seconds()

    def push(self, delivery: Delivery) -> Push:
        """The message in the person's words, as far as it hasn't been said."""
        wording = self.wordings.of(delivery)
        said, messages = wording.said, wording.messages
        if delivery.late and messages:
            earlier = self.words.phrase(said.language, "while_away")
            messages = (replace(messages[0], text=f"{earlier}\n{messages[0].text}"), *messages[1:])
        return Push(
            messages, said.language, delivery.said, said.replies, delivery.kind, delivery.topic,
            delivery.id,
        )  # fmt: skip

    async def _run(self, work: Work[T]) -> T:
        return await self.database.run(work, "batch")


@dataclass(slots=True)
class Holding:
    """That this copy is a channel's sender, which is looked after at a third of the lease."""

    sender: Sender
    channel: str
    _renewed: float = -math.inf

    @property
    def is_fresh(self) -> bool:
        """Whether it needn't be looked after yet."""
        return monotonic() - self._renewed < SENDING_LEASE.total_seconds() / 3

    def renew(self, unit: Unit) -> bool:
        """Whether it still is, for another while."""
        begun = monotonic()
        if not self.sender.is_mine(unit, self.channel):
            return False
        self._renewed = begun
        return True


def _lease(channel: str) -> str:
    return f"send:{channel}"
