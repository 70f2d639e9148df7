"""A virtual month: 500 people on WeChat and Telegram, replies and silences from a seed, against strict doubles.

`python -m bench.month [--people 500] [--days 30] [--seed 1]`. The doubles enforce windows, counts, quotas and rates
on a clock that this program moves, and sometimes fail. Printed: what they saw against what the outbox says.
"""

import argparse
import asyncio
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from datetime import time as of_day
from zoneinfo import ZoneInfo

from sqlalchemy import text

from bot import logs
from bot.bundles import BundleSender
from bot.channels.channel import Channel
from bot.channels.telegram import TelegramChannel
from bot.channels.wechat import WeChatChannel, reports
from bot.delivery import Sender
from bot.house import House
from bot.pace import Pace, QuietHours
from bot.settings import Settings
from handlers import turns
from handlers.messages import Incoming, Reply, Tap
from handlers.office.reports import Told
from handlers.turns import Answered
from storage import conversations, deliveries, topics
from storage.unit import Unit
from tests import house as houses
from tests.doubles.clock import Clock
from tests.doubles.telegram import TelegramDouble, telegram_double
from tests.doubles.telegram_limits import Limits
from tests.doubles.troubles import Trouble
from tests.doubles.wechat import WeChatDouble, wechat_double
from tests.doubles.witness import Seen
from tests.faults.sending import temporary_database

START = datetime(2026, 11, 1, 0, 30, tzinfo=UTC)
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
REFUSES_TEMPLATES = 0.05  # of the people on WeChat
FIELDS = {"thing1": "办理结果", "character_string2": "{{ code }}"}
MAPPING = {
    "message": [
        {"say": "say/link_code", "carrier": carrier, "name": "decision", "fields": FIELDS}
        for carrier in ("notification", "template")
    ]
}
TEMPLATE, NOTIFICATION = "T1", "N1"


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
            await self._write(person, tap=self.chance.random() < TAPS)
        if self.chance.random() < LEAVES:
            self._leave_or_return(person)
        if self.chance.random() < SWITCHES:
            await self._switch(person, self.chance.choice(TOPICS))
        if person.channel == "wechat" and self.chance.random() < AGREES:
            self._agree(person)

    async def _write(self, person: Person, *, tap: bool) -> None:
        """A message of theirs reaches platform and program."""
        if person.channel == "wechat":
            (self.wechat.tapped if tap else self.wechat.wrote)(person.address)
        self.telegram.blocked.discard(_number(person))
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
            (blocked.discard if _number(person) in blocked else blocked.add)(_number(person))

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


@dataclass(frozen=True, slots=True)
class Books:
    """The outbox (code, state, reason) against what the platforms showed and refused."""

    rows: tuple[tuple[tuple[str, str], str, str], ...]
    unknown: int
    violations: Counter[str]
    misplaced: Counter[str]
    seen: Counter[tuple[str, str]]
    by: Counter[str]

    @property
    def never_seen(self) -> int:
        """Recorded as sent, and nobody saw it."""
        return sum(state == "sent" and not self.seen[said] for said, state, _ in self.rows)

    @property
    def twice(self) -> int:
        """Second copies that somebody saw."""
        return sum(number - 1 for number in self.seen.values() if number > 1)

    @property
    def open(self) -> int:
        """Messages without an end."""
        return sum(state not in deliveries.ENDS for _, state, _ in self.rows)


async def live(people: int, days: int, seed: int) -> Books:
    """A month, and the days after it in which what waits in vain expires."""
    clock = Clock(START)
    url = temporary_database()
    async with (
        wechat_double(clock=clock) as wechat,
        telegram_double(clock=clock, limits=Limits()) as telegram,
        houses.opened(_settings(url, wechat, telegram)) as house,
    ):
        world = await _world(house, wechat, telegram, clock, people, seed)
        channels = world.sender.channels
        for channel in channels.values():
            await channel.start()
        _trouble(world)
        for _ in range(days * 24):
            await world.hour()
        for _ in range(6 * 24):
            await world.send()
            clock.forward(HOUR)
        for channel in channels.values():
            await channel.stop()
        return await books(world)


def _settings(url: str, wechat: WeChatDouble, telegram: TelegramDouble) -> Settings:
    return houses.settings(
        url,
        wechat_token="t",  # noqa: S106 -- invented
        wechat_app_id=wechat.app_id,
        wechat_app_secret=wechat.secret,
        wechat_api_base=wechat.base,
        telegram_mode="webhook",
        telegram_token=telegram.token,
        telegram_secret="s",  # noqa: S106 -- invented
        telegram_api_base=telegram.base,
        wechat_templates=f"decision={TEMPLATE}",
        wechat_notifications=f"decision={NOTIFICATION}",
    )


