"""Administrative divisions (GB/T 2260), the abolished ones included: ID numbers keep them for life."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from stdnum import numdb

from regulations import codelists
from regulations.region_names import PLACEHOLDERS, Era, current, eras, valid_with

_LEVELS = str.maketrans("", "", "省市区县")
_KIND = re.compile(r"(?:壮族|回族|维吾尔)?(?:自治|特别行政)$")


@dataclass(frozen=True, slots=True)
class Region:
    """One division. names: language → full name (浙江省杭州市西湖区); name: its own part of it (西湖区).

    province: the six-digit code of its province. abolished: the code is no longer given out.
    """

    code: str
    name: str
    names: Mapping[str, str]
    province: str
    abolished: bool


@dataclass(frozen=True, slots=True)
class _Entry:
    """A region as it is searched: its own names of all times, its full names, the same without 省市区县."""

    region: Region
    own: tuple[str, ...]
    full: str
    bare: str


_Match = tuple[tuple[int, bool, str], Region]


def region(code: str) -> Region | None:
    """The division of that six-digit code, or None where there never was one."""
    entry = _entries().get(code)
    return entry.region if entry else None


def is_known(code: str) -> bool:
    """Whether that six-digit code is or was a division's."""
    return code in _entries()


def find(text: str, limit: int = 8) -> tuple[Region, ...]:
    """The divisions that a typed code or part of a name may mean, best first; former names count too.

    Words parted by spaces must all occur (`浙江 西湖`); 省, 市, 区, 县 may be left out (杭州西湖).
    """
    wanted = unicodedata.normalize("NFKC", text).casefold().strip()
    if wanted.isdecimal():
        exact = region(wanted)
        return (exact,) if exact else ()
    words = wanted.split()
    if not words:
        return ()
    ranked = sorted(_by_name(words) or _by_bare_name(words) or _below_province(words), key=lambda match: match[0])
    return tuple(found for _, found in ranked[:limit])


def _by_name(words: list[str]) -> list[_Match]:
    last = words[-1]
    return [
        ((_closeness(last, entry.own), entry.region.abolished, entry.region.code), entry.region)
        for entry in _searched()
        if all(word in entry.full for word in words)
    ]


def _by_bare_name(words: list[str]) -> list[_Match]:
    bare = "".join(words).translate(_LEVELS)
    return [
        ((0, entry.region.abolished, entry.region.code), entry.region)
        for entry in _searched()
        if bare and bare in entry.bare
    ]


def _below_province(words: list[str]) -> list[_Match]:
    """A province and a county with what lies between them left out (安徽省阜南县)."""
    said = "".join(words).translate(_LEVELS)
    above = next((name for name in _provinces() if said.startswith(name)), "")
    rest = said.removeprefix(above)
    if not above or not rest:
        return []
    return [
        ((0, entry.region.abolished, entry.region.code), entry.region)
        for entry in _searched()
        if entry.bare.startswith(above) and rest in entry.bare
    ]


@cache
def _provinces() -> tuple[str, ...]:
    """The provinces' names as they are searched, with and without 自治 …, the longest first."""
    full = [code.zh.translate(_LEVELS) for code in codelists.codes("province")]
    short = [_KIND.sub("", name) for name in full]
    return tuple(sorted({*full, *short} - {""}, key=len, reverse=True))


def _closeness(word: str, own: tuple[str, ...]) -> int:
    """0: its very name; 1: its name begins so; 2: part of its name; 3: part of the full name only."""
    if word in own:
        return 0
    if any(name.startswith(word) for name in own):
        return 1
    return 2 if any(word in name for name in own) else 3


@cache
def _searched() -> tuple[_Entry, ...]:
    return tuple(entry for entry in _entries().values() if entry.region.name not in PLACEHOLDERS)


@cache
def _entries() -> Mapping[str, _Entry]:
    periods = _periods()
    return MappingProxyType({code: _entry(code, periods) for code in sorted(periods)})


def _periods() -> dict[str, tuple[Era, ...]]:
    """Code → its names and their years, from python-stdnum and what that lacks."""
    found = {
        province + low: eras(properties["county"])
        for _, province, _, _, counties in numdb.get("cn/loc").prefixes
        for _, low, _, properties, _ in counties
    }
    file = files("regulations") / "codes" / "region_supplement.toml"
    supplement = tomllib.loads(file.read_text(encoding="utf-8"))["regions"]
    found.update({code: eras(names) for code, names in supplement.items()})
    return found


def _entry(code: str, periods: Mapping[str, tuple[Era, ...]]) -> _Entry:
    own, province = periods[code], f"{code[:2]}0000"
    latest = current(own)
    prefecture = _prefecture(code, latest, periods)
    top = codelists.code("province", province)
    zh_top, en_top = (top.zh, top.en) if top else (current(periods[province]).name, "")
    below = "" if code == province else prefecture + latest.name
    names = {"zh": zh_top + below, "en": ", ".join(part for part in (en_top, below) if part)}
    name = latest.name if below else zh_top
    former = tuple(dict.fromkeys(era.name for era in own)) if below else (zh_top, en_top.casefold())
    full = " ".join((names["zh"], names["en"].casefold(), *former))
    known = Region(code, name, MappingProxyType(names), province, latest.end is not None)
    return _Entry(known, former, full, full.translate(_LEVELS))


def _prefecture(code: str, latest: Era, periods: Mapping[str, tuple[Era, ...]]) -> str:
    """The name of the prefecture at the time of the county's last name; empty where a county has none."""
    above = periods.get(f"{code[:4]}00", ())
    if code.endswith("00") or not above:
        return ""
    name = valid_with(latest, above).name
    return "" if name in PLACEHOLDERS else name
