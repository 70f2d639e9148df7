"""Who belongs to the floating population (流动人口) of a place, by the divisions of hukou and residence."""

from collections.abc import Callable
from typing import Literal

from regulations.errors import NotThisName
from regulations.pack import Pack
from regulations.regions import region
from regulations.rule import Rule

_MUNICIPALITIES = frozenset({"11", "12", "31", "50"})
_DIRECT = "90"
_COUNTY_LEVEL = ("林区", "特区")

Answer = Literal["yes", "no", "ask_police"]


def is_floating(rule: Rule, hukou: str, here: str) -> bool:
    """Whether somebody with hukou in one division who lives in another counts.

    rule: a version of `scope.floating_population`; hukou, here: six-digit codes of today's divisions (GB/T 2260).
    An ID number's first digits are those of the day it was given, so they are a hint at the hukou and no more.
    """
    outside = _OUTSIDE.get(str(rule.value))
    if outside is None:
        raise NotThisName(f"(rule {rule.key}, value {rule.value})")
    return outside(hukou, here)


def may_have_permit(pack: Pack, hukou: str, here: str) -> Answer:
    """Whether the permit is for them by where hukou and residence lie.

    A move inside the hukou city that the place itself counts is left out by the Ministry's notice of 2015: nobody
    should be promised an answer there.
    """
    if _other_prefecture(hukou, here):
        return "yes"
    return "ask_police" if is_floating(pack.rule("scope.floating_population"), hukou, here) else "no"


def _other_prefecture(hukou: str, here: str) -> bool:
    return _city(hukou) != _city(here)


def _city(code: str) -> str:
    """The prefecture; a municipality is one city, what a province governs directly stands alone."""
    if code[:2] in _MUNICIPALITIES:
        return code[:2]
    return code if code[2:4] == _DIRECT else code[:4]


def _other_county_or_districts(hukou: str, here: str) -> bool:
    """Another county or county-level city; a city's districts are one."""
    return _unit(hukou) != _unit(here)


def _other_county(hukou: str, here: str) -> bool:
    return hukou != here


def _unit(code: str) -> str:
    """A county by its own code; a city's districts, and the city as a whole, by the city's."""
    found = region(code)
    named = "" if found is None else found.name
    is_district = code.endswith("00") or (named.endswith("区") and not named.endswith(_COUNTY_LEVEL))
    return _city(code) if is_district else code


_OUTSIDE: dict[str, Callable[[str, str], bool]] = {
    "outside_usual_city_or_county": _other_county_or_districts,
    "outside_county_or_urban_districts": _other_county_or_districts,
    "outside_urban_districts": _other_county_or_districts,
    "across_city_or_county": _other_county_or_districts,
    "across_county_or_from_outside": _other_county,
    "across_prefecture_or_from_outside": _other_prefecture,
}
