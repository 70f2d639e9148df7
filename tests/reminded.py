"""Things that people are reminded of, made and settled without a talk; and what they were told."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from handlers.office import duties, leaving, review
from handlers.office import tenancy_answers as answers
from handlers.office.reviewer import Reviewer, Taken
from handlers.office.tenancy_answers import Answer as Said
from handlers.office.timing import dated, timing_of
from handlers.reminders import planning, telling
from handlers.reminders.planning import Matter, Place
from handlers.visit import Office
from storage import (
    claims,
    conversations,
    lease_days,
    permits,
    prospects,
    reminder_ends,
    reminders,
    submissions,
    tables,
    tenancies,
)
from storage.database import Database
from storage.history import Mark
from storage.permits import Card, Permit, PermitState, Step
from storage.prospects import Prospect
from storage.records import Answer, Ask
from storage.reminders import Reminder
from storage.unit import Unit
from tests.conftest import NOW
from tests.handlers.filed import HOLDER, OFFICE, account, blank, file
from tests.housed import LANDLORD, landlord, let, tenant

ANN = Reviewer("ann")
TENANT = "t" * 32
LATER = {"files": [], "plan": "later"}
ARRIVED = "2026-11-20"


@dataclass(frozen=True, slots=True)
class Case:
    """An entry's cause: begin gives its subject; settle ends the matter; edit moves its day."""

    entry: str
    begin: Callable[[Unit], int]
    settle: Callable[[Unit, int], object]
    edit: Callable[[Unit, int], object] | None = None


def talk(unit: Unit, who: str = "me", holder: str = "", at: datetime = NOW, **told: Any) -> int:
    """A talk that somebody agreed to and left; its conversation's id."""
    begun = conversations.begin(unit, "engine", who, "zh", at)
    given = {name: Answer("given", value) for name, value in ({"consent": "agree"} | told).items()}
    left = replace(begun, form="migrant", draft=f"draft {who}", status="active", answers=given, holder_id=holder)
    conversations.save(unit, left, at)
    planning.plan(unit, "conversation", begun.id, OFFICE, at)
    return begun.id


def changed(unit: Unit, number: int, at: datetime = NOW, **changes: Any) -> None:
    """The person says something more in the talk."""
    found = conversations.get(unit, number)
    assert found is not None
    conversations.save(unit, replace(found, **changes), at)
    planning.plan(unit, "conversation", number, OFFICE, at)


def _asked(unit: Unit) -> int:
    account(unit)
    sent = file(unit, "N1")
    taken = review.take(unit, ANN, sent.number, NOW)
    assert isinstance(taken, Taken)
    review.ask_again(unit, ANN, "N1", taken.submission.version, {"name": Ask("unclear")}, OFFICE, NOW)
    return sent.id


def _withdraw(unit: Unit, number: int) -> None:
    from handlers.office.states import lead

    sent = submissions.get(unit, number)
    assert sent is not None
    lead(unit, sent, "withdrawn", Mark("person", NOW))


def refused(unit: Unit, reason: str = "no_answer", **told: Any) -> int:
    """The office refuses a registration; its id."""
    account(unit)
    new = blank("N1", **told)
    sent = submissions.submit(unit, dated(new, timing_of(OFFICE, new.answers, NOW)))
    taken = review.take(unit, ANN, "N1", NOW)
    assert isinstance(taken, Taken)
    review.refuse(unit, ANN, "N1", taken.submission.version, Ask(reason), OFFICE, NOW)
    return sent.id


def comes_again(unit: Unit, number: int = 0) -> int:
    """The person sends it once more."""
    sent = file(unit, "N2")
    planning.plan_sent(unit, sent, OFFICE, NOW)
    return sent.id


def _promised(unit: Unit) -> int:
    account(unit)
    sent = file(unit, "N1", paper_dwelling=LATER)
    planning.plan(unit, "submission", sent.id, OFFICE, NOW)
    return sent.id


