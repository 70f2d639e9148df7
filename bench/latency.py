"""How long an answer takes at 70 % of the highest rate, while a broadcast goes out.

`python -m bench.latency [--minutes 10] [--messages 50000] [--share 0.7] [--probe 20]`: `anju serve` on SQLite, people
on Telegram, the broadcast on WeChat at the pace that makes it last as long as the measurement. The highest rate is
found first, with 32 connections that don't wait. Delays count from when a message was due, so that nothing is left out
while the program is slow. Aims: 99 % within 100 ms, 99.99 % within 1 s.
"""

import argparse
import asyncio
import tempfile
from pathlib import Path

import uvloop

from bench import ours, sink
from bench.dialects import telegram
from bench.load import CONNECTIONS, Heard, Talkers, centile
from bench.recipients import fill
from bench.running import Running, settled, start
from bot import logs

TALKERS = 4 * CONNECTIONS
WARMING_SECONDS = 3.0
WHOLE = 0.95  # of the broadcast has to leave while answers are measured
AIMS = ((0.99, 100.0), (0.9999, 1000.0))


async def measure(minutes: float, messages: int, share: float, probe: float) -> None:
    """Fill the outbox, start the program, load it, print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url, pace = ours.sqlite(folder), messages / (minutes * 60)
        async with sink.served() as api:
            await fill(url, messages)
            quiet = await _started(folder, url, api, 1.0)
            highest = await _highest(quiet, probe)
            await asyncio.to_thread(quiet.stop)
            program = await _started(folder, url, api, max(pace, 1.0))
            sent = api.taken["send"]
            heard = await _steadily(program, highest * share, minutes * 60)
            await asyncio.to_thread(program.stop)
    _tell(heard, highest, share, (api.taken["send"] - sent, messages))


async def _started(folder: Path, url: str, api: sink.Sink, pace: float) -> Running:
    environment = ours.environment(url, api.api) | {"ANJU_WECHAT_RATE": f"{min(pace, 1000):.3f}"}
    return await asyncio.to_thread(start, ours.COMMAND, folder, environment)


async def _highest(program: Running, seconds: float) -> float:
    talkers = _talkers(program)
    await talkers.talk(WARMING_SECONDS)
    await settled(program)
    return (await talkers.talk(seconds)).rate


async def _steadily(program: Running, rate: float, seconds: float) -> Heard:
    await _talkers(program).talk(3 * WARMING_SECONDS)  # its templates are compiled meanwhile
    return await _talkers(program, TALKERS / rate).talk(seconds, TALKERS)


def _talkers(program: Running, gap: float = 0.0) -> Talkers:
    return Talkers(program.port, telegram, ours.TALK, lambda body: b"sendMessage" in body, gap=gap)


def _tell(heard: Heard, highest: float, share: float, sent: tuple[int, int]) -> None:
    told = [f"highest {highest:.0f} turns/s; asked {highest * share:.0f}, answered {heard.rate:.0f} turns/s"]
    left, wanted = sent
    short = "" if left >= wanted * WHOLE else ": not whole"
    told.append(f"broadcast: {left} of {wanted} messages left meanwhile{short}")
    told.append(f"refused answers: {heard.refused}")
    told.append(f"median {centile(heard.times, 0.5):.1f} ms, slowest {centile(heard.times, 1.0):.0f} ms")
    for part, aim in AIMS:
        took = centile(heard.times, part)
        told.append(f"{part:.2%} within {took:.1f} ms (aim {aim:.0f}): {'met' if took <= aim else 'missed'}")
    print("\n".join(told))  # noqa: T201 -- a command's output


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--messages", type=int, default=50_000)
    parser.add_argument("--share", type=float, default=0.7)
    parser.add_argument("--probe", type=float, default=20.0)
    chosen = parser.parse_args()
    logs.configure(as_json=True, level=50)
    uvloop.run(measure(chosen.minutes, chosen.messages, chosen.share, chosen.probe))


if __name__ == "__main__":
    main()
