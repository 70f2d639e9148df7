"""Broadcasts of the town: one that is done, with its answers; one that waits for a second person; a draft."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from random import Random
from typing import TypeVar

from bot.broadcaster import Broadcaster
from bot.channels.channel import PLAIN
from bot.demo.deciding import GONE
from bot.demo.people import Resident
from bot.demo.talking import Talking
from bot.house import House
from bot.places import Filler
from handlers.office import sending
from handlers.office.broadcasts import deciding
from handlers.office.broadcasts.deciding import Publisher, Wish
from handlers.office.sending import Begun, End
from handlers.office.sending import Wish as Leaving
from storage import broadcasts, claims
from storage.audiences import Audience
from storage.broadcasts import Broadcast, Content
from storage.unit import Unit

T = TypeVar("T")

CHANNELS = ("wechat", "telegram", "web")
DAY, MINUTES = timedelta(days=1), timedelta(minutes=1)
MORNING = time(10, 5)
DAYS_AGO = 6
AT_ONCE, ROUNDS = 100, 20
LOST, READ = 0.06, 0.55  # of those it was sent to
FIRE = Content(
    "冬季用火用电",
    {
        "zh": "{{ name }}，您好：天冷了，{{ area }}近日将上门查看消防安全。"
        "请不要在楼道给电动车充电，用完电热毯请关掉。读过请点“已读”。",
        "en": "Dear {{ name }}, it is getting cold, and {{ area }} will look after fire safety at home these days. "
        "Please don't charge e-bikes in the stairwell, and turn electric blankets off. "
        "Press “read” when you have read this.",
    },
    ask="read",
)
WATER = Content(
    "停水通知",
    {
        "zh": "{{ area }}明天 9:00 到 17:00 检修水管，会停水。请提前储水。",
        "en": "{{ area }}: the water is off tomorrow from 9:00 to 17:00 while the pipes are mended. Please store some.",
    },
)
FAIR = Content("招聘会", {"zh": "本周六上午有招聘会，地点在翠竹路1号。想来的请回复几个人。"}, ask="answer")


class NotAnnounced(Exception):
    """A publisher of the town could not do what its story needs:"""

    def __init__(self, what: str) -> None:
        super().__init__(f"{(type(self).__doc__ or '').strip()} {what}")


@dataclass(frozen=True, slots=True)
class Announcing:
    """Two publishers: what one writes the other approves."""

    house: House
    talking: Talking
    author: Publisher
    other: Publisher
    chance: Random
    now: datetime

    async def fill(self, people: Sequence[Resident]) -> None:
        """Everything, in the order in which it happened."""
        begun_at = self._morning()
        done = await self._run(lambda unit: self._started(unit, begun_at))
        await self._sent(done, begun_at + 5 * MINUTES)
        await self._run(lambda unit: self._read(unit, people, begun_at + 5 * 60 * MINUTES))
        await self._sent(done, begun_at + DAY)
        await self._run(self._waits)

    def _started(self, unit: Unit, at: datetime) -> Broadcast:
        found = self._written(unit, self.author, FIRE, Audience(areas=("S01", "S02")), at - 40 * MINUTES)
        found = replace(found, not_after=at + DAY)
        deciding.edit(unit, self.author, found.id, found.version, found, at - 35 * MINUTES)
        for by, wish, before in ((self.author, "propose", 30), (self.other, "approve", 12), (self.author, "start", 0)):
            self._act(unit, by, found.id, wish, at - before * MINUTES)
        return found

    def _waits(self, unit: Unit) -> None:
        """Another person has to approve this one; that one is being written."""
        water = self._written(unit, self.other, WATER, Audience(areas=("S03",)), self.now - 50 * MINUTES)
        self._act(unit, self.other, water.id, "propose", self.now - 40 * MINUTES)
        deciding.begin(unit, self.author, FAIR, self.now - 20 * MINUTES, Audience(role="migrant", languages=("zh",)))

    def _written(self, unit: Unit, by: Publisher, content: Content, audience: Audience, at: datetime) -> Broadcast:
        return deciding.begin(unit, by, content, at, audience)

    def _act(self, unit: Unit, by: Publisher, number: int, act: str, at: datetime) -> None:
        found = broadcasts.get(unit, number)
        if found is None:
            raise NotAnnounced(act)
        if act == "propose":
            deciding.tested(unit, by, number, found.version, at)
        outcome = deciding.act(unit, by, number, Wish(act, found.version), at)
        if outcome != "done":
            raise NotAnnounced(f"{act} ({outcome})")

    async def _sent(self, found: Broadcast, at: datetime) -> None:
        """The clock: its people are written down, its messages leave, what became of them is noted."""
        house = self.house
        caster = Broadcaster(
            house.database, Filler(house.words), house.areas, CHANNELS, dict.fromkeys(CHANNELS, 1_000.0),
            house.settings.zone, clock=lambda unit: at,
        )  # fmt: skip
        for _ in range(ROUNDS):
            await caster.run_due()
            if not await self._run(lambda unit: self._leave(unit, found.id, at)):
                break
        await caster.run_due()

    def _leave(self, unit: Unit, number: int, at: datetime) -> int:
        """Some messages go out; here and there one can't."""
        taken = [one for channel in CHANNELS for one in claims.claim(unit, channel, at, AT_ONCE)]
        mine = [one for one in taken if one.broadcast_id == number]
        begun = sending.begin(unit, [Leaving(one, PLAIN) for one in mine], at)
        sending.note(unit, [self._end(one) for one in begun.values()], at)
        return len(mine)

    def _end(self, begun: Begun) -> End:
        lost = self.chance.random() < LOST
        return End(begun, failure=GONE[begun.delivery.channel] if lost else None)

    def _read(self, unit: Unit, people: Sequence[Resident], at: datetime) -> None:
        """Many say that they have read it."""
        for who in people:
            if self.chance.random() < READ:
                self.talking.press(unit, who, "read", at + self.chance.randint(0, 300) * MINUTES)

    def _morning(self) -> datetime:
        zone = self.house.settings.zone
        return datetime.combine(self.now.astimezone(zone).date() - DAYS_AGO * DAY, MORNING, zone)

    async def _run(self, work: Callable[[Unit], T]) -> T:
        return await self.house.database.run(work, "batch")
