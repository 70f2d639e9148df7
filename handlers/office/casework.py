"""A submission as the reviewer sees it: answers, what changed, what looks odd, its way so far, its papers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from handlers.forms.conditions import value
from handlers.forms.entries import FORMS
from handlers.forms.papers import PAPER_STEPS
from handlers.office import review
from handlers.office.hints import Hint, hints
from handlers.office.reviewer import Deciding, Done, Reviewer
from handlers.office.sidebyside import Difference, against_former, unpacked
from storage import audit, findings, helps, history, homes, papers, permits, submissions
from storage.audit import Act, Subject, Who
from storage.history import Passed
from storage.matters import unpacked_asks
from storage.records import Answer, Ask, Home, PaperFile, Submission
from storage.unit import Unit

Step = Callable[[Unit, Reviewer, str, int], Deciding]


@dataclass(frozen=True, slots=True)
class Line:
    """An answer: its step, the list that labels its value, whether it may be asked for again."""

    step: str
    codes: str
    answer: Answer
    askable: bool


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of the way with what it was about: what was asked again, what the person changed, own words."""

    step: Passed
    asks: tuple[tuple[str, Ask], ...] = ()
    changes: tuple[Difference, ...] = ()
    words: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """Everything about a submission that a reviewer looks at; home: the one it is about, if it has a code; helper: the
    staff code of who typed it for the person (empty: nobody); permit_id: the person's permit, 0 for none."""

    submission: Submission
    lines: tuple[Line, ...]
    changes: tuple[Difference, ...]
    hints: tuple[Hint, ...]
    way: tuple[Stage, ...]
    papers: tuple[PaperFile, ...]
    home: Home | None
    helper: str
    permit_id: int = 0


def look(unit: Unit, reviewer: Reviewer, number: str, now: datetime) -> Case | None:
    """Open a submission, which is noted in the audit log; None for one that isn't there, or not theirs to see."""
    found = submissions.by_number(unit, number)
    if found is None or not reviewer.sees(found):
        return None
    permit = permits.open_of(unit, found.person_id)
    case = Case(
        submission=found,
        lines=tuple(_lines(found)),
        changes=_changes(unit, found),
        hints=hints(found, findings.of(unit, found)),
        way=tuple(_stage(step) for step in history.of(unit, found.id)),
        papers=tuple(_papers(unit, found)),
        permit_id=0 if permit is None else permit.id,
        home=_home(unit, found),
        helper=_helper(unit, found),
    )
    audit.append(unit, Act(Who("staff", reviewer.staff_id), "looked", _subject(found)), now)
    return case


def paper(unit: Unit, reviewer: Reviewer, number: str, file_id: str) -> tuple[PaperFile, bytes] | None:
    """One photo or PDF of a submission under review; None for who doesn't review it, or what isn't kept any more."""
    found = submissions.by_number(unit, number)
    mine = found is not None and (found.status, found.reviewer) == ("in_review", reviewer.staff_id)
    if found is None or not mine or not reviewer.sees(found) or file_id not in _file_ids(found):
        return None
    file, content = papers.get(unit, file_id), papers.content(unit, file_id)
    return None if file is None or content is None else (file, content)


def decide(unit: Unit, step: Step, reviewer: Reviewer, number: str, version: int, now: datetime) -> Deciding:
    """Take a step and note it in the audit log, in one transaction."""
    outcome = step(unit, reviewer, number, version)
    if isinstance(outcome, Done) and not outcome.again:
        found = outcome.submission
        act = Act(Who("staff", reviewer.staff_id), "decided", _subject(found), details={"as": found.status})
        audit.append(unit, act, now)
    return outcome


def _lines(found: Submission) -> list[Line]:
    may_ask = frozenset(review.askable(found))
    return [
        Line(step.name, step.codes, found.answers[step.name], step.name in may_ask)
        for step in FORMS[found.form].steps
        if step.name in found.answers and not step.hidden
    ]


def _stage(step: Passed) -> Stage:
    note = step.note if isinstance(step.note, dict) else {}
    asks = unpacked_asks(note.get("asks", {}))
    return Stage(step, tuple(asks.items()), unpacked(note.get("changes", [])), note.get("words", ""))


def _changes(unit: Unit, found: Submission) -> tuple[Difference, ...]:
    former = None if found.former_id is None else submissions.get(unit, found.former_id)
    return () if former is None or former.status == "erased" else against_former(former, found)


def _papers(unit: Unit, found: Submission) -> list[PaperFile]:
    files = (papers.get(unit, file_id) for file_id in _file_ids(found))
    return [file for file in files if file is not None]


def _helper(unit: Unit, found: Submission) -> str:
    helped = helps.by_draft(unit, found.draft)
    return "" if helped is None else helped.staff_id


def _home(unit: Unit, found: Submission) -> Home | None:
    address = value(found.answers, "address")
    return homes.at(unit, found.area, address) if address else None


def _file_ids(found: Submission) -> list[str]:
    sent = (found.answers[step].value for step in PAPER_STEPS if step in found.answers)
    return [file_id for value in sent if value for file_id in value["files"]]


def _subject(submission: Submission) -> Subject:
    return Subject("submission", str(submission.id))
