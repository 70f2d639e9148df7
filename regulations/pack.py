"""A place's law: its own rules laid over those of the places around it, each in the versions it has had."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any

from regulations.errors import (
    MissingPart,
    ParentCycle,
    PeriodsOverlap,
    RepeatedKey,
    RuleMissing,
    UnknownPack,
    UnknownParent,
    UnreadablePack,
    WithdrawsNothing,
)
from regulations.parsing import parse_rule, refuse_unknown, texts
from regulations.rule import ACCEPTED, Instrument, Instruments, Rule

SHIPPED = files("regulations") / "packs"
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_FIELDS = frozenset({"title", "extends", "mainland", "base", "checked_on", "instruments", "withdraw", "rules"})
_INSTRUMENT_FIELDS = frozenset({"zh", "en", "number", "in_force_from"})


@dataclass(frozen=True, slots=True)
class Pack:
    """The law of one place, its parents' rules included.

    name: the file's name (`cn-zj-hangzhou`); title: the place, by language; parents: nearest first;
    mainland: whether mainland law on personal data sent abroad applies; is_base: only other packs build on it;
    versions: key → its versions, the nearest place first, in it the newest first; unconfirmed: rules that the
    files state, and that don't count here because nobody checked them against the official text; day: the day
    whose law is asked for where none is given.
    """

    name: str
    title: Mapping[str, str]
    mainland: bool
    is_base: bool
    parents: tuple[str, ...]
    instruments: Instruments
    versions: Mapping[str, tuple[Rule, ...]]
    unconfirmed: tuple[Rule, ...] = ()
    day: date | None = None

    def on(self, day: date) -> "Pack":
        """The same law as it was, is or will be on that day."""
        return replace(self, day=day)

    def rule(self, key: str, on: date | None = None) -> Rule:
        """The rule of that key in force on a day, the day of the event; raises RuleMissing where there is none.

        Without a day it is the pack's own day (`on`), else the newest version.
        """
        found = self.find(key, on)
        if found is None:
            raise RuleMissing(f"(pack {self.name}, rule {key})")
        return found

    def find(self, key: str, on: date | None = None) -> Rule | None:
        """The rule of that key in force on a day, or None where this place had none then."""
        day = on or self.day
        return next((rule for rule in self.versions.get(key, ()) if day is None or rule.holds_on(day)), None)

    def has(self, key: str, on: date | None = None) -> bool:
        """Whether this place has a rule of that key on a day."""
        return self.find(key, on) is not None

    @property
    def rules(self) -> Mapping[str, Rule]:
        """Each rule in force on the pack's day."""
        found = {key: self.find(key) for key in self.versions}
        return MappingProxyType({key: rule for key, rule in found.items() if rule is not None})


def load(name: str, directory: Traversable | None = None, unconfirmed: str = "no") -> Pack:
    """The pack of that name with its parents, checked.

    directory: where the office's own TOML files are; what isn't there is taken from those shipped.
    unconfirmed: a key of ACCEPTED, what may count besides what is sure. Raises the PackInvalid that names the
    pack and the rule.
    """
    return _shipped(name, unconfirmed) if directory is None else _loaded(name, (directory, SHIPPED), unconfirmed)


@cache
def _shipped(name: str, unconfirmed: str) -> Pack:
    """A pack of the program's own, read once a process: its files don't change while it runs."""
    return _loaded(name, (SHIPPED,), unconfirmed)


def _loaded(name: str, folders: "Folders", unconfirmed: str) -> Pack:
    pack: Pack | None = None
    for place, raw in reversed(_lineage(name, folders)):
        pack = _build(place, raw, pack, ACCEPTED[unconfirmed])
    if pack is None:
        raise UnknownPack(name)
    return pack


def shipped() -> tuple[str, ...]:
    """The names of the packs that come with the program."""
    found = SHIPPED.iterdir()
    return tuple(sorted(file.name.removesuffix(".toml") for file in found if file.name.endswith(".toml")))


Folders = tuple[Traversable, ...]


