"""The forms about a residence permit: applying for one, having it endorsed, having it replaced.

What is asked and offered stands in the pack: the conditions, their alternatives, the papers, where it is fetched.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from handlers.answers import text
from handlers.answers.choices import one_of
from handlers.forms.conditions import Condition, acts_for_another, answered, both, value
from handlers.forms.ending import CANDIDATES
from handlers.forms.options import from_list, from_rule
from handlers.forms.papers import paper
from handlers.messages import Choice, Reply, control
from handlers.steps import Context, Form, Step
from storage.records import Answers, Value

WAIVED = "waived"  # known at the start: the person says that they needn't wait for the half-year
CONDITION = "permit.eligibility.condition"
DETAILS = "permit.condition."
DOCS: Mapping[str, str] = {
    "employment": "permit.docs.employment", "dwelling": "permit.docs.address", "study": "permit.docs.study",
}  # fmt: skip
ELECTRONIC = "electronic"
SUBJECT = 2  # its place in a candidate's row: number, name, for whom the registration was made
KINDS = ("permit", "endorsement", "replacement")

_conditions = from_rule(CONDITION)
_waivers = from_rule("permit.waiver")
_here = from_list("still_here", "same", "changed", "left")


def _candidates(answers: Answers, context: Context) -> tuple[Choice, ...]:
    told = answers.get(CANDIDATES)
    found = [] if told is None else told.value
    return tuple(Choice(str(one[0]), codes="numbers", label=str(one[1])) for one in found)


def _told_by_which(chosen: Value, answers: Answers, context: Context) -> Mapping[str, Value]:
    """For whom the registration was made: whoever acts for another shows their own paper too."""
    rows = answers[CANDIDATES].value if CANDIDATES in answers else []
    whose = next((row[SUBJECT] for row in rows if row[0] == chosen and len(row) > SUBJECT), None)
    return {} if whose is None else {"subject": whose}


def _which(name: str) -> Step:
    return Step(name, one_of(_candidates), _candidates, codes="numbers", derives=_told_by_which)


def _bases(answers: Answers, context: Context) -> tuple[Choice, ...]:
    return from_rule(f"{DETAILS}{value(answers, 'permit_condition')}")(answers, context)


def _has_bases(answers: Answers, context: Context) -> bool:
    return len(_bases(answers, context)) > 1


def wants(rule: str, name: str) -> Condition:
    """The pack's list of papers has this one."""

    def holds(answers: Answers, context: Context) -> bool:
        found = context.pack.find(rule)
        return found is not None and name in found.names

    return holds


def _proof_data(answers: Answers, context: Context) -> Mapping[str, Any]:
    """Which rule lists the papers that count for the condition."""
    rule = DOCS.get(str(value(answers, "permit_condition")), "permit.docs")
    return {"rule": rule if context.pack.has(rule) else "permit.docs"}


def _proof(step: str, applies: Condition) -> Step:
    """A paper's question that also tells which papers count."""
    asked = paper(step, applies)
    sent = asked.data

    def data(answers: Answers, context: Context) -> Mapping[str, Any]:
        return {**(sent(answers, context) if sent else {}), **_proof_data(answers, context)}

    return replace(asked, data=data)


def _pick_ups(answers: Answers, context: Context) -> tuple[Choice, ...]:
    """Where the pack lets a permit be fetched; electronic where there is such a thing."""
    more = (ELECTRONIC,) if context.pack.has("online.e_licence") else ()
    return from_rule("permit.where", *more)(answers, context)


def _has_cards(answers: Answers, context: Context) -> bool:
    """Whether there is a choice: some places issue electronic permits only."""
    form = context.pack.find("permit.form")
    return form is None or form.value != ELECTRONIC


def _reasons(answers: Answers, context: Context) -> tuple[Choice, ...]:
    """Damaged or lost, by the pack; wrong data where the pack lets it be corrected."""
    rule = context.pack.find("permit.replace")
    names = () if rule is None else rule.names
    more = ("correct_data",) if context.pack.has("permit.correct_data") else ()
    return tuple(Choice(name, codes="replace_reason") for name in (*names, *more))


def _goes_on(answers: Answers, context: Context) -> Reply | None:
    return None


def _endorse_ends(answers: Answers, context: Context) -> Reply | None:
    """Who has moved or changed work reports that first; who has left has nothing to endorse."""
    said = value(answers, "still_here")
    if said == "changed":
        return Reply("say/endorse_changed", {}, (control("change"), control("endorse"), control("person")))
    return Reply("say/endorse_left", {}, (control("leave"), control("person"))) if said == "left" else None


def never_ends(form: Form) -> Form:
    """The form in which only what the office asks again is answered."""
    return replace(form, name=f"{form.name}_again", ends=_goes_on, summary="ask/confirm_answers", may_drop=False)


_condition_steps = (
    Step(
        "permit_condition", one_of(_conditions), _conditions, codes=f"rule:{CONDITION}",
        resets=lambda v: ("permit_basis", "permit_proof", "endorse_proof"),
    ),
    Step("permit_basis", one_of(_bases), _bases, codes=f"rule:{DETAILS}", applies=_has_bases),
)  # fmt: skip
_pick_up = Step("pick_up", one_of(_pick_ups), _pick_ups, codes="rule:permit.where", applies=_has_cards)
_docs = "permit.docs"
PERMIT = Form(
    "permit",
    "2026-11",
    (
        _which("permit_which"),
        Step("permit_waiver", one_of(_waivers), _waivers, codes="rule:permit.waiver", applies=lambda a, c: WAIVED in a),
        *_condition_steps,
        paper("permit_identity", wants(_docs, "identity")),
        paper("permit_agent_identity", both(acts_for_another, wants(_docs, "identity"))),
        paper("permit_photo", wants(_docs, "photo")),
        _proof("permit_proof", lambda answers, context: True),
        _pick_up,
    ),
    _goes_on,
    summary="ask/confirm_permit",
    may_drop=True,
)
ENDORSE = Form(
    "endorse",
    "2026-11",
    (
        _which("endorse_which"),
        Step("still_here", one_of(_here), _here, codes="still_here"),
        *_condition_steps,
        _proof("endorse_proof", wants("endorse.docs", "proof")),
    ),
    _endorse_ends,
    summary="ask/confirm_endorse",
    may_drop=True,
)
REPLACE = Form(
    "replace",
    "2026-11",
    (
        _which("replace_which"),
        Step("replace_reason", one_of(_reasons), _reasons, codes="replace_reason",
             resets=lambda v: ("replace_what", "replace_proof")),
        Step("replace_what", text.line, applies=answered("replace_reason", "correct_data")),
        _proof("replace_proof", answered("replace_reason", "correct_data")),
        _pick_up,
    ),
    _goes_on,
    summary="ask/confirm_replace",
    may_drop=True,
)  # fmt: skip
PERMIT_AGAIN, ENDORSE_AGAIN, REPLACE_AGAIN = never_ends(PERMIT), never_ends(ENDORSE), never_ends(REPLACE)
AGAIN: Mapping[str, Form] = {"permit": PERMIT_AGAIN, "endorse": ENDORSE_AGAIN, "replace": REPLACE_AGAIN}
