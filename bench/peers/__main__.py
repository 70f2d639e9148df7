"""`make bench-peers`: the same form step with Anju and with its peers, in turn, in one run.

`python -m bench.peers [--seconds 6] [--rounds 3] [--only NAME …] [--write]`: each program is started fresh, loaded
over 32 connections and stopped, A B C … A B C …; prints medians, spread and ratios; --write keeps them in
docs/benchmarks.md.
"""

import argparse
import sys
from collections import defaultdict
from datetime import UTC, datetime

import uvloop

from bench import machine
from bench.peers import redis, table
from bench.peers.entries import ENTRIES, GOALS, Entry
from bench.peers.rounds import Measured, measure
from bench.running import NotStarted
from tests import postgres


def run(entries: tuple[Entry, ...], rounds: int, seconds: float) -> dict[str, list[Measured]]:
    """Every program once a round."""
    results: dict[str, list[Measured]] = defaultdict(list)
    for number in range(rounds):
        for entry in entries:
            try:
                measured = uvloop.run(measure(entry, seconds))
                if not measured.rate:  # its workers came up after its socket, and everybody was turned away
                    measured = uvloop.run(measure(entry, seconds))
            except (NotStarted, OSError) as failed:
                _tell(f"{entry.name}: not measured: {failed}")
                continue
            results[entry.name].append(measured)
            figures = f"{measured.rate:8.0f} turns/s {measured.cpu:6.2f} ms CPU {measured.p99:6.0f} ms p99"
            _tell(f"{number + 1}/{rounds} {entry.name:42} {figures} {measured.refused or ''}")
    return results


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201 -- a command's progress


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="+", default=[], help="parts of names")
    parser.add_argument("--write", action="store_true", help="keep the tables in docs/benchmarks.md")
    chosen = parser.parse_args()
    entries = tuple(e for e in ENTRIES if not chosen.only or any(part in e.name for part in chosen.only))
    results = run(entries, chosen.rounds, chosen.seconds)
    with postgres.durable_server() as server:
        described = machine.description(server, redis.version())
    told = f"{described}. {datetime.now(UTC):%Y-%m-%d}, {chosen.rounds} rounds of {chosen.seconds:g} s, 32 connections."
    lines = [told, "", *table.rates(results), "", *table.ratios(results, GOALS)]
    print("\n".join(lines))  # noqa: T201 -- a command's output
    if chosen.write:
        table.keep("peers", lines)


if __name__ == "__main__":
    main()
