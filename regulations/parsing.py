"""A rule read from its TOML table; the first thing wrong with it is refused by name."""

from collections.abc import Mapping, Set
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
    UnknownName,
)
from regulations.keys import ACTORS, KEYS, NUMBER_UNITS, RANGE_UNITS, TRIGGERS
from regulations.rule import CERTAINTIES, LANGUAGES, Instruments, Rule, RuleValue

_FIELDS = frozenset(
    {
        "key", "value", "unit", "who", "trigger", "cite", "words", "certainty", "checked_on", "in_force_from",
        "in_force_to",
    }
)  # fmt: skip
_SEPARATORS = {"zh": ("；", " "), "en": ("; ", ", ")}

Texts = Mapping[str, str]


def parse_rule(raw: Mapping[str, Any], place: str, checked_on: date | None, instruments: Instruments) -> Rule:
    """A rule from its table; raises the PackInvalid that names the first thing wrong."""
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
        in_force_from=raw.get("in_force_from", _since(raw, instruments)),
        in_force_to=raw.get("in_force_to"),
        items=_items(raw["value"]),
    )


def texts(raw: object) -> Texts | None:
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
    for name, known in (("who", ACTORS), ("trigger", TRIGGERS)):
        if raw[name] not in known:
            raise UnknownName(place, key, f"{name}: {raw[name]!r}")
    certainty = raw.get("certainty", "")
    if certainty not in CERTAINTIES:
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
        return _is_count(value)
    if unit in RANGE_UNITS:
        return isinstance(value, list) and len(value) == 2 and all(map(_is_count, value)) and value[0] <= value[1]  # noqa: PLR2004 -- the least and the most
    if unit == "flag":
        return isinstance(value, bool)
    if unit == "text":
        return isinstance(value, str) and value != ""
    return isinstance(value, list) and value != [] and all(map(_is_item, value))


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_item(item: object) -> bool:
    """A name, or a name with its words in each language."""
    if isinstance(item, dict):
        return texts({lang: text for lang, text in item.items() if lang != "name"}) is not None and bool(
            item.get("name")
        )
    return isinstance(item, str) and item != ""


def _value(raw: object) -> RuleValue:
    if not isinstance(raw, list):
        return cast(RuleValue, raw)
    return cast(RuleValue, tuple(item["name"] if isinstance(item, dict) else item for item in raw))


def _items(raw: object) -> Mapping[str, Texts]:
    listed = [item for item in raw if isinstance(item, dict)] if isinstance(raw, list) else []
    return MappingProxyType({item["name"]: {lang: item[lang] for lang in LANGUAGES} for item in listed})


def _citation(raw: Mapping[str, Any], place: str, key: str, instruments: Instruments) -> Texts:
    cited = raw.get("cite")
    if not isinstance(cited, list) or not cited:
        raise MissingCitation(place, key)
    found = [_article(one, place, key, instruments) for one in cited]
    return MappingProxyType({lang: _SEPARATORS[lang][0].join(one[lang] for one in found) for lang in LANGUAGES})


def _article(cited: object, place: str, key: str, instruments: Instruments) -> Texts:
    fields = dict(cited) if isinstance(cited, dict) else {}
    law = fields.pop("law", "")
    article = texts(fields)
    if article is None:
        raise MissingCitation(place, key)
    if law not in instruments:
        raise UnknownInstrument(place, key, f"law: {law!r}")
    title = instruments[law].title
    return {lang: f"{title[lang]}{_SEPARATORS[lang][1]}{article[lang]}" for lang in LANGUAGES}


def _since(raw: Mapping[str, Any], instruments: Instruments) -> date | None:
    """A rule is in force once every law it is cited from is."""
    begun = (instruments[one["law"]].in_force_from for one in raw["cite"])
    return max((day for day in begun if day is not None), default=None)


def _words(raw: Mapping[str, Any], place: str, key: str) -> Texts:
    if "words" not in raw:
        return MappingProxyType({})
    words = texts(raw["words"])
    if words is None:
        raise MissingPart(place, key, "words in each language")
    places = _places(raw["value"], raw["unit"])
    return MappingProxyType({lang: _filled(text, places) for lang, text in words.items()})


def _places(value: Any, unit: str) -> Mapping[str, str]:
    """The number stands in the sentence once, as {value} or {least} and {most}: editing it edits the words."""
    if unit in RANGE_UNITS:
        return {"{least}": str(value[0]), "{most}": str(value[1])}
    return {"{value}": str(value)}


def _filled(text: str, places: Mapping[str, str]) -> str:
    for name, number in places.items():
        text = text.replace(name, number)
    return text


__all__ = ["parse_rule", "refuse_unknown", "texts"]
