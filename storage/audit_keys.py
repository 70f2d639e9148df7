"""The keys of the audit log's chain: which belongs to which entries, after the index key that they come from changed.

An entry of the log itself records a change. It stands under the new key and, as each does, on the hash of the one
before it; so whoever knows the former key can neither write it nor rewrite what stands before it. The chain's former
key is sealed into it, so that those entries can be verified; no index comes from that key.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select

from storage import audit, tables
from storage.audit import DETAILS, PROGRAM, PURPOSE, Act, Subject, chained
from storage.secrets import SealBroken
from storage.unit import Unit

ACTION = "index_key_changed"
ABOUT = Subject("audit", "log")

_rows = tables.audit.c


@dataclass(frozen=True, slots=True, repr=False)
class Change:
    """Entry `number` recorded it; `key` is the chain's of the entries before it."""

    number: int
    key: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """The chain's key now, and the changes that led to it, the oldest first."""

    present: bytes
    changes: Sequence[Change]

    def of(self, number: int) -> bytes:
        """The key of an entry."""
        return next((change.key for change in self.changes if number < change.number), self.present)

    def wrote(self, row: Any) -> bool:
        """Whether an entry is as it was written."""
        link = chained(self.of(row.id), bytes(row.previous), row._mapping)
        return hmac.compare_digest(link, bytes(row.hash))


def keys(unit: Unit) -> Keys:
    """Every key of the chain: while the former index key is still there, the head tells which one counts."""
    known, head = unit.vault.derived(PURPOSE), audit.head(unit)
    present = next((key for key in known if head is not None and audit.is_sealed(key, head)), known[0])
    return Keys(present, _changes(unit))


def record(unit: Unit, now: datetime) -> None:
    """Write down that the index key has changed; everything behind it stands under the new one."""
    former = unit.vault.derived(PURPOSE)[1]
    audit.append(unit, Act(PROGRAM, ACTION, ABOUT, details={"key": former.hex()}), now)


def _changes(unit: Unit) -> list[Change]:
    """What opens as it was sealed; a change that somebody spoilt leaves the entries before it unproved."""
    mine = select(_rows.id, _rows.details_sealed).where(_rows.subject_kind == ABOUT.kind, _rows.subject == ABOUT.id)
    found = unit.execute(mine.where(_rows.action == ACTION).order_by(_rows.id)).all()
    return [change for row in found if (change := _change(unit, row.id, bytes(row.details_sealed))) is not None]


def _change(unit: Unit, number: int, sealed: bytes) -> Change | None:
    try:
        told: Mapping[str, str] = unit.vault.open_json(sealed, DETAILS)
        return Change(number, bytes.fromhex(told["key"]))
    except (SealBroken, KeyError, orjson.JSONDecodeError):
        return None
