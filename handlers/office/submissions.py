"""Sending a registration: the record, its receipt, and whether it was in time."""

import secrets
from dataclasses import replace
from datetime import date

from stdnum.iso7064 import mod_37_36

from handlers.aside import take_up
from handlers.forms.papers import PAPER_STEPS
from handlers.messages import Reply, control
from handlers.office import leaving, tenancies
from handlers.office.papers import attach
from handlers.office.timing import Timing, dated, timing_of
from handlers.reminders import planning
from handlers.turns import Turn
from handlers.visit import Visit
from storage import conversations, grants, submissions
from storage.records import Answer, Answers, Submission, Value

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def submit(visit: Visit, turn: Turn) -> Turn:
    """Keep what was confirmed, once for each talk, and give the receipt."""
    conversation = turn.conversation
    timing = timing_of(visit.office, conversation.answers, visit.now)
    holder = conversation.holder_id or secrets.token_hex(16)
    submission = submissions.submit(visit.unit, dated(_submission(visit, turn, holder), timing))
    attach(visit.unit, submission.answers, conversation.id, submission.id)
    _lives(visit, submission)
    planning.plan_sent(visit.unit, submission, visit.office, visit.now)
    done = replace(take_up(conversation), holder_id=holder)
    return Turn(done, (_receipt(visit, submission, timing),), finished=True)


def _lives(visit: Visit, submission: Submission) -> None:
    """What the registration says about where the person lives, and lives no more."""
    home, code = visit.context.home, visit.conversation.scene
    tenancies.claim(visit.unit, submission, home, code, visit.office, visit.now)
    moved_on = _value(submission.answers, "arrived_on") if _value(submission.answers, "changed") == "address" else None
    if moved_on:
        stays = home.code if home is not None and _value(submission.answers, "home") == "yes" else ""
        on = date.fromisoformat(moved_on)
        leaving.by_tenant(visit.unit, submission.person_id, on, visit.now, visit.office, stays_in=stays)


def receipt_number(today: date) -> str:
    """A number to read out on the telephone: day, five letters or digits, check character (ISO 7064 mod 37,36)."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(5))
    plain = f"{today:%y%m%d}{body}"
    return f"{today:%y%m%d}-{body}-{mod_37_36.calc_check_digit(plain)}"


def _submission(visit: Visit, turn: Turn, holder: str) -> Submission:
    conversation = turn.conversation
    number = conversation.matter.number
    former = submissions.by_number(visit.unit, number) if number else None
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
        kind="registration" if former is None else "change",
        former_id=None if former is None else former.id,
    )


def _receipt(visit: Visit, submission: Submission, timing: Timing | None) -> Reply:
    data: dict[str, Value] = {
        "number": submission.number,
        "led_to_office": _value(submission.answers, "id_number") == "none",
        "papers_open": _papers_open(submission.answers),
        "only_here": _is_only_here(visit, submission.holder_id),
        "agree": wants_agreement(visit),
    }
    if timing is not None:
        data |= timing.told()
    controls = tuple(control(name) for name in ("household", "my_data", "link", "law"))
    return Reply("say/receipt", data, controls)


def wants_agreement(visit: Visit) -> bool:
    """Whether it is a good moment to ask for notifications that the person hasn't agreed to yet."""
    asked = visit.office.asks.get(visit.conversation.channel, ())
    return bool(asked) and bool(grants.missing(visit.unit, visit.conversation.id, asked))


def _is_only_here(visit: Visit, holder: str) -> bool:
    """Whether nothing can be told this person once the page is closed."""
    accounts = conversations.of_holder(visit.unit, holder)
    return visit.conversation.channel == "web" and all(account.channel == "web" for account in accounts)


def _papers_open(answers: Answers) -> list[str]:
    """The papers that were promised for later or for the counter."""
    return [step for step in PAPER_STEPS if (value := _value(answers, step)) and value["plan"] in {"counter", "later"}]


def _value(answers: Answers, name: str) -> Value:
    answer = answers.get(name, Answer("skipped"))
    return answer.value
