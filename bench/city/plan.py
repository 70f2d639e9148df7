"""The day's plan: who lives when, what the office says, when a copy dies and when a new version comes."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as of_day

from sqlalchemy import text

from bench.city import lives
from bench.city.copies import Copy, Doors, Rhythm
from bench.city.hours import until
from bench.city.office import NotDone, Office
from bench.city.people import ZONE, Person, facts
from bench.city.ways import ByTelegram, ByWeb, ByWeChat, Mail
from bot.settings import Settings
from storage.broadcasts import Content
from tests.doubles.telegram import TelegramDouble
from tests.doubles.telegram_user import TelegramUser
from tests.doubles.wechat import WeChatDouble
from tests.doubles.witness import Seen

DAY = date(2026, 11, 27)
MIDNIGHT = datetime.combine(DAY, of_day(), ZONE).astimezone(UTC)
EVENING = MIDNIGHT - timedelta(hours=4)
HOUR = timedelta(hours=1)
ORIGIN = "http://city.test"
WATER = Content("停水", {"zh": "今晚8点到10点停水，请提前储水。", "en": "No water tonight from 8 to 10 pm."})
STORM = Content(
    "台风", {"zh": "台风今夜登陆，请勿外出。", "en": "A typhoon lands tonight: stay in."}, why="台风红色预警"
)
REGISTERS, BREAKS_OFF, SCANS_A_POSTER, YESTERDAY = 0.55, 0.15, 0.1, 0.3
EXPANDS = (
    "ALTER TABLE conversations ADD COLUMN mood VARCHAR(8)",
    "ALTER TABLE outbox ADD COLUMN weight INTEGER DEFAULT 0 NOT NULL",
    "CREATE TABLE moods (id INTEGER PRIMARY KEY, conversation_id BIGINT NOT NULL)",
    "CREATE INDEX ix_moods ON moods (conversation_id)",
)


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


async def live(city: City) -> None:
    """The evening before, the day, and its end."""
    for _ in range(city.wanted.copies):
        await city.start_copy()
    await asyncio.sleep(10)
    await city.office.hire()
    await city.office.weekly("0 11 * * fri")
    _settle(city)
    await _open_the_office(city)
    plan = (_morning(city), _deploy(city), _night(city))
    city.tasks += [asyncio.ensure_future(one) for one in plan]
    await until(MIDNIGHT + 24 * HOUR)
    await _close(city)


def _settle(city: City) -> None:
    """Who lives here, and when they do what."""
    chance = random.Random(city.wanted.seed)  # noqa: S311 -- a simulation
    end = MIDNIGHT + 22 * HOUR
    for number in range(max(2, city.wanted.people // 100)):
        landlord = _person(city, 100_000 + number, "telegram")
        city.landlords.append(landlord)
        city.begin(lives.lets(landlord, EVENING + timedelta(seconds=chance.uniform(0, 1800)), end))
    for number in range(city.wanted.people):
        person = _person(city, number, chance.choice(("telegram", "telegram", "wechat", "wechat", "web")))
        city.people.append(person)


async def _open_the_office(city: City) -> None:
    """The evening before: homes are confirmed, and the people's day is drawn."""
    await until(EVENING + HOUR)
    await city.office.confirm_homes()
    if len(city.office.codes) != len(city.landlords):
        city.tell(f"homes confirmed: {len(city.office.codes)} of {len(city.landlords)}")
    for person in city.people:
        _live(city, person)


def _live(city: City, person: Person) -> None:
    chance = person.chance
    drawn = chance.random()
    at = lives.some_time(chance, MIDNIGHT)
    if drawn < REGISTERS:
        if city.office.codes and chance.random() < SCANS_A_POSTER:
            person.home = chance.choice(city.office.codes)
        person.role = "registers"
        city.begin(lives.registers(person, at))
    elif drawn < REGISTERS + BREAKS_OFF:
        person.role = "breaks off"
        if chance.random() < YESTERDAY:
            at = MIDNIGHT - chance.uniform(0.2, 2.5) * HOUR
            person.role = "broke off yesterday"
        city.begin(lives.registers(person, at, stops_after=chance.randint(4, 18)))
    else:
        person.role = "looks in"
        city.begin(lives.looks_in(person, at))


