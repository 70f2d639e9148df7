"""Messages to many: gathered in the outbox, sent in one call, recorded."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

import structlog

from bot.channels.channel import SendFailed, SpeaksToMany
from bot.delivery import Sender
from handlers.office import bundles as office
from handlers.office.outbox import Failure
from storage import bundles
from storage.bundles import Bundle
from storage.database import Work
from storage.records import Delivery
from storage.unit import Unit

T = TypeVar("T")

CALL_SECONDS = 60.0  # shorter than a bundle's lease, so that nobody repeats the call meanwhile

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class BundleSender:
    """Sends bundles, as the one copy that sends for a channel."""

    sender: Sender

    async def send_due(self) -> int:
        """One round; how many calls were made."""
        made = 0
        for name, channel in self.sender.channels.items():
            if isinstance(channel, SpeaksToMany):
                while bundle := await self._run(partial(self._claim, channel=name)):
                    await self._send(channel, bundle)
                    made += 1
        return made

    def _claim(self, unit: Unit, channel: str) -> Bundle | None:
        if not self.sender.is_mine(unit, channel):
            return None
        now = self.sender.clock(unit)
        return bundles.claim(unit, channel, now, office.MOST, quiet=self.sender.is_quiet(now))

    async def _send(self, channel: SpeaksToMany, bundle: Bundle) -> None:
        opened = await self.sender.database.read(lambda unit: bundles.opened(unit, bundle))
        if opened.unreadable:
            await self._note(bundle, lambda unit, bundle, now: bundles.put_out(unit, bundle, opened, now))
        if opened.one is None or len(opened.addresses) < office.FEWEST:
            await self._note(bundle, office.leave_to_each)
        else:
            await self._call(channel, bundle, opened.one, opened.addresses)

    async def _call(self, channel: SpeaksToMany, bundle: Bundle, one: Delivery, addresses: Sequence[str]) -> None:
        try:
            async with asyncio.timeout(CALL_SECONDS):
                platform_id = await channel.send_to_many(addresses, self.sender.push(one), bundle.call)
        except TimeoutError:
            await self._note(bundle, partial(office.note_failure, Failure("no answer", retryable=True, unknown=True)))
        except SendFailed as failed:
            log.info("send_to_many", people=len(addresses), outcome=failed.reason)
            await self._note(bundle, partial(office.note_failure, failed.failure))
        except Exception:
            log.exception("send_to_many")
            fault = Failure("fault in the program", retryable=True, unknown=True)
            await self._note(bundle, partial(office.note_failure, fault))
        else:
            log.info("send_to_many", people=len(addresses), outcome="accepted")
            await self._note(bundle, lambda unit, bundle, now: bundles.accept(unit, bundle, platform_id, now))

    async def _run(self, work: Work[T]) -> T:
        return await self.sender.database.run(work, "batch")

    async def _note(self, bundle: Bundle, work: Callable[[Unit, Bundle, datetime], None]) -> None:
        await self._run(lambda unit: work(unit, bundle, self.sender.clock(unit)))
