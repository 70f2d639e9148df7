"""Verifies the audit log's chain, some rows at a time: what was changed, is missing, was added or cut off."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from sqlalchemy import func, select

from storage import audit, audit_keys, tables
from storage.audit import HEAD, START, Head
from storage.audit_keys import Keys
from storage.database import Database
from storage.unit import Unit

ROWS = 1_000

Kind = Literal["changed", "missing", "inserted", "truncated", "unlinked", "head", "unknown_past"]

_rows = tables.audit.c
_head = tables.audit_head.c


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, and with which rows (`first` to `last`)."""

    kind: Kind
    first: int = 0
    last: int = 0


@dataclass(frozen=True, slots=True)
class Extent:
    """The log at one moment: what the head claims, and the lowest and highest number there is."""

    count: int
    hash: bytes
    sealed: bool
    lowest: int
    highest: int


@dataclass(frozen=True, slots=True)
class Anchor:
    """What the operator wrote down once: so many entries, the last with this hash. It must still be so."""

    count: int
    hash: str


@dataclass(slots=True)
class Walk:
    """Where a walk along the chain stands: the last row's number and hash; no hash where that row is in doubt."""

    number: int = 0
    hash: bytes | None = START


def verify(database: Database, anchor: Anchor | None = None) -> Iterator[Finding]:
    """Every finding, in the order of the rows; none means that the log is whole up to its head."""
    keys = database.run_now(audit_keys.keys)
    extent = database.run_now(lambda unit: _extent(unit, keys.present))
    if not extent.sealed:
        yield Finding("head")
    walk, anchored = Walk(), anchor is None
    for rows in _chunks(database, extent):
        for row in rows:
            yield from _step(walk, row, extent, keys)
            anchored = anchored or _fits(anchor, row)
    yield from _end(walk, extent)
    if not anchored and anchor is not None:
        yield Finding("unknown_past", anchor.count, anchor.count)


def _extent(unit: Unit, key: bytes) -> Extent:
    """One statement, so that what is appended meanwhile doesn't count."""
    lowest, highest = (select(edge(_rows.id)).scalar_subquery() for edge in (func.min, func.max))
    row = unit.execute(select(lowest.label("lowest"), highest.label("highest"), _head.length, _head.hash, _head.seal)
                       .select_from(_one().outerjoin(tables.audit_head, _head.id == HEAD))).one()  # fmt: skip
    low, high = row.lowest or 0, row.highest or 0
    if row.length is None:
        return Extent(0, START, high == 0, low, high)
    genuine = audit.is_sealed(key, Head(row.length, bytes(row.hash), bytes(row.seal)))
    return Extent(row.length, bytes(row.hash), genuine, low, high)


def _one() -> Any:
    return select(func.count().label("n")).select_from(select(1).subquery()).subquery()


def _chunks(database: Database, extent: Extent) -> Iterator[Sequence[Any]]:
    last = extent.lowest - 1
    while last < extent.highest:
        rows = database.run_now(partial(_after, number=last, highest=extent.highest))
        if not rows:
            return
        yield rows
        last = rows[-1].id


def _after(unit: Unit, number: int, highest: int) -> Sequence[Any]:
    wanted = select(tables.audit).where(_rows.id > number, _rows.id <= highest).order_by(_rows.id).limit(ROWS)
    return unit.execute(wanted).all()


def _step(walk: Walk, row: Any, extent: Extent, keys: Keys) -> Iterator[Finding]:
    """One row: is it where it belongs, is it as it was written, does it follow the one before it?"""
    if row.id < 1 or row.id > extent.count:
        yield Finding("inserted", row.id, row.id)
        return
    if row.id != walk.number + 1:
        yield Finding("missing", walk.number + 1, row.id - 1)
        walk.hash = None
    if not keys.wrote(row):
        yield Finding("changed", row.id, row.id)
        walk.number, walk.hash = row.id, None
        return
    if walk.hash not in {None, bytes(row.previous)}:
        yield Finding("unlinked", row.id, row.id)
    walk.number, walk.hash = row.id, bytes(row.hash)


def _end(walk: Walk, extent: Extent) -> Iterator[Finding]:
    """The head must know the last row, and no more of them than there are."""
    if walk.number < extent.count:
        yield Finding("truncated", walk.number + 1, extent.count)
    elif extent.sealed and walk.hash not in {None, extent.hash}:
        yield Finding("head")


def _fits(anchor: Anchor | None, row: Any) -> bool:
    return anchor is not None and row.id == anchor.count and bytes(row.hash).hex().startswith(anchor.hash)
