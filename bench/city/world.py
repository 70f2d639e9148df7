"""The city on its day: everybody and everything in it, and what is said to all."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as of_day

from bench.city.copies import Copy, Doors, Rhythm
from bench.city.lists import Listed
from bench.city.office import Office
from bench.city.people import ZONE, Person
from bench.city.ways import Mail
from bot.settings import Settings
from storage.broadcasts import Content
from tests.doubles.telegram import TelegramDouble
from tests.doubles.wechat import WeChatDouble
from tests.doubles.witness import Seen

DAY = date(2026, 11, 27)
MIDNIGHT = datetime.combine(DAY, of_day(), ZONE).astimezone(UTC)
EVENING = MIDNIGHT - timedelta(hours=4)
ORIGIN = "http://city.test"
WATER = Content("停水", {"zh": "今晚8点到10点停水，请提前储水。", "en": "No water tonight from 8 to 10 pm."})
STORM = Content(
    "台风", {"zh": "台风今夜登陆，请勿外出。", "en": "A typhoon lands tonight: stay in."}, why="台风红色预警"
)
POWER = Content("停电", {"zh": "今晚10点停电检修。", "en": "The power is off from 10 pm."})
SAYS = {"water": "停水", "power": "停电", "storm": "台风"}  # what tells each broadcast apart


@dataclass(frozen=True, slots=True)
class Wanted:
    """What day is asked for. `every`: seconds between two turns of the clock's jobs while little is going on."""

    people: int = 3000
    seed: int = 1
    copies: int = 2
    every: float = 300.0


@dataclass(slots=True)
class City:
    """Everybody and everything."""

    wanted: Wanted
    settings: Settings
    doors: Doors
    wechat: WeChatDouble
    telegram: TelegramDouble
    mail: Mail
    office: Office
    people: list[Person] = field(default_factory=list)
    landlords: list[Person] = field(default_factory=list)
    broadcasts: dict[str, int] = field(default_factory=dict)
    happened: list[str] = field(default_factory=list)
    tasks: list["asyncio.Task[None]"] = field(default_factory=list)
    stopped: list[Copy] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    metrics: str = ""
    paused: tuple[datetime, datetime] | None = None
    gone: tuple[datetime, datetime] | None = None
    lists: list[Listed] = field(default_factory=list)
    heeds: Callable[[Seen], None] = lambda seen: None

    def see(self, seen: Seen) -> None:
        """A platform showed somebody something."""
        self.mail.heed(seen)
        self.heeds(seen)

    def begin(self, life: Awaitable[None]) -> None:
        """Somebody's day."""
        self.tasks.append(asyncio.ensure_future(life))

    def tell(self, what: str) -> None:
        """Write down what happened when."""
        self.happened.append(f"{datetime.now(ZONE):%d %H:%M:%S} {what}")

    def now(self) -> datetime:
        """By the wall clock, which jumps with the loop's."""
        return datetime.now(UTC)

    def hurry(self, *, busy: bool) -> None:
        """Whether the sender's jobs come at their quickest, in every copy."""
        for copy in self.doors.copies:
            copy.rhythm.busy = busy

    async def start_copy(self) -> Copy:
        """One more copy of the program."""
        first = next((copy.server for copy in (*self.doors.copies, *self.stopped) if copy.server), None)
        like = None if first is None else first.house
        copy = Copy(
            f"copy {len(self.doors.copies) + len(self.stopped)}", self.settings, Rhythm(self.wanted.every), like
        )
        await copy.start()
        self.doors.copies.append(copy)
        self.tell(f"{copy.name} started")
        return copy

    async def leave(self, copy: Copy, how: Callable[[], Awaitable[None]]) -> None:
        """A copy ends, one way or the other."""
        self.doors.copies.remove(copy)
        self.stopped.append(copy)
        await how()
        self.tell(f"{copy.name} ended")
