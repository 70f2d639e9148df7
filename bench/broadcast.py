"""A broadcast to many, on both platforms, whose doubles enforce limits and fail at times; one kill -9, one pause.

`python -m bench.broadcast [--people 50000] [--rate 25] [--wechat-rate 30] [--seed 1]`: half the people are on Telegram,
half on WeChat, and of those every other one has an open window. Prints what became of everybody, against what the
platforms saw. Telegram's limit is a fifth above the pace, as its 30 a second are above the 25 that the program keeps to
by itself: 25,000 people in 17 minutes.
"""

import argparse
import asyncio
import gc
import os
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from math import ceil
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bot import delivery, logs
from bot.broadcaster import broadcaster_of
from bot.bundles import BundleSender
from bot.channels.channel import Channel
from bot.channels.telegram import TelegramChannel
from bot.channels.wechat import reports
from bot.channels.wechat.endpoint import WeChatChannel
from bot.delivery import Sender
from bot.house import House
from bot.pace import Pace
from bot.settings import Settings
from handlers.office import staff
from handlers.office.broadcasts import deciding
from handlers.office.broadcasts.deciding import Publisher, Wish
from handlers.office.reports import Told
from handlers.office.staff import Invited
from storage import broadcasts, claims, conversations, recipients
from storage.broadcasts import Content
from storage.errors import StorageError
from storage.staff import Member
from storage.unit import Unit
from tests import house as houses
from tests.doubles.telegram import TOKEN, TelegramDouble, telegram_double
from tests.doubles.telegram_limits import Limits
from tests.doubles.troubles import Trouble
from tests.doubles.wechat import WeChatDouble, wechat_double
from tests.faults.sending import temporary_database

ROOT = Path(__file__).parents[1]
LEASE = timedelta(seconds=5)
TEXTS = {"zh": "今晚8点到10点停水，请提前储水。", "en": "No water tonight from 8 to 10 pm."}
AT_ONCE = 500
PAUSE_SECONDS = 5.0
MARGIN = 1.2  # a platform's limit, over the pace that is set
WITHIN = 2.0  # seconds after a pause in which a message that had begun may still arrive


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: how many people, how fast each platform takes messages, and the chance's seed."""

    people: int
    rate: float
    wechat_rate: float
    seed: int


@dataclass(slots=True)
class Town:
    """The house, the platforms, and the broadcast under way."""

    house: House
    wechat: WeChatDouble
    telegram: TelegramDouble
    number: int
    publisher: Publisher

    def heard(self) -> int:
        """How many messages the platforms have shown, without those to many."""
        return sum(seen.way != "mass" for seen in self.wechat.seen) + len(self.telegram.seen)

    async def act(self, act: str) -> None:
        """Pause, resume."""
        found = await self.house.database.read(lambda unit: broadcasts.get(unit, self.number))
        wish = Wish(act, found.version if found else 0)
        now = datetime.now(UTC)
        outcome = await self.house.database.run(lambda u: deciding.act(u, self.publisher, self.number, wish, now))
        print(f"  {act}: {outcome}")  # noqa: T201 -- output

    async def report(self) -> None:
        """WeChat tells what became of messages to many."""
        owed, self.wechat.owed = self.wechat.owed, []
        for event in owed:
            elements = {name: value for name, value in event.elements.items() if isinstance(value, str)}
            told = reports.read(elements, (), lambda template: False)
            key = f"e{elements.get('MsgID', '')}"
            await self.house.chat.report(Told("wechat", event.openid, key, told or ()))


def settings_for(url: str, wanted: Wanted, wechat: str, telegram: str) -> Settings:
    """A house on both platforms."""
    on_wechat = {"wechat_api_base": wechat, "wechat_token": "t", "wechat_app_id": "wx0000000000000001"}
    on_telegram = {"telegram_api_base": telegram, "telegram_token": TOKEN, "telegram_mode": "webhook"}
    secrets = {"wechat_app_secret": "app-secret", "telegram_secret": "s"}
    rates = {"telegram_rate": wanted.rate, "wechat_rate": wanted.wechat_rate, "quiet_hours": ""}
    return houses.settings(url, **on_wechat, **on_telegram, **secrets, **rates)


