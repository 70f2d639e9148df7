"""The reviewer's steps: take, give back, approve, ask again, refuse. Each tells the person in the same transaction.

Every step names the version that the reviewer has seen; what somebody else did meanwhile comes back as a value.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from handlers.forms.entries import FORMS
from handlers.forms.permit import KINDS as PERMIT_KINDS
from handlers.messages import Reply, control
from handlers.office import certificates, permit_eligibility, permit_requests
from handlers.office.permit_desk import Desk
from handlers.office.reviewer import (
    Decided,
    Deciding,
    Done,
    NotTaken,
    Reviewer,
    Taken,
    TakenByAnother,
    Taking,
    Unfit,
)
from handlers.office.states import allows, lead
from handlers.office.tell import tell
from handlers.reasons import REFUSAL_REASONS, fits
from handlers.reminders import planning
from handlers.visit import Office
from storage import history, queue, submissions
from storage.audit import Who
from storage.history import Mark
from storage.matters import packed_asks
from storage.prospects import Prospect
from storage.records import Ask, State, Submission
from storage.unit import Unit

WAITING = frozenset({"received", "in_review"})
APPROVED: Mapping[str, State] = {
    "registration": "registered", "change": "registered", "leaving": "left", "withdrawal": "withdrawn",
    "permit": "accepted", "endorsement": "endorsed", "replacement": "accepted",
}  # fmt: skip
SAID: Mapping[State, str] = {"registered": "say/registered", "left": "say/left", "withdrawn": "say/withdrawn"}


def take_next(unit: Unit, reviewer: Reviewer, now: datetime, after: int = 0) -> Taken | None:
    """The oldest that waits in the reviewer's areas; what they have in review already comes first. None: all done.

    after: the id to go on from, for who wants to leave one out.
    """
    mine = queue.held(unit, reviewer.staff_id, now, after)
    kept = None if mine is None or not reviewer.sees(mine) else _renewed(unit, mine, reviewer, now)
    if kept is not None:
        return Taken(kept)
    found = queue.free(unit, reviewer.areas, now, after)
    while found is not None:
        taken = _lease(unit, found, reviewer, now) if _waits(found, now) else None
        if taken is not None:
            return Taken(taken)
        found = queue.free(unit, reviewer.areas, now, found.id)
    return None


def take(unit: Unit, reviewer: Reviewer, number: str, now: datetime) -> Taking:
    """Take a certain one, or keep it for longer; None for one that isn't there, or not theirs to see."""
    found = _seen(unit, reviewer, number)
    if found is None:
        return None
    if found.status not in WAITING:
        return _decided(unit, found)
    kept = _renewed(unit, found, reviewer, now)
    if kept is not None:
        return Taken(kept)
    if found.reviewer != reviewer.staff_id and _is_held(found, now):
        return TakenByAnother(found.reviewer, found.lease_until)
    taken = _lease(unit, found, reviewer, now)
    return take(unit, reviewer, number, now) if taken is None else Taken(taken)


def give_back(unit: Unit, reviewer: Reviewer, number: str, version: int, now: datetime) -> Deciding:
    """Let others have it."""
    return _step(unit, reviewer, number, version, "received", Mark("staff", now, reviewer.staff_id))


def approve(unit: Unit, reviewer: Reviewer, number: str, version: int, office: Office, now: datetime) -> Deciding:
    """Register it (or the change, the leaving, the withdrawal that it asks for), and tell the person.

    What is registered has its certificate from then on; that of what it takes the place of is over.
    """
    found = _seen(unit, reviewer, number)
    if found is None:
        return None
    if found.kind in PERMIT_KINDS:
        return _approve_of_permit(unit, reviewer, found, version, Desk(reviewer.staff_id, reviewer.areas, office, now))
    to = APPROVED[found.kind]
    outcome = _step(unit, reviewer, number, version, to, Mark("staff", now, reviewer.staff_id))
    if isinstance(outcome, Done) and not outcome.again:
        _end_former(unit, outcome.submission, reviewer.staff_id, now)
        if to == "registered":
            certificates.issue(unit, outcome.submission, office, now, Who("staff", reviewer.staff_id))
        prospect = permit_eligibility.settle(unit, outcome.submission.person_id, office, now)
        _tell(unit, outcome.submission, _approved(unit, outcome.submission, prospect), now)
    return outcome


