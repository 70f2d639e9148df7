"""The names a division code had over the years, as python-stdnum writes them: `[-1993]甲县,[1994-]甲市`."""

import re
from dataclasses import dataclass

PLACEHOLDERS = frozenset(
    {"市辖区", "县", "市", "市区", "林区", "省直辖县级行政单位", "省直辖行政单位", "自治区直辖县级行政单位"}
)
"""Codes that only gather others: no part of an address."""

_ERA = re.compile(r"(?:\[(?P<start>\d*)-(?P<end>\d*)\])?(?P<name>[^,\[\]]+)")


@dataclass(frozen=True, slots=True)
class Era:
    """A name and the years in which it was given; None where open."""

    name: str
    start: int | None
    end: int | None


def eras(text: str) -> tuple[Era, ...]:
    """The names in the order written."""
    return tuple(_era(found) for found in _ERA.finditer(text))


def current(names: tuple[Era, ...]) -> Era:
    """The name in use, or the last one that was."""
    return max(names, key=lambda era: (era.end is None, era.end or 0, era.start or 0))


def valid_with(era: Era, others: tuple[Era, ...]) -> Era:
    """Which of the other names was in use at the end of this one; the last where none was."""
    if era.end is None:
        return current(others)
    year = era.end
    covering = [other for other in others if (other.start or 0) <= year and (other.end is None or other.end >= year)]
    return covering[0] if covering else current(others)


def _era(found: re.Match[str]) -> Era:
    start, end = found["start"], found["end"]
    return Era(found["name"], int(start) if start else None, int(end) if end else None)
