"""How fast a broadcast leaves: the sender with a durable row and end for each message, beside a client that only posts.

`python -m bench.broadcast_rate [--messages 2000] [--rounds 3] [--pace 50] [--memory 10000 100000]`: against a platform
in a process of its own that answers at once. Prints both medians and the ratio (aim: 0.6), how well a set pace is kept
(aim: within 5 %), and the peak of memory by the number of messages (aim: flat).
"""

import argparse
import asyncio
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
from aiohttp import ClientSession

from bench.recipients import fill
from bench.running import Running, start
from bot import logs
from bot.channels.wechat.endpoint import WeChatChannel
from bot.delivery import AT_ONCE, Sender
from bot.pace import Pace
from storage import deliveries
from tests import house as houses
from tests.faults.sending import WECHAT

SEND = "/cgi-bin/message/custom/send?access_token=token"
SAID = {"touser": "o1", "msgtype": "text", "text": {"content": "您的关联码是 123456，1 分钟内有效。"}}


async def sent(folder: Path, api: str, messages: int, per_second: float | None = None) -> float:
    """Messages a second of the sender, each with its row and its end."""
    url = f"sqlite:///{folder / f'rate{time.monotonic_ns()}.db'}"
    await fill(url, messages)
    wechat = {"wechat_api_base": api, "wechat_custom_daily": messages + 1, **WECHAT}  # the platform's quota is 500,000
    async with houses.opened(houses.settings(url, **wechat)) as house:
        channel = WeChatChannel(house.settings, house.chat)
        await channel.start()
        paces = {"wechat": Pace(per_second)} if per_second else {}
        sender = Sender(house.database, house.words, {"wechat": channel}, paces)
        begun = time.perf_counter()
        while await sender.send_due():
            pass
        seconds = time.perf_counter() - begun
        await channel.stop()
        counted = await house.database.read(deliveries.counts)
    ended = sum(number for (_, _, state), number in counted.items() if state == "sent")
    if ended != messages:
        raise SystemExit(f"{messages} messages, but {ended} were sent")
    return messages / seconds


async def posted(api: str, messages: int) -> float:
    """Messages a second of a client that only posts, as many at once as the sender."""
    left = iter(range(messages))
    body, headers = orjson.dumps(SAID), {"Content-Type": "application/json"}

    async def lane(session: ClientSession) -> None:
        for _ in left:
            async with session.post(api + SEND, data=body, headers=headers) as answer:
                orjson.loads(await answer.read())

    begun = time.perf_counter()
    async with ClientSession() as session:
        await asyncio.gather(*(lane(session) for _ in range(AT_ONCE)))
    return messages / (time.perf_counter() - begun)


async def compare(folder: Path, api: str, messages: int, rounds: int) -> None:
    """In turn; prints medians and the ratio."""
    ours, bare = [], []
    for _ in range(rounds):
        ours.append(await sent(folder, api, messages))
        bare.append(await posted(api, messages))
    ratio = statistics.median(a / b for a, b in zip(ours, bare, strict=True))
    _tell(f"sender      {statistics.median(ours):8.0f} messages/s, each with a durable row, attempt and end")
    _tell(f"bare client {statistics.median(bare):8.0f} messages/s")
    _tell(f"ratio       {ratio:8.2f} (aim 0.6)")


async def keep_pace(folder: Path, api: str, per_second: float) -> None:
    """Ten seconds at a set pace."""
    rate = await sent(folder, api, int(per_second * 10), per_second)
    _tell(f"pace        {rate:8.1f} of {per_second:g} messages/s: {rate / per_second - 1:+.1%} (aim ±5 %)")


async def grow(folder: Path, api: str, messages: int) -> None:
    """The peak of this process's memory while so many messages leave."""
    rate = await sent(folder, api, messages)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    _tell(f"memory      {messages:8} messages: at most {peak:.0f} MiB ({rate:.0f} messages/s)")


@contextmanager
def platform(folder: Path) -> Iterator[Running]:
    """The platform, in a process of its own."""
    running = start((sys.executable, "-m", "bench.sink"), folder, {"PYTHONPATH": str(Path(__file__).parents[1])})
    try:
        yield running
    finally:
        running.stop()


def _tell(line: str) -> None:
    print(line, flush=True)  # noqa: T201 -- a command's output


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pace", type=float, default=50.0)
    parser.add_argument("--memory", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--only-memory-of", type=int, default=0, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    logs.configure(as_json=True, level=50)
    with tempfile.TemporaryDirectory() as name, platform(Path(name)) as running:
        folder, api = Path(name), f"http://127.0.0.1:{running.port}"
        if chosen.only_memory_of:
            asyncio.run(grow(folder, api, chosen.only_memory_of))
            return
        asyncio.run(compare(folder, api, chosen.messages, chosen.rounds))
        asyncio.run(keep_pace(folder, api, chosen.pace))
    for messages in chosen.memory:
        again = [sys.executable, "-m", "bench.broadcast_rate", "--only-memory-of", str(messages)]
        subprocess.run(again, check=True)  # noqa: S603 -- this module again, its memory its own


if __name__ == "__main__":
    main()
