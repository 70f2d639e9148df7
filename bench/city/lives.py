"""What people of the city do on the day, each a task of their own: talk, break off, come by a poster, let homes."""

import asyncio
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bench.city.hours import until
from bench.city.people import SCANS, ZONE, Line, Person, letting, registration
from bench.city.ways import ByTelegram, Unanswered

BY_HOUR = (1, 1, 0, 0, 0, 1, 3, 8, 12, 7, 5, 5, 7, 5, 4, 4, 5, 9, 13, 12, 8, 5, 3, 2)
EVENING = (0,) * 18 + (5, 5, 3, 1, 0, 0)
MORE_SAID = ("帮助", "怎么办居住证", "你好", "我的事项")
AT_ONCE, LATER = 0.06, 0.03  # of all messages the platform delivers again so many at once, or some seconds later
AWAY = timedelta(minutes=3)
RECEIPT = "受理编号："
ASKS_LANDLORD = "tenancy:yes:"
LOOKS_IN = timedelta(minutes=20)


@dataclass(slots=True)
class Talker:
    """Lets somebody talk, and notes what was acknowledged and what went astray."""

    person: Person

    async def say(self, text: str) -> str:
        """One message, and what the platform makes of it."""
        person = self.person
        person.said.append(datetime.now(UTC))
        try:
            reply: str = await self._leave(text)
        except Unanswered:
            await asyncio.sleep(AWAY.total_seconds())
            person.said.append(datetime.now(UTC))
            reply = await person.way.again()
        await self._repeated(reply)
        return reply

    async def go_through(self, lines: Iterable[Line], stops_after: int = 1000) -> bool:
        """Say the lines in turn; whether all were said."""
        for number, (text, shows, stored) in enumerate(lines):
            if number >= stops_after:
                return False
            reply = await self.say(text)
            if shows not in reply or not reply:
                self.person.strayed.append(f"«{shows}» doesn't follow line {number}")
            self.person.expected.update(stored)
            if RECEIPT in reply:
                self.person.receipt = reply.split(RECEIPT)[1].split()[0].strip()
            await asyncio.sleep(self.person.pause())
        return True

    async def _leave(self, text: str) -> str:
        way = self.person.way
        scene = text.removeprefix(SCANS)
        found: str = await (way.say(text) if scene == text else way.open(f"home_{scene}"))
        return found

    async def _repeated(self, reply: str) -> None:
        """Delivered again at once or some seconds later, a message gets the same answer."""
        drawn = self.person.chance.random()
        if drawn > AT_ONCE + LATER:
            return
        if drawn < LATER:
            await asyncio.sleep(self.person.chance.uniform(2, 20))
        self.person.said.append(datetime.now(UTC))
        again = await self.person.way.again()
        if again != reply:
            self.person.strayed.append("another answer to the same message")


async def registers(person: Person, at: datetime, stops_after: int = 1000) -> None:
    """Somebody registers, or breaks off after so many lines."""
    await until(at)
    talker, today = Talker(person), datetime.now(UTC).astimezone(ZONE).date()
    await talker.go_through(registration(person.facts, today, person.chance, person.home), stops_after)


async def answers_again(person: Person) -> None:
    """Whoever is asked again by the office gives another answer."""
    await asyncio.sleep(person.chance.uniform(600, 7200))
    fresh = f"{person.facts.employer}二店"
    lines: Sequence[Line] = (("你好", "", {}), (fresh, "", {"employer": fresh}), ("提交", "", {}))
    await Talker(person).go_through(lines)


async def looks_in(person: Person, at: datetime) -> None:
    """Somebody asks this and that, and leaves."""
    await until(at)
    talker = Talker(person)
    for text in person.chance.sample(MORE_SAID, person.chance.randint(1, 3)):
        if not await talker.say(text):
            person.strayed.append("no answer")
        await asyncio.sleep(person.pause())


async def lets(person: Person, at: datetime, end: datetime) -> None:
    """A landlord registers a home, and says yes to everybody who says that they live there."""
    await until(at)
    await Talker(person).go_through(letting(person.facts))
    heard: set[str] = set()
    while datetime.now(UTC) < end:
        await asyncio.sleep(LOOKS_IN.total_seconds())
        way: ByTelegram = person.way
        for message, data in way.buttons(ASKS_LANDLORD):
            if data not in heard:
                heard.add(data)
                person.said.append(datetime.now(UTC))
                await way.press_one(message, data)


def some_time(chance: random.Random, midnight: datetime, hours: Sequence[int] = BY_HOUR) -> datetime:
    """A moment of the day, as the hours are busy."""
    (hour,) = chance.choices(range(24), hours)
    return midnight + timedelta(hours=hour, seconds=chance.uniform(0, 3600))
