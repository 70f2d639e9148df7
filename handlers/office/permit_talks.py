"""A person's own permit in the talk: from when and how, applying, endorsing, having it replaced."""

import secrets
from dataclasses import replace
from typing import Any

from handlers import engine
from handlers.aside import put_aside
from handlers.forms.ending import CANDIDATES
from handlers.forms.permit import DETAILS, DOCS, ENDORSE, PERMIT, REPLACE, WAIVED
from handlers.messages import Choice, Reply, control
from handlers.office import matter, my_matters, talks
from handlers.office.corrections import over
from handlers.office.papers import attach
from handlers.office.states import OPEN
from handlers.office.submissions import receipt_number
from handlers.reminders import planning
from handlers.steps import Form
from handlers.turns import Turn
from handlers.visit import Visit
from storage import people, permits, prospects, submissions
from storage.permits import Permit
from storage.records import Answer, Answers, Kind, Submission

WAIVER = "waiver"
ON_FILE = {"files": [], "plan": "on_file"}


def shown(visit: Visit) -> Reply:
    """How it stands with each person's permit; what one needs, where, what it costs, by the pack."""
    holder, today = visit.conversation.holder_id, visit.context.today
    mine = my_matters.of_holder(visit.unit, visit.office, holder, visit.now)
    found = [one for one in mine if one.about == "permit"]
    data = {"permits": [matter.told(one) for one in found], **terms(visit)}
    acts = dict.fromkeys(one.act for one in found if one.act)
    waits = any(one.state == "waiting" for one in found)
    early = [Choice(f"apply:{WAIVER}", codes="commands", role="control")] if waits and _waives(visit) else []
    names = [*acts, *(["replace"] if _in_use(visit) else []), "rights", "matters"]
    begin = [] if talks.standing(visit) else ["start"]
    return Reply("say/permit", data | {"today": today.isoformat()}, (*early, *(control(n) for n in (*begin, *names))))


def terms(visit: Visit) -> dict[str, Any]:
    """Which conditions there are and which papers count for each, as keys of rules."""
    pack = visit.context.pack
    rule = pack.find("permit.eligibility.condition")
    ways = [] if rule is None else [(f"{DETAILS}{name}", DOCS.get(name, "permit.docs")) for name in rule.names]
    return {"ways": [[key, docs] for key, docs in ways if pack.has(key) and pack.has(docs)], "known": rule is not None}


def apply(visit: Visit, argument: str) -> Turn:
    """Apply for a permit, who has waited long enough, or needn't wait."""
    waived = argument == WAIVER and _waives(visit)
    holder, today = visit.conversation.holder_id, visit.context.today
    waiting = prospects.of_holder(visit.unit, holder) if holder else ()
    sent = {one.person_id: one for one in talks.standing(visit)}
    may = [one for one in waiting if one.person_id in sent and (waived or one.eligible_on <= today)]
    may = [one for one in may if _asked(visit, one.person_id, "permit") is None]
    if not may:
        return talks.present(visit, _not_now(visit))
    candidates = [_candidate(visit, sent[one.person_id]) for one in may]
    more = {WAIVED: Answer("derived", True)} if waived else {}
    if len(may) == 1:
        more["subject"] = Answer("derived", candidates[0][2])
    return _begin(visit, PERMIT, "permit_which", candidates, more)


def endorse(visit: Visit) -> Turn:
    """Have the permit endorsed, while its window is open or after it was missed."""
    registered, today = {one.person_id for one in talks.standing(visit)}, visit.context.today
    due = [one for one in _in_use(visit) if one.endorse_from_on is not None and one.endorse_from_on <= today]
    may = [one for one in due if one.person_id in registered and _asked(visit, one.person_id, "endorsement") is None]
    if due and not may and registered.isdisjoint(one.person_id for one in due):
        return talks.present(visit, _register_first())
    if not may:
        return talks.present(visit, _not_now(visit))
    more = _as_applied(visit, may[0]) if len(may) == 1 else {}
    return _begin(visit, ENDORSE, "endorse_which", [[str(one.id), _name(visit, one.person_id)] for one in may], more)


def replace_permit(visit: Visit) -> Turn:
    """Have a lost, damaged or wrong permit replaced."""
    registered = {one.person_id for one in talks.standing(visit)}
    mine = [one for one in _in_use(visit) if one.person_id in registered]
    may = [one for one in mine if _asked(visit, one.person_id, "replacement") is None]
    if _in_use(visit) and not mine:
        return talks.present(visit, _register_first())
    if not may:
        return talks.present(visit, _not_now(visit))
    return _begin(visit, REPLACE, "replace_which", [[str(one.id), _name(visit, one.person_id)] for one in may], {})


def send_application(visit: Visit, turn: Turn) -> Turn:
    """The application goes to the queue."""
    former = submissions.by_number(visit.unit, str(turn.conversation.answers["permit_which"].value))
    return _send(visit, turn, former, "permit")


def send_endorsement(visit: Visit, turn: Turn) -> Turn:
    """The endorsement goes to the queue."""
    return _send(visit, turn, _registration(visit, "endorse_which", turn), "endorsement")


