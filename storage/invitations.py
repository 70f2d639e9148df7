"""Invitations that a landlord passes on: a secret code for one reported tenancy, good once and for a while."""

from datetime import datetime

from sqlalchemy import select, update

from storage import tables
from storage.unit import Unit

_rows = tables.invitations.c


def keep(unit: Unit, code: str, tenancy_id: int, expires_at: datetime) -> bool:
    """Keep a new invitation; False when its code is in use."""
    values = {"code_index": _index(unit, code), "tenancy_id": tenancy_id, "expires_at": expires_at}
    return unit.insert_once(tables.invitations, values)


def look(unit: Unit, code: str, now: datetime) -> int | None:
    """The tenancy that a code invites into; None for one that is unknown, used or over."""
    good = select(_rows.tenancy_id).where(_rows.code_index.in_(unit.vault.indexes("invitation", code)))
    return unit.execute(good.where(_rows.used_at.is_(None), _rows.expires_at > now)).scalar_one_or_none()


def spend(unit: Unit, code: str, now: datetime) -> int | None:
    """The same, and the code is used up: of two who come at once, one gets it."""
    used = update(tables.invitations).where(_rows.code_index.in_(unit.vault.indexes("invitation", code)))
    used = used.where(_rows.used_at.is_(None), _rows.expires_at > now).values(used_at=now)
    return unit.execute(used.returning(_rows.tenancy_id)).scalar_one_or_none()


def end_of(unit: Unit, tenancy_id: int, now: datetime) -> None:
    """No older invitation into a tenancy is good any more."""
    unit.execute(
        update(tables.invitations).where(_rows.tenancy_id == tenancy_id, _rows.used_at.is_(None)).values(used_at=now)
    )


def _index(unit: Unit, code: str) -> bytes:
    return unit.vault.index("invitation", code)
