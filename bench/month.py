"""A virtual month: 500 people on WeChat and Telegram, replies and silences from a seed, against strict doubles.

`python -m bench.month [--people 500] [--days 30] [--seed 1]`. The doubles enforce windows, counts, quotas and rates
on a clock that this program moves, and sometimes fail. Printed: what they saw against what the outbox says.
"""

import argparse
import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from bench.doubles import settings
from bench.month_life import HOUR, NOTIFICATION, QUIET, Person, World
from bot import logs
from bot.channels.channel import Channel
from bot.channels.telegram import TelegramChannel
from bot.channels.wechat.endpoint import WeChatChannel
from bot.delivery import Sender
from bot.house import House
from bot.pace import Pace
from storage import conversations, deliveries
from storage.unit import Unit
from tests import house as houses
from tests.doubles.clock import Clock
from tests.doubles.telegram import TelegramDouble, telegram_double
from tests.doubles.telegram_limits import Limits
from tests.doubles.troubles import Trouble
from tests.doubles.wechat import WeChatDouble, wechat_double
from tests.faults.sending import temporary_database

START = datetime(2026, 11, 1, 0, 30, tzinfo=UTC)
REFUSES_TEMPLATES = 0.05  # of the people on WeChat
FIELDS = {"thing1": "办理结果", "character_string2": "{{ code }}"}
MAPPING = {
    "message": [
        {"say": "say/link_code", "carrier": carrier, "name": "decision", "fields": FIELDS}
        for carrier in ("notification", "template")
    ]
}
TEMPLATE = "T1"
TEMPLATES = {"wechat_templates": f"decision={TEMPLATE}", "wechat_notifications": f"decision={NOTIFICATION}"}


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
        houses.opened(settings(url, wechat, telegram, **TEMPLATES)) as house,
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
    await world.write(person, tap=False)
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
