"""How many durable turns a second: 64 people at once through the whole talk, against each turn its own commit.

`python -m bench.turns [URL] [--people 64]`: side by side in one run; prints each way's turns a second and the ratio.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from bot import logs
from bot.house import House
from handlers.messages import Incoming
from tests import house as houses
from tests.talks.typed import typed

TALK = typed()[:-1]


@dataclass(frozen=True, slots=True)
class Round:
    """One way's round: its name and its turns a second."""

    name: str
    rate: float


async def together(house: House, people: int, round_number: int) -> float:
    """Everybody at once: the writer commits together what waits together."""
    begun = time.perf_counter()
    await asyncio.gather(*(_talk(house, f"r{round_number}p{n}") for n in range(people)))
    return people * len(TALK) / (time.perf_counter() - begun)


async def alone(house: House, people: int, round_number: int) -> float:
    """One person after another: each turn has its own commit."""
    begun = time.perf_counter()
    for number in range(people):
        await _talk(house, f"s{round_number}p{number}")
    return people * len(TALK) / (time.perf_counter() - begun)


async def _talk(house: House, who: str) -> None:
    for number, text in enumerate(TALK):
        await house.chat.answer(Incoming("bench", who, f"m{number}", datetime.now(UTC), text=text))


async def measure(url: str, people: int, rounds: int) -> list[Round]:
    """Rounds in turn, A B A B."""
    found = []
    async with houses.opened(houses.settings(url)) as house:
        await alone(house, 1, -1)
        for number in range(rounds):
            found.append(Round("together", await together(house, people, number)))
            found.append(Round("alone", await alone(house, max(2, people // 8), number)))
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", nargs="?", default="")
    parser.add_argument("--people", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    logs.configure(as_json=True, level=40)
    with tempfile.TemporaryDirectory() as folder:
        url = chosen.url or f"sqlite:///{folder}/bench.db"
        if url.startswith("postgresql"):
            houses.migrate(url)
        rounds = asyncio.run(measure(url, chosen.people, chosen.rounds))
    medians = {
        name: statistics.median(each.rate for each in rounds if each.name == name) for name in ("together", "alone")
    }
    for name, rate in medians.items():
        print(f"{name:10} {rate:8.0f} turns/s")  # noqa: T201 -- a command's output
    print(f"ratio      {medians['together'] / medians['alone']:8.1f}")  # noqa: T201 -- a command's output


if __name__ == "__main__":
    main()
