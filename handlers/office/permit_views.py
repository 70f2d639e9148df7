"""Permits as the office sees them: lists with masked names, one with its way; each look is noted in the audit log."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from handlers.office import my_matters, permit_desk, permit_eligibility, permit_endorsing
from handlers.office.masks import masked
from handlers.office.matter import Item
from handlers.office.permit_desk import Desk
from handlers.office.states import OPEN
from storage import audit, endorsements, people, permit_lists, permits, prospects, submissions
from storage.audit import Act, Subject, Who
from storage.endorsements import Endorsement
from storage.permit_lists import Wanted
from storage.permits import Permit, Step
from storage.records import Submission
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Row:
    """A permit of the list: the name masked, the day that matters, whether it has passed."""

    permit: Permit
    name: str
    item: Item
    day: date | None
    late: bool


@dataclass(frozen=True, slots=True)
class View:
    """One permit with everything about it.

    facts: of the person, masked. asked: what was asked for about it and isn't decided. valid_from: where residence
    begins, for the form in which it is issued. refusing: why it can't be endorsed today, empty where it can.
    """

    permit: Permit
    facts: Mapping[str, Any]
    item: Item
    way: tuple[Step, ...]
    endorsements: tuple[Endorsement, ...]
    asked: tuple[Submission, ...]
    application: Submission | None
    valid_from: date | None
    not_endorsable: str
    end_reasons: tuple[str, ...]


def page(unit: Unit, wanted: Wanted, limit: int) -> tuple[tuple[Row, ...], tuple[date, int] | None]:
    """A page of a shelf, and from where the next one goes on; None at the end."""
    found = permit_lists.page(unit, wanted, limit + 1)
    rows = tuple(_row(unit, one, wanted) for one in found[:limit])
    last = rows[-1] if len(found) > limit else None
    return rows, None if last is None or last.day is None else (last.day, last.permit.id)


def find(unit: Unit, desk: Desk, number: str) -> Permit | None:
    """The permit with that number, if it is of their areas; noted, found or not."""
    found = permits.by_number(unit, number) if number else None
    seen = found if found is not None and desk.sees(found) else None
    subject = Subject("search", "") if seen is None else Subject("permit", str(seen.id))
    audit.append(unit, Act(Who("staff", desk.staff_id), "searched", subject, "permit"), desk.now)
    return seen


def look(unit: Unit, desk: Desk, permit_id: int) -> View | None:
    """Open a permit; None for one that isn't there, or not theirs to see."""
    found = permits.get(unit, permit_id)
    if found is None or not desk.sees(found):
        return None
    audit.append(unit, Act(Who("staff", desk.staff_id), "looked", Subject("permit", str(permit_id))), desk.now)
    return _view(unit, desk, found)


def note(unit: Unit, desk: Desk, permit: Permit, what: str) -> None:
    """Write down what was decided."""
    act = Act(Who("staff", desk.staff_id), "decided", Subject("permit", str(permit.id)), details={"as": what})
    audit.append(unit, act, desk.now)


def _view(unit: Unit, desk: Desk, found: Permit) -> View:
    facts = people.facts(unit, found.person_id)
    sent = submissions.of_person(unit, found.person_id)
    return View(
        permit=found,
        facts={step: masked(step, value) for step, value in facts.items() if value},
        item=my_matters.of_permit(found, "", desk.today),
        way=permits.way(unit, found.id),
        endorsements=endorsements.of(unit, found.id),
        asked=tuple(one for one in sent if one.kind in {"endorsement", "replacement"} and one.status in OPEN),
        application=None if found.submission_id is None else submissions.get(unit, found.submission_id),
        valid_from=_lives_since(unit, found, desk),
        not_endorsable=permit_endorsing.not_endorsable(found, desk.today) or "",
        end_reasons=permit_desk.end_reasons(desk.pack),
    )


def _lives_since(unit: Unit, permit: Permit, desk: Desk) -> date | None:
    known = prospects.get(unit, permit.person_id)
    known = known or permit_eligibility.prospect(unit, permit.person_id, desk.office, desk.now)
    return permit.valid_from or (None if known is None else known.residence_from)


def _row(unit: Unit, permit: Permit, wanted: Wanted) -> Row:
    name = str(people.facts(unit, permit.person_id).get("name") or "")
    day: date | None = getattr(permit, permit_lists.DAYS[wanted.shelf])
    last = permit.issue_late_after if wanted.shelf == "making" else None
    late = last is not None and wanted.today > last
    return Row(permit, str(masked("name", name)), my_matters.of_permit(permit, "", wanted.today), day, late)
