"""The outbox: claim, send, record."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from bot import metrics
from bot.channels.channel import Channel, SendFailed
from bot.render import Words
from handlers import turns
from storage import deliveries
from storage.database import Database
from storage.records import Delivery

log = structlog.get_logger(__name__)

ATTEMPTS = 8
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)
AWAY_PAUSE = timedelta(days=7)  # `send_to` says it as soon as the person is back


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends what waits in the outbox through its channel, and records what became of it."""

    database: Database
    words: Words
    channels: Mapping[str, Channel]

    async def send_due(self) -> int:
        """One round over every channel; how many messages were tried."""
        tried = 0
        for name in self.channels:
            tried += await self._send_channel(name)
        return tried

    async def send_to(self, channel: str, address: str) -> int:
        """What waits for one address that has just become reachable."""
        now = datetime.now(UTC)
        due = await self.database.run(lambda unit: deliveries.claim(unit, channel, now, address=address), "batch")
        for delivery in due:
            await self._send(delivery)
        return len(due)

    async def _send_channel(self, name: str) -> int:
        now = datetime.now(UTC)
        due = await self.database.run(lambda unit: deliveries.claim(unit, name, now), "batch")
        for delivery in due:
            await self._send(delivery)
        return len(due)

    async def _send(self, delivery: Delivery) -> None:
        answered = turns.unpacked(b"", delivery.conversation_id, delivery.message)
        try:
            await self.channels[delivery.channel].send(delivery.address, self.words.messages(answered))
        except SendFailed as failure:
            await self._not_sent(delivery, failure)
            return
        except Exception:
            log.exception("send", channel=delivery.channel)
            await self._not_sent(delivery, SendFailed("fault in the program", retryable=True))
            return
        await self._end(delivery, "sent", "")

    async def _not_sent(self, delivery: Delivery, failure: SendFailed) -> None:
        """Wait for another attempt, longer each time, or end it with the reason. Who is away may come back."""
        if not failure.away and (not failure.retryable or delivery.attempts >= ATTEMPTS):
            await self._end(delivery, "failed", failure.reason)
            return
        waits = AWAY_PAUSE if failure.away else pause(delivery.attempts, failure.after)
        due_at = datetime.now(UTC) + waits
        await self.database.run(
            lambda unit: deliveries.again(unit, delivery.id, delivery.claim, failure.reason, due_at), "batch"
        )

    async def _end(self, delivery: Delivery, state: str, reason: str) -> None:
        now = datetime.now(UTC)
        ended = await self.database.run(
            lambda unit: deliveries.end(unit, delivery.id, delivery.claim, state, reason, now), "batch"
        )
        if ended:
            metrics.DELIVERIES.labels(delivery.channel, state).inc()


def pause(attempts: int, after: float | None) -> timedelta:
    """How long to wait: what the platform asked for, else doubling pauses with jitter, at most an hour."""
    if after is not None:
        return timedelta(seconds=after)
    doubled = min(FIRST_PAUSE.total_seconds() * 2 ** (attempts - 1), LONGEST_PAUSE.total_seconds())
    return timedelta(seconds=doubled) * random.uniform(0.75, 1.25)  # noqa: S311 -- jitter, not a secret
