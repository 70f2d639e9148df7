"""The people of the virtual month and what they do in an hour; what platforms showed them is looked at at once."""

import random
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from datetime import time as of_day
from zoneinfo import ZoneInfo

from bot.bundles import BundleSender
from bot.channels.wechat import reports
from bot.delivery import Sender
from bot.house import House
from bot.pace import QuietHours
from handlers import turns
from handlers.messages import Incoming, Reply, Tap
from handlers.office.reports import Told
from handlers.turns import Answered
from storage import deliveries, topics
from storage.unit import Unit
from tests.doubles.clock import Clock
from tests.doubles.telegram import TelegramDouble
from tests.doubles.wechat import WeChatDouble
from tests.doubles.witness import Seen

ZONE = ZoneInfo("Asia/Shanghai")
QUIET = QuietHours(of_day(21), of_day(8), ZONE)
CODE = re.compile(r"(?:关联码是|Your code is|character_string2:) (\d{6})")
TOPICS = ("legal", "news")
HOUR = timedelta(hours=1)
WAKING = range(8, 23)
MONDAY, TEN = 0, 10
TAPS = 0.3  # of what people do in the talk
# How likely it is in an hour, for each person:
LEAVES, SWITCHES, IS_TOLD, AGREES = 0.0005, 0.001, 0.01, 0.004
NOTIFICATION = "N1"  # what people may agree to


@dataclass(slots=True)
class Person:
    """Somebody with one account; `writes`: how likely they write in a waking hour."""

    channel: str
    address: str
    conversation: int
    writes: float
    off: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Something that is to be said to some people, by their addresses."""

    people: Mapping[str, Person]
    kind: str
    topic: str


@dataclass(slots=True)
class World:
    """The house, the platforms, the people, and what was asked to be said."""

    house: House
    sender: Sender
    wechat: WeChatDouble
    telegram: TelegramDouble
    clock: Clock
    chance: random.Random
    people: list[Person]
    wanted: dict[str, Wanted] = field(default_factory=dict)
    seen: Counter[tuple[str, str]] = field(default_factory=Counter)
    by: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)

    def heed(self, seen: Seen) -> None:
        """A platform showed somebody a message: was it allowed to be there at this moment?"""
        found = CODE.search(seen.text)
        if found is None:
            return
        wanted = self.wanted[found[1]]
        person = wanted.people.get(seen.person)
        self.seen[found[1], seen.person] += 1
        self.by[seen.way] += 1
        self.faults["wrong person"] += person is None
        self.faults["quiet hours"] += wanted.kind != "answer" and QUIET.at(self.clock.now())
        self.faults["topic off"] += bool(wanted.topic) and person is not None and wanted.topic in person.off
        short = seen.way in {"template", "notification"}
        self.faults["the law by a template"] += short and (wanted.kind == "broadcast" or bool(wanted.topic))

    async def hour(self) -> None:
        """An hour of the world: people act, the office wants to say things, the sender sends."""
        local = self.clock.now().astimezone(ZONE)
        for person in self.people:
            await self._live(person, waking=local.hour in WAKING)
        await self._want(local)
        await self.send()
        self.clock.forward(HOUR)

    async def send(self) -> None:
        """What is due leaves, and the platform tells what became of it."""
        await self.sender.send_due()
        await BundleSender(self.sender).send_due()
        await self.sender.settle()
        owed, self.wechat.owed = self.wechat.owed, []
        for event in owed:
            elements = {name: value for name, value in event.elements.items() if isinstance(value, str)}
            rows = [value["List"] for value in event.elements.values() if isinstance(value, dict)]
            told = reports.read(elements, rows, lambda template: False)
            number = f"e{self.chance.getrandbits(60)}"
            await self.house.chat.report(Told("wechat", event.openid, number, told or ()))

    async def _live(self, person: Person, *, waking: bool) -> None:
        if waking and self.chance.random() < person.writes:
            await self.write(person, tap=self.chance.random() < TAPS)
        if self.chance.random() < LEAVES:
            self._leave_or_return(person)
        if self.chance.random() < SWITCHES:
            await self._switch(person, self.chance.choice(TOPICS))
        if person.channel == "wechat" and self.chance.random() < AGREES:
            self._agree(person)

    async def write(self, person: Person, *, tap: bool) -> None:
        """A message of theirs reaches platform and program."""
        if person.channel == "wechat":
            (self.wechat.tapped if tap else self.wechat.wrote)(person.address)
        self.telegram.blocked.discard(number_of(person))
        await self._answer(person, Tap("", "", "help") if tap else None)

    async def _answer(self, person: Person, tap: Tap | None) -> None:
        number = self.chance.getrandbits(60)
        said = Incoming(
            person.channel, person.address, f"m{number}", self.clock.now(), text="" if tap else "帮助", choice=tap
        )
        await self.house.chat.answer(said)

    def _leave_or_return(self, person: Person) -> None:
        """Blocking the bot is not told to the program here: it has to learn from the refusal."""
        if person.channel == "telegram":
            blocked = self.telegram.blocked
            (blocked.discard if number_of(person) in blocked else blocked.add)(number_of(person))

    def _agree(self, person: Person) -> None:
        """They tick a notification on the page; the program is told."""
        self.wechat.granted(person.address, NOTIFICATION)
        row = {"TemplateId": NOTIFICATION, "SubscribeStatusString": "accept"}
        self.wechat.owe(person.address, "subscribe_msg_popup_event", SubscribeMsgPopupEvent={"List": row})

    async def _switch(self, person: Person, topic: str) -> None:
        if topic in person.off:
            person.off.discard(topic)
            await self.house.database.run(lambda unit: topics.turn_on(unit, person.conversation, topic))
        else:
            person.off.add(topic)
            await self.house.database.run(lambda unit: topics.turn_off(unit, person.conversation, topic))

    async def _want(self, local: datetime) -> None:
        """Notices and reminders at any hour; on Mondays at ten a broadcast."""
        for person in self.people:
            if self.chance.random() < IS_TOLD:
                kind, topic = self.chance.choice(("notice", "reminder")), self.chance.choice(("", "legal"))
                await self._say([person], kind, topic)
        if (local.weekday(), local.hour) == (MONDAY, TEN):
            await self._say(self.people, "broadcast", "news")

    async def _say(self, people: Sequence[Person], kind: str, topic: str) -> None:
        code, now = f"{len(self.wanted):06}", self.clock.now()
        self.wanted[code] = Wanted({person.address: person for person in people}, kind, topic)
        reply = Reply("say/link_code", {"code": code, "minutes": 1})
        terms = deliveries.Terms(kind, not_after=now + timedelta(days=5), topic=topic)

        def write(unit: Unit) -> None:
            for person in people:
                message = turns.packed(Answered(b"", person.conversation, "zh", (reply,)))
                key = f"month:{code}:{person.address}"
                deliveries.enqueue(unit, key, person.conversation, message, now, terms)

        await self.house.database.run(write)


def number_of(person: Person) -> int:
    """Their number at Telegram; 0 on other channels."""
    return int(person.address) if person.channel == "telegram" else 0
