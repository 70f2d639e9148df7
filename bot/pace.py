"""How fast a channel's account may send: overall, and to one address."""

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

FORGOTTEN_AT = 10_000
SHORTEST = 0.001  # seconds; clocks are no more exact
CATCHES_UP = 0.2  # seconds: who is later than that begins anew instead of making up for it
CLOSER = 1.1  # and who makes up for it follows that much closer, not at once: on the way they bunch up enough


@dataclass(slots=True)
class Pace:
    """Slots for sending, at absolute times. `per_second`: messages overall; `gap`: seconds between two to one address.

    `now`, `sleep`: the time in seconds, and how to let it pass.
    """

    per_second: float
    gap: float = 0.0
    now: Callable[[], float] = monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _next: float = 0.0
    _waiting: int = 0
    _gate: asyncio.Lock = field(default_factory=asyncio.Lock)
    _recent: deque[float] = field(default_factory=deque)
    _addresses: dict[str, float] = field(default_factory=dict)

    def delay(self, address: str) -> float:
        """How far away the next slot is for that address, in seconds."""
        return max(0.0, max(self._next, self._addresses.get(address, 0.0)) - self.now())

    def gap_of(self, address: str) -> float:
        """How long that address itself is left alone yet, in seconds."""
        return max(0.0, self._addresses.get(address, 0.0) - self.now())

    def silence(self) -> float:
        """How far away the next slot is for anybody, in seconds."""
        return max(0.0, self._next - self.now())

    def room(self, ahead: float) -> int:
        """How many more slots come within so many seconds that nobody waits for."""
        now = self.now()
        begins = self._next if self._next >= now - CATCHES_UP else now
        slots = math.floor((now + ahead - begins) * self.per_second) + 1
        return max(0, slots - self._waiting)

    def until_room(self, ahead: float) -> float:
        """In how many seconds there will be room for one more."""
        last = max(self._next, self.now()) + self._waiting / self.per_second
        return max(SHORTEST, last - ahead - self.now())

    async def leave(self, address: str, patience: float) -> bool:
        """Wait for a slot just before a message leaves, each in turn, however many were let go together; False, and
        no slot is taken, where it doesn't come within `patience` seconds.
        """
        until = self.now() + patience
        self._waiting += 1
        try:
            async with self._gate:
                while (early := self._slot() - self.now()) > SHORTEST:
                    if self.now() + early > until:
                        return False
                    await self.sleep(early)
                if self.now() > until:
                    return False
                self._take(address)
        finally:
            self._waiting -= 1
        return True

    def pause(self, seconds: float) -> None:
        """The platform asks for silence."""
        self._next = max(self._next, self.now() + seconds)

    def _slot(self) -> float:
        """When the next message may leave: catching up, too, no more in a second than are allowed, nor in a bunch."""
        if not self._recent:
            return self._next
        most, apart = math.ceil(self.per_second), self._recent[-1] + 1 / (self.per_second * CLOSER)
        full = self._recent[0] + most / self.per_second if len(self._recent) >= most else apart
        return max(self._next, apart, full)

    def _take(self, address: str) -> None:
        now = self.now()
        self._next = (self._next if self._next >= now - CATCHES_UP else now) + 1 / self.per_second
        self._recent.append(now)
        if len(self._recent) > math.ceil(self.per_second):
            self._recent.popleft()
        if self.gap:
            self._remember(address, now + self.gap, now)

    def _remember(self, address: str, until: float, now: float) -> None:
        if len(self._addresses) >= FORGOTTEN_AT:
            self._addresses = {name: at for name, at in self._addresses.items() if at > now}
        self._addresses[address] = until


@dataclass(frozen=True, slots=True)
class QuietHours:
    """When people sleep: nothing but answers and urgent messages leaves. Local times; may go over midnight."""

    begin: time
    end: time
    zone: ZoneInfo

    def at(self, now: datetime) -> bool:
        """Whether it is quiet at that instant."""
        local = now.astimezone(self.zone).time()
        if self.begin <= self.end:
            return self.begin <= local < self.end
        return local >= self.begin or local < self.end

    def since_the_end(self, now: datetime) -> timedelta:
        """How long ago they were over last."""
        local = now.astimezone(self.zone)
        ended = datetime.combine(local.date(), self.end, self.zone)
        return local - (ended if ended <= local else ended - timedelta(days=1))
