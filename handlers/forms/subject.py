"""For whom: oneself, a child, a relative who can't come; and who acts."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from handlers.answers import identity
from handlers.answers.choices import one_of
from handlers.forms.conditions import acts_for_another, value
from handlers.forms.options import from_list
from handlers.messages import Choice, Incoming
from handlers.steps import Context, InvalidAnswer, Step
from storage.records import Answers, Value

# Civil Code art. 1045 para. 2 names the close relatives; a child is declared by its guardian.
GUARDIANS = ("parent", "grandparent", "sibling", "guardian")
CLOSE_RELATIVES = ("spouse", "child", "parent", "sibling", "grandchild", "grandparent", "guardian")
GROWN_UP = 18  # Civil Code art. 17

# Another person: what was said of the first one is asked again.
OF_THE_PERSON = ("id_number", "name", "birth_date", "sex", "hukou_region", "guardian_consent", "paper_identity")

_subjects = from_list("subject", "self", "child", "elderly", "disabled")


def _relations(answers: Answers, context: Context) -> tuple[Choice, ...]:
    values = GUARDIANS if value(answers, "subject") == "child" else CLOSE_RELATIVES
    return tuple(Choice(name, codes="relation") for name in values)


def _agent_id_number(incoming: Incoming, answers: Answers, context: Context) -> Any:
    """The ID number of a grown-up other than the person."""
    parsed = identity.id_number(incoming, answers, context)
    if isinstance(parsed, InvalidAnswer):
        return parsed
    if parsed == "none":
        return InvalidAnswer("agent_needs_id")
    if parsed == value(answers, "id_number"):
        return InvalidAnswer("same_person")
    born = date.fromisoformat(identity.facts(parsed).birth_date)
    return parsed if identity.age(born, context.today) >= GROWN_UP else InvalidAnswer("agent_too_young")


def _limit(answers: Answers, context: Context) -> Mapping[str, Value]:
    """Until what age somebody else acts for a child; None where the law here doesn't say."""
    rule = context.pack.find("registration.proxy.minor")
    return {"limit": None if rule is None else rule.value}


SUBJECT = (
    Step(
        "subject",
        one_of(_subjects),
        _subjects,
        codes="subject",
        resets=lambda value: OF_THE_PERSON,
        data=_limit,
    ),
    Step("agent_name", identity.name, applies=acts_for_another),
    Step("agent_id_number", _agent_id_number, applies=acts_for_another, codes="id_number"),
    Step("agent_relation", one_of(_relations), _relations, applies=acts_for_another, codes="relation"),
)
