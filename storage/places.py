"""Areas: streets and their communities."""

from collections.abc import Iterable

from sqlalchemy import delete, insert, select

from storage import tables
from storage.records import Area
from storage.unit import Unit


def areas(unit: Unit) -> tuple[Area, ...]:
    """Every area, in the operator's order."""
    rows = unit.execute(select(tables.areas).order_by(tables.areas.c.position))
    return tuple(
        Area(row.code, row.parent, {"zh": row.name_zh, "en": row.name_en}, row.latitude, row.longitude) for row in rows
    )


def replace_areas(unit: Unit, new: Iterable[Area]) -> int:
    """Put the operator's table in place of the old one; how many areas it has."""
    unit.execute(delete(tables.areas))
    rows = [
        {
            "code": area.code,
            "parent": area.parent,
            "name_zh": area.names["zh"],
            "name_en": area.names["en"],
            "latitude": area.latitude,
            "longitude": area.longitude,
            "position": position,
        }
        for position, area in enumerate(new)
    ]
    for row in rows:
        unit.execute(insert(tables.areas), row)
    return len(rows)
