"""The small forms about a registration that was sent: which one changes, ends by leaving, or is taken back."""

from handlers.answers import days
from handlers.answers.choices import one_of
from handlers.messages import Choice, Reply
from handlers.steps import Context, Form, Step
from storage.records import Answers

CANDIDATES = "candidates"


def _candidates(answers: Answers, context: Context) -> tuple[Choice, ...]:
    """Each by name and number: the one talking has sent them all."""
    told = answers.get(CANDIDATES)
    found = [] if told is None else told.value
    return tuple(Choice(number, codes="numbers", label=f"{name} {number}".strip()) for number, name in found)


def _never_ends(answers: Answers, context: Context) -> Reply | None:
    return None


def _which(name: str) -> Step:
    return Step(name, one_of(_candidates), _candidates, codes="numbers")


LEAVE = Form(
    "leave",
    "2026-11",
    (_which("leave_which"), Step("leaving_on", days.day_near)),
    _never_ends,
    summary="ask/confirm_leaving",
    may_drop=True,
)
WITHDRAW = Form(
    "withdraw", "2026-11", (_which("withdraw_which"),), _never_ends, summary="ask/confirm_withdrawal", may_drop=True
)
LEASE = Form(
    "lease",
    "2026-11",
    (_which("lease_which"), Step("lease_until", days.day_ahead)),
    _never_ends,
    confirms=False,
    may_drop=True,
)
CHANGE = Form("change", "2026-11", (_which("change_which"),), _never_ends, confirms=False, may_drop=True)
