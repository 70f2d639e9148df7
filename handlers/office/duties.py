"""The duties that a tenancy brings to whoever answers for the home, by the pack: when they begin, when they are met."""

from dataclasses import replace
from datetime import date, datetime

from handlers.reminders import planning
from handlers.visit import Office
from regulations.deadlines import Deadline, deadline, is_late
from regulations.pack import Pack
from regulations.rule import Rule
from storage import duties
from storage.duties import Duty, Event
from storage.tenancies import Tenancy
from storage.unit import Unit

# The pack's keys by what somebody is to the home; the first that the place has counts. Agents report only the start.
RULES: dict[tuple[str, Event], tuple[str, ...]] = {
    ("owner", "start"): ("report.landlord.start", "report.landlord"),
    ("owner", "end"): ("report.landlord.end", "report.landlord"),
    ("for_owner", "start"): ("report.landlord.start", "report.landlord"),
    ("for_owner", "end"): ("report.landlord.end", "report.landlord"),
    ("manager", "start"): ("report.property",),
    ("manager", "end"): ("report.property",),
    ("employer", "start"): ("report.employer.start", "report.employer"),
    ("employer", "end"): ("report.employer.end", "report.employer"),
    ("agent", "start"): ("report.agent",),
}
PERIODS = frozenset({"working_days", "calendar_days", "calendar_months"})


def rule_for(pack: Pack, acts_as: str, event: Event) -> Rule | None:
    """The rule that binds; None where this place has none with a number of days."""
    found = (pack.find(key) for key in RULES.get((acts_as, event), ()))
    return next((rule for rule in found if rule is not None and rule.unit in PERIODS), None)


def begin(unit: Unit, tenancy: Tenancy, holder_id: str, event: Event, on: date, office: Office) -> Duty | None:
    """Keep the duty that a start or an end brings, once; None where the law has none."""
    rule = rule_for(office.pack.on(on), tenancy.acts_as, event)
    if rule is None or not holder_id:
        return None
    due = deadline(rule, on, office.calendar)
    duty = Duty(tenancy.id, rule.key, holder_id, event, on, due.nominal, due.rolled, due.safe)
    duties.keep(unit, duty)
    return of(unit, tenancy.id, event)


def remind(unit: Unit, duty: Duty | None, office: Office, now: datetime) -> None:
    """Plan the reminders of a duty as it stands now; one that is met in the breath that begins it needs none."""
    if duty is not None:
        planning.plan(unit, "duty", duty.id, office, now)


def meet(unit: Unit, tenancy_id: int, event: Event, now: datetime, office: Office) -> Duty | None:
    """It was reported: in time or late, once."""
    duty = of(unit, tenancy_id, event)
    if duty is None or duty.done_at is not None:
        return duty
    late = is_late(Deadline(duty.due_on, duty.rolled_on, duty.safe_on), now.astimezone(office.zone).date())
    duties.done(unit, duty, now, in_time=None if late is None else not late)
    planning.plan(unit, "duty", duty.id, office, now)
    return of(unit, tenancy_id, event)


def recount(unit: Unit, office: Office, after: int, limit: int, now: datetime) -> int:
    """Count some that waited for a year's holidays, from after an id on; the last one looked at, 0 at the end."""
    found = duties.undated(unit, after, limit)
    for duty in found:
        rule = office.pack.find(duty.rule, duty.event_on)
        due = None if rule is None else deadline(rule, duty.event_on, office.calendar)
        if due is not None and due.rolled is not None:
            in_time = None if duty.done_at is None else not is_late(due, duty.done_at.astimezone(office.zone).date())
            if duties.settle(unit, replace(duty, due_on=due.nominal, rolled_on=due.rolled, in_time=in_time)):
                planning.plan(unit, "duty", duty.id, office, now)
    return found[-1].id if found else 0


def of(unit: Unit, tenancy_id: int, event: Event) -> Duty | None:
    """The duty for an event of a tenancy."""
    return next((duty for duty in duties.of(unit, tenancy_id) if duty.event == event), None)


def standing(duty: Duty | None, today: date) -> str:
    """How it stands: none, in_time, late, done (in time or not isn't known yet), due, overdue."""
    if duty is None:
        return "none"
    if duty.done_at is not None:
        return {True: "in_time", False: "late", None: "done"}[duty.in_time]
    late = is_late(Deadline(duty.due_on, duty.rolled_on, duty.safe_on), today)
    return "overdue" if late else "due"