def _approve_of_permit(unit: Unit, reviewer: Reviewer, found: Submission, version: int, desk: Desk) -> Deciding:
    """Accept or endorse; the permit's step and what the person is told go with it."""
    hinders = permit_requests.hinders(unit, found, desk)
    if hinders and found.status == "in_review":
        return Unfit(hinders)
    mark = Mark("staff", desk.now, reviewer.staff_id)
    outcome = _step(unit, reviewer, found.number, version, APPROVED[found.kind], mark)
    if isinstance(outcome, Done) and not outcome.again:
        permit_requests.approved(unit, outcome.submission, desk)
    return outcome


def ask_again(
    unit: Unit,
    reviewer: Reviewer,
    number: str,
    version: int,
    asks: Mapping[str, Ask],
    office: Office,
    now: datetime,
) -> Deciding:
    """Ask the person for these answers again, all at once, each with its reason."""
    found = _seen(unit, reviewer, number)
    if found is None:
        return None
    unfit = tuple(step for step, ask in asks.items() if step not in askable(found) or not fits(ask))
    if unfit or not asks:
        return Unfit(unfit)
    mark = Mark("staff", now, reviewer.staff_id, note={"asks": packed_asks(asks)})
    outcome = _step(unit, reviewer, number, version, "needs_answers", mark)
    if isinstance(outcome, Done) and not outcome.again:
        _tell(unit, outcome.submission, _asked(outcome.submission, asks), now)
        planning.plan(unit, "submission", outcome.submission.id, office, now)
    return outcome


def refuse(
    unit: Unit, reviewer: Reviewer, number: str, version: int, reason: Ask, office: Office, now: datetime
) -> Deciding:
    """Refuse it for a reason of the list or in own words, and tell the person; what it had silenced is due again."""
    if not fits(reason, REFUSAL_REASONS):
        return Unfit((reason.reason,))
    note = {"words": reason.words} if reason.words else None
    mark = Mark("staff", now, reviewer.staff_id, reason.reason, note)
    outcome = _step(unit, reviewer, number, version, "refused", mark)
    if isinstance(outcome, Done) and not outcome.again:
        if outcome.submission.kind == "endorsement":
            permit_requests.endorsement_refused(unit, outcome.submission, reviewer.staff_id, reason.reason, now)
        data = {"number": number, "kind": outcome.submission.kind, "reason": reason.reason, "words": reason.words}
        _tell(unit, outcome.submission, Reply("say/refused", data, (control("person"), control("my_data"))), now)
        planning.plan_over(unit, outcome.submission, office, now)
    return outcome


def askable(submission: Submission) -> tuple[str, ...]:
    """The steps whose answers may be asked for again: those a person sees in the summary. None of a leaving."""
    form = FORMS[submission.form]
    if submission.kind in {"leaving", "withdrawal"}:
        return ()
    return tuple(step.name for step in form.steps if not step.hidden and step.name in submission.answers)


def notice_key(submission: Submission) -> str:
    """The outbox's key of what is told about a submission's latest step."""
    return f"review:{submission.id}:{submission.version}"


def _step(unit: Unit, reviewer: Reviewer, number: str, version: int, to: State, mark: Mark) -> Deciding:
    """The step, if the reviewer has it in the version they saw."""
    found = _seen(unit, reviewer, number)
    if found is None:
        return None
    if found.version != version or found.reviewer != reviewer.staff_id or found.status != "in_review":
        return _told(unit, reviewer, found, version, to, mark)
    moved = lead(unit, found, to, mark)
    return _step(unit, reviewer, number, version, to, mark) if moved is None else Done(moved)


