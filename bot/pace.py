"""How fast a channel's account may send: overall, and to one address."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, time
from time import monotonic
from zoneinfo import ZoneInfo

FORGOTTEN_AT = 10_000
SHORTEST = 0.001  # seconds; clocks are no more exact
PATIENCE = 5.0  # seconds, far less than a claim lasts


@dataclass(slots=True)
class Pace:
    """Slots for sending. `per_second`: messages overall; `gap`: seconds between two to one address.

    `now`, `sleep`: the time in seconds, and how to let it pass.
    """

    per_second: float
    gap: float = 0.0
    now: Callable[[], float] = monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _next: float = 0.0
    _leaves: float = 0.0
    _addresses: dict[str, float] = field(default_factory=dict)

    def delay(self, address: str) -> float:
        """How far away the next slot is, in seconds."""
        return max(0.0, max(self._next, self._addresses.get(address, 0.0)) - self.now())

    async def wait(self, address: str) -> bool:
        """Wait for the next slot; False, and nothing is taken, where it is too far away to wait for."""
        delay, now = self.delay(address), self.now()
        if delay > PATIENCE:
            return False
        self._next = max(now, self._next) + 1 / self.per_second
        if self.gap:
            self._remember(address, now + delay + self.gap, now)
        await self.sleep(delay)
        return True

    async def leave(self) -> None:
        """Just before a message leaves: those whose slots were apart leave apart, though a busy machine or one commit
        for several of them let them go on together.
        """
        awake = self.now()
        leaves = max(awake, self._leaves)
        self._leaves = leaves + 1 / self.per_second
        if leaves - awake > SHORTEST:
            await self.sleep(leaves - awake)

    def pause(self, seconds: float) -> None:
        """The platform asks for silence."""
        self._next = max(self._next, self.now() + seconds)

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
