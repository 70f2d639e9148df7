"""Lists handed in as files: one row each with how far it is; its pieces and rows are sealed, and go in time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, delete, func, or_, select, update

from storage import leases, tables
from storage.secrets import Vault
from storage.unit import Unit

ImportState = Literal["receiving", "waiting", "checking", "checked", "taking", "done", "cancelled", "refused"]
Line = dict[str, Any]

REFERENCE = "imports.reference"
PIECE = "import_pieces.content"
LINES = "import_lines.lines"
LEASE = timedelta(seconds=90)
EVERY = 1_000
SOME = 100
OPEN = ("receiving", "waiting", "checking", "checked", "taking")
WORKED_ON = ("waiting", "checking", "taking")
MOST_ATTEMPTS = 1_000  # counted no further: a list that can't be taken is tried for as long as it is kept

_rows = tables.imports.c
_pieces = tables.import_pieces.c
_lines = tables.import_lines.c


@dataclass(frozen=True, slots=True)
class Import:
    """A list and how far it is.

    conversation_id: the account that handed it in, None for the staff's (staff_id, and the area they may act in);
    kind: tenants or homes, once its headings are read; total, good, bad, known (nothing new in them): its rows;
    reached: how many were gone through in taking; taken: how many of them were new; claim: who works on it.
    """

    id: int
    conversation_id: int | None
    staff_id: str
    area: str
    language: str
    kind: str
    state: ImportState
    reason: str
    total: int
    good: int
    bad: int
    known: int
    reached: int
    taken: int
    attempts: int
    claim: int
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Sender:
    """Who hands in a list, and in which language they hear about it."""

    language: str
    conversation_id: int | None = None
    staff_id: str = ""
    area: str = ""


def begin(unit: Unit, sender: Sender, now: datetime, reference: str = "") -> int:
    """Note a list that comes in: piece by piece, or to be fetched by the platform's reference."""
    values = {
        "conversation_id": sender.conversation_id,
        "staff_id": sender.staff_id,
        "area": sender.area,
        "language": sender.language,
        "state": "waiting" if reference else "receiving",
        "reference_sealed": unit.vault.seal(reference.encode(), REFERENCE) if reference else None,
        "created_at": now,
        "changed_at": now,
    }
    added = unit.execute(tables.imports.insert().returning(_rows.id), values)
    return int(added.scalar_one())


def count_open(unit: Unit, sender: Sender) -> int:
    """How many lists of a sender are on their way, waiting or being worked on."""
    mine = _rows.staff_id == sender.staff_id if sender.staff_id else _rows.conversation_id == sender.conversation_id
    counted = select(func.count()).select_from(tables.imports).where(mine, _rows.state.in_(OPEN))
    return int(unit.execute(counted).scalar_one())


def drop_left(unit: Unit, before: datetime) -> int:
    """Erase files that came in before that instant and that nobody went on to hand in; how many."""
    left = select(_rows.id).where(_rows.state == "receiving", _rows.created_at < before).limit(SOME)
    return erase(unit, list(unit.execute(left).scalars()))


def add_piece(unit: Unit, import_id: int, number: int, content: bytes) -> None:
    """Keep a piece of the file."""
    values = {"import_id": import_id, "number": number, "content_sealed": unit.vault.seal(content, PIECE)}
    unit.insert_once(tables.import_pieces, values)


def piece(unit: Unit, import_id: int, number: int) -> bytes | None:
    """A piece of the file; None behind the last."""
    wanted = select(_pieces.content_sealed).where(_pieces.import_id == import_id, _pieces.number == number)
    sealed = unit.execute(wanted).scalar_one_or_none()
    return None if sealed is None else unit.vault.open(sealed, PIECE)


def index_of(vault: Vault, digest: str) -> bytes:
    """The keyed index of a file's content."""
    return vault.index("import", digest)


def whole(unit: Unit, import_id: int, file_index: bytes, size: int, now: datetime) -> bool:
    """The file is here: it can be read. False where that was so before."""
    values = {"state": "checking", "file_index": file_index, "size": size, "reference_sealed": None}
    return _move(unit, import_id, ("receiving", "waiting"), now, values)