async def run(wanted: Wanted) -> bool:
    """Send it; whether all is as it must be."""
    url = temporary_database()
    async with (
        wechat_double() as wechat,
        telegram_double(limits=Limits(overall=ceil(wanted.rate * MARGIN))) as telegram,
        houses.opened(settings_for(url, wanted, wechat.base, telegram.base)) as house,
    ):
        began = time.monotonic()
        await _settle(house, wechat, wanted.people)
        print(f"{wanted.people} people in {time.monotonic() - began:.0f} s")  # noqa: T201 -- output
        _trouble(wechat, telegram, wanted.seed)
        publisher, number = await _approved(house)
        town = Town(house, wechat, telegram, number, publisher)
        await _send(town, (url, wechat.base, telegram.base, str(wanted.rate), str(wanted.wechat_rate)), wanted)
        return await _compare(town, wanted)


async def _settle(house: House, wechat: WeChatDouble, people: int) -> None:
    for first in range(0, people, AT_ONCE):
        await house.database.run(partial(_people, first=first, last=min(first + AT_ONCE, people)))
    for number in range(1, people, 2):
        (wechat.wrote if number % 4 == 1 else wechat.followed)(_address(number)[1])


def _people(unit: Unit, first: int, last: int) -> None:
    now = datetime.now(UTC)
    far: Any = now + timedelta(days=2)
    for number in range(first, last):
        channel, address = _address(number)
        talk = conversations.begin(unit, channel, address, "en" if number % 5 == 0 else "zh", now)
        if number % 4 == 1:
            stored = far if unit.is_postgres else far.replace(tzinfo=None)
            sql = text("UPDATE conversations SET window_left = 5, window_until = :far WHERE id = :id")
            unit.connection.execute(sql, {"far": stored, "id": talk.id})


def _address(number: int) -> tuple[str, str]:
    return ("wechat", f"oPerson{number:08}") if number % 2 else ("telegram", str(7_000_000 + number))


def _trouble(wechat: WeChatDouble, telegram: TelegramDouble, seed: int) -> None:
    """One call in fifty goes wrong, in one way or another."""
    wechat.troubles.seed = telegram.troubles.seed = seed
    for troubles, path in ((wechat.troubles, "message/custom/send"), (telegram.troubles, "sendMessage")):
        for trouble in (Trouble.ERROR, Trouble.RESET_BEFORE, Trouble.RESET_AFTER):
            troubles.chance(trouble, 0.007, path=path)


async def _approved(house: House) -> tuple[Publisher, int]:
    areas, now = house.areas(), datetime.now(UTC)

    def write(unit: Unit) -> tuple[Publisher, int]:
        both = []
        for login in ("author", "other"):
            added = staff.add(unit, Member(0, "", login, "林晓东", "publisher", "", "zh"), areas, now)
            assert isinstance(added, Invited)  # noqa: S101 -- both names are free
            both.append(Publisher(added.member, areas))
        draft = deciding.begin(unit, both[0], Content("停水", TEXTS), now)
        deciding.tested(unit, both[0], draft.id, 1, now)
        for by, act in ((both[0], "propose"), (both[1], "approve"), (both[0], "start")):
            deciding.act(unit, by, draft.id, Wish(act, 1), now)
        return both[0], draft.id

    return await house.database.run(write)


