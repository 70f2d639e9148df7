"""What every page of the console shares."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from bot.channels.web.page import accepted_languages
from bot.clocks import Unhurried
from bot.console.cookies import Cookies
from bot.console.words import Pages
from bot.house import House
from bot.settings import Settings
from storage.staff_sessions import Limits

T = TypeVar("T")

HASHING_AT_ONCE = 2  # each takes 64 MiB
DRAWING_AT_ONCE = 2  # a page takes a good part of a second of one core


@dataclass(frozen=True, slots=True)
class Desk:
    """The house with the console's pages, cookies and limits. `idle_clock`: by which sessions end."""

    house: House
    pages: Pages
    cookies: Cookies
    limits: Limits
    idle_clock: Unhurried
    hashing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(HASHING_AT_ONCE))
    drawing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(DRAWING_AT_ONCE))

    async def hash_work(self, work: Callable[[], T]) -> T:
        """Work that hashes passwords: beside the event loop and the database, a few at a time."""
        async with self.hashing:
            return await asyncio.to_thread(work)

    def language(self, remembered: str, accepted: str) -> str:
        """A page's language for somebody who isn't known: as chosen before, else the browser's, else the office's."""
        known = list(self.pages.tables)
        wishes = [remembered, *accepted_languages(accepted)]
        return next((wish for wish in wishes if wish in known), known[0])


def build_desk(house: House) -> Desk:
    """The console around a house."""
    secure = house.settings.public_url.startswith("https://")
    limits = session_limits(house.settings)
    return Desk(
        house=house,
        pages=Pages(house.settings.zone, house.areas),
        cookies=Cookies(house.database.vault, secure=secure),
        limits=limits,
        idle_clock=Unhurried(limits.idle),
    )


def session_limits(settings: Settings) -> Limits:
    """How long sessions last, as the operator wants it."""
    return Limits(
        idle=timedelta(minutes=settings.console_idle_minutes), whole=timedelta(hours=settings.console_session_hours)
    )
