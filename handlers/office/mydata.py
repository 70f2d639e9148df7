"""What a person may see of their own: the draft, and what was sent from their accounts."""

from typing import Any

from handlers.messages import Reply
from handlers.summary import line, shown_steps
from handlers.visit import Visit
from storage import submissions
from storage.records import Answers, Submission

SHOWN = 5


def shown(visit: Visit) -> Reply:
    """Everything stored for this account, as it was given."""
    conversation = visit.conversation
    sent = submissions.of_holder(visit.unit, conversation.holder_id, SHOWN) if conversation.holder_id else ()
    data = {
        "draft": _lines(visit, conversation.answers) if visit.is_talking else [],
        "sent": [_sent(visit, submission) for submission in sent],
        "consented_on": _local_day(visit, conversation.consented_at) if conversation.consented_at else None,
    }
    return Reply("say/my_data", data)


def _sent(visit: Visit, submission: Submission) -> dict[str, Any]:
    return {
        "number": submission.number,
        "status": submission.status,
        "day": _local_day(visit, submission.submitted_at),
        "lines": _lines(visit, submission.answers),
    }


def _lines(visit: Visit, answers: Answers) -> list[dict[str, Any]]:
    steps = shown_steps(visit.form, answers, visit.context)
    return [line(step, answers[step.name]) for step in steps]


def _local_day(visit: Visit, instant: Any) -> str:
    return str(instant.astimezone(visit.office.zone).date().isoformat())
