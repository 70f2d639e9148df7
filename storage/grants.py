"""Notifications that a person agreed to receive: so many, or for good."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, case, delete, or_, select, update

from storage import tables
from storage.unit import Unit

_rows = tables.grants.c


def give(unit: Unit, conversation_id: int, template: str, *, lasting: bool) -> None:
    """The person agreed: to one more notification of the template, or to all to come."""
    fresh = {"conversation_id": conversation_id, "template": template, "notices_left": 0, "lasting": False}
    unit.insert_once(tables.grants, fresh)
    more = {"lasting": True} if lasting else {"notices_left": _rows.notices_left + 1}
    unit.execute(update(tables.grants).where(_grant(conversation_id, template)).values(more))


def drop(unit: Unit, conversation_id: int, template: str) -> None:
    """The person doesn't want them any more, or the platform says that none is left."""
    unit.execute(delete(tables.grants).where(_grant(conversation_id, template)))


def spend(unit: Unit, conversation_id: int, template: str) -> bool:
    """Use one; False if there is none."""
    usable = and_(_grant(conversation_id, template), or_(_rows.lasting, _rows.notices_left > 0))
    less = case((_rows.lasting, _rows.notices_left), else_=_rows.notices_left - 1)
    return bool(unit.execute(update(tables.grants).where(usable).values(notices_left=less)).rowcount)


def give_back(unit: Unit, conversation_id: int, template: str) -> None:
    """It was not used after all."""
    once = and_(_grant(conversation_id, template), _rows.lasting.is_(False))
    unit.execute(update(tables.grants).where(once).values(notices_left=_rows.notices_left + 1))


def missing(unit: Unit, conversation_id: int, templates: Iterable[str]) -> frozenset[str]:
    """Of these templates, those of which the person can be sent none."""
    usable = or_(_rows.lasting, _rows.notices_left > 0)
    had = select(_rows.template).where(_rows.conversation_id == conversation_id, usable)
    return frozenset(templates) - frozenset(unit.execute(had).scalars())


def _grant(conversation_id: int, template: str) -> ColumnElement[bool]:
    return and_(_rows.conversation_id == conversation_id, _rows.template == template)