def hold(unit: Unit, import_id: int, file_index: bytes, size: int) -> None:
    """The file is here, but the message that hands it in isn't yet."""
    unit.execute(update(tables.imports).where(_rows.id == import_id).values(file_index=file_index, size=size))


def get(unit: Unit, import_id: int) -> Import | None:
    """One list."""
    row = unit.execute(select(tables.imports).where(_rows.id == import_id)).one_or_none()
    return None if row is None else _import(row)


def same(unit: Unit, one: Import) -> Import | None:
    """The newest earlier list of the same sender with the same content that was not refused or cancelled."""
    mine = _rows.conversation_id == one.conversation_id if one.conversation_id else _rows.staff_id == one.staff_id
    content = select(_rows.file_index).where(_rows.id == one.id).scalar_subquery()
    standing = _rows.state.in_(("checking", "checked", "taking", "done"))
    found = select(tables.imports).where(mine, _rows.id < one.id, _rows.file_index == content, standing)
    row = unit.execute(found.order_by(_rows.id.desc()).limit(1)).one_or_none()
    return None if row is None else _import(row)


def of_conversation(unit: Unit, conversation_id: int, limit: int) -> tuple[Import, ...]:
    """The lists of an account, newest first; not those still on their way."""
    return _newest(unit, _rows.conversation_id == conversation_id, limit)


def of_staff(unit: Unit, staff_id: str, limit: int) -> tuple[Import, ...]:
    """The lists of a member of the staff, newest first."""
    return _newest(unit, _rows.staff_id == staff_id, limit)


def claim(unit: Unit) -> Import | None:
    """The oldest list that there is something to do about and that nobody works on; for as long as a lease lasts."""
    now = leases.clock(unit)
    free = or_(_rows.lease_until.is_(None), leases.is_over(_rows.lease_until, now))
    waiting = select(tables.imports).where(_rows.state.in_(WORKED_ON), free).order_by(_rows.id).limit(1)
    row = unit.execute(waiting.with_for_update(skip_locked=True)).one_or_none()
    if row is None:
        return None
    mine = {"lease_until": now + LEASE, "claim": row.claim + 1, "attempts": min(row.attempts + 1, MOST_ATTEMPTS)}
    unit.execute(update(tables.imports).where(_rows.id == row.id).values(mine))
    return get(unit, row.id)


def reference(unit: Unit, import_id: int) -> str:
    """The platform's reference of a file that is to be fetched."""
    sealed = unit.execute(select(_rows.reference_sealed).where(_rows.id == import_id)).scalar_one_or_none()
    return "" if sealed is None else unit.vault.open(sealed, REFERENCE).decode()


def give_back(unit: Unit, one: Import, pause: timedelta) -> None:
    """Let go of a list, to be tried again after a while."""
    unit.execute(_mine(one).values(lease_until=leases.clock(unit) + pause))


def note(unit: Unit, one: Import, now: datetime, **values: Any) -> bool:
    """Write down how far it is, and keep it for longer; False if somebody else works on it, or it was cancelled."""
    mine = _mine(one).where(_rows.state == one.state)
    kept = values | {"lease_until": leases.clock(unit) + LEASE, "changed_at": now}
    return bool(unit.execute(mine.values(kept)).rowcount)


def move(unit: Unit, import_id: int, came_from: Sequence[ImportState], to: ImportState, now: datetime) -> bool:
    """Lead a list on; False where it isn't in one of these states."""
    return _move(unit, import_id, came_from, now, {"state": to})


def refuse(unit: Unit, import_id: int, reason: str, now: datetime) -> bool:
    """The file can't be read."""
    states = ("receiving", "waiting", "checking")
    return _move(unit, import_id, states, now, {"state": "refused", "reason": reason, "reference_sealed": None})


def again(unit: Unit, one: Import, before: Import, now: datetime) -> bool:
    """The same file was handed in before: this one is over, and tells what came of that one."""
    counts = {name: getattr(before, name) for name in ("kind", "total", "good", "bad", "known", "taken")}
    return _move(unit, one.id, ("checking",), now, {"state": "cancelled", "reason": "again", **counts})


