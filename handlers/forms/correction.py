"""The talk in which only what the office asks again is answered: the registration's questions, some of them open."""

from dataclasses import replace

from handlers.forms.conditions import value
from handlers.forms.migrant import MIGRANT
from handlers.forms.permit import AGAIN
from handlers.messages import Reply, control
from handlers.steps import Context, Form
from storage.records import Answers


def ends(answers: Answers, context: Context) -> Reply | None:
    """A guardian who declines takes the registration back; whether there is a duty isn't asked again."""
    if value(answers, "guardian_consent") == "decline":
        return Reply("say/guardian_took_back", {}, (control("person"), control("my_data")))
    return None


CORRECTION = replace(MIGRANT, name="correction", ends=ends, summary="ask/confirm_answers")
CORRECTING = frozenset({CORRECTION.name, *(form.name for form in AGAIN.values())})


def correction_of(form: str) -> Form:
    """The talk in which answers of that form are asked again."""
    return AGAIN.get(form, CORRECTION)
