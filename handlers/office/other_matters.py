"""Matters beside registrations and permits: reports to make, leases, what the office was asked and what it asks."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from handlers.office import duties as reporting
from handlers.office import tenancy_notices
from handlers.office.matter import Item, State
from storage import broadcast_people, broadcasts, conversations, duties, homes, lease_days, privacy_requests, tenancies
from storage.duties import Duty
from storage.records import Submission
from storage.unit import Unit

MOST_DUTIES = 50
NEAR = 30  # days before a lease ends, and after, for which it is something to be done
RECENT = timedelta(days=30)  # how long a message that asks for a word is told
ASKS: dict[str, State] = {"read": "asks_read", "answer": "asks_answer"}


def to_report(unit: Unit, holder: str, today: date) -> Iterator[Item]:
    """What landlords and employers have still to report, what ends first first."""
    for one in duties.open_of(unit, holder, MOST_DUTIES):
        yield _duty(unit, one, today)


def _duty(unit: Unit, one: Duty, today: date) -> Item:
    tenancy = tenancies.get(unit, one.tenancy_id)
    home = None if tenancy is None else homes.get(unit, tenancy.home)
    state: State = "late_report" if reporting.standing(one, today) == "overdue" else "to_report"
    found = Item(f"duty-{one.id}", "duty", state, on=one.due_on or one.safe_on, act="my_homes", rule=one.rule)
    if tenancy is None or home is None:
        return found
    room = tenancy_notices.room_name(home, tenancy)
    return Item(
        found.key, found.about, found.state, tenancy.name, on=found.on, act=found.act, rule=found.rule,
        place=f"{home.address} {room}".strip(), event=one.event, acts_as=home.acts_as,
    )  # fmt: skip


def leases(unit: Unit, sent: tuple[Submission, ...], today: date) -> Iterator[Item]:
    """Until when people may stay, as they told it: of each person's newest registration."""
    days = {one.submission_id: one.until_on for one in lease_days.of(unit, [one.id for one in sent])}
    people: set[int] = set()
    for one in sent:
        if one.id in days and one.person_id not in people and (today - days[one.id]).days <= NEAR:
            people.add(one.person_id)
            yield _lease(one, days[one.id], today)


def _lease(one: Submission, on: date, today: date) -> Item:
    left = (on - today).days
    state: State = "lease_over" if left < 0 else "lease_ends" if left <= NEAR else "lease"
    name = str(one.answers["name"].value) if "name" in one.answers else ""
    return Item(
        f"lease-{one.id}", "lease", state, name, one.number, on=on, act="" if state == "lease" else "lease"
    )  # fmt: skip


def asked(unit: Unit, account: int, holder: str, today: date) -> Iterator[Item]:
    """What was asked about the own data and waits for the office, with the day it answers by."""
    own = [one.conversation_id for one in conversations.of_holder(unit, holder)] if holder else []
    for number in dict.fromkeys((account, *own)):
        for one in privacy_requests.open_of(unit, number):
            state: State = "asked_office" if today <= one.due_on else "office_late"
            act = "" if state == "asked_office" else "person"
            yield Item(
                f"request-{one.id}", "request", state, number=str(one.id), on=one.due_on, act=act, reason=one.kind
            )


def called(unit: Unit, account: int, holder: str, now: datetime) -> Iterator[Item]:
    """The office's last message to many, where it asks for a word that wasn't said."""
    told = broadcast_people.heard(unit, account, holder)
    found = None if told is None else broadcasts.get(unit, told.broadcast_id)
    if told is None or found is None or found.content.ask not in ASKS:
        return
    state = ASKS[found.content.ask]
    is_said = told.read_at if state == "asks_read" else told.answered_at
    if is_said is None and (told.sent_at is None or now - told.sent_at < RECENT):
        yield Item(f"broadcast-{found.id}", "broadcast", state, act="read" if state == "asks_read" else "")