def moved_out(unit: Unit, on: date = date(2026, 11, 22)) -> int:
    """A landlord says that a registered tenant has left; the registration's id."""
    home = let(unit)
    landlord(unit)
    account(unit, "tenant", TENANT)
    sent = tenant(unit, "N1", TENANT, home)
    taken = review.take(unit, ANN, "N1", NOW)
    assert isinstance(taken, Taken)
    review.approve(unit, ANN, "N1", taken.submission.version, OFFICE, NOW)
    (tenancy,) = tenancies.of_home(unit, home.code)
    assert answers.landlord_yes(unit, Said(LANDLORD, tenancy.id, NOW), OFFICE) is not None
    leaving.by_landlord(unit, Said(LANDLORD, tenancy.id, NOW), on, OFFICE)
    return sent.id


def _still_there(unit: Unit, number: int) -> None:
    (tenancy,) = tenancies.of_tenant(unit, TENANT)
    leaving.tenant_still(unit, Said(TENANT, tenancy.id, NOW), OFFICE)


def _claimed(unit: Unit, acts_as: str) -> int:
    home = let(unit, acts_as=acts_as)
    landlord(unit)
    account(unit, "tenant", TENANT)
    tenant(unit, "N1", TENANT, home, arrived_on="2026-11-22")
    (tenancy,) = tenancies.of_home(unit, home.code)
    duty = duties.of(unit, tenancy.id, "start")
    assert duty is not None
    return duty.id


def _reported(unit: Unit, number: int) -> None:
    (tenancy,) = tenancies.of_tenant(unit, TENANT)
    assert answers.landlord_yes(unit, Said(LANDLORD, tenancy.id, NOW), OFFICE) is not None


def _dated_later(unit: Unit, number: int) -> None:
    """A duty's day is counted anew, as with another year's holidays."""
    days = {"due_on": date(2026, 12, 9), "rolled_on": date(2026, 12, 9), "safe_on": date(2026, 12, 9)}
    unit.execute(update(tables.duties).where(tables.duties.c.id == number).values(days))
    planning.plan(unit, "duty", number, OFFICE, NOW)


def _lease(unit: Unit) -> int:
    account(unit)
    sent = file(unit, "N1")
    _runs_until(unit, sent.id, date(2026, 12, 31))
    return sent.id


def _runs_until(unit: Unit, number: int, on: date) -> None:
    lease_days.keep(unit, number, on, NOW)
    planning.plan(unit, "lease", number, OFFICE, NOW)


def permit(unit: Unit, state: PermitState = "issued", card: Card = "handed_out", **days: Any) -> int:
    """A permit of somebody who has an account; its number."""
    account(unit)
    sent = file(unit, "N1")
    blank = Permit(sent.person_id, "S01-01", state, holder_id=HOLDER, card=card, **days)
    kept, _ = permits.begin(unit, blank, Step("imported", "staff", NOW))
    planning.plan(unit, "permit", kept.id, OFFICE, NOW)
    return kept.id


def _moved(unit: Unit, number: int, **changes: Any) -> None:
    found = permits.lock(unit, number)
    assert found is not None
    assert permits.move(unit, found, replace(found, **changes), Step("counted", "program", NOW)) is not None
    planning.plan(unit, "permit", number, OFFICE, NOW)


def _prospect(unit: Unit, eligible_on: date = date(2027, 1, 20)) -> int:
    account(unit)
    sent = file(unit, "N1")
    _may_apply(unit, sent.person_id, eligible_on, sent.id)
    return sent.person_id


def _may_apply(unit: Unit, person: int, eligible_on: date, sent: int = 0) -> None:
    before = prospects.get(unit, person)
    sent = sent or (0 if before is None else before.submission_id)
    new = Prospect(person, HOLDER, sent, "S01-01", date(2026, 7, 19), eligible_on, "1")
    prospects.keep(unit, new, NOW)
    planning.plan(unit, "prospect", person, OFFICE, NOW)


def _applied(unit: Unit, person: int) -> None:
    prospects.over(unit, person, NOW)
    planning.plan(unit, "prospect", person, OFFICE, NOW)


