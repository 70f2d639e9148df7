"""Registrations that somebody of the office helps with on the spot, until the person has them on their own phone."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select, update

from storage import tables
from storage.unit import Unit

State = Literal["open", "offered", "taken", "ended"]

ADDRESS = "helps.address"
CODE = "helps.code"

_rows = tables.helps.c


@dataclass(frozen=True, slots=True)
class Help:
    """Who helps somebody to register in which home.

    address: of the conversation in which the answers are typed; draft: the talk's name, which the registration keeps;
    code: what the person gets, while it is offered; expires_at: when it is over unless somebody goes on.
    """

    home: str
    area: str
    staff_id: str
    address: str
    draft: str
    begun_at: datetime
    expires_at: datetime
    state: State = "open"
    code: str = ""
    taken_at: datetime | None = None
    id: int = 0

    def may_be_taken(self, now: datetime) -> bool:
        """Whether the person may still take the answers."""
        return self.state == "offered" and now < self.expires_at


def begin(unit: Unit, new: Help) -> Help:
    """Keep a new one; the one that is there where the same talk was begun before."""
    values = {
        "home": new.home,
        "area": new.area,
        "staff_id": new.staff_id,
        "state": new.state,
        "address_sealed": unit.vault.seal(new.address.encode(), ADDRESS),
        "draft": new.draft,
        "begun_at": new.begun_at,
        "expires_at": new.expires_at,
    }
    unit.insert_once(tables.helps, values)
    kept = by_draft(unit, new.draft)
    if kept is None:
        raise LookupError("a help just written is not there")
    return kept


def lock(unit: Unit, number: int) -> Help | None:
    """One of them; nobody else changes it until this transaction ends."""
    row = unit.execute(select(tables.helps).where(_rows.id == number).with_for_update()).one_or_none()
    return None if row is None else _help(unit, row)


def by_draft(unit: Unit, draft: str) -> Help | None:
    """The one that a registration came of, if somebody helped with it."""
    row = unit.execute(select(tables.helps).where(_rows.draft == draft)).one_or_none()
    return None if row is None else _help(unit, row)


def by_code(unit: Unit, code: str) -> Help | None:
    """The one that a code was given for, whatever became of it."""
    row = unit.execute(select(tables.helps).where(_rows.code_index.in_(_indexes(unit, code)))).one_or_none()
    return None if row is None else _help(unit, row)


def of_home(unit: Unit, home: str, limit: int) -> tuple[Help, ...]:
    """Those of a home, the newest first."""
    found = select(tables.helps).where(_rows.home == home).order_by(_rows.id.desc()).limit(limit)
    return tuple(_help(unit, row) for row in unit.execute(found))


def go_on(unit: Unit, found: Help, expires_at: datetime) -> Help:
    """Somebody types; a code given before is good no more."""
    return _set(unit, replace(found, state="open", code="", expires_at=expires_at))


def offer(unit: Unit, found: Help, code: str, expires_at: datetime) -> Help:
    """Everything is typed: the person may take it by this code, until then."""
    return _set(unit, replace(found, state="offered", code=code, expires_at=expires_at))


def take(unit: Unit, code: str, now: datetime) -> Help | None:
    """The person takes it, once: of two phones one gets it. None for a code that is unknown, used or over."""
    good = _rows.code_index.in_(_indexes(unit, code)) & (_rows.state == "offered") & (_rows.expires_at > now)
    taken = update(tables.helps).where(good).values(state="taken", taken_at=now, code_sealed=None)
    row = unit.execute(taken.returning(tables.helps)).one_or_none()
    return None if row is None else _help(unit, row)


def end(unit: Unit, found: Help) -> Help:
    """Nothing comes of it."""
    return _set(unit, replace(found, state="ended", code=""))


def over(unit: Unit, now: datetime, limit: int) -> tuple[Help, ...]:
    """Those that nobody goes on with any more."""
    idle = select(tables.helps).where(_rows.state.in_(("open", "offered")), _rows.expires_at <= now)
    return tuple(_help(unit, row) for row in unit.execute(idle.order_by(_rows.id).limit(limit)))


def code_index(unit: Unit, code: str) -> bytes:
    """The keyed index under which one is found by the code that was given for it."""
    return unit.vault.index("help", code)


def _set(unit: Unit, changed: Help) -> Help:
    code = changed.code
    values = {
        "state": changed.state,
        "expires_at": changed.expires_at,
        "code_index": code_index(unit, code) if code else None,
        "code_sealed": unit.vault.seal(code.encode(), CODE) if code else None,
    }
    unit.execute(update(tables.helps).where(_rows.id == changed.id).values(values))
    return changed


def _indexes(unit: Unit, code: str) -> list[bytes]:
    return list(unit.vault.indexes("help", code))


def _help(unit: Unit, row: Any) -> Help:
    code = "" if row.code_sealed is None else unit.vault.open(row.code_sealed, CODE).decode()
    return Help(
        home=row.home,
        area=row.area,
        staff_id=row.staff_id,
        address=unit.vault.open(row.address_sealed, ADDRESS).decode(),
        draft=row.draft,
        begun_at=row.begun_at,
        expires_at=row.expires_at,
        state=row.state,
        code=code,
        taken_at=row.taken_at,
        id=row.id,
    )
