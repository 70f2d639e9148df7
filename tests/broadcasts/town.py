"""A small town for tests of broadcasts: people with accounts, publishers, and the machinery that sends."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text

from bot.broadcaster import Broadcaster
from bot.delivery import Sender
from bot.house import House
from bot.places import Filler
from handlers.office import staff
from handlers.office.broadcasts import deciding
from handlers.office.broadcasts.deciding import Outcome, Publisher, Wish
from handlers.office.staff import Invited
from storage import broadcasts, conversations, recipients
from storage.audiences import Audience
from storage.broadcasts import Broadcast, Content
from storage.staff import Member
from storage.unit import Unit
from tests.bot.stations import Station
from tests.handlers.filed import file

ZONE = ZoneInfo("Asia/Shanghai")
WATER = Content("停水", {"zh": "今晚停水，请储水。", "en": "No water tonight."})


@dataclass(slots=True)
class Town:
    """A house with stations for channels."""

    house: House
    stations: dict[str, Station]
    sender: Sender
    caster: Broadcaster

    async def run(self, work: Any) -> Any:
        """Work on the house's database."""
        return await self.house.database.run(work)

    async def go(self, rounds: int = 3) -> None:
        """What the clock would do."""
        for _ in range(rounds):
            await self.caster.run_due()
            await self.sender.send_due()
        await self.caster.run_due()

    async def people(self, *names: str, channel: str = "telegram", language: str = "zh") -> list[int]:
        """Accounts that have written once and reached nobody's register."""
        return [await self.run(lambda unit, name=name: account(unit, name, channel, language)) for name in names]

    async def registered(self, who: str, number: str, channel: str = "telegram", **answers: Any) -> int:
        """Somebody with a registration."""

        def write(unit: Unit) -> int:
            found = account(unit, who, channel, str(answers.pop("language", "zh")), holder=f"holder-{who}")
            file(unit, number, f"holder-{who}", **answers)
            return found

        return int(await self.run(write))

    async def publisher(self, login: str, role: str = "publisher", area: str = "") -> Publisher:
        """A member of the staff."""
        areas = self.house.areas()
        new = Member(0, "", login, "林晓东", role, area, "zh")
        added = await self.run(lambda unit: staff.add(unit, new, areas, datetime.now(UTC)))
        assert isinstance(added, Invited)
        return Publisher(added.member, areas)

    async def written(self, by: Publisher, content: Content = WATER, **more: Any) -> Broadcast:
        """A draft that its author has tried on themselves."""
        audience = more.pop("audience", Audience())

        def write(unit: Unit) -> Broadcast:
            now = datetime.now(UTC)
            draft = deciding.begin(unit, by, content, now, audience)
            deciding.edit(unit, by, draft.id, draft.version, replace(draft, **more), now)
            kept = broadcasts.get(unit, draft.id)
            assert kept is not None
            assert deciding.tested(unit, by, kept.id, kept.version, now)
            return kept

        found: Broadcast = await self.run(write)
        return found

    async def act(self, by: Publisher, number: int, act: str, words: str = "", version: int = 0) -> Outcome:
        """An act on the version as it stands, or another."""
        now = datetime.now(UTC)
        seen = version or (await self.now(number)).version
        outcome: Outcome = await self.run(lambda unit: deciding.act(unit, by, number, Wish(act, seen, words), now))
        return outcome

    async def started(self, content: Content = WATER, **more: Any) -> int:
        """One that a second person approved, and that has begun."""
        mark = datetime.now(UTC).timestamp()
        author, other = await self.publisher(f"author{mark}"), await self.publisher(f"other{mark}")
        number = (await self.written(author, content, **more)).id
        for by, act in ((author, "propose"), (other, "approve"), (author, "start")):
            assert await self.act(by, number, act) == "done", act
        return number

    async def now(self, number: int) -> Broadcast:
        """A broadcast as it stands."""
        found = await self.run(lambda unit: broadcasts.get(unit, number))
        assert isinstance(found, Broadcast)
        return found

    async def states(self, number: int) -> dict[str, int]:
        """Its people by state; they always are as many as were frozen."""
        counts = await self.run(lambda unit: recipients.counts(unit, number))
        found: Counter[str] = Counter()
        for (state, _, _), many in counts.items():
            found[state] += many
        assert found.total() == (await self.now(number)).total
        return dict(found)


def account(unit: Unit, name: str, channel: str, language: str, holder: str = "") -> int:
    """An account that has written once."""
    now = datetime.now(UTC)
    begun = conversations.begin(unit, channel, name, language, now)
    conversations.save(unit, replace(begun, holder_id=holder, status="active"), now)
    return begun.id


def town(house: House, channels: Sequence[str] = ("telegram", "wechat", "web"), **more: Any) -> Town:
    """The house with a station for each channel."""
    stations = {name: Station(name) for name in channels}
    sender = Sender(house.database, house.words, dict(stations), **more)
    caster = Broadcaster(house.database, Filler(house.words), house.areas, tuple(channels), {}, ZONE)
    return Town(house, stations, sender, caster)


async def hurry(town: Town) -> None:
    """What waits for another try, or for a person, is due."""

    def write(unit: Unit) -> None:
        unit.connection.execute(text("UPDATE outbox SET due_at = created_at WHERE state = 'waiting'"))

    await town.run(write)


def later(days: float) -> datetime:
    """A time to come, or one that has passed."""
    return datetime.now(UTC) + timedelta(days=days)
