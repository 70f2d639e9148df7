"""A place's law: its own rules laid over those of the places around it."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any

from regulations.errors import (
    MissingPart,
    ParentCycle,
    RepeatedKey,
    RuleMissing,
    UnknownPack,
    UnknownParent,
    UnreadablePack,
    WithdrawsNothing,
)
from regulations.rule import Instruments, Rule, parse_rule, refuse_unknown, texts

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_FIELDS = frozenset({"title", "extends", "mainland", "checked_on", "instruments", "withdraw", "rules"})
_INSTRUMENT_FIELDS = frozenset({"zh", "en", "number", "in_force_from"})


@dataclass(frozen=True, slots=True)
class Pack:
    """The law of one place, its parents' rules included.

    name: the file's name (`cn-zj-hangzhou`); title: the place, by language; parents: nearest first;
    mainland: whether mainland law on personal data sent abroad applies; instruments: short name →
    language → full title of the law.
    """

    name: str
    title: Mapping[str, str]
    mainland: bool
    parents: tuple[str, ...]
    instruments: Instruments
    rules: Mapping[str, Rule]

    def rule(self, key: str) -> Rule:
        """The rule of that key; raises RuleMissing where this place has none."""
        found = self.rules.get(key)
        if found is None:
            raise RuleMissing(f"(pack {self.name}, rule {key})")
        return found

    def find(self, key: str) -> Rule | None:
        """The rule of that key, or None where this place has none."""
        return self.rules.get(key)

    def has(self, key: str) -> bool:
        """Whether this place has a rule of that key."""
        return key in self.rules


def load(name: str, directory: Traversable | None = None) -> Pack:
    """The pack of that name with its parents, checked.

    directory: where the TOML files are (those shipped, if not given). Raises the PackInvalid that names the
    pack and the rule.
    """
    folder = directory or files("regulations") / "packs"
    pack: Pack | None = None
    for place, raw in reversed(_lineage(name, folder)):
        pack = _build(place, raw, pack)
    if pack is None:
        raise UnknownPack(name)
    return pack


def _lineage(name: str, folder: Traversable) -> list[tuple[str, dict[str, Any]]]:
    """The pack and its parents as read, nearest first."""
    found: list[tuple[str, dict[str, Any]]] = []
    wanted, child = name, ""
    while wanted:
        if wanted in (place for place, _ in found):
            raise ParentCycle(name, hint=f"at {wanted!r}")
        raw = _read(wanted, child, folder)
        found.append((wanted, raw))
        wanted, child = str(raw.get("extends", "")), wanted
    return found


def _read(name: str, child: str, folder: Traversable) -> dict[str, Any]:
    file = folder / f"{name}.toml"
    if not (_NAME.fullmatch(name) and file.is_file()):
        raise UnknownParent(child, hint=f"extends: {name!r}") if child else UnknownPack(name)
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UnreadablePack(name, hint=str(error)) from error
    refuse_unknown(raw.keys(), _FIELDS, name)
    return raw


def _build(name: str, raw: Mapping[str, Any], parent: Pack | None) -> Pack:
    title = texts(raw.get("title"))
    if title is None:
        raise MissingPart(name, hint="title in each language")
    mainland = raw.get("mainland", parent.mainland if parent else None)
    if not isinstance(mainland, bool):
        raise MissingPart(name, hint="mainland = true or false")
    instruments = _instruments(name, raw, parent)
    inherited = _inherited(name, raw, parent)
    own = _own(name, raw, instruments)
    return Pack(
        name=name,
        title=title,
        mainland=mainland,
        parents=(parent.name, *parent.parents) if parent else (),
        instruments=instruments,
        rules=MappingProxyType({**inherited, **own}),
    )


def _instruments(name: str, raw: Mapping[str, Any], parent: Pack | None) -> Instruments:
    found = dict(parent.instruments) if parent else {}
    for short, fields in raw.get("instruments", {}).items():
        refuse_unknown(fields.keys(), _INSTRUMENT_FIELDS, name, short)
        title = texts({lang: text for lang, text in fields.items() if lang in ("zh", "en")})
        if title is None:
            raise MissingPart(name, hint=f"title of {short} in each language")
        found[short] = title
    return MappingProxyType(found)


def _inherited(name: str, raw: Mapping[str, Any], parent: Pack | None) -> dict[str, Rule]:
    rules = dict(parent.rules) if parent else {}
    for key in raw.get("withdraw", []):
        if key not in rules:
            raise WithdrawsNothing(name, key)
        del rules[key]
    return rules


def _own(name: str, raw: Mapping[str, Any], instruments: Instruments) -> dict[str, Rule]:
    rules: dict[str, Rule] = {}
    checked_on = raw.get("checked_on")
    day = checked_on if isinstance(checked_on, date) else None
    for fields in raw.get("rules", []):
        rule = parse_rule(fields, name, day, instruments)
        if rule.key in rules:
            raise RepeatedKey(name, rule.key)
        rules[rule.key] = rule
    return rules


__all__ = ["Pack", "Rule", "load"]
