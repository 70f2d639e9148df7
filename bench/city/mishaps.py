"""What goes wrong on the day, and what is changed under people's feet: a copy killed, platforms gone, a new version."""

import asyncio
from urllib.parse import urlsplit

from sqlalchemy import text

from bench.city.hours import HOUR, Hours, until
from bench.city.world import MIDNIGHT, POWER, City
from tests.doubles.troubles import Trouble

EXPANDS = (
    "ALTER TABLE conversations ADD COLUMN mood VARCHAR(8)",
    "ALTER TABLE outbox ADD COLUMN weight INTEGER DEFAULT 0 NOT NULL",
    "CREATE TABLE moods (id INTEGER PRIMARY KEY, conversation_id BIGINT NOT NULL)",
    "CREATE INDEX ix_moods ON moods (conversation_id)",
)
COMES_BACK = 120.0  # seconds
GONE = ILL = 600.0
UNTIL_SAID = 2400.0
SLOW = 3.0
OFTEN = {Trouble.ERROR: 0.15, Trouble.SLOW: 0.15, Trouble.RESET_BEFORE: 0.05, Trouble.RESET_AFTER: 0.05}


async def kill_the_sender(city: City) -> None:
    """kill -9 of the copy that sends on Telegram; it comes back after some minutes, as its supervisor wants."""
    holder = await city.office.run(
        lambda unit: unit.connection.execute(text("SELECT holder FROM leases WHERE name = 'send:telegram'")).scalar()
    )
    victim = next(copy for copy in city.doors.copies if copy.server and copy.server.sender.name == holder)
    await city.leave(victim, victim.kill)
    city.begin(_comes_back(city))


async def _comes_back(city: City) -> None:
    await asyncio.sleep(COMES_BACK)
    (await city.start_copy()).rhythm.busy = True


async def deploy(city: City) -> None:
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


async def platforms_gone(city: City) -> None:
    """Nobody listens at either platform for ten minutes, while a broadcast begins; ten more they are slow and ill."""
    hours = asyncio.get_running_loop()
    if not isinstance(hours, Hours):
        raise TypeError("ports are cut off by a loop whose time jumps")
    await until(MIDNIGHT + 16 * HOUR)
    city.hurry(busy=True)
    hours.cut_off(urlsplit(double.base).port or 0 for double in (city.wechat, city.telegram))
    begun = city.now()
    city.tell("the platforms are gone")
    city.broadcasts["power"] = await city.office.broadcast(POWER)
    await asyncio.sleep(GONE)
    city.gone = (begun, city.now())
    _fall_ill(city)
    hours.cut_off(())
    city.tell("they are back, and ill")
    await asyncio.sleep(ILL)
    for double in (city.wechat, city.telegram):
        double.troubles.end()
    city.tell("they are well")
    await asyncio.sleep(UNTIL_SAID)
    city.hurry(busy=False)


def _fall_ill(city: City) -> None:
    for double in (city.wechat, city.telegram):
        double.troubles.seed, double.troubles.seconds = city.wanted.seed, SLOW
        for trouble, often in OFTEN.items():
            double.troubles.chance(trouble, often)