def _person(city: City, number: int, channel: str) -> Person:
    person = Person(number, facts(number), None, random.Random(f"{city.wanted.seed} {number}"))  # noqa: S311 -- likewise
    if channel == "telegram":
        person.way = ByTelegram(TelegramUser(city.telegram, 7_000_000 + number), city.mail)
    elif channel == "wechat":
        person.way = ByWeChat(city.wechat, f"oCity{number:08}")
    else:
        person.way = ByWeb(city.doors, ORIGIN, f"web{number}")
    return person


async def _morning(city: City) -> None:
    """Reviewers come, a broadcast goes out and is paused; the copy that sends it is killed on the way."""
    for by in city.office.reviewers:
        city.begin(city.office.review(by, MIDNIGHT + 8.5 * HOUR, MIDNIGHT + 20 * HOUR, lambda n: _asked(city, n)))
    await until(MIDNIGHT + 10 * HOUR)
    _hurry(city, busy=True)
    number = await city.office.broadcast(WATER)
    city.broadcasts["water"] = number
    city.tell("the broadcast begins")
    await _heard(city, WATER, 0.3)
    await _kill_the_sender(city)
    await _heard(city, WATER, 0.6)
    await _pause(city, number)
    await asyncio.sleep(1800)
    _hurry(city, busy=False)


async def _pause(city: City, number: int) -> None:
    """Ten minutes of silence; where so few are told that all is said already, there is nothing to pause."""
    by = city.office.publishers[0]
    try:
        await city.office.act(by, number, "pause")
    except NotDone:
        city.tell("all was said before the pause")
        return
    begun = datetime.now(UTC)
    city.tell("paused")
    await asyncio.sleep(600)
    await city.office.act(by, number, "resume")
    city.paused = (begun, datetime.now(UTC))
    city.tell("resumed")


def _asked(city: City, number: str) -> None:
    person = next(one for one in city.people if one.receipt == number)
    person.asked_again = True
    city.begin(lives.answers_again(person))


async def _heard(city: City, content: Content, share: float) -> None:
    """Until so much of its audience that can be reached at once has seen a broadcast, or ten minutes."""
    said = content.texts["zh"]
    least = share * sum(person.way.channel == "telegram" and bool(person.said) for person in city.people)
    heard, enough = 0, asyncio.Event()

    def count(seen: Seen) -> None:
        nonlocal heard
        heard += said in seen.text
        if heard >= least:
            enough.set()

    city.heeds = count
    with suppress(TimeoutError):
        await asyncio.wait_for(enough.wait(), 600)
    city.heeds = lambda seen: None


async def _kill_the_sender(city: City) -> None:
    """kill -9 of the copy that sends on Telegram; it comes back after some minutes, as its supervisor wants."""
    holder = await city.office.run(
        lambda unit: unit.connection.execute(text("SELECT holder FROM leases WHERE name = 'send:telegram'")).scalar()
    )
    victim = next(copy for copy in city.doors.copies if copy.server and copy.server.sender.name == holder)
    await city.leave(victim, victim.kill)
    city.begin(_comes_back(city))


async def _comes_back(city: City) -> None:
    await asyncio.sleep(120)
    (await city.start_copy()).rhythm.busy = True


def _hurry(city: City, *, busy: bool) -> None:
    for copy in city.doors.copies:
        copy.rhythm.busy = busy


async def _deploy(city: City) -> None:
    """A new version: the schema is expanded while the old copies run, then each of them is replaced."""
    await until(MIDNIGHT + 14 * HOUR)
    for statement in EXPANDS:
        await city.office.run(lambda unit, said=statement: unit.connection.execute(text(said)))  # type: ignore[misc]
    city.tell("the schema is expanded")
    for old in list(city.doors.copies):
        await city.start_copy()
        await asyncio.sleep(120)
        await city.leave(old, old.stop)
        await asyncio.sleep(60)


async def _night(city: City) -> None:
    """At half past ten an emergency that may not wait for the morning."""
    await until(MIDNIGHT + 22.5 * HOUR)
    _hurry(city, busy=True)
    city.broadcasts["storm"] = await city.office.broadcast(STORM, urgent=True)
    city.tell("the emergency begins")


async def _close(city: City) -> None:
    """The day is over: who still talks finishes, what may leave leaves, and the copies stop."""
    await asyncio.sleep(1800)
    failed = [task for task in city.tasks if task.done() and task.exception() is not None]
    for task in failed:
        city.failed.append(f"{task.exception()!r}")
    for task in city.tasks:
        task.cancel()
    for copy in list(city.doors.copies):
        if copy.client is not None:
            city.metrics += (await copy.client.get("/metrics")).text
        await city.leave(copy, copy.stop)
