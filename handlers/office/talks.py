"""Beginning, resuming and repeating a talk."""

import secrets
from dataclasses import replace
from typing import Any

from handlers import engine
from handlers.forms.correction import CORRECTING
from handlers.forms.migrant import MIGRANT
from handlers.messages import Reply, control
from handlers.office import corrections
from handlers.office.states import STANDING
from handlers.turns import Turn
from handlers.visit import Visit
from storage import homes, submissions
from storage.records import Answer, Answers, Matter, Submission

SHARED_BY_HOUSEHOLD = (
    "hukou_kind", "lodging", "stay_length", "home", "area_street", "area", "address", "stay_kind", "landlord_name",
    "landlord_phone",
)  # fmt: skip
AGENT = {"agent_name": "name", "agent_id_number": "id_number"}
PAPERS = ("paper_identity", "paper_agent_identity", "paper_dwelling")


def welcome(visit: Visit) -> Turn:
    """Whoever comes without a talk under way: what the office asks again, the greeting, or what one may do."""
    waiting = corrections.waiting(visit)
    if waiting is not None:
        return corrections.begin(visit, waiting)
    if not standing(visit):
        return _landlords(visit) if homes.of_holder(visit.unit, visit.conversation.holder_id) else begin(visit)
    controls = tuple(control(name) for name in ("matters", "change", "household", "my_data", "leave", "person", "law"))
    return Turn(visit.conversation, (Reply("say/welcome_back", {}, controls),))


def _landlords(visit: Visit) -> Turn:
    """Somebody who answers for homes and has registered nobody."""
    controls = tuple(
        control(name) for name in ("my_homes", "report_tenant", "moved_out", "home", "register_me", "person")
    )
    return Turn(visit.conversation, (Reply("say/welcome_landlord", {}, controls),))


def begin(visit: Visit) -> Turn:
    """A new talk from the greeting on."""
    return _start(visit, consented(visit))


def begin_anew(visit: Visit) -> Turn:
    """The same, the old draft thrown away at the person's own wish."""
    if visit.form.may_drop:
        return corrections.over(visit, visit.conversation)
    fresh = visit.with_conversation(replace(visit.conversation, answers={}, draft="", asked="", matter=Matter()))
    return welcome(fresh) if visit.form.name in CORRECTING else begin(fresh)


def household(visit: Visit) -> Turn:
    """Another member of the household: address and landlord are known, and who acts."""
    sent = standing(visit)
    if not sent:
        return begin(visit)
    last = sent[0].answers
    shared = {name: last[name] for name in SHARED_BY_HOUSEHOLD if name in last}
    agent = {name: last[own] for name, own in AGENT.items() if own in last and _is_own(last)}
    kept_agent = {name: last[name] for name in AGENT if name in last}
    return _start(visit, consented(visit) | shared | _as_given(agent) | kept_agent, Reply("say/household"))


def changed(visit: Visit, former: Submission) -> Turn:
    """What changed of a registration: everything is known but that."""
    on_file = {"files": [], "plan": "on_file"}
    last = {name: replace(a, value=on_file) if name in PAPERS else a for name, a in former.answers.items()}
    for asked_anew in ("changed", "consent"):
        last.pop(asked_anew, None)
    answers = {**last, **consented(visit), "again": Answer("derived", True)}
    matter, draft = Matter(number=former.number), secrets.token_hex(16)
    return engine.start(visit.conversation, MIGRANT, draft, answers, visit.context, matter)


def resume(visit: Visit) -> Turn:
    """After a pause: a word of welcome and the question that was open."""
    return engine.again(visit.conversation, visit.form, visit.context, Reply("say/resumed"))


def present(visit: Visit, *before: Reply) -> Turn:
    """Say something, then repeat the open question if a talk is under way."""
    if visit.conversation.status != "active" or not visit.is_talking:
        return Turn(visit.conversation, before) if before else welcome(visit)
    return engine.again(visit.conversation, visit.form, visit.context, *before)


def standing(visit: Visit) -> tuple[Submission, ...]:
    """What this person sent that is not refused, taken back, replaced or over; the newest first."""
    holder = visit.conversation.holder_id
    sent = submissions.in_state(visit.unit, holder, *STANDING) if holder else ()
    return tuple(one for one in reversed(sent) if one.kind in {"registration", "change"})


def _start(visit: Visit, answers: Answers, *before: Reply) -> Turn:
    turn = engine.start(visit.conversation, MIGRANT, secrets.token_hex(16), answers, visit.context)
    return replace(turn, replies=(*before, *turn.replies))


def consented(visit: Visit) -> dict[str, Answer]:
    """The consent given before, if it was to the text that is in force."""
    given = visit.conversation.consent == visit.office.consent_version
    return {"consent": Answer("given", "agree")} if given else {}


def _is_own(answers: Answers) -> bool:
    subject = answers.get("subject")
    return subject is not None and subject.value == "self"


def _as_given(answers: dict[str, Any]) -> dict[str, Answer]:
    return {name: Answer("given", answer.value) for name, answer in answers.items()}
