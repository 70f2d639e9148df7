"""What belongs to broadcasts besides their words: files, saved audiences, and what fills the places in a text."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, insert, select, true

from storage import tables, uploads
from storage.audiences import Audience, packed_audience, unpacked_audience
from storage.people import PERSON
from storage.secrets import SecretsError
from storage.unit import Unit

NAME = "audiences.name"
SAVED = "audiences.audience"
FILE = "broadcast_files.content"
FILE_NAME = "broadcast_files.name"

_files = tables.broadcast_files.c
_saved = tables.audiences.c
_sent = tables.submissions.c
_people = tables.people.c


@dataclass(frozen=True, slots=True)
class Saved:
    """An audience that somebody kept under a name."""

    id: int
    name: str
    audience: Audience


@dataclass(frozen=True, slots=True)
class Known:
    """What fills the places of a text for one person: name, community, and the next day on which something is due."""

    name: str = ""
    area: str = ""
    next_on: date | None = None


def save_audience(unit: Unit, area: str, author: str, name: str, audience: Audience, now: datetime) -> None:
    """Keep an audience."""
    values = {
        "area": area,
        "author": author,
        "name_sealed": unit.vault.seal(name.encode(), NAME),
        "audience_sealed": unit.vault.seal_json(packed_audience(audience), SAVED),
        "created_at": now,
    }
    unit.execute(insert(tables.audiences), values)


def saved_audiences(unit: Unit, areas: Collection[str] | None, limit: int = 100) -> tuple[Saved, ...]:
    """Those kept in these areas (None: in all), the newest first."""
    here = true() if areas is None else _saved.area.in_(areas)
    found = unit.execute(select(tables.audiences).where(here).order_by(_saved.id.desc()).limit(limit))
    return tuple(_audience(unit, row) for row in found)


def forget_audience(unit: Unit, number: int, areas: Collection[str] | None) -> None:
    """It is no longer wanted."""
    here = true() if areas is None else _saved.area.in_(areas)
    unit.execute(delete(tables.audiences).where(_saved.id == number, here))


def attach(
    unit: Unit, broadcast_id: int, code: str, name: str, content: bytes, content_type: str, now: datetime
) -> None:  # fmt: skip
    """Keep a broadcast's one file in place of the one before."""
    detach(unit, broadcast_id)
    values = {
        "code": code,
        "broadcast_id": broadcast_id,
        "name_sealed": unit.vault.seal(name.encode(), FILE_NAME),
        "content_type": content_type,
        "size": len(content),
        "content_sealed": unit.vault.seal(content, FILE),
        "created_at": now,
    }
    unit.execute(insert(tables.broadcast_files), values)


def detach(unit: Unit, broadcast_id: int) -> None:
    """Its file goes."""
    uploads.forget_all(unit, broadcast_id)
    unit.execute(delete(tables.broadcast_files).where(_files.broadcast_id == broadcast_id))


def file(unit: Unit, code: str) -> tuple[bytes, str, str] | None:
    """A file's content, kind and name."""
    row = unit.execute(select(tables.broadcast_files).where(_files.code == code)).one_or_none()
    if row is None:
        return None
    name = unit.vault.open(row.name_sealed, FILE_NAME).decode()
    return unit.vault.open(row.content_sealed, FILE), row.content_type, name


def known(unit: Unit, holders: Sequence[str], today_on: date, *, named: bool) -> Mapping[str, Known]:
    """What is known of holders; names only if they are wanted, since each has to be decrypted.

    The name is that of whom they registered first, mostly themselves; the community that of the last registration. A
    name that can't be read isn't known.
    """
    own = and_(_sent.holder_id.in_(holders), _sent.kind == "registration")
    newest = select(func.max(_sent.id)).where(own).group_by(_sent.holder_id)
    last = unit.execute(select(_sent.holder_id, _sent.area).where(_sent.id.in_(newest)))
    areas = {row.holder_id: row.area for row in last}
    names, days = _names(unit, own) if named else {}, _next_days(unit, holders, today_on)
    return {one: Known(names.get(one, ""), areas.get(one, ""), days.get(one)) for one in holders}


def _names(unit: Unit, own: ColumnElement[bool]) -> dict[str, str]:
    first = select(func.min(_sent.id)).where(own).group_by(_sent.holder_id)
    joined = tables.submissions.join(tables.people, _people.id == _sent.person_id)
    found = select(_sent.holder_id, _people.person_sealed).select_from(joined).where(_sent.id.in_(first))
    return {row.holder_id: _name(unit, row) for row in unit.execute(found)}


def _next_days(unit: Unit, holders: Sequence[str], today_on: date) -> dict[str, date]:
    """The nearest day on which something is due: an endorsement, the office's questions, a landlord's duty."""
    duties = tables.duties.c
    open_duty = and_(duties.holder_id.in_(holders), duties.done_at.is_(None), duties.due_on >= today_on)
    asked = and_(_sent.holder_id.in_(holders), _sent.due_on >= today_on, _sent.status == "needs_answers")
    permits = tables.permits.c
    endorses = and_(permits.holder_id.in_(holders), permits.endorse_by_on >= today_on, permits.state != "ended")
    nearest = (
        select(permits.holder_id.label("holder"), func.min(permits.endorse_by_on).label("day"))
        .where(endorses)
        .group_by("holder"),
        select(duties.holder_id.label("holder"), func.min(duties.due_on).label("day"))
        .where(open_duty)
        .group_by("holder"),
        select(_sent.holder_id.label("holder"), func.min(_sent.due_on).label("day")).where(asked).group_by("holder"),
    )
    found = [(row.holder, row.day) for wanted in nearest for row in unit.execute(wanted)]
    return {holder: min(day for whose, day in found if whose == holder) for holder, _ in found}


def _name(unit: Unit, row: Any) -> str:
    try:
        return str(unit.vault.open_json(row.person_sealed, PERSON).get("name") or "")
    except SecretsError:
        return ""


def _audience(unit: Unit, row: Any) -> Saved:
    audience = unpacked_audience(unit.vault.open_json(row.audience_sealed, SAVED))
    return Saved(row.id, unit.vault.open(row.name_sealed, NAME).decode(), audience)
