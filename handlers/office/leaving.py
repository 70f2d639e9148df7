"""Leaving: reported by either side, and the other one is asked."""

from datetime import date, datetime

from handlers.messages import control
from handlers.office import duties, states, tenancy_notices
from handlers.office.tenancy_answers import Answer, Heard, landlords, tenants
from handlers.office.tenancy_notices import choice
from handlers.office.tenancy_states import lead
from handlers.reminders import planning
from handlers.visit import Office
from storage import homes, submissions, tenancies
from storage.history import Mark
from storage.tenancies import Tenancy, Word
from storage.unit import Unit


def by_landlord(unit: Unit, answer: Answer, on: date, office: Office) -> Heard | None:
    """The landlord says who moved out: the tenant is asked; where nobody can be asked, it is over."""
    tenancy = landlords(unit, answer)
    if tenancy is None:
        return None
    if tenancy.is_over or tenancy.leaving_by == "landlord":
        return Heard(tenancy, again=True)
    word, told = Word("landlord", answer.at, "left"), {"left_on": tenancy.left_on or on, "landlord_says": "left"}
    _duty(unit, tenancy, on, office, answer.at)
    if tenancy.state != "confirmed":
        return _heard(tenancy, lead(unit, tenancy, "ended", word, **told))
    moved = lead(unit, tenancy, "leaving", word, **told, leaving_by="landlord")
    if moved is not None:
        _question_registration(unit, moved, office, answer.at)
        choices = (choice("moved", moved.id), choice("still", moved.id))
        tenancy_notices.tell_tenant(unit, moved, "say/landlord_says_left", choices, answer.at)
    return _heard(tenancy, moved)


def by_tenant(unit: Unit, person_id: int, on: date, now: datetime, office: Office, *, stays_in: str = "") -> None:
    """A person leaves or moves: what they lived in until then (but for `stays_in`) is left; its landlord is asked."""
    for tenancy in tenancies.of_person(unit, person_id):
        if tenancy.home != stays_in:
            _left(unit, tenancy, on, now, office)


def tenant_moved(unit: Unit, answer: Answer, office: Office) -> Heard | None:
    """The tenant agrees that they moved out: it is over."""
    tenancy = tenants(unit, answer)
    if tenancy is None or tenancy.state != "leaving":
        return None if tenancy is None else Heard(tenancy, again=True)
    moved = lead(unit, tenancy, "ended", Word("tenant", answer.at, "left"), tenant_says="left")
    return _heard(tenancy, moved)


def tenant_still(unit: Unit, answer: Answer, office: Office) -> Heard | None:
    """The tenant still lives there: a contradiction, and the registration stands as it did."""
    tenancy = tenants(unit, answer)
    if tenancy is None or tenancy.state != "leaving":
        return None if tenancy is None else Heard(tenancy, again=True)
    moved = lead(unit, tenancy, "disputed", Word("tenant", answer.at, "lives"), tenant_says="lives")
    if moved is not None:
        _restore_registration(unit, moved, answer.at)
        tenancy_notices.tell_landlord(unit, moved, "say/tenant_still_there", (control("my_homes"),), answer.at)
    return _heard(tenancy, moved)


def landlord_gone(unit: Unit, answer: Answer, office: Office) -> Heard | None:
    """The landlord agrees that the tenant moved out: it is over, and their duty is met."""
    tenancy = landlords(unit, answer)
    if tenancy is None or tenancy.state != "leaving":
        return None if tenancy is None else Heard(tenancy, again=True)
    duties.meet(unit, tenancy.id, "end", answer.at, office)
    moved = lead(unit, tenancy, "ended", Word("landlord", answer.at, "left"), landlord_says="left")
    return _heard(tenancy, moved)


def landlord_still(unit: Unit, answer: Answer, office: Office) -> Heard | None:
    """The landlord says that the tenant still lives there: a contradiction."""
    tenancy = landlords(unit, answer)
    if tenancy is None or tenancy.state != "leaving":
        return None if tenancy is None else Heard(tenancy, again=True)
    moved = lead(unit, tenancy, "disputed", Word("landlord", answer.at, "still"), landlord_says="still")
    if moved is not None:
        tenancy_notices.tell_tenant(unit, moved, "say/landlord_says_still", (), answer.at)
    return _heard(tenancy, moved)


def _left(unit: Unit, tenancy: Tenancy, on: date, now: datetime, office: Office) -> None:
    word = Word("tenant", now, "left")
    told = {"tenant_says": "left", "left_on": tenancy.left_on or on}
    if tenancy.state != "confirmed":
        lead(unit, tenancy, "ended", word, **told)
        return
    moved = lead(unit, tenancy, "leaving", word, **told, leaving_by="tenant")
    if moved is None:
        return
    home = homes.get(unit, tenancy.home)
    if home is not None:
        duties.remind(unit, duties.begin(unit, moved, home.holder_id, "end", on, office), office, now)
    choices = (choice("gone", moved.id), choice("there", moved.id))
    tenancy_notices.tell_landlord(unit, moved, "say/tenant_says_left", choices, now)


def _duty(unit: Unit, tenancy: Tenancy, on: date, office: Office, now: datetime) -> None:
    """The landlord's report of an end meets the duty that the end brings."""
    home = homes.get(unit, tenancy.home)
    if home is not None:
        duties.begin(unit, tenancy, home.holder_id, "end", on, office)
        duties.meet(unit, tenancy.id, "end", now, office)


def _question_registration(unit: Unit, tenancy: Tenancy, office: Office, now: datetime) -> None:
    """The registration that the tenancy came with gets the state `moved_out`: is that so?"""
    found = None if tenancy.submission_id is None else submissions.get(unit, tenancy.submission_id)
    if found is not None and found.status == "registered":
        states.lead(unit, found, "moved_out", Mark("program", now, note={"tenancy": tenancy.id}))
        planning.plan(unit, "submission", found.id, office, now)


def _restore_registration(unit: Unit, tenancy: Tenancy, now: datetime) -> None:
    found = None if tenancy.submission_id is None else submissions.get(unit, tenancy.submission_id)
    if found is not None and found.status == "moved_out":
        states.lead(unit, found, "registered", Mark("person", now))


def _heard(before: Tenancy, moved: Tenancy | None) -> Heard:
    return Heard(before, again=True) if moved is None else Heard(moved)
