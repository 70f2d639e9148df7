"""Hints for the reviewer: what looks odd, with what to do. A hint decides nothing.

Their words are the labels `hints` (what was seen) and `hint_actions` (what to do).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from handlers.forms.conditions import value
from handlers.forms.papers import PAPER_STEPS
from handlers.forms.permit import KINDS
from storage.findings import Findings
from storage.records import Submission

OPEN_PLANS = frozenset({"counter", "later"})


@dataclass(frozen=True, slots=True)
class Limits:
    """From how many people on it seems odd. The law of no pack shipped sets such a number, so the office does."""

    on_phone: int = 5
    in_home: int = 10


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Hint:
    """What was seen: a code, and numbers, names or steps (JSON values) that belong to it."""

    code: str
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def rule(self) -> str:
        """The key of the rule that is behind it; empty where it is only the office's own caution."""
        return RULES.get(self.code, "")


RULES: Mapping[str, str] = {
    "late": "registration.deadline", "papers_missing": "registration.docs", "permit_papers_missing": "permit.docs",
    "too_early": "permit.eligibility.residence",
}  # fmt: skip
Look = Callable[[Submission, Findings, Limits], Hint | None]


def hints(submission: Submission, found: Findings, limits: Limits = LIMITS) -> tuple[Hint, ...]:
    """Everything that looks odd about a submission, the gravest first."""
    seen = (look(submission, found, limits) for look in LOOKS.values())
    return tuple(hint for hint in seen if hint is not None)


def _other_name(submission: Submission, found: Findings, limits: Limits) -> Hint | None:
    return Hint("other_name", {"names": list(found.names)}) if found.names else None


def _registered_twice(submission: Submission, found: Findings, limits: Limits) -> Hint | None:
    return Hint("registered_twice", {"numbers": list(found.others)}) if found.others else None


def _same_phone(submission: Submission, found: Findings, limits: Limits) -> Hint | None:
    return Hint("same_phone", {"people": found.on_phone}) if found.on_phone >= limits.on_phone else None


def _crowded_home(submission: Submission, found: Findings, limits: Limits) -> Hint | None:
    if found.holds or found.in_home < limits.in_home:
        return None
    return Hint("crowded_home", {"people": found.in_home})


def _over_capacity(submission: Submission, found: Findings, limits: Limits) -> Hint | None:
    """More people than may live in the home, by its landlord."""
    if not found.holds or found.in_home <= found.holds:
        return None
    return Hint("over_capacity", {"people": found.in_home, "holds": found.holds})


def _papers_missing(submission: Submission, found: Findings, limits: Limits) -> Hint | None:
    missing = [] if submission.kind in KINDS else _missing(submission)
    return Hint("papers_missing", {"steps": missing}) if missing else None


def _permit_papers_missing(submission: Submission, found: Findings, limits: Limits) -> Hint | None:
    missing = _missing(submission) if submission.kind in KINDS else []
    return Hint("permit_papers_missing", {"steps": missing}) if missing else None


def _missing(submission: Submission) -> list[str]:
    papers = {step: value(submission.answers, step) for step in PAPER_STEPS}
    return [step for step, paper in papers.items() if paper and paper["plan"] in OPEN_PLANS]


def _has_permit(submission: Submission, found: Findings, limits: Limits) -> Hint | None:
    return Hint("has_permit") if submission.kind == "permit" and found.permit else None


def _no_permit(submission: Submission, found: Findings, limits: Limits) -> Hint | None:
    asks = submission.kind in {"endorsement", "replacement"}
    return Hint("no_permit") if asks and not found.permit else None


def _too_early(submission: Submission, found: Findings, limits: Limits) -> Hint | None:
    """Applied before the half-year was over: a decision that waives it is wanted."""
    if found.eligible_on is None or submission.kind != "permit" or submission.decided_at is not None:
        return None
    early = submission.submitted_at.date() < found.eligible_on
    return Hint("too_early", {"due_on": found.eligible_on.isoformat()}) if early else None


def _late(submission: Submission, found: Findings, limits: Limits) -> Hint | None:
    if submission.in_time is not False or submission.due_on is None:
        return None
    return Hint("late", {"due_on": submission.due_on.isoformat()})


LOOKS: dict[str, Look] = {
    "other_name": _other_name,
    "registered_twice": _registered_twice,
    "same_phone": _same_phone,
    "over_capacity": _over_capacity,
    "crowded_home": _crowded_home,
    "papers_missing": _papers_missing,
    "permit_papers_missing": _permit_papers_missing,
    "late": _late,
    "has_permit": _has_permit,
    "no_permit": _no_permit,
    "too_early": _too_early,
}