async def _world(
    house: House, wechat: WeChatDouble, telegram: TelegramDouble, clock: Clock, people: int, seed: int
) -> World:
    channels: dict[str, Channel] = {
        "wechat": WeChatChannel(house.settings, house.chat),
        "telegram": TelegramChannel(house.settings, house.chat),
    }
    paces = {"wechat": _pace(clock, 20.0, 0.0), "telegram": _pace(clock, 29.0, 1.05)}
    sender = Sender(house.database, house.words, channels, paces, QUIET, clock=lambda unit: clock.now(), at_once=1)
    world = World(house, sender, wechat, telegram, clock, random.Random(seed), [])  # noqa: S311 -- a simulation
    house.words.map_wechat(MAPPING)
    wechat.heeds = telegram.heeds = world.heed
    wechat.templates[TEMPLATE] = wechat.notifications[NOTIFICATION] = tuple(FIELDS)
    for number in range(people):
        world.people.append(await _person(world, number))
    return world


def _pace(clock: Clock, per_second: float, gap: float) -> Pace:
    """A pace on the virtual clock: waiting moves it."""

    async def sleep(seconds: float) -> None:
        clock.forward(timedelta(seconds=max(0.0, seconds)))

    return Pace(per_second, gap, now=lambda: clock.now().timestamp(), sleep=sleep)


async def _person(world: World, number: int) -> Person:
    channel = "wechat" if number % 2 else "telegram"
    address = f"oPerson{number:05}" if channel == "wechat" else str(7_000_000 + number)
    person = Person(channel, address, 0, world.chance.choice((0.0, 0.002, 0.01, 0.05)))
    if channel == "wechat":
        world.wechat.followed(address)
        world.wechat.people.get(address).refuses_templates = world.chance.random() < REFUSES_TEMPLATES
    await world._write(person, tap=False)
    found = await world.house.database.read(lambda unit: conversations.find(unit, channel, address))
    assert found is not None  # noqa: S101 -- they have just written
    person.conversation = found.id
    return person


def _trouble(world: World) -> None:
    for troubles, path in ((world.wechat.troubles, "message/custom/send"), (world.telegram.troubles, "sendMessage")):
        for trouble in (Trouble.ERROR, Trouble.RESET_BEFORE, Trouble.RESET_AFTER):
            troubles.chance(trouble, 0.01, path=path)
    for path in ("message/template/send", "message/subscribe/bizsend", "message/mass/send"):
        for trouble in (Trouble.ERROR, Trouble.RESET_BEFORE, Trouble.RESET_AFTER):
            world.wechat.troubles.chance(trouble, 0.01, path=path)
    world.wechat.troubles.chance(Trouble.TOKEN_GONE, 0.002)


def _number(person: Person) -> int:
    return int(person.address) if person.channel == "telegram" else 0


async def books(world: World) -> Books:
    """Both books, at the end."""
    rows, unknown = await world.house.database.read(_outbox)
    violations = Counter(v.kind for v in (*world.wechat.violations, *world.telegram.violations))
    return Books(rows, unknown, violations, +world.faults, world.seen, world.by)


def _outbox(unit: Unit) -> tuple[tuple[tuple[tuple[str, str], str, str], ...], int]:
    rows = unit.connection.execute(text("SELECT once_key, state, reason FROM outbox")).all()
    unknown = unit.connection.execute(text("SELECT count(*) FROM attempts WHERE outcome = 'unknown'")).scalar_one()
    return tuple((_said(row.once_key), row.state, row.reason) for row in rows), int(unknown)


def _said(key: str) -> tuple[str, str]:
    """What was to be said to whom."""
    _, code, address = key.split(":")
    return code, address


def report(found: Books) -> None:
    """Print what came of it."""
    told: Callable[[str], None] = print
    told(f"{len(found.rows)} messages wanted, seen {found.seen.total()}")
    for (state, reason), number in sorted(Counter((state, reason) for _, state, reason in found.rows).items()):
        told(f"  {state:11} {reason:28} {number:6}")
    told(f"seen by way {dict(found.by)}")
    told(f"violations {dict(found.violations)}, at the wrong moment or person {dict(found.misplaced)}")
    told(f"recorded as sent and never seen {found.never_seen}, without an end {found.open}")
    told(f"seen twice {found.twice}, attempts of unknown outcome {found.unknown}")


def main() -> None:
    """Live through it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    logs.configure(as_json=True, level=50)
    begun = time.monotonic()
    report(asyncio.run(live(chosen.people, chosen.days, chosen.seed)))
    print(f"{time.monotonic() - begun:.0f} s")  # noqa: T201 -- a command's output


if __name__ == "__main__":
    main()
