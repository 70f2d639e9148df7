"""Which notices fit whom, as data: `notice_fit.toml`."""

import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from regulations.errors import FitUnclear

FILE = "notice_fit.toml"


@dataclass(frozen=True, slots=True)
class Fit:
    """what: a topic or a notice; traits: whom it fits; points: how well; only: it is for nobody else."""

    what: str
    traits: frozenset[str]
    points: int
    only: bool = False


@cache
def shipped() -> tuple[Fit, ...]:
    """The table that ships."""
    return read_fits((files("regulations") / FILE).read_text("utf-8"))


def read_fits(content: str) -> tuple[Fit, ...]:
    """A table's entries; raises FitUnclear for one that lacks something."""
    return tuple(_fit(entry) for entry in tomllib.loads(content).get("fit", ()))


def unknown(fits: Collection[Fit], names: Collection[str], traits: Collection[str]) -> list[str]:
    """Names of topics, notices or traits that nothing has."""
    return sorted(
        {fit.what for fit in fits if fit.what not in names} | {t for f in fits for t in f.traits - set(traits)}
    )


def _fit(entry: dict[str, Any]) -> Fit:
    if not {"what", "traits", "points"} <= set(entry) <= {"what", "traits", "points", "only"}:
        raise FitUnclear(str(entry.get("what", entry)))
    return Fit(entry["what"], frozenset(entry["traits"]), int(entry["points"]), bool(entry.get("only", False)))
