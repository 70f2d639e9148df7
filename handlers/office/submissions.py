"""Sending a registration: the record, its receipt, and whether it was in time."""

import secrets
from dataclasses import dataclass, replace
from datetime import date

from stdnum.iso7064 import mod_37_36

from handlers.messages import Reply, control
from handlers.turns import Turn
from handlers.visit import Visit
from regulations.deadlines import Deadline, deadline, is_late
from storage import conversations, papers, submissions
from storage.records import Answer, Answers, Submission, Value

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
PAPER_STEPS = ("paper_identity", "paper_agent_identity", "paper_dwelling")


@dataclass(frozen=True, slots=True)
class Timing:
    """The rule that sets the deadline, the deadline, and whether it was kept (None: not known yet)."""

    rule: str
    due: Deadline
    in_time: bool | None


def submit(visit: Visit, turn: Turn) -> Turn:
    """Keep what was confirmed, once for each talk, and give the receipt."""
    conversation = turn.conversation
    timing = _timing(visit, conversation.answers)
    holder = conversation.holder_id or secrets.token_hex(16)
    submission = submissions.submit(visit.unit, _submission(visit, turn, holder, timing))
    _attach_papers(visit, submission)
    done = replace(conversation, answers={}, asked="", draft="", holder_id=holder, status="ended", scene="")
    return Turn(done, (_receipt(visit, submission, timing),), finished=True)


def receipt_number(today: date) -> str:
    """A number to read out on the telephone: day, five letters or digits, check character (ISO 7064 mod 37,36)."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(5))
    plain = f"{today:%y%m%d}{body}"
    return f"{today:%y%m%d}-{body}-{mod_37_36.calc_check_digit(plain)}"


def _submission(visit: Visit, turn: Turn, holder: str, timing: Timing | None) -> Submission:
    conversation = turn.conversation
    return Submission(
        number=receipt_number(visit.context.today),
        draft=conversation.draft,
        holder_id=holder,
        form=visit.form.name,
        form_version=visit.form.version,
        pack=visit.office.pack.name,
        channel=conversation.channel,
        language=conversation.language,
        answers=conversation.answers,
        submitted_at=visit.now,
        consent=conversation.consent,
        consented_at=conversation.consented_at or visit.now,
        due_on=timing.due.nominal if timing else None,
        in_time=timing.in_time if timing else None,
    )


def _timing(visit: Visit, answers: Answers) -> Timing | None:
    """The deadline by the pack, counted from the day of arrival; none without one (or without a duty in days)."""
    arrived_on = _value(answers, "arrived_on")
    key = "change.registration" if "again" in answers else "registration.deadline"
    if arrived_on is None or (key == "change.registration" and _value(answers, "changed") != "address"):
        return None
    rule = visit.office.pack.find(key)
    if rule is None:
        return None
    due = deadline(rule, date.fromisoformat(arrived_on), visit.office.calendar)
    late = is_late(due, visit.context.today)
    return Timing(key, due, None if late is None else not late)


def _receipt(visit: Visit, submission: Submission, timing: Timing | None) -> Reply:
    data: dict[str, Value] = {
        "number": submission.number,
        "led_to_office": _value(submission.answers, "id_number") == "none",
        "papers_open": _papers_open(submission.answers),
        "only_here": _is_only_here(visit, submission.holder_id),
    }
    if timing is not None:
        data |= {"rule": timing.rule, "due_on": _iso(timing.due.nominal), "safe_on": _iso(timing.due.safe)}
        data |= {"in_time": submission.in_time, "missing_year": timing.due.missing_year}
    controls = tuple(control(name) for name in ("household", "my_data", "link", "law"))
    return Reply("say/receipt", data, controls)


def _is_only_here(visit: Visit, holder: str) -> bool:
    """Whether nothing can be told this person once the page is closed."""
    accounts = conversations.of_holder(visit.unit, holder)
    return visit.conversation.channel == "web" and all(account.channel == "web" for account in accounts)


def _papers_open(answers: Answers) -> list[str]:
    """The papers that were promised for later or for the counter."""
    return [step for step in PAPER_STEPS if (value := _value(answers, step)) and value["plan"] in {"counter", "later"}]


def _attach_papers(visit: Visit, submission: Submission) -> None:
    found = [_value(submission.answers, step) for step in PAPER_STEPS]
    file_ids = [file_id for value in found if value for file_id in value["files"]]
    if file_ids:
        papers.attach(visit.unit, file_ids, visit.conversation.id, submission.id)


def _value(answers: Answers, name: str) -> Value:
    answer = answers.get(name, Answer("skipped"))
    return answer.value


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
