"""One rule of law: what it says, whom it binds, and where it is written."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, cast

from regulations.errors import (
    BadUnit,
    BadValue,
    CertaintyNotShipped,
    MissingCitation,
    MissingPart,
    PeriodReversed,
    UnknownField,
    UnknownInstrument,
    UnknownKey,
)
from regulations.keys import KEYS, NUMBER_UNITS

SHIPPED = frozenset({"full text", "reading"})
"""How sure a rule must be to be loaded: its text was read in full, or it is our reading of that text."""

LANGUAGES = ("zh", "en")

_FIELDS = frozenset(
    {
        "key",
        "value",
        "unit",
        "who",
        "trigger",
        "cite",
        "words",
        "certainty",
        "checked_on",
        "in_force_from",
        "in_force_to",
    }
)
_SEPARATORS = {"zh": ("；", " "), "en": ("; ", ", ")}

RuleValue = int | bool | str | tuple[str, ...]
Instruments = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as it holds in a place.

    value: a whole number (in `unit`), a flag, a name, or names. who: who must act; trigger: what starts it.
    citation: language → law and article. words: language → the rule in a plain sentence with its value in
    place. place: the pack that states it. in_force_from, in_force_to: first and last day, where given.
    """

    key: str
    value: RuleValue
    unit: str
    who: str
    trigger: str
    citation: Mapping[str, str]
    words: Mapping[str, str]
    certainty: str
    checked_on: date
    place: str
    in_force_from: date | None = None
    in_force_to: date | None = None


def parse_rule(raw: Mapping[str, Any], place: str, checked_on: date | None, instruments: Instruments) -> Rule:
    """A rule from its TOML table; raises the PackInvalid that names the first thing wrong."""
    key = raw.get("key", "")
    _check_names(raw, place, key)
    _check_value(raw, place, key)
    checked = raw.get("checked_on", checked_on)
    if not isinstance(checked, date):
        raise MissingPart(place, key, "checked_on")
    return Rule(
        key=key,
        value=_value(raw["value"]),
        unit=raw["unit"],
        who=raw["who"],
        trigger=raw["trigger"],
        citation=_citation(raw, place, key, instruments),
        words=_words(raw, place, key),
        certainty=raw["certainty"],
        checked_on=checked,
        place=place,
        in_force_from=raw.get("in_force_from"),
        in_force_to=raw.get("in_force_to"),
    )


def texts(raw: object) -> Mapping[str, str] | None:
    """A sentence in every language, or None where one is missing or empty."""
    if not isinstance(raw, dict) or set(raw) != set(LANGUAGES):
        return None
    return MappingProxyType(dict(raw)) if all(isinstance(text, str) and text for text in raw.values()) else None


def refuse_unknown(found: Set[str], known: Set[str], place: str, key: str = "") -> None:
    """Raises UnknownField for a misspelt field."""
    if unknown := sorted(found - known):
        raise UnknownField(place, key, ", ".join(unknown))


def _check_names(raw: Mapping[str, Any], place: str, key: object) -> None:
    if not isinstance(key, str) or key not in KEYS:
        raise UnknownKey(place, str(key))
    refuse_unknown(raw.keys(), _FIELDS, place, key)
    for name in ("value", "unit", "who", "trigger"):
        if name not in raw:
            raise MissingPart(place, key, name)
    certainty = raw.get("certainty", "")
    if certainty not in SHIPPED:
        raise CertaintyNotShipped(place, key, f"certainty: {certainty!r}")
    _check_period(raw, place, key)


def _check_period(raw: Mapping[str, Any], place: str, key: str) -> None:
    first, last = raw.get("in_force_from"), raw.get("in_force_to")
    for name, day in (("in_force_from", first), ("in_force_to", last)):
        if day is not None and not isinstance(day, date):
            raise BadValue(place, key, f"{name} is a day like 2018-07-01")
    if first and last and last < first:
        raise PeriodReversed(place, key)


def _check_value(raw: Mapping[str, Any], place: str, key: str) -> None:
    unit, value = raw["unit"], raw["value"]
    if unit not in KEYS[key]:
        raise BadUnit(place, key, f"unit: {unit!r}; allowed: {', '.join(sorted(KEYS[key]))}")
    if not _fits(unit, value):
        raise BadValue(place, key, f"unit: {unit!r}")


def _fits(unit: str, value: object) -> bool:
    if unit in NUMBER_UNITS:
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    if unit == "flag":
        return isinstance(value, bool)
    if unit == "text":
        return isinstance(value, str) and value != ""
    return isinstance(value, list) and value != [] and all(isinstance(item, str) and item for item in value)


def _value(raw: object) -> RuleValue:
    return tuple(raw) if isinstance(raw, list) else cast(RuleValue, raw)


def _citation(raw: Mapping[str, Any], place: str, key: str, instruments: Instruments) -> Mapping[str, str]:
    cited = raw.get("cite")
    if not isinstance(cited, list) or not cited:
        raise MissingCitation(place, key)
    found = [_article(one, place, key, instruments) for one in cited]
    return MappingProxyType({lang: _SEPARATORS[lang][0].join(one[lang] for one in found) for lang in LANGUAGES})


def _article(cited: object, place: str, key: str, instruments: Instruments) -> Mapping[str, str]:
    fields = dict(cited) if isinstance(cited, dict) else {}
    law = fields.pop("law", "")
    article = texts(fields)
    if article is None:
        raise MissingCitation(place, key)
    if law not in instruments:
        raise UnknownInstrument(place, key, f"law: {law!r}")
    title = instruments[law]
    return {lang: f"{title[lang]}{_SEPARATORS[lang][1]}{article[lang]}" for lang in LANGUAGES}


def _words(raw: Mapping[str, Any], place: str, key: str) -> Mapping[str, str]:
    if "words" not in raw:
        return MappingProxyType({})
    words = texts(raw["words"])
    if words is None:
        raise MissingPart(place, key, "words in each language")
    # The number stands in the sentence once, as {value}: editing the value edits the words.
    return MappingProxyType({lang: text.replace("{value}", str(raw["value"])) for lang, text in words.items()})


__all__ = ["LANGUAGES", "SHIPPED", "Instruments", "Rule", "RuleValue", "parse_rule"]
