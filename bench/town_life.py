"""Lives in the simulated town: whoever registers rents a home, has a permit, is late, moves."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import update

from bench.town_people import Life, Settler, on_day
from bench.town_recount import DAY, Fact, rolled, working_days
from handlers.office import leaving, tenancies
from handlers.office import tenancy_answers as answers
from handlers.office.tenancy_answers import Answer as Said
from storage import duties, permits, prospects, tables
from storage import tenancies as kept
from storage.permits import Permit, Step
from storage.prospects import Prospect
from storage.records import Answer
from storage.unit import Unit


@dataclass(slots=True)
class Person(Settler):
    """One person from the first word to the permits."""

    duty: int = 0
    tenancy: int = 0
    permit: int = 0
    works_until: date | None = None

    def live(self) -> Life:
        """Register, perhaps with pauses; live somewhere; have a permit; move."""
        yield from self.register()
        if self.town.happens(0.1):
            yield from self.be_refused()
        if self.town.happens(0.3):
            yield from self.be_asked()
        yield self.town.between(2, 9), self.is_registered
        if self.town.happens(0.6):
            yield from self._rents()
        if self.town.happens(0.7):
            yield from self._has_a_permit()

    def _rents(self) -> Life:
        yield self.town.between(0, 5), self.claims
        if self.town.happens(0.2):
            yield 1, self.is_dated_anew
        yield self.town.between(0, 40), self.is_confirmed
        if self.town.happens(0.4):
            yield self.town.between(30, 200), self.is_said_to_have_left
            yield self.town.between(0, 50), self.still_lives_there

    def _has_a_permit(self) -> Life:
        yield self.town.between(0, 5), self.may_apply
        yield self.town.between(20, 240), self.is_issued
        yield self.town.between(0, 40), self.fetches
        while True:
            yield self.town.between(300, 380), self.is_endorsed
            if self.town.happens(0.1):
                yield 3, self.is_moved_on

    def claims(self, unit: Unit, at: datetime) -> None:
        """They say that they live in somebody's home; its landlord has to report it."""
        home = self.town.chance.choice(self.town.homes)
        on = at.date() - self.town.between(0, 4) * DAY
        found = self._submission(unit)
        told = {**found.answers, "home": Answer("given", "yes"), "arrived_on": Answer("given", on.isoformat())}
        told["stay_kind"] = Answer("given", "rented")
        tenancies.claim(unit, replace(found, answers=told), home, home.code, self.town.office, at)
        tenancy = kept.of_submission(unit, found.person_id, found.id)
        duty = () if tenancy is None else duties.of(unit, tenancy.id)
        if tenancy is not None and duty:
            self.tenancy, self.duty = tenancy.id, duty[0].id
            rule = self.town.office.pack.rule(duty[0].rule, on)
            last = working_days(on, int(str(rule.value)))
            self.town.log.note("landlord_duty", self.duty, Fact(at, last, on, last))

    def is_dated_anew(self, unit: Unit, at: datetime) -> None:
        """The duty's day is edited."""
        found = duties.unmet(unit, [self.duty]) if self.duty else ()
        for one in found:
            last = rolled(at.date() + self.town.between(5, 20) * DAY)
            days = {"due_on": last, "rolled_on": last, "safe_on": last}
            unit.execute(update(tables.duties).where(tables.duties.c.id == one.id).values(days))
            self._plan("duty", self.duty, unit, at)
            self.town.log.note("landlord_duty", self.duty, Fact(at, last, one.event_on, last))

    def is_confirmed(self, unit: Unit, at: datetime) -> None:
        """The landlord says yes."""
        tenancy = kept.get(unit, self.tenancy) if self.tenancy else None
        home = next((one for one in self.town.homes if tenancy is not None and one.code == tenancy.home), None)
        if tenancy is not None and home is not None:
            answers.landlord_yes(unit, Said(home.holder_id, tenancy.id, at), self.town.office)
            self.town.log.settle(self.duty, at, "landlord_duty")

    def is_said_to_have_left(self, unit: Unit, at: datetime) -> None:
        """The landlord says that they moved out."""
        tenancy = kept.get(unit, self.tenancy) if self.tenancy else None
        home = next((one for one in self.town.homes if tenancy is not None and one.code == tenancy.home), None)
        if tenancy is None or home is None or tenancy.state != "confirmed":
            return
        on = at.date() - self.town.between(0, 12) * DAY
        leaving.by_landlord(unit, Said(home.holder_id, tenancy.id, at), on, self.town.office)
        rule = self.town.office.pack.find("change.registration", on)
        if rule is not None and self._submission(unit).status == "moved_out":
            due = on + int(str(rule.value)) * DAY
            self.town.log.note("moved_out", self.sent, Fact(at, due, on, rolled(due)))

    def still_lives_there(self, unit: Unit, at: datetime) -> None:
        """They say that they still live there."""
        if self.tenancy:
            leaving.tenant_still(unit, Said(self.holder, self.tenancy, at), self.town.office)
            self.town.log.settle(self.sent, at, "moved_out")

    def may_apply(self, unit: Unit, at: datetime) -> None:
        """The day from which they may apply is known."""
        on = at.date() + self.town.between(60, 180) * DAY
        new = Prospect(self.person, self.holder, self.sent, "S01-01", at.date(), on, "1")
        prospects.keep(unit, new, at)
        self._plan("prospect", self.person, unit, at)
        self.town.log.note("permit_may_apply", self.person, Fact(at, on, at.date(), on))

    def is_issued(self, unit: Unit, at: datetime) -> None:
        """A permit is issued; its card is ready."""
        prospects.over(unit, self.person, at)
        self._plan("prospect", self.person, unit, at)
        self.town.log.settle(self.person, at, "permit_may_apply")
        on = at.date()
        new = Permit(self.person, "S01-01", "issued", holder_id=self.holder, card="ready", ready_on=on, issued_on=on)
        found, _ = permits.begin(unit, self._windowed(new, on), Step("issued", "staff", at))
        self.permit = found.id
        self._plan("permit", found.id, unit, at)
        self.town.log.note("permit_ready", found.id, on_day(at))
        self._due(found, at)

    def fetches(self, unit: Unit, at: datetime) -> None:
        """They fetch the card."""
        self._moves(unit, at, card="handed_out")
        self.town.log.settle(self.permit, at, "permit_ready")

    def is_endorsed(self, unit: Unit, at: datetime) -> None:
        """In time or late: what was suspended is restored."""
        found = permits.get(unit, self.permit)
        if found is not None:
            moved = self._windowed(replace(found, state="issued", suspended_on=None), at.date())
            self._keep(unit, found, moved, at)
            self.town.log.settle(self.permit, at, "permit_suspended")
            self._due(moved, at)

    def is_moved_on(self, unit: Unit, at: datetime) -> None:
        """The days are counted anew, as by another pack."""
        found = permits.get(unit, self.permit)
        if found is not None and found.endorse_by_on is not None and found.state == "issued":
            moved = self._windowed(found, at.date() - 40 * DAY)
            self._keep(unit, found, moved, at)
            self._due(moved, at)

    def suspend_if_late(self, unit: Unit, at: datetime) -> None:
        """The program suspends what was not endorsed."""
        if self.works_until is None or self.works_until >= at.date():
            return
        found = permits.get(unit, self.permit)
        if found is not None and found.state == "issued":
            self.works_until = None
            self._keep(unit, found, replace(found, state="suspended", suspended_on=at.date()), at)
            self.town.log.settle(self.permit, at, "endorsement")
            self.town.log.note("permit_suspended", self.permit, on_day(at))

    def _windowed(self, permit: Permit, on: date) -> Permit:
        until = on + 365 * DAY
        return replace(permit, endorse_from_on=until - 31 * DAY, endorse_by_on=until - DAY, endorsed_until=until)

    def _due(self, permit: Permit, at: datetime) -> None:
        self.works_until = permit.endorsed_until
        if permit.endorse_by_on is not None and permit.endorse_from_on is not None:
            fact = Fact(at, permit.endorse_by_on, permit.endorse_from_on - DAY, permit.endorse_by_on)
            self.town.log.note("endorsement", self.permit, fact)

    def _moves(self, unit: Unit, at: datetime, **changes: Any) -> None:
        found = permits.get(unit, self.permit)
        if found is not None:
            self._keep(unit, found, replace(found, **changes), at)

    def _keep(self, unit: Unit, found: Permit, moved: Permit, at: datetime) -> None:
        permits.move(unit, found, moved, Step("counted", "program", at))
        self._plan("permit", found.id, unit, at)
