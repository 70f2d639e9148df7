"""kill -9 of the sender at random moments while messages go out: what was lost, what came twice, what we counted.

`python -m bench.kills [--messages 30000] [--kills 200] [--seed 1]`, on a SQLite file of its own.
"""

import argparse
import asyncio
import random
import time

from bot import logs
from tests.faults.sending import kill_often, temporary_database


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=30_000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    logs.configure(as_json=True, level=40)
    begun = time.monotonic()
    chance = random.Random(chosen.seed)  # noqa: S311 -- moments, not secrets
    found, killed = asyncio.run(kill_often(temporary_database(), chosen.messages, chosen.kills, chance))
    print(f"{chosen.messages} messages, {killed} kills, {time.monotonic() - begun:.0f} s")  # noqa: T201 -- output
    for (kind, state, reason), number in sorted(found.states.items()):
        print(f"  {kind:10} {state:8} {reason:10} {number:6}")  # noqa: T201 -- output
    told = f"lost {found.lost}, twice {found.doubled}, attempts of unknown outcome {found.unknown}, open {found.open}"
    print(told)  # noqa: T201 -- output


if __name__ == "__main__":
    main()
