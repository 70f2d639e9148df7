"""Counts for the charts: aggregates over plain columns, the same on either database; no row ever leaves.

The submissions' are answered from the index `ix_submissions_statistics` alone, the messages' from `ix_outbox_due`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, Label, and_, case, cast, extract, func, select

from storage import tables
from storage.deliveries import PRIORITIES
from storage.unit import Unit

QUARTILES = {"first": 1, "median": 2, "third": 3}  # the nearest rank: so many quarters of them, rounded up
OF_PEOPLE = frozenset({"province", "birth_year"})
COUNTED = ("registration", "change", "leaving", "withdrawal")
NEW = "registration"  # a change or leaving is about somebody who was counted already

_rows = tables.submissions.c
_people = tables.people.c
_talks = tables.conversations.c
_outbox = tables.outbox.c


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is counted: sent from an instant on and before another, in these areas (None: all of them)."""

    begins_at: datetime
    ends_at: datetime
    areas: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class Spread:
    """How long decisions of a kind took, in seconds: how many there were, the quartiles (of them a real one each)."""

    kind: str
    number: int
    first: int
    median: int
    third: int


def weeks(unit: Unit, wanted: Wanted, mondays: Sequence[datetime]) -> dict[tuple[int, str], int]:
    """Submissions by the week they were sent in (its place in `mondays`, which are ascending) and present status."""
    place = case(
        *((_rows.submitted_at < following, number) for number, following in enumerate(mondays[1:])),
        else_=len(mondays) - 1,
    ).label("place")
    number = func.count().label("number")
    counted = select(place, _rows.status, number).where(_sent(wanted)).group_by(place, _rows.status)
    return {(row.place, row.status): row.number for row in unit.execute(counted)}


def by_area(unit: Unit, wanted: Wanted) -> dict[str, int]:
    """Submissions by area."""
    return _by(unit, wanted, _rows.area.label("area"))


def by_channel(unit: Unit, wanted: Wanted) -> dict[str, int]:
    """Submissions by channel."""
    return _by(unit, wanted, _rows.channel.label("channel"))


def by_education(unit: Unit, wanted: Wanted) -> dict[str, int]:
    """Registrations by education (GB/T 4658); empty where it wasn't asked."""
    return _by(unit, wanted, _rows.education.label("education"), _rows.kind == NEW)


def by_origin(unit: Unit, wanted: Wanted) -> dict[str, int]:
    """Registrations by the two digits of the province their household is registered in (GB/T 2260)."""
    province = func.substr(func.coalesce(_people.region, ""), 1, 2).label("province")
    return _by(unit, wanted, province, _rows.kind == NEW)


def by_birth_year(unit: Unit, wanted: Wanted) -> dict[int, int]:
    """Registrations by year of birth; 0 where it isn't known."""
    year = func.coalesce(_people.birth_year, 0).label("birth_year")
    return _by(unit, wanted, year, _rows.kind == NEW)


def times(unit: Unit, wanted: Wanted) -> tuple[Spread, ...]:
    """How long it took from sending to the decision, by kind, of those sent in the period and decided."""
    took = cast(extract("epoch", _rows.decided_at) - extract("epoch", _rows.submitted_at), Integer)
    decided = (
        select(
            _rows.kind,
            took.label("took"),
            func.row_number().over(partition_by=_rows.kind, order_by=took).label("place"),
            func.count().over(partition_by=_rows.kind).label("number"),
        )
        .where(_sent(wanted), _rows.decided_at.is_not(None))
        .subquery()
        .c
    )
    quartiles = [
        func.max(case((decided.place == (decided.number * part + 3) // 4, decided.took))).label(name)
        for name, part in QUARTILES.items()
    ]
    number = func.max(decided.number).label("number")
    return tuple(
        Spread(row.kind, row.number, row.first, row.median, row.third)
        for row in unit.execute(select(decided.kind, number, *quartiles).group_by(decided.kind).order_by(decided.kind))
    )


def sent(unit: Unit, form: str, wanted: Wanted) -> int:
    """Submissions made with a form."""
    made = select(func.count()).select_from(tables.submissions).where(_sent(wanted), _rows.form == form)
    return int(unit.execute(made).scalar_one())


def stopped(unit: Unit, form: str, wanted: Wanted) -> dict[str, int]:
    """Talks under way whose last word fell into the period, by the question they stand at.

    A talk has no area before it is sent, so `wanted.areas` can't count. There is no index for it: one would cost
    every answer of every talk a write.
    """
    silent = and_(_talks.updated_at >= wanted.begins_at, _talks.updated_at < wanted.ends_at)
    under_way = and_(_talks.form == form, _talks.asked != "", _talks.status.in_(("active", "paused")), silent)
    number = func.count().label("number")
    counted = select(_talks.asked, number).where(under_way).group_by(_talks.asked)
    return {row.asked: row.number for row in unit.execute(counted)}


def deliveries(unit: Unit, wanted: Wanted) -> dict[tuple[str, str, str], int]:
    """Messages by channel, class and state, in the period in which they were last due.

    With areas only those to people who sent something there.
    """
    due = and_(_outbox.due_at >= wanted.begins_at, _outbox.due_at < wanted.ends_at)
    if wanted.areas is not None:
        theirs = select(_rows.holder_id).where(_rows.area.in_(wanted.areas))
        due = and_(due, _outbox.holder_id.in_(theirs))
    kinds = {priority: kind for kind, priority in PRIORITIES.items()}
    columns = (_outbox.channel, _outbox.priority, _outbox.state)
    counted = select(*columns, func.count().label("number")).where(due).group_by(*columns)
    return {(row.channel, kinds[row.priority], row.state): row.number for row in unit.execute(counted)}


def _by(unit: Unit, wanted: Wanted, what: Label[Any], *also: ColumnElement[bool]) -> dict[Any, int]:
    with_people = tables.submissions.join(tables.people, _people.id == _rows.person_id)
    source = with_people if what.name in OF_PEOPLE else tables.submissions
    counted = select(what, func.count().label("number")).select_from(source).where(_sent(wanted), *also)
    return {row[0]: row.number for row in unit.execute(counted.group_by(what))}


def _sent(wanted: Wanted) -> ColumnElement[bool]:
    """Of registrations and what ends or changes them; what is asked for about permits is none."""
    within = and_(_rows.submitted_at >= wanted.begins_at, _rows.submitted_at < wanted.ends_at, _rows.kind.in_(COUNTED))
    return within if wanted.areas is None else and_(within, _rows.area.in_(wanted.areas))
