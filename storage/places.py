"""Areas (streets and their communities) and homes that have a QR code."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, insert, select

from storage import tables
from storage.records import Area, Home
from storage.unit import Unit

ADDRESS = "homes.address"


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


def home(unit: Unit, code: str) -> Home | None:
    """The home with that code."""
    row = unit.execute(select(tables.homes).where(tables.homes.c.code == code)).one_or_none()
    return None if row is None else Home(row.code, row.area, unit.vault.open(row.address_sealed, ADDRESS).decode())


def add_home(unit: Unit, new: Home, now: datetime) -> bool:
    """Keep a home; False when its code is taken."""
    values = {
        "code": new.code,
        "area": new.area,
        "address_sealed": unit.vault.seal(new.address.encode(), ADDRESS),
        "created_at": now,
    }
    return unit.insert_once(tables.homes, values)
