"""Who lives in which home, by what each side says. A tenancy is one row, each step of its way another."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, insert, select, update

from storage import tables
from storage.records import Side, TenancyState
from storage.unit import Unit

REPORTED = "tenancies.reported"
WORDS = "tenancy_steps.words"
OVER: frozenset[TenancyState] = frozenset({"ended", "merged"})

_rows = tables.tenancies.c
_steps = tables.tenancy_steps.c


@dataclass(frozen=True, slots=True)
class Tenancy:
    """A tenancy with both statements.

    The tenant's: holder_id, person_id, submission_id (the registration it came with), tenant_says, since_on,
    claimed_at.
    The landlord's: reported_by, landlord_says, moved_in_on, reported_at, reported (name, telephone, ID number as they
    gave them). left_on, leaving_by: who said first that it is over, and from which day on. acts_as: what the one who
    reports is to the home (owner, employer …).
    """

    home: str
    area: str
    state: TenancyState
    id: int = 0
    version: int = 0
    room_id: int | None = None
    acts_as: str = ""
    holder_id: str = ""
    person_id: int | None = None
    submission_id: int | None = None
    tenant_says: str = ""
    since_on: date | None = None
    claimed_at: datetime | None = None
    reported_by: str = ""
    landlord_says: str = ""
    moved_in_on: date | None = None
    reported_at: datetime | None = None
    reported: Mapping[str, Any] = field(default_factory=dict)
    left_on: date | None = None
    leaving_by: str = ""

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to be said about it."""
        return self.state in OVER

    @property
    def name(self) -> str:
        """The tenant's name as the landlord reported it; empty where they didn't."""
        return str(self.reported.get("name") or "")

    @property
    def begins_on(self) -> date | None:
        """The first day, by the landlord, else by the tenant."""
        return self.moved_in_on or self.since_on


@dataclass(frozen=True, slots=True)
class Word:
    """Who takes a step, when, and what they say; of the staff also why, as a code and in own words."""

    actor: Side
    at: datetime
    says: str = ""
    staff_id: str = ""
    reason: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was taken. `version` is the tenancy's after it."""

    version: int
    came_from: TenancyState
    went_to: TenancyState
    actor: Side
    says: str
    staff_id: str
    at: datetime
    reason: str = ""
    words: str = ""


def begin(unit: Unit, new: Tenancy, word: Word) -> tuple[Tenancy, bool]:
    """Keep a tenancy, and whether it is new: there is one for each open person and for each open report of a home."""
    values = _values(unit, new) | {"created_at": word.at, "changed_at": word.at}
    fresh = unit.insert_once(tables.tenancies, values)
    kept = _same(unit, values)
    if kept is None:
        raise LookupError("a tenancy just written is not there")
    if fresh:
        _write(unit, kept.id, 0, ("", kept.state), word)
    return kept, fresh


def get(unit: Unit, tenancy_id: int) -> Tenancy | None:
    """One tenancy."""
    row = unit.execute(select(tables.tenancies).where(_rows.id == tenancy_id)).one_or_none()
    return None if row is None else tenancy_in(unit, row)


def several(unit: Unit, ids: Collection[int]) -> tuple[Tenancy, ...]:
    """Those of these numbers."""
    return _found(unit, (_rows.id.in_(ids),))


def lock(unit: Unit, tenancy_id: int) -> Tenancy | None:
    """The same; nobody else changes it until this transaction ends."""
    row = unit.execute(select(tables.tenancies).where(_rows.id == tenancy_id).with_for_update()).one_or_none()
    return None if row is None else tenancy_in(unit, row)


def move(unit: Unit, read: Tenancy, changed: Tenancy, word: Word) -> Tenancy | None:
    """Take a step from the tenancy as it was read; None if it moved on since."""
    moved = replace(changed, version=read.version + 1)
    as_read = update(tables.tenancies).where(_rows.id == read.id, _rows.version == read.version)
    if not unit.execute(as_read.values(_values(unit, moved) | {"changed_at": word.at})).rowcount:
        return None
    _write(unit, read.id, moved.version, (read.state, moved.state), word)
    return moved


def way(unit: Unit, tenancy_id: int) -> tuple[Taken, ...]:
    """Every step of a tenancy, in order."""
    found = unit.execute(select(tables.tenancy_steps).where(_steps.tenancy_id == tenancy_id).order_by(_steps.version))
    return tuple(_taken(unit, row) for row in found)


def of_home(unit: Unit, home: str, limit: int = 1000) -> tuple[Tenancy, ...]:
    """The open tenancies of a home, the oldest first."""
    return _found(unit, (_rows.home == home, _rows.state.not_in(OVER)), limit)


def of_day(unit: Unit, home: str, moved_in_on: date) -> tuple[Tenancy, ...]:
    """What was reported in a home for a day of moving in, also what is over."""
    return _found(unit, (_rows.home == home, _rows.moved_in_on == moved_in_on))


def of_tenant(unit: Unit, holder_id: str) -> tuple[Tenancy, ...]:
    """The open tenancies that somebody's accounts live in, the newest last."""
    return _found(unit, (_rows.holder_id == holder_id, _rows.state.not_in(OVER))) if holder_id else ()


def of_submission(unit: Unit, person_id: int, submission_id: int) -> Tenancy | None:
    """The newest tenancy that came with a person's registration, also one that is over."""
    mine = (_rows.person_id == person_id, _rows.submission_id == submission_id)
    newest = select(tables.tenancies).where(*mine).order_by(_rows.id.desc()).limit(1)
    row = unit.execute(newest).one_or_none()
    return None if row is None else tenancy_in(unit, row)


def of_person(unit: Unit, person_id: int) -> tuple[Tenancy, ...]:
    """The open tenancies of one person."""
    return _found(unit, (_rows.person_id == person_id, _rows.state.not_in(OVER)))


