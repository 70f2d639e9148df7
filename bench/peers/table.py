"""The results as a table: medians, spread, ratios; printed, and kept in docs/benchmarks.md between two marks."""

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.peers.entries import ENTRIES, Goal
from bench.peers.rounds import Measured
from bench.running import ROOT

FILE = ROOT / "docs" / "benchmarks.md"

Results = Mapping[str, Sequence[Measured]]


def rates(results: Results) -> list[str]:
    """A line for each program."""
    lines = [
        "| program | state in | durable | reply by | turns/s (median) | least–most | CPU a turn | p99 |",
        "|---|---|---|---|---:|---:|---:|---:|",
    ]
    for entry in ENTRIES:
        measured = results.get(entry.name)
        if measured:
            told = (entry.name, entry.store, "yes" if entry.durable else "no", entry.by, *_figures(measured))
            lines.append("| " + " | ".join(told) + " |")
    return lines


def _figures(measured: Sequence[Measured]) -> tuple[str, ...]:
    every = [one.rate for one in measured]
    cpu, p99 = (statistics.median(values) for values in ([m.cpu for m in measured], [m.p99 for m in measured]))
    refused = sum(one.refused for one in measured)
    spread = f"{min(every):,.0f}–{max(every):,.0f}" + (f" ({refused} refused)" if refused else "")
    return f"{statistics.median(every):,.0f}", spread, f"{cpu:.2f} ms", f"{p99:.0f} ms"


def ratios(results: Results, goals: Sequence[Goal]) -> list[str]:
    """A line for each goal: the median of the rounds' ratios, each of two programs that ran beside each other."""
    lines = ["| ratio | median | least–most | goal | |", "|---|---:|---:|---:|---|"]
    for goal in goals:
        ours, theirs = results.get(goal.name, ()), results.get(goal.against, ())
        found = [a.rate / b.rate for a, b in zip(ours, theirs, strict=False) if b.rate]
        if found:
            median = statistics.median(found)
            met = "met" if median >= goal.times else "**missed**"
            spread = f"{min(found):.2f}–{max(found):.2f}"
            lines.append(f"| {goal.name} : {goal.against} | {median:.2f} | {spread} | {goal.times} | {met} |")
    return lines


def keep(name: str, lines: Sequence[str], file: Path = FILE) -> None:
    """Put lines between the marks of that name."""
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, _, rest = file.read_text("utf-8").partition(begin)
    after = rest.partition(end)[2]
    file.write_text(f"{before}{begin}\n" + "\n".join(lines) + f"\n{end}{after}", "utf-8")
