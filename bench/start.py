"""How soon `anju serve` answers its first request, and what it holds at rest.

`python -m bench.start [--rounds 5] [--rest 5]`: on a disk that has been read before; the web chat alone, then with
Telegram and WeChat too. Prints seconds on the clock, seconds of CPU, and MiB (aims: 2 s, 150 MiB).
"""

import argparse
import asyncio
import http.client
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench import ours, sink
from bench.running import start
from tests.house import KEYS


@dataclass(frozen=True, slots=True)
class Started:
    """Seconds until the first answer, of CPU until then, and MiB at rest."""

    seconds: float
    cpu: float
    resident: float


def once(folder: Path, environment: dict[str, str], rest: float) -> Started:
    """One start."""
    begun = time.perf_counter()
    program = start(ours.COMMAND, folder, environment)
    try:
        _ask(program.port)
        seconds, cpu = time.perf_counter() - begun, program.cpu
        time.sleep(rest)
        return Started(seconds, cpu, program.resident)
    finally:
        program.stop()


def _ask(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/healthz")
    if connection.getresponse().status != http.client.OK:
        raise SystemExit("the first request was not answered well")
    connection.close()


async def measure(rounds: int, rest: float) -> None:
    """In turn; the first start of each only warms the disk and makes the tables."""
    async with sink.served() as api:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            url = ours.sqlite(folder)
            alone = {"ANJU_DATABASE_URL": url, "ANJU_KEYS": KEYS}
            kinds = {"web chat alone": alone, "with both platforms": ours.environment(url, api.api)}
            found: dict[str, list[Started]] = {kind: [] for kind in kinds}
            for _ in range(rounds + 1):
                for kind, environment in kinds.items():
                    found[kind].append(await asyncio.to_thread(once, folder, environment, rest))
    for kind, every in found.items():
        _tell(kind, every[1:])


def _tell(kind: str, every: list[Started]) -> None:
    seconds, cpu = (statistics.median(values) for values in ([one.seconds for one in every], [o.cpu for o in every]))
    resident = max(one.resident for one in every)
    least = min(one.seconds for one in every)
    print(f"{kind:20} {seconds:5.2f} s (least {least:.2f}), {cpu:5.2f} s CPU, {resident:5.0f} MiB")  # noqa: T201 -- output


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rest", type=float, default=5.0)
    chosen = parser.parse_args()
    asyncio.run(measure(chosen.rounds, chosen.rest))


if __name__ == "__main__":
    main()