def _told(unit: Unit, reviewer: Reviewer, found: Submission, version: int, to: State, mark: Mark) -> Deciding:
    """Why the step can't be taken; the same click twice has done it already."""
    before = history.at(unit, found.id, version + 1)
    if before is not None and (before.went_to, before.staff_id) == (to, reviewer.staff_id):
        return Done(found, again=True)
    if found.status == "in_review" and found.reviewer != reviewer.staff_id:
        return TakenByAnother(found.reviewer, found.lease_until)
    return NotTaken(found) if found.status in WAITING else _decided(unit, found)


def _decided(unit: Unit, found: Submission) -> Decided:
    last = history.at(unit, found.id, found.version)
    return Decided(found, last.staff_id if last is not None else "")


def _lease(unit: Unit, found: Submission, reviewer: Reviewer, now: datetime) -> Submission | None:
    return lead(unit, found, "in_review", Mark("staff", now, reviewer.staff_id, until=now + reviewer.lease))


def _renewed(unit: Unit, found: Submission, reviewer: Reviewer, now: datetime) -> Submission | None:
    """Theirs for longer, if it is theirs. Renewing is no step: a page that is open stays true."""
    renewed = queue.renew(unit, found.id, reviewer.staff_id, now + reviewer.lease)
    return submissions.get(unit, found.id) if renewed else None


def _waits(found: Submission, now: datetime) -> bool:
    return found.status in WAITING and not _is_held(found, now)


def _is_held(found: Submission, now: datetime) -> bool:
    return found.status == "in_review" and found.lease_until is not None and found.lease_until >= now


def _seen(unit: Unit, reviewer: Reviewer, number: str) -> Submission | None:
    found = submissions.by_number(unit, number)
    return found if found is not None and reviewer.sees(found) else None


def _end_former(unit: Unit, submission: Submission, staff_id: str, now: datetime) -> None:
    """What this submission takes the place of, or ends, is over."""
    to = _former_ends(submission)
    mark = Mark("staff", now, staff_id, note={"by": submission.number})
    for former in _formers(unit, submission):
        if allows(former.status, to, "staff") and lead(unit, former, to, mark) is None:
            _end_former(unit, submission, staff_id, now)
        certificates.end_of(unit, former, to, Who("staff", staff_id), now)


def _formers(unit: Unit, submission: Submission) -> list[Submission]:
    """The one it is about; a change or a leaving is about all that was sent of that person before."""
    if submission.former_id is None:
        return []
    if submission.kind == "withdrawal":
        former = submissions.get(unit, submission.former_id)
        return [] if former is None else [former]
    sent = submissions.of_person(unit, submission.person_id)
    return [
        one
        for one in sent
        if one.id < submission.id and one.holder_id == submission.holder_id and one.kind in {"registration", "change"}
    ]


def _former_ends(submission: Submission) -> State:
    if submission.kind != "change":
        return submission.status
    changed = submission.answers.get("changed")
    return "moved" if changed is not None and changed.value == "address" else "changed"


def _approved(unit: Unit, submission: Submission, prospect: Prospect | None) -> Reply:
    former = None if submission.former_id is None else submissions.get(unit, submission.former_id)
    number = submission.number if former is None or submission.status == "registered" else former.number
    data: dict[str, Any] = {"number": number, "kind": submission.kind}
    if submission.status == "registered":
        data["permit_from"] = None if prospect is None else prospect.eligible_on.isoformat()
    names = (
        ("certificate", "my_data", "permit", "change", "law")
        if submission.status == "registered"
        else ("start", "my_data")
    )
    return Reply(SAID[submission.status], data, tuple(control(name) for name in names))


def _asked(submission: Submission, asks: Mapping[str, Ask]) -> Reply:
    lines: list[dict[str, Any]] = [
        {"step": step.name, "reason": asks[step.name].reason, "words": asks[step.name].words}
        for step in FORMS[submission.form].steps
        if step.name in asks
    ]
    return Reply(
        "say/ask_again",
        {"number": submission.number, "kind": submission.kind, "lines": lines},
        (control("answers"), control("person")),
    )


def _tell(unit: Unit, submission: Submission, reply: Reply, now: datetime) -> None:
    tell(unit, notice_key(submission), submission.holder_id, reply, now)