def drop_pieces(unit: Unit, import_id: int) -> None:
    """The file is read, or of no use: only its rows stay."""
    unit.execute(delete(tables.import_pieces).where(_pieces.import_id == import_id))


def drop_lines(unit: Unit, import_id: int) -> None:
    """Rows that were read before are read anew."""
    unit.execute(delete(tables.import_lines).where(_lines.import_id == import_id))


def keep_lines(unit: Unit, import_id: int, number: int, lines: Sequence[Line]) -> None:
    """Keep some rows under the place of the first one, in place of what was kept there."""
    sealed = unit.vault.seal_json(lines, LINES)
    values = {"import_id": import_id, "number": number, "lines_sealed": sealed}
    if not unit.insert_once(tables.import_lines, values):
        there = (_lines.import_id == import_id) & (_lines.number == number)
        unit.execute(update(tables.import_lines).where(there).values(lines_sealed=sealed))


def lines(unit: Unit, import_id: int, at: int) -> tuple[int, list[Line]]:
    """The rows kept together that begin at a place or hold it, and the place of the first; none behind the last."""
    there = select(tables.import_lines).where(_lines.import_id == import_id, _lines.number <= at)
    row = unit.execute(there.order_by(_lines.number.desc()).limit(1)).one_or_none()
    if row is None:
        return at, []
    found: list[Line] = unit.vault.open_json(row.lines_sealed, LINES)
    return (row.number, found) if at < row.number + len(found) else (at, [])


def erase(unit: Unit, import_ids: Sequence[int]) -> int:
    """Everything of these lists; what was taken out of them stays."""
    if not import_ids:
        return 0
    for table in (tables.import_pieces, tables.import_lines):
        unit.execute(delete(table).where(table.c.import_id.in_(import_ids)))
    return int(unit.execute(delete(tables.imports).where(_rows.id.in_(import_ids))).rowcount)


def everything(unit: Unit, conversation_id: int) -> list[dict[str, Any]]:
    """What an account handed in, with its rows as they were written."""
    found = of_conversation(unit, conversation_id, EVERY)
    return [
        {
            "handed_in_at": one.created_at,
            "kind": one.kind,
            "state": one.state,
            "taken": one.taken,
            "rows": _said(unit, one),
        }
        for one in found
    ]


def _said(unit: Unit, one: Import) -> list[Any]:
    kept = select(_lines.lines_sealed).where(_lines.import_id == one.id).order_by(_lines.number)
    sealed = unit.execute(kept).scalars()
    return [line["cells"] for some in sealed for line in unit.vault.open_json(some, LINES)]


def erase_of(unit: Unit, conversation_id: int) -> None:
    """Everything that an account handed in."""
    erase(unit, list(unit.execute(select(_rows.id).where(_rows.conversation_id == conversation_id)).scalars()))


def prune(unit: Unit, before: datetime, limit: int) -> int:
    """Erase lists on which nothing was done since; how many."""
    old = select(_rows.id).where(is_old(before)).limit(limit)
    return erase(unit, list(unit.execute(old).scalars()))


def is_old(before: datetime) -> ColumnElement[bool]:
    """Nothing was done on it since then."""
    return _rows.changed_at < before


def _newest(unit: Unit, whose: ColumnElement[bool], limit: int) -> tuple[Import, ...]:
    found = select(tables.imports).where(whose, _rows.state != "receiving").order_by(_rows.id.desc()).limit(limit)
    return tuple(_import(row) for row in unit.execute(found))


def _mine(one: Import) -> Any:
    return update(tables.imports).where(_rows.id == one.id, _rows.claim == one.claim)


def _move(unit: Unit, import_id: int, came_from: Sequence[str], now: datetime, values: dict[str, Any]) -> bool:
    """A list that is led on is free for whoever works on it next."""
    fitting = update(tables.imports).where(_rows.id == import_id, _rows.state.in_(came_from))
    fresh = {"lease_until": None, "attempts": 0, "changed_at": now}
    return bool(unit.execute(fitting.values(fresh | values)).rowcount)


def _import(row: Any) -> Import:
    return Import(**{name: getattr(row, name) for name in Import.__slots__})
