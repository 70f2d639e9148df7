"""What waits for an office: submissions in areas, and messages that reach nobody."""

from datetime import date, datetime, timedelta

from sqlalchemy import update

from handlers import turns
from handlers.messages import Reply
from handlers.turns import Answered
from storage import conversations, deliveries, submissions, tables
from storage.database import Work
from storage.records import Answer, State, Submission
from storage.unit import Unit


def submitted(number: int, area: str, at: datetime, due_on: date | None, status: State = "received") -> Work[None]:
    """A submission of an invented person."""
    answers = {"area": Answer("given", area), "id_number": Answer("given", f"34122519900307{number:04}")}
    sent = Submission(
        number=f"AJ{number:06}",
        draft=f"draft{number}",
        form="migrant",
        form_version="1",
        pack="cn-zj-hangzhou",
        channel="web",
        language="zh",
        holder_id=f"holder{number}",
        answers=answers,
        submitted_at=at,
        consent="1",
        consented_at=at,
        due_on=due_on,
        late_after=due_on,
        status=status,
    )
    return lambda unit: _keep(unit, sent)


def unreached(number: int, reason: str, ended_at: datetime, not_after: datetime) -> Work[None]:
    """A reminder that did not reach the person of the submission of that number."""

    def write(unit: Unit) -> None:
        talk = conversations.begin(unit, "wechat", f"address{number}", "zh", ended_at)
        said = turns.packed(Answered(b"", talk.id, "zh", (Reply("say/law"),)))
        terms = deliveries.Terms("reminder", not_after=not_after)
        deliveries.enqueue(unit, f"reminder:{number}", talk.id, said, ended_at - timedelta(hours=1), terms)
        owner = tables.conversations.c
        unit.execute(update(tables.conversations).where(owner.id == talk.id).values(holder_id=f"holder{number}"))
        row = tables.outbox.c
        failed = {"state": "failed", "reason": reason, "ended_at": ended_at}
        unit.execute(update(tables.outbox).where(row.once_key == f"reminder:{number}").values(failed))

    return write


def _keep(unit: Unit, sent: Submission) -> None:
    submissions.submit(unit, sent)