def with_person(unit: Unit, home: str, person_id: int) -> Tenancy | None:
    """The open tenancy of a person in a home; nobody else changes it until this transaction ends."""
    one = select(tables.tenancies).where(_rows.home == home, _rows.open_person == person_id).with_for_update()
    row = unit.execute(one).one_or_none()
    return None if row is None else tenancy_in(unit, row)


def unnamed(unit: Unit, home: str) -> tuple[Tenancy, ...]:
    """What the landlord reported in a home and no tenant has taken up yet."""
    return _found(unit, (_rows.home == home, _rows.state == "reported"))


def disputed(unit: Unit, areas: Iterable[str] | None, limit: int = 100) -> tuple[Tenancy, ...]:
    """Contradictions in these areas (None: everywhere), the oldest first."""
    where: tuple[ColumnElement[bool], ...] = (_rows.state == "disputed",)
    return _found(unit, where if areas is None else (*where, _rows.area.in_(list(areas))), limit)


def page(
    unit: Unit, areas: Iterable[str] | None, states: Collection[str], after: int, limit: int
) -> tuple[Tenancy, ...]:
    """A page of the tenancies in these states and areas (None: everywhere), by number from after one on."""
    where: tuple[ColumnElement[bool], ...] = (_rows.state.in_(states), _rows.id > after)
    return _found(unit, where if areas is None else (*where, _rows.area.in_(list(areas))), limit)


def count_disputed(unit: Unit, areas: Iterable[str] | None) -> int:
    """How many contradictions there are in these areas (None: everywhere)."""
    counted = select(func.count()).select_from(tables.tenancies).where(_rows.state == "disputed")
    here = counted if areas is None else counted.where(_rows.area.in_(list(areas)))
    return int(unit.execute(here).scalar_one())


def counts(unit: Unit, homes: Iterable[str]) -> dict[tuple[str, TenancyState], int]:
    """How many tenancies each home has in each state."""
    counted = select(_rows.home, _rows.state, func.count().label("number")).where(_rows.home.in_(list(homes)))
    return {(row.home, row.state): int(row.number) for row in unit.execute(counted.group_by(_rows.home, _rows.state))}


def _found(unit: Unit, where: tuple[ColumnElement[bool], ...], limit: int = 1000) -> tuple[Tenancy, ...]:
    rows = unit.execute(select(tables.tenancies).where(*where).order_by(_rows.id).limit(limit))
    return tuple(tenancy_in(unit, row) for row in rows)


def _same(unit: Unit, values: Mapping[str, Any]) -> Tenancy | None:
    """The open tenancy of the same person or the same report, locked."""
    wanted = select(tables.tenancies).where(_rows.home == values["home"])
    by = "open_person" if values["open_person"] is not None else "open_report"
    row = unit.execute(wanted.where(_rows[by] == values[by]).with_for_update()).one_or_none()
    return None if row is None else tenancy_in(unit, row)


def report_index(unit: Unit, tenancy: Tenancy) -> bytes | None:
    """The same name and telephone reported twice for a home is one report."""
    if not tenancy.reported:
        return None
    told = (tenancy.home, tenancy.name, str(tenancy.reported.get("phone") or ""))
    return unit.vault.index("report", "\x1f".join(told))


def _values(unit: Unit, one: Tenancy) -> dict[str, Any]:
    return {
        "home": one.home,
        "room_id": one.room_id,
        "area": one.area,
        "state": one.state,
        "version": one.version,
        "acts_as": one.acts_as,
        "holder_id": one.holder_id,
        "person_id": one.person_id,
        "submission_id": one.submission_id,
        "tenant_says": one.tenant_says,
        "since_on": one.since_on,
        "claimed_at": one.claimed_at,
        "reported_by": one.reported_by,
        "landlord_says": one.landlord_says,
        "moved_in_on": one.moved_in_on,
        "reported_at": one.reported_at,
        "reported_sealed": unit.vault.seal_json(dict(one.reported), REPORTED) if one.reported else None,
        "left_on": one.left_on,
        "leaving_by": one.leaving_by,
        "open_person": None if one.is_over else one.person_id,
        "open_report": None if one.is_over else report_index(unit, one),
    }


def tenancy_in(unit: Unit, row: Any) -> Tenancy:
    """A row as the house knows it."""
    reported = {} if row.reported_sealed is None else unit.vault.open_json(row.reported_sealed, REPORTED)
    plain = {name: getattr(row, name) for name in PLAIN}
    return Tenancy(**plain, reported=reported)


PLAIN = (
    "home", "area", "state", "id", "version", "room_id", "acts_as", "holder_id", "person_id", "submission_id",
    "tenant_says", "since_on", "claimed_at", "reported_by", "landlord_says", "moved_in_on", "reported_at", "left_on",
    "leaving_by",
)  # fmt: skip


def _write(unit: Unit, tenancy_id: int, version: int, way: tuple[TenancyState, TenancyState], word: Word) -> None:
    values = {
        "tenancy_id": tenancy_id,
        "version": version,
        "came_from": way[0],
        "went_to": way[1],
        "actor": word.actor,
        "staff_id": word.staff_id,
        "says": word.says,
        "at": word.at,
        "reason": word.reason,
        "words_sealed": unit.vault.seal(word.words.encode(), WORDS) if word.words else None,
    }
    unit.execute(insert(tables.tenancy_steps), values)


def _taken(unit: Unit, row: Any) -> Taken:
    words = "" if row.words_sealed is None else unit.vault.open(row.words_sealed, WORDS).decode()
    return Taken(row.version, row.came_from, row.went_to, row.actor, row.says, row.staff_id, row.at, row.reason, words)
