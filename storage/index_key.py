"""Which index key everything in the database is found by, so that no copy of the program works with another one.

The mark stands among the leases, as the one of an unfinished copy does: its holder is the key's name, which tells
nothing of the key.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import delete, select, update

from storage import audit, tables
from storage.database import Database
from storage.errors import StorageError
from storage.unit import Unit

MARK = "index key"
CHANGE = "index change"  # the key that is being changed to; behind a colon: how far a table is
NEVER = datetime(2000, 1, 1, tzinfo=UTC)

Standing = Literal["present", "unmarked", "waits", "unfinished", "other"]

_rows = tables.leases.c


class OtherIndexKey(StorageError):
    """What is stored is found by another index key: put it back, or add it as index-old and run `anju keys reindex`."""


class ChangeWaits(StorageError):
    """ANJU_KEYS holds a new index key, but what is stored is found by index-old still: run `anju keys reindex`."""


class UnfinishedChange(StorageError):
    """The change of the index key broke off: nothing may run before `anju keys reindex`, with the same keys, ends."""


REFUSED = {"waits": ChangeWaits, "unfinished": UnfinishedChange, "other": OtherIndexKey}


def check(database: Database) -> None:
    """Raise OtherIndexKey, ChangeWaits or UnfinishedChange unless the newest key is the one; a first start notes it."""
    found = database.run_now(_noted)
    if found in REFUSED:
        raise REFUSED[found]


def standing(unit: Unit) -> Standing:
    """How the keys at hand stand to what is stored."""
    stand, (newest, *former) = marks(unit), unit.vault.index_names
    if CHANGE in stand:
        return "unfinished"
    noted = stand.get(MARK)
    if noted is None:
        return "unmarked" if not former and fits_log(unit, 0) else "waits" if former else "other"
    return "present" if noted == newest else "waits" if noted in former else "other"


def fits_log(unit: Unit, place: int) -> bool:
    """Whether the index key at that place, newest first, could have proved the audit log; any fits an empty one."""
    head = audit.head(unit)
    return head is None or audit.is_sealed(unit.vault.derived(audit.PURPOSE)[place], head)


def marks(unit: Unit) -> Mapping[str, str]:
    """What stands of the key in force and of an unfinished change, each with its holder."""
    found = unit.execute(select(_rows.name, _rows.holder).where(_rows.name.in_((MARK, CHANGE))))
    return {row.name: row.holder for row in found}


def mark(unit: Unit, name: str) -> str:
    """The holder of one mark; empty where it doesn't stand."""
    return unit.execute(select(_rows.holder).where(_rows.name == name)).scalar_one_or_none() or ""


def put(unit: Unit, name: str, holder: str) -> None:
    """Set a mark."""
    if not unit.insert_once(tables.leases, {"name": name, "holder": holder, "fence": 0, "until": NEVER}):
        unit.execute(update(tables.leases).where(_rows.name == name).values(holder=holder))


def end_change(unit: Unit) -> None:
    """Everything is found by the newest key."""
    own = (_rows.name == CHANGE) | _rows.name.startswith(f"{CHANGE}:", autoescape=True)
    unit.execute(delete(tables.leases).where(own))
    put(unit, MARK, unit.vault.index_names[0])


def _noted(unit: Unit) -> Standing:
    found = standing(unit)
    if found == "unmarked":
        put(unit, MARK, unit.vault.index_names[0])
    return found
