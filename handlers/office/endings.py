"""Leaving, and taking back what was sent; and which registration a change is about."""

import secrets
from dataclasses import replace
from datetime import date

from handlers import engine
from handlers.aside import put_aside
from handlers.forms.ending import CANDIDATES, CHANGE, LEASE, LEAVE, WITHDRAW
from handlers.messages import Choice, Reply, control
from handlers.office import corrections, leaving, talks
from handlers.office.corrections import drop_notice, over
from handlers.office.states import OPEN, STANDING, lead
from handlers.office.submissions import receipt_number
from handlers.reminders import planning
from handlers.steps import Form
from handlers.turns import Turn
from handlers.visit import Visit
from storage import lease_days, submissions
from storage.history import Mark
from storage.records import Answer, Kind, Submission


def leave(visit: Visit) -> Turn:
    """The person moves away: which registration ends, and when."""
    return _begin(visit, LEAVE, "leave_which", each_person(visit))


def lease(visit: Visit) -> Turn:
    """Until when a lease runs, for who wants to be reminded."""
    return _begin(visit, LEASE, "lease_which", each_person(visit))


def send_lease(visit: Visit, turn: Turn) -> Turn:
    """The day is kept, and what it reminds of is planned."""
    answers = turn.conversation.answers
    found = submissions.by_number(visit.unit, answers["lease_which"].value)
    if found is None or found.status not in STANDING:
        return over(visit, turn.conversation, _too_late(found))
    until_on = date.fromisoformat(answers["lease_until"].value)
    lease_days.keep(visit.unit, found.id, until_on, visit.now)
    planning.plan(visit.unit, "lease", found.id, visit.office, visit.now)
    said = Reply(
        "say/lease_noted", {"on": until_on.isoformat(), "number": found.number}, _controls("remind", "my_data")
    )
    return over(visit, turn.conversation, said)


def withdraw(visit: Visit) -> Turn:
    """The person takes something back."""
    holder = visit.conversation.holder_id
    sent = submissions.in_state(visit.unit, holder, *STANDING) if holder else ()
    return _begin(visit, WITHDRAW, "withdraw_which", tuple(one for one in reversed(sent) if one.kind != "withdrawal"))


def change(visit: Visit) -> Turn:
    """Something changed: of which registration, if there are several."""
    waiting = corrections.waiting(visit)
    if waiting is not None:
        return corrections.begin(visit, waiting)
    found = each_person(visit)
    return _begin(visit, CHANGE, "change_which", found) if found else talks.begin(visit)


def each_person(visit: Visit) -> tuple[Submission, ...]:
    """The newest standing registration of each person that this one has registered."""
    found: dict[int, Submission] = {}
    for one in talks.standing(visit):
        found.setdefault(one.person_id, one)
    return tuple(found.values())


def send_change(visit: Visit, turn: Turn) -> Turn:
    """Which one is known: the talk about what changed begins."""
    conversation = turn.conversation
    former = submissions.by_number(visit.unit, conversation.answers["change_which"].value)
    going_on = visit.with_conversation(conversation)
    return talks.begin(going_on) if former is None else talks.changed(going_on, former)


def send_leaving(visit: Visit, turn: Turn) -> Turn:
    """The leaving goes to the queue, once for each registration."""
    former = submissions.lock(visit.unit, turn.conversation.answers["leave_which"].value)
    if former is None or former.status not in STANDING:
        return over(visit, turn.conversation, _too_late(former))
    sent = _request(visit, turn, former, "leaving")
    leaves_on = date.fromisoformat(turn.conversation.answers["leaving_on"].value)
    leaving.by_tenant(visit.unit, former.person_id, leaves_on, visit.now, visit.office)
    data = {"number": sent.number, "former": former.number, "on": turn.conversation.answers["leaving_on"].value}
    return over(visit, turn.conversation, Reply("say/leaving_received", data, _controls("my_data", "law")))


def send_withdrawal(visit: Visit, turn: Turn) -> Turn:
    """What isn't decided is taken back at once; for what is registered the office is asked."""
    found = submissions.lock(visit.unit, turn.conversation.answers["withdraw_which"].value)
    if found is None or found.status not in STANDING:
        return over(visit, turn.conversation, _too_late(found))
    if found.status not in OPEN:
        sent = _request(visit, turn, found, "withdrawal")
        data = {"number": sent.number, "former": found.number}
        return over(visit, turn.conversation, Reply("say/withdrawal_received", data, _controls("my_data", "person")))
    drop_notice(visit.unit, found, visit.now)
    lead(visit.unit, found, "withdrawn", Mark("person", visit.now))
    planning.plan_over(visit.unit, found, visit.office, visit.now)
    said = Reply("say/withdrawn", {"number": found.number, "kind": found.kind}, _controls("start", "my_data"))
    return over(visit, turn.conversation, said)


def never_mind(visit: Visit) -> Turn:
    """The person thought better of it: nothing happens."""
    return over(visit, visit.conversation, Reply("say/never_mind", {}, _controls("my_data", "person")))


def _begin(visit: Visit, form: Form, which: str, found: tuple[Submission, ...]) -> Turn:
    """Ask which one, where there are several; another talk under way is put aside."""
    if not found:
        return talks.present(visit, Reply("say/nothing_sent", {}, _controls("start", "person")))
    candidates = [[one.number, str(one.answers["name"].value)] for one in found]
    answers = {CANDIDATES: Answer("derived", candidates)}
    if len(found) == 1:
        answers[which] = Answer("given", found[0].number)
    return engine.start(put_aside(visit.conversation), form, secrets.token_hex(16), answers, visit.context)


def _request(visit: Visit, turn: Turn, former: Submission, kind: Kind) -> Submission:
    """What the office is asked to do about a registration; the one that waits already, if there is one."""
    holder = visit.conversation.holder_id
    same = (one for one in submissions.in_state(visit.unit, holder, *OPEN) if one.former_id == former.id)
    waiting = next((one for one in same if one.kind == kind), None)
    if waiting is not None:
        return waiting
    request = replace(
        former,
        number=receipt_number(visit.context.today),
        draft=turn.conversation.draft,
        holder_id=holder,
        form=visit.form.name,
        form_version=visit.form.version,
        pack=visit.office.pack.name,
        channel=visit.conversation.channel,
        language=visit.conversation.language,
        answers={**former.answers, **turn.conversation.answers},
        submitted_at=visit.now,
        due_on=None,
        in_time=None,
        late_after=None,
        holidays_of=None,
        status="received",
        kind=kind,
        former_id=former.id,
    )
    return submissions.submit(visit.unit, request)


def _too_late(found: Submission | None) -> Reply:
    number, status = ("", "withdrawn") if found is None else (found.number, found.status)
    return Reply("say/answers_too_late", {"number": number, "status": status}, _controls("my_data", "person"))


def _controls(*names: str) -> tuple[Choice, ...]:
    return tuple(control(name) for name in names)
