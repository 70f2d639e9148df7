"""Does a broadcast slow the talk down? Answers are timed in turn with and without one going out, in one run.

`python -m bench.fanout [--messages 10000] [--rate 30] [--seconds 5] [--rounds 4]`: prints both medians and the ratio.
The platform that takes the broadcast runs in this process too, which can only make the ratio worse.
"""

import argparse
import asyncio
import itertools
import statistics
import time
from datetime import UTC, datetime

from bot import logs
from bot.channels.wechat.endpoint import WeChatChannel
from bot.delivery import Sender
from bot.house import House
from bot.pace import Pace
from handlers.messages import Incoming
from tests import house as houses
from tests.faults.sending import WECHAT, fill, platform_served, temporary_database
from tests.talks.typed import typed

TALKERS = 8
THINK_SECONDS = 0.02
TALK = typed()[:-1]
_people = itertools.count()


async def measure(messages: int, rate: float, seconds: float, rounds: int) -> dict[str, list[float]]:
    """Times of answers in seconds, without and with a broadcast."""
    url = temporary_database()
    await fill(url, messages)
    async with (
        platform_served() as (_, api),
        houses.opened(houses.settings(url, wechat_api_base=api, **WECHAT)) as house,
    ):
        channel = WeChatChannel(house.settings, house.chat)
        await channel.start()
        sender = Sender(house.database, house.words, {"wechat": channel}, {"wechat": Pace(rate)})
        times = await _rounds(house, sender, seconds, rounds)
        await channel.stop()
    return times


async def _rounds(house: House, sender: Sender, seconds: float, rounds: int) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {"alone": [], "with a broadcast": []}
    for _ in range(rounds):
        times["alone"] += await _talk(house, seconds)
        broadcast = asyncio.create_task(_send(sender))
        times["with a broadcast"] += await _talk(house, seconds)
        broadcast.cancel()
        await asyncio.gather(broadcast, return_exceptions=True)
    return times


async def _send(sender: Sender) -> None:
    while True:
        await sender.send_due()


async def _talk(house: House, seconds: float) -> list[float]:
    until = time.perf_counter() + seconds
    return [taken for times in await asyncio.gather(*(_one(house, until) for _ in range(TALKERS))) for taken in times]


async def _one(house: House, until: float) -> list[float]:
    """Talks, one after another, with a moment to think before each answer."""
    times = []
    while time.perf_counter() < until:
        who = f"p{next(_people)}"
        for number, line in enumerate(TALK):
            await asyncio.sleep(THINK_SECONDS)
            begun = time.perf_counter()
            await house.chat.answer(Incoming("bench", who, f"m{number}", datetime.now(UTC), text=line))
            times.append(time.perf_counter() - begun)
    return times


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=30.0)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=4)
    chosen = parser.parse_args()
    logs.configure(as_json=True, level=40)
    times = asyncio.run(measure(chosen.messages, chosen.rate, chosen.seconds, chosen.rounds))
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    for name, median in medians.items():
        print(f"{name:18} {median * 1000:7.2f} ms  ({len(times[name])} answers)")  # noqa: T201 -- output
    print(f"ratio              {medians['with a broadcast'] / medians['alone']:7.2f}")  # noqa: T201 -- output


if __name__ == "__main__":
    main()
