"""How long to wait before another attempt."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from bot.channels.telegram.errors import ApiFailed

log = structlog.get_logger(__name__)
Result = TypeVar("Result")


class Pauses:
    """Doubling pauses with jitter, between `first` and `longest` seconds."""

    def __init__(self, first: float, longest: float = 30.0) -> None:
        self._first = first
        self._longest = longest
        self._next = first

    def reset(self) -> None:
        """It went well: begin anew."""
        self._next = self._first

    async def pause(self, after: float | None = None) -> None:
        """Wait; `after`: what the platform asked for."""
        seconds = self._next * random.uniform(0.75, 1.25)  # noqa: S311 -- jitter, not a secret
        self._next = min(self._next * 2, self._longest)
        await asyncio.sleep(max(seconds, after or 0.0))


async def until_done(what: str, attempt: Callable[[], Awaitable[Result]], pauses: Pauses) -> Result:
    """Try until the platform agrees; what it refuses is logged with advice, and tried again all the same."""
    while True:
        try:
            result = await attempt()
        except ApiFailed as failed:
            log.warning("telegram", doing=what, outcome=failed.reason, advice=failed.advice)
            await pauses.pause(failed.failure.after)
        except Exception as fault:  # noqa: BLE001 -- nobody would begin it again
            log.error("telegram_fault", doing=what, fault=type(fault).__name__)
            await pauses.pause()
        else:
            pauses.reset()
            return result
