"""The day's plan: who lives when, and what the office says and does."""

import asyncio
import random
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from bench.city import lives
from bench.city.clerk import NotDone
from bench.city.hours import HOUR, until
from bench.city.lists import homes_of, take_in, tenants_of
from bench.city.mishaps import deploy, kill_the_sender, platforms_gone
from bench.city.people import Person, facts
from bench.city.ways import ByTelegram, ByWeb, ByWeChat
from bench.city.world import EVENING, MIDNIGHT, ORIGIN, STORM, WATER, City
from storage.broadcasts import Content
from tests.doubles.telegram_user import TelegramUser
from tests.doubles.witness import Seen

REGISTERS, BREAKS_OFF, SCANS_A_POSTER, YESTERDAY = 0.55, 0.15, 0.1, 0.3
LISTED, LEAST_LISTED = 0.25, 8  # homes on the office's list, as a share of the people


async def live(city: City) -> None:
    """The evening before, the day, and its end."""
    for _ in range(city.wanted.copies):
        await city.start_copy()
    await asyncio.sleep(10)
    await city.office.hire()
    await city.office.link_chats(lambda number, text: _person(city, 400_000 + number, "telegram").way.say(text))
    await city.office.weekly("0 11 * * fri")
    _settle(city)
    await _open_the_office(city)
    plan = (_morning(city), _lists(city), deploy(city), platforms_gone(city), _night(city))
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
    city.hurry(busy=True)
    number = await city.office.broadcast(WATER)
    city.broadcasts["water"] = number
    city.tell("the broadcast begins")
    await _heard(city, WATER, 0.3)
    await kill_the_sender(city)
    await _heard(city, WATER, 0.6)
    await _pause(city, number)
    await asyncio.sleep(1800)
    city.hurry(busy=False)


async def _lists(city: City) -> None:
    """In the middle of it all the office hands in homes, and just before the deploy who lives there."""
    by = city.office.reviewers[1]
    homes = homes_of(max(LEAST_LISTED, int(LISTED * city.wanted.people)))
    for one, at in ((homes, MIDNIGHT + 10.2 * HOUR), (tenants_of(homes), MIDNIGHT + 13.95 * HOUR)):
        await until(at)
        city.lists.append(one)
        await take_in(by, one)
        city.tell(f"a list of {one.kind} is taken in: {len(one.good)} of {len(one.rows)}")


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


async def _night(city: City) -> None:
    """At half past ten an emergency that may not wait for the morning."""
    await until(MIDNIGHT + 22.5 * HOUR)
    city.hurry(busy=True)
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
