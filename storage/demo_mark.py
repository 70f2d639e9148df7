"""The mark of a demonstration's database, in SQLite's own header: what lacks it is never touched."""

from pathlib import Path

from storage.unit import Unit

MARK = b"anjD"
OFFSET = 68  # "Application ID" of the database header (SQLite, file format 1.3)


def put(unit: Unit) -> None:
    """Mark the database."""
    unit.connection.exec_driver_sql(f"PRAGMA application_id = {int.from_bytes(MARK)}")


def stands(file: Path) -> bool:
    """Whether a database file carries the mark."""
    with file.open("rb") as database:
        return database.read(OFFSET + len(MARK))[OFFSET:] == MARK
