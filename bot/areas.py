"""The operator's table of areas: kept in memory, renewed now and then; read from a CSV file."""

import csv
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from storage import places
from storage.database import Database
from storage.records import Area
from storage.unit import Unit

COLUMNS = ("code", "parent", "name_zh", "name_en", "latitude", "longitude")


class BadAreas(Exception):
    """The table of areas can't be used:"""

    def __init__(self, row: int, what: str) -> None:
        super().__init__(f"{(type(self).__doc__ or '').strip()} row {row}: {what}.")


@dataclass(slots=True)
class Areas:
    """The areas as last read; `renew` reads them again."""

    known: tuple[Area, ...] = field(default=())

    def __call__(self) -> tuple[Area, ...]:
        """Every area, in the operator's order."""
        return self.known

    async def renew(self, database: Database) -> None:
        """Read the table anew."""
        self.known = await database.read(places.areas)


def read_csv(path: Path | None = None) -> tuple[Area, ...]:
    """The areas in a CSV file with the columns COLUMNS; the sample's, if no file is given."""
    text = path.read_text("utf-8-sig") if path else (files("regulations") / "sample-areas.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    if tuple(rows.fieldnames or ())[: len(COLUMNS)] != COLUMNS:
        raise BadAreas(1, f"the columns must be {', '.join(COLUMNS)}")
    areas = tuple(_area(number, row) for number, row in enumerate(rows, 2))
    _check(areas)
    return areas


def seed(unit: Unit) -> None:
    """Fill an empty table with the sample, so that a newcomer can try a whole registration."""
    if not places.areas(unit):
        places.replace_areas(unit, read_csv())


def _area(number: int, row: dict[str, str]) -> Area:
    try:
        latitude, longitude = (float(row[name]) if row[name] else None for name in ("latitude", "longitude"))
    except ValueError:
        raise BadAreas(number, "latitude and longitude are decimal degrees, such as 30.2741") from None
    if not row["code"] or not row["name_zh"]:
        raise BadAreas(number, "code and name_zh are needed")
    names = {"zh": row["name_zh"], "en": row["name_en"] or row["name_zh"]}
    return Area(row["code"], row["parent"], names, latitude, longitude)


def _check(areas: tuple[Area, ...]) -> None:
    streets = {area.code for area in areas if not area.parent}
    seen: set[str] = set()
    for number, area in enumerate(areas, 2):
        if area.code in seen:
            raise BadAreas(number, "this code stands there twice")
        if area.parent and area.parent not in streets:
            raise BadAreas(number, "parent must be the code of a street, a row without a parent")
        seen.add(area.code)