def _lineage(name: str, folders: Folders) -> list[tuple[str, dict[str, Any]]]:
    """The pack and its parents as read, nearest first."""
    found: list[tuple[str, dict[str, Any]]] = []
    wanted, child = name, ""
    while wanted:
        if wanted in (place for place, _ in found):
            raise ParentCycle(name, hint=f"at {wanted!r}")
        raw = _read(wanted, child, folders)
        found.append((wanted, raw))
        wanted, child = str(raw.get("extends", "")), wanted
    return found


def _read(name: str, child: str, folders: Folders) -> dict[str, Any]:
    candidates = (folder / f"{name}.toml" for folder in folders) if _NAME.fullmatch(name) else ()
    file = next((file for file in candidates if file.is_file()), None)
    if file is None:
        raise UnknownParent(child, hint=f"extends: {name!r}") if child else UnknownPack(name)
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UnreadablePack(name, hint=str(error)) from error
    refuse_unknown(raw.keys(), _FIELDS, name)
    return raw


def _build(name: str, raw: Mapping[str, Any], parent: Pack | None, accepted: frozenset[str]) -> Pack:
    title = texts(raw.get("title"))
    if title is None:
        raise MissingPart(name, hint="title in each language")
    mainland = raw.get("mainland", parent.mainland if parent else None)
    if not isinstance(mainland, bool):
        raise MissingPart(name, hint="mainland = true or false")
    instruments = _instruments(name, raw, parent)
    inherited = _inherited(name, raw, parent)
    own = list(_own(name, raw, instruments))
    counted = _versions([rule for rule in own if rule.certainty in accepted])
    return Pack(
        name=name,
        title=title,
        mainland=mainland,
        is_base=bool(raw.get("base", False)),
        parents=(parent.name, *parent.parents) if parent else (),
        instruments=instruments,
        versions=MappingProxyType(
            {**inherited, **{key: (*versions, *inherited.get(key, ())) for key, versions in counted.items()}}
        ),
        unconfirmed=(
            *(parent.unconfirmed if parent else ()),
            *(rule for rule in own if rule.certainty not in accepted),
        ),
    )


def _instruments(name: str, raw: Mapping[str, Any], parent: Pack | None) -> Instruments:
    found = dict(parent.instruments) if parent else {}
    for short, fields in raw.get("instruments", {}).items():
        refuse_unknown(fields.keys(), _INSTRUMENT_FIELDS, name, short)
        title = texts({lang: text for lang, text in fields.items() if lang in ("zh", "en")})
        if title is None:
            raise MissingPart(name, hint=f"title of {short} in each language")
        found[short] = Instrument(title, fields.get("in_force_from"))
    return MappingProxyType(found)


def _inherited(name: str, raw: Mapping[str, Any], parent: Pack | None) -> dict[str, tuple[Rule, ...]]:
    versions = dict(parent.versions) if parent else {}
    waiting = {rule.key for rule in parent.unconfirmed} if parent else set()
    for key in raw.get("withdraw", []):
        if key not in versions and key not in waiting:
            raise WithdrawsNothing(name, key)
        versions.pop(key, None)
    return versions


def _own(name: str, raw: Mapping[str, Any], instruments: Instruments) -> Iterator[Rule]:
    """The file's own rules; no day has two versions of one."""
    checked_on = raw.get("checked_on")
    day = checked_on if isinstance(checked_on, date) else None
    seen: dict[str, list[Rule]] = {}
    for fields in raw.get("rules", []):
        rule = parse_rule(fields, name, day, instruments)
        for other in seen.setdefault(rule.key, []):
            if rule.in_force_from == other.in_force_from:
                raise RepeatedKey(name, rule.key)
            if rule.overlaps(other):
                raise PeriodsOverlap(name, rule.key, f"{rule.in_force_from} and {other.in_force_from}")
        seen[rule.key].append(rule)
        yield rule


def _versions(rules: list[Rule]) -> dict[str, tuple[Rule, ...]]:
    newest = sorted(rules, key=lambda rule: rule.in_force_from or date.min, reverse=True)
    return {key: tuple(rule for rule in newest if rule.key == key) for key in dict.fromkeys(r.key for r in rules)}


__all__ = ["Pack", "Rule", "load", "shipped"]
