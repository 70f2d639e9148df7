"""What a person may see of their own: the draft, and what was sent from their accounts."""

from typing import Any

from handlers.forms.entries import FORMS
from handlers.messages import Reply, control
from handlers.office import helped
from handlers.steps import Form
from handlers.summary import line, shown_steps
from handlers.visit import Visit
from storage import submissions
from storage.records import Answers, Submission

SHOWN = 5
OWN = ("certificate", "export", "who_looked", "privacy", "erase")


def shown(visit: Visit) -> Reply:
    """Everything stored for this account, as it was given."""
    conversation = visit.conversation
    sent = submissions.of_holder(visit.unit, conversation.holder_id, SHOWN) if conversation.holder_id else ()
    data = {
        "draft": _draft(visit),
        "helper": helped.helper_of(visit, visit.conversation.draft),
        "sent": [_sent(visit, submission) for submission in sent],
        "consented_on": _local_day(visit, conversation.consented_at) if conversation.consented_at else None,
    }
    return Reply("say/my_data", data, tuple(control(name) for name in OWN))


def _draft(visit: Visit) -> list[dict[str, Any]]:
    """What this talk is told; what was sent before and isn't asked again stands with what was sent."""
    if not visit.is_talking:
        return []
    matter = visit.conversation.matter
    lines = _lines(visit, visit.form, visit.conversation.answers)
    return [one for one in lines if one["step"] in {*matter.asks, *matter.trail}] if matter.before else lines


def _sent(visit: Visit, submission: Submission) -> dict[str, Any]:
    return {
        "number": submission.number,
        "status": submission.status,
        "kind": submission.kind,
        "helper": helped.helper_of(visit, submission.draft),
        "day": _local_day(visit, submission.submitted_at),
        "lines": _lines(visit, FORMS[submission.form], submission.answers),
    }


def _lines(visit: Visit, form: Form, answers: Answers) -> list[dict[str, Any]]:
    steps = shown_steps(form, answers, visit.context)
    return [line(step, answers[step.name]) for step in steps]


def _local_day(visit: Visit, instant: Any) -> str:
    return str(instant.astimezone(visit.office.zone).date().isoformat())
