"""Homes as the office looks at them: by need, and one with everything about it; each look is in the audit log."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime

from handlers.office import duties
from handlers.office.certificates import masked
from handlers.office.reviewer import Reviewer
from handlers.office.tenancy_notices import room_name
from storage import audit, helps, homes, needs, residents, tenancies, visits
from storage import duties as kept
from storage.audit import Act, Subject, Who
from storage.duties import Duty
from storage.helps import Help
from storage.homes import Code
from storage.needs import Measure, Needing, Place
from storage.records import Home
from storage.residents import Resident, Sent
from storage.tenancies import Tenancy
from storage.unit import Unit
from storage.visits import Visit

Areas = Collection[str] | None

SENT = 50
VISITS = 20
LODGERS = 500


@dataclass(frozen=True, slots=True)
class Owed:
    """A duty to report, and how it stands on a day (`duties.standing`)."""

    duty: Duty
    standing: str


@dataclass(frozen=True, slots=True)
class Lodger:
    """A tenancy of a home: the room's name, the name as the landlord reported it (masked), and the duties it brings."""

    tenancy: Tenancy
    room: str
    name: str
    owed: tuple[Owed, ...]


@dataclass(frozen=True, slots=True)
class Household:
    """Everything about a home. people: a page of who is registered there, names masked; more: where the next begins."""

    home: Home
    needs: tuple[str, ...]
    number: int
    people: tuple[Resident, ...]
    more: int
    codes: tuple[Code, ...]
    lodgers: tuple[Lodger, ...]
    sent: tuple[Sent, ...]
    visits: tuple[Visit, ...]
    helps: tuple[Help, ...]

    def code_of(self, room_id: int | None) -> str:
        """The code in force of the home, or of one of its rooms."""
        return next((code.code for code in self.codes if code.room_id == room_id), "")


@dataclass(frozen=True, slots=True)
class Look:
    """When a home is looked at, by whom, and which page of its people is wanted."""

    reviewer: Reviewer
    measure: Measure
    today: date
    after: int
    limit: int


def page(
    unit: Unit, areas: Areas, measure: Measure, need: str, after: Place, limit: int
) -> tuple[tuple[Needing, ...], Place | None]:
    """A page of the list, and the place behind which the next one begins (None for the last)."""
    found = needs.page(unit, areas, measure, need, after, limit + 1)
    shown = found[:limit]
    return shown, shown[-1].place if len(found) > limit else None


def look(unit: Unit, code: str, wanted: Look) -> Household | None:
    """Open a home, which is noted in the audit log; None for one that isn't there, or not theirs to see."""
    home = theirs(unit, wanted.reviewer, code)
    if home is None:
        return None
    found = residents.of(unit, home, wanted.after, wanted.limit + 1)
    people = tuple(replace(one, name=masked(one.name)) for one in found[: wanted.limit])
    household = Household(
        home=home,
        needs=needs.one(unit, home, wanted.measure),
        number=residents.counts(unit, (home,))[code],
        people=people,
        more=people[-1].person_id if len(found) > wanted.limit else 0,
        codes=homes.codes(unit, code),
        lodgers=tuple(lodger(unit, home, one, wanted.today) for one in tenancies.of_home(unit, code, LODGERS)),
        sent=residents.sent(unit, home, SENT),
        visits=visits.of(unit, code, VISITS),
        helps=helps.of_home(unit, code, VISITS),
    )
    note(unit, wanted.reviewer, "looked", code, wanted.measure.now)
    return household


def theirs(unit: Unit, reviewer: Reviewer, code: str) -> Home | None:
    """A home of the reviewer's areas; None for another, and for one that was refused."""
    home = homes.get(unit, code)
    if home is None or home.state == "refused":
        return None
    return home if reviewer.areas is None or home.area in reviewer.areas else None


def lodger(unit: Unit, home: Home, tenancy: Tenancy, today: date) -> Lodger:
    """A tenancy as a line of its home's page."""
    owed = tuple(Owed(one, duties.standing(one, today)) for one in kept.of(unit, tenancy.id))
    name = masked(tenancy.name) if tenancy.name else ""
    return Lodger(tenancy, room_name(home, tenancy), name, owed)


def note(unit: Unit, reviewer: Reviewer, action: str, code: str, now: datetime, **details: object) -> None:
    """Write down in the audit log what was done with a home."""
    audit.append(unit, Act(Who("staff", reviewer.staff_id), action, Subject("home", code), details=details), now)