WINDOW: dict[str, Any] = {
    "endorse_from_on": date(2026, 12, 15),
    "endorse_by_on": date(2027, 1, 14),
    "endorsed_until": date(2027, 1, 15),
}
NEXT: dict[str, Any] = {
    "endorse_from_on": date(2027, 12, 15),
    "endorse_by_on": date(2028, 1, 14),
    "endorsed_until": date(2028, 1, 15),
}
CASES = (
    Case("permit_may_apply", _prospect, _applied, lambda unit, person: _may_apply(unit, person, date(2027, 2, 20))),
    Case(
        "permit_ready",
        lambda unit: permit(unit, card="ready", ready_on=date(2026, 11, 23)),
        lambda unit, number: _moved(unit, number, card="handed_out"),
        lambda unit, number: _moved(unit, number, ready_on=date(2026, 11, 24)),
    ),
    Case(
        "endorsement",
        lambda unit: permit(unit, **WINDOW),
        lambda unit, number: _moved(unit, number, state="ended"),
        lambda unit, number: _moved(unit, number, **NEXT),
    ),
    Case(
        "permit_suspended",
        lambda unit: permit(unit, "suspended", suspended_on=date(2026, 11, 23)),
        lambda unit, number: _moved(unit, number, state="issued"),
        lambda unit, number: _moved(unit, number, suspended_on=date(2026, 11, 24)),
    ),
    Case(
        "unfinished_talk",
        talk,
        lambda unit, number: changed(unit, number, draft="", answers={}),
        lambda unit, number: changed(unit, number, NOW + timedelta(days=2)),
    ),
    Case(
        "registration_due",
        lambda unit: talk(unit, arrived_on="2026-11-22"),
        lambda unit, number: changed(unit, number, draft="", answers={}),
        lambda unit, number: changed(
            unit,
            number,
            answers={"consent": Answer("given", "agree"), "arrived_on": Answer("given", "2026-11-23")},
        ),
    ),
    Case("lease_ends", _lease, _withdraw, lambda unit, number: _runs_until(unit, number, date(2027, 3, 31))),
    Case("registration_again", refused, comes_again),
    Case("answers_asked", _asked, _withdraw),
    Case("papers_promised", _promised, _withdraw),
    Case("moved_out", moved_out, _still_there),
    Case("landlord_duty", lambda unit: _claimed(unit, "owner"), _reported, _dated_later),
    Case("employer_duty", lambda unit: _claimed(unit, "employer"), _reported, _dated_later),
)


def rows(unit: Unit, entry: str = "") -> list[Reminder]:
    """Every reminder (of an entry), in the order they were planned."""
    c = tables.reminders.c
    wanted = [c.entry == entry] if entry else [c.id > 0]
    return sorted(reminders.page(unit, wanted, 10_000), key=lambda one: one.id)


def tell(database: Database, at: datetime, office: Office = OFFICE) -> int:
    """The clock strikes: everything due is told."""
    total = 0
    while done := database.run_now(lambda unit: telling.tell_due(unit, office, at)):
        total += done
    return total


def plan_ahead(unit: Unit, place: Place, limit: int, office: Office, now: datetime) -> Place | None:
    """A page of the daily plan, as the clock's job does it."""
    matters, following = planning.ahead(unit, place, now, office, limit)
    planning.plan_matters(unit, matters, office, now)
    return following


def plan_open(unit: Unit, after: Matter, office: Office, now: datetime) -> Matter | None:
    """A page of what a start looks at again."""
    matters, following = planning.open_ahead(unit, after, now)
    planning.plan_matters(unit, matters, office, now)
    return following


def messages(unit: Unit) -> list[tuple[str, str, Any]]:
    """What the outbox has of reminders: key, state, the replies' templates with their data."""
    c = tables.outbox.c
    found = unit.execute(select(c.once_key, c.state, c.message_sealed).where(c.kind == "reminder").order_by(c.id))
    opened = ((row.once_key, row.state, unit.vault.open_json(row.message_sealed, claims.MESSAGE)) for row in found)
    return [(key, state, [tuple(reply[:2]) for reply in said["replies"]]) for key, state, said in opened]


def leaves(database: Database, at: datetime, state: str = "sent", reason: str = "") -> int:
    """What waits in the outbox comes to an end; its reminders with it. How many of those."""
    c = tables.outbox.c
    ended = {"state": state, "reason": reason, "ended_at": at}

    def end(unit: Unit) -> int:
        waiting = update(tables.outbox).where(c.state == "waiting", c.kind == "reminder")
        unit.execute(waiting.values(ended))
        return reminder_ends.settle(unit, at)

    return database.run_now(end)


__all__ = [
    "ARRIVED", "CASES", "HOLDER", "Case", "changed", "comes_again", "leaves", "messages", "moved_out", "refused",
    "rows", "talk", "tell",
]  # fmt: skip
