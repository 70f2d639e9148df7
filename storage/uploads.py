"""Files that a platform has kept for us: uploaded once for everybody who is to see them, then named by its id."""

from datetime import datetime

from sqlalchemy import and_, delete, or_, select

from storage import tables
from storage.unit import Unit

_kept = tables.uploads.c


def known(unit: Unit, code: str, account: str, now: datetime) -> str | None:
    """The platform's id of a file with an account of ours, unless it has lapsed by then."""
    holds = or_(_kept.until.is_(None), _kept.until > now)
    found = select(_kept.platform_id).where(_kept.code == code, _kept.account == account, holds)
    return unit.execute(found).scalar_one_or_none()


def keep(unit: Unit, code: str, account: str, platform_id: str, until: datetime | None) -> None:
    """It has been uploaded; until: when the platform forgets it, None for never."""
    forget(unit, code, account)
    values = {"code": code, "account": account, "platform_id": platform_id, "until": until}
    unit.insert_once(tables.uploads, values)


def forget(unit: Unit, code: str, account: str) -> None:
    """The platform no longer knows it."""
    unit.execute(delete(tables.uploads).where(and_(_kept.code == code, _kept.account == account)))


def forget_all(unit: Unit, broadcast_id: int) -> None:
    """A broadcast's file goes."""
    files = tables.broadcast_files.c
    mine = select(files.code).where(files.broadcast_id == broadcast_id)
    unit.execute(delete(tables.uploads).where(_kept.code.in_(mine)))
