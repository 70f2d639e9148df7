"""“My matters”: everything of a person's that is under way, how it stands, the next day, and what to do."""

from collections.abc import Iterator
from datetime import date, datetime

from handlers.messages import Choice, Reply, control
from handlers.office import links, other_matters
from handlers.office.matter import Item, State, in_order, told
from handlers.visit import Office, Visit
from storage import conversations, people, permits, prospects, submissions
from storage.permits import Permit
from storage.prospects import Prospect
from storage.records import Submission
from storage.unit import Unit

OPEN = frozenset({"received", "in_review", "needs_answers"})
FINISHED = 30  # days for which an ended permit is still told
MOST_SHOWN = 7  # on one screen; a calendar takes them all


def shown(visit: Visit) -> Reply:
    """The screen, with a link to the calendar file where there is a day to put into one."""
    found = everything(visit.unit, visit.office, visit.conversation.id, visit.conversation.holder_id, visit.now)
    link = links.Link("calendar", visit.conversation.id)
    dated = any(one.on for one in found)
    data = {
        "matters": [told(one) for one in found[:MOST_SHOWN]],
        "more": len(found[MOST_SHOWN:]),
        "draft": visit.is_talking,
        "token": links.token(visit.unit.vault, link, visit.now) if dated else "",
        "hours": int(links.LASTS.total_seconds() // 3600),
    }
    return Reply("say/matters", data, _controls(found))


def of_holder(unit: Unit, office: Office, holder: str, now: datetime) -> tuple[Item, ...]:
    """Every matter of those whom somebody's accounts registered; what is to be done comes first."""
    if not holder:
        return ()
    today = now.astimezone(office.zone).date()
    sent = submissions.of_holder(unit, holder, 100)
    asked = {one.person_id for one in sent if one.kind == "permit" and one.status in OPEN}
    found = [*_sent(sent), *_prospects(unit, holder, today, asked), *_permits(unit, holder, today)]
    return tuple(sorted(found, key=in_order))


def everything(unit: Unit, office: Office, account: int, holder: str, now: datetime) -> tuple[Item, ...]:
    """The same with what they have to report, their leases, what the office was asked, and what it asks."""
    today = now.astimezone(office.zone).date()
    found = [*of_holder(unit, office, holder, now), *other_matters.asked(unit, account, holder, today)]
    found += other_matters.called(unit, account, holder, now)
    if holder:
        found += other_matters.to_report(unit, holder, today)
        found += other_matters.leases(unit, submissions.of_holder(unit, holder, 100), today)
    return tuple(sorted(found, key=in_order))


def of_conversation(
    unit: Unit, office: Office, conversation_id: int, now: datetime
) -> tuple[str, tuple[Item, ...]] | None:
    """The same for an account, with the language it talks in; None for one that was erased."""
    address = conversations.address_of(unit, conversation_id)
    found = conversations.find(unit, *address) if address else None
    if found is None:
        return None
    return found.language, everything(unit, office, conversation_id, found.holder_id, now)


def of_permit(permit: Permit, name: str, today: date) -> Item:
    """How a permit stands today."""
    state = _state(permit, today)
    on, until, act, rule = _next(permit, state)
    return Item(
        key=f"permit-{permit.id}", about="permit", state=state, name=name, on=on, until=until, act=act, rule=rule,
        pick_up=permit.pick_up, reason=permit.end_reason,
    )  # fmt: skip


def _sent(sent: tuple[Submission, ...]) -> Iterator[Item]:
    registered: set[int] = set()
    for one in sent:
        name = str(one.answers["name"].value) if "name" in one.answers else ""
        key = f"submission-{one.number}"
        if one.status == "needs_answers":
            yield Item(key, one.kind, "needs_answers", name, one.number, act="answers")
        elif one.status in OPEN:
            yield Item(key, one.kind, "received", name, one.number)
        elif one.status in {"registered", "moved_out"} and one.person_id not in registered:
            registered.add(one.person_id)
            yield Item(key, "registration", "registered", name, one.number)


def _prospects(unit: Unit, holder: str, today: date, asked: set[int]) -> Iterator[Item]:
    """Those who haven't applied yet."""
    for one in prospects.of_holder(unit, holder):
        if one.person_id not in asked:
            yield of_prospect(unit, one, today)


def of_prospect(unit: Unit, one: Prospect, today: date) -> Item:
    """From when somebody may apply."""
    name = str(people.facts(unit, one.person_id).get("name") or "")
    may = today >= one.eligible_on
    state: State = "may_apply" if may else "waiting"
    rule = "permit.eligibility.residence"
    return Item(
        f"prospect-{one.person_id}", "permit", state, name, on=one.eligible_on, act="apply" if may else "", rule=rule
    )


def _permits(unit: Unit, holder: str, today: date) -> Iterator[Item]:
    for one in permits.of_holder(unit, holder):
        if not one.is_over or (one.ended_on is not None and (today - one.ended_on).days <= FINISHED):
            yield of_permit(one, str(people.facts(unit, one.person_id).get("name") or ""), today)


def _state(permit: Permit, today: date) -> State:
    """By the day, also before the day's job has written it down."""
    if permit.state in {"accepted", "ended"}:
        return "accepted" if permit.state == "accepted" else "ended"
    if permit.endorsed_until is not None and today > permit.endorsed_until:
        return "suspended"
    if permit.endorse_from_on is not None and today >= permit.endorse_from_on:
        return "endorse_last_day" if permit.endorse_by_on is not None and today > permit.endorse_by_on else "endorse"
    cards: dict[str, State] = {"ready": "ready", "making": "making"}
    return cards.get(permit.card, "working")


def _next(permit: Permit, state: State) -> tuple[date | None, date | None, str, str]:
    """The next day and its last one, what to do, and the rule behind it."""
    days: dict[str, tuple[date | None, date | None, str, str]] = {
        "accepted": (permit.issue_by_on, None, "", "permit.issue_limit"),
        "ready": (permit.ready_on, None, "", "permit.where"),
        "making": (None, None, "", ""),
        "working": (permit.endorse_from_on, permit.endorse_by_on, "", "endorse.window"),
        "endorse": (permit.endorse_by_on, None, "endorse", "endorse.window"),
        "endorse_last_day": (permit.endorsed_until, None, "endorse", "endorse.window"),
        "suspended": (permit.endorsed_until, None, "endorse", "endorse.late"),
        "ended": (permit.ended_on, None, "", "permit.end"),
    }
    return days[state]


def _controls(found: tuple[Item, ...]) -> tuple[Choice, ...]:
    """What is to be done first, then what else one may do here."""
    names = [*dict.fromkeys(one.act for one in found if one.act)]
    if any(one.state == "registered" for one in found):
        names.append("change")
    if any(one.about == "permit" and one.state not in {"waiting", "may_apply"} for one in found):
        names.append("replace")
    names += ["permit", "person"] if found else ["start", "permit", "person"]
    return tuple(control(name) for name in dict.fromkeys(names))