def send_replacement(visit: Visit, turn: Turn) -> Turn:
    """The replacement goes to the queue."""
    return _send(visit, turn, _registration(visit, "replace_which", turn), "replacement")


def _send(visit: Visit, turn: Turn, former: Submission | None, kind: Kind) -> Turn:
    """Keep what was confirmed, once; the one that waits already, if there is one."""
    conversation = turn.conversation
    if former is None or former.holder_id != conversation.holder_id:
        return over(visit, conversation, _register_first())
    waiting = _asked(visit, former.person_id, kind)
    sent = waiting or submissions.submit(visit.unit, _request(visit, turn, former, kind))
    if waiting is None:
        attach(visit.unit, conversation.answers, conversation.id, sent.id)
        planning.plan_permits(visit.unit, former.person_id, visit.office, visit.now)
    return over(visit, conversation, _receipt(visit, sent))


def _request(visit: Visit, turn: Turn, former: Submission, kind: Kind) -> Submission:
    on_file = {
        name: replace(answer, value=ON_FILE) if isinstance(answer.value, dict) else answer
        for name, answer in former.answers.items()
    }
    return replace(
        former,
        id=0,
        number=receipt_number(visit.context.today),
        draft=turn.conversation.draft,
        holder_id=visit.conversation.holder_id,
        form=visit.form.name,
        form_version=visit.form.version,
        pack=visit.office.pack.name,
        channel=visit.conversation.channel,
        language=visit.conversation.language,
        answers={**on_file, **turn.conversation.answers},
        submitted_at=visit.now,
        due_on=None,
        in_time=None,
        late_after=None,
        holidays_of=None,
        status="received",
        version=0,
        reviewer="",
        lease_until=None,
        decided_at=None,
        kind=kind,
        former_id=former.id,
    )


def _receipt(visit: Visit, sent: Submission) -> Reply:
    """It was received; what the office does next, and within which limit."""
    counts = sent.kind == "permit" and visit.context.pack.has("permit.issue_limit")
    data = {
        "number": sent.number,
        "kind": sent.kind,
        "rule": "permit.issue_limit" if counts else "",
        "papers_open": [
            step for step, answer in sent.answers.items()
            if isinstance(answer.value, dict) and answer.value.get("plan") in {"counter", "later"}
        ],
    }  # fmt: skip
    return Reply("say/permit_received", data, _controls("matters", "rights", "person"))


def _begin(visit: Visit, form: Form, which: str, candidates: list[list[str]], more: Answers) -> Turn:
    """Ask which one, where there are several; another talk under way is put aside."""
    answers: dict[str, Answer] = {CANDIDATES: Answer("derived", candidates), **more}
    if len(candidates) == 1:
        answers[which] = Answer("given", candidates[0][0])
    return engine.start(put_aside(visit.conversation), form, secrets.token_hex(16), answers, visit.context)


def _register_first() -> Reply:
    return Reply("say/permit_register_first", {}, _controls("start", "person"))


def _not_now(visit: Visit) -> Reply:
    """Why there is nothing to apply for or to endorse today: the screen that tells from when."""
    return shown(visit)


def _in_use(visit: Visit) -> tuple[Permit, ...]:
    holder = visit.conversation.holder_id
    return tuple(one for one in permits.of_holder(visit.unit, holder) if one.is_in_use)


def _asked(visit: Visit, person_id: int, kind: Kind) -> Submission | None:
    """What was asked for already and isn't decided."""
    sent = submissions.in_state(visit.unit, visit.conversation.holder_id, *OPEN)
    return next((one for one in sent if one.kind == kind and one.person_id == person_id), None)


def _registration(visit: Visit, which: str, turn: Turn) -> Submission | None:
    """The registration in force of whom the chosen permit belongs to."""
    permit = permits.get(visit.unit, int(turn.conversation.answers[which].value))
    mine = (one for one in talks.standing(visit) if permit is not None and one.person_id == permit.person_id)
    return next(mine, None)


def _as_applied(visit: Visit, permit: Permit) -> dict[str, Answer]:
    """The condition of the application, so that it is only confirmed."""
    sent = None if permit.submission_id is None else submissions.get(visit.unit, permit.submission_id)
    names = ("permit_condition", "permit_basis")
    return {} if sent is None else {name: sent.answers[name] for name in names if name in sent.answers}


def _candidate(visit: Visit, registration: Submission) -> list[str]:
    """Whose permit may be applied for: the registration's number, the name, for whom it was made."""
    subject = registration.answers.get("subject")
    whose = "self" if subject is None else str(subject.value)
    return [registration.number, _name(visit, registration.person_id), whose]


def _waives(visit: Visit) -> bool:
    return visit.context.pack.has("permit.waiver")


def _name(visit: Visit, person_id: int) -> str:
    return str(people.facts(visit.unit, person_id).get("name") or "")


def _controls(*names: str) -> tuple[Choice, ...]:
    return tuple(control(name) for name in names)