async def _send(town: Town, command: tuple[str, ...], wanted: Wanted) -> None:
    """A third of the way the sender is killed, at two thirds it pauses."""
    worker = await _start(command)
    single = wanted.people * 3 // 4
    await _until(town, single // 3)
    worker.kill()
    await worker.wait()
    print(f"  kill -9 after {town.heard()} messages")  # noqa: T201 -- output
    worker = await _start(command)
    await _until(town, single * 2 // 3)
    await _pause(town)
    while not await _is_done(town):
        await town.report()
        await asyncio.sleep(1)
    worker.kill()
    await worker.wait()


async def _pause(town: Town) -> None:
    await town.act("pause")
    await asyncio.sleep(WITHIN)
    before = town.heard()
    await asyncio.sleep(PAUSE_SECONDS)
    print(f"  messages later than {WITHIN:.0f} s after the pause: {town.heard() - before}")  # noqa: T201 -- output
    await town.act("resume")


async def _until(town: Town, messages: int) -> None:
    while town.heard() < messages:  # noqa: ASYNC110 -- the platforms count by themselves
        await asyncio.sleep(0.05)


async def _is_done(town: Town) -> bool:
    found = await town.house.database.read(lambda unit: broadcasts.get(unit, town.number))
    return found is not None and found.state == "done"


async def _start(command: tuple[str, ...]) -> asyncio.subprocess.Process:
    keys = {**os.environ, "ANJU_TEST_KEYS": houses.KEYS}
    program = (sys.executable, "-m", "bench.broadcast", "--worker", *command)
    return await asyncio.create_subprocess_exec(*program, cwd=ROOT, env=keys, stdout=asyncio.subprocess.DEVNULL)


async def work(url: str, wechat: str, telegram: str, rate: float, wechat_rate: float) -> None:
    """The process that is killed."""
    claims.LEASE = delivery.SENDING_LEASE = LEASE
    wanted = Wanted(0, rate, wechat_rate, 0)
    async with houses.opened(settings_for(url, wanted, wechat, telegram)) as house:
        channels: dict[str, Channel] = {
            "wechat": WeChatChannel(house.settings, house.chat),
            "telegram": TelegramChannel(house.settings, house.chat),
        }
        await channels["wechat"].start()
        paces = {"telegram": Pace(rate, gap=1.0), "wechat": Pace(wechat_rate)}
        sender = Sender(house.database, house.words, channels, paces)
        loops = (broadcaster_of(house).run_due, sender.send_due, BundleSender(sender).send_due)
        await asyncio.gather(*(_again_and_again(one) for one in loops))


async def _again_and_again(work: Any) -> None:
    while True:
        with suppress(StorageError):
            await work()
        await asyncio.sleep(0.2)


async def _compare(town: Town, wanted: Wanted) -> bool:
    counts = await town.house.database.read(lambda unit: recipients.counts(unit, town.number))
    unknown = await town.house.database.read(_unknown)
    found = await town.house.database.read(lambda unit: broadcasts.get(unit, town.number))
    seen = Counter(one.person for double in (town.wechat, town.telegram) for one in double.seen)
    twice = sum(number - 1 for number in seen.values())
    violations = Counter(one.kind for double in (town.wechat, town.telegram) for one in double.violations)
    for (state, channel, reason), number in sorted(counts.items()):
        print(f"  {state:10} {channel:9} {reason:24} {number:7}")  # noqa: T201 -- output
    total = sum(counts.values())
    frozen = found.total if found else 0
    print(f"sum {total}, frozen {frozen}, people {wanted.people}")  # noqa: T201 -- output
    print(f"seen by {len(seen)}, twice {twice}, attempts of unknown outcome {unknown}")  # noqa: T201 -- output
    print(f"limits violated {dict(violations)}")  # noqa: T201 -- output
    return total == frozen == wanted.people and twice <= unknown and not violations


def _unknown(unit: Unit) -> int:
    return int(unit.connection.execute(text("SELECT count(*) FROM attempts WHERE outcome = 'unknown'")).scalar_one())


def main() -> None:
    """Run and print; a status of 1 where something isn't as it must be."""
    if sys.argv[1:2] == ["--worker"]:
        logs.configure(as_json=True, level=50)
        url, wechat, telegram, rate, wechat_rate = sys.argv[2:]
        asyncio.run(work(url, wechat, telegram, float(rate), float(wechat_rate)))
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=50_000)
    parser.add_argument("--rate", type=float, default=25.0)
    parser.add_argument("--wechat-rate", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    logs.configure(as_json=True, level=50)
    began = time.monotonic()
    gc.disable()  # a pause of the platforms' process would look like messages that come in a bunch
    fine = asyncio.run(run(Wanted(chosen.people, chosen.rate, chosen.wechat_rate, chosen.seed)))
    print(f"{'as it must be' if fine else 'NOT as it must be'}, {time.monotonic() - began:.0f} s")  # noqa: T201 -- output
    sys.exit(not fine)


if __name__ == "__main__":
    main()
