"""What the records say about a submission: the material of the reviewer's hints."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, func, or_, select

from storage import homes, permits, prospects, submissions, tables
from storage.records import Submission
from storage.unit import Unit

LIVING = ("received", "in_review", "needs_answers", "registered")
KINDS = ("registration", "change")

_rows = tables.submissions.c


@dataclass(frozen=True, slots=True)
class Findings:
    """Of the same person: numbers of other standing registrations, and other names told; and how many people have
    the mobile number or live in the home, this one included. holds: how many may live in the home, where its landlord
    has told (0: nobody knows). permit: whether they have one; eligible_on: from when they may apply."""

    others: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    on_phone: int = 0
    in_home: int = 0
    holds: int = 0
    permit: bool = False
    eligible_on: date | None = None


def of(unit: Unit, submission: Submission) -> Findings:
    """Look around a submission."""
    waits = prospects.get(unit, submission.person_id) if submission.kind == "permit" else None
    same = [one for one in submissions.of_person(unit, submission.person_id) if one.id != submission.id]
    return Findings(
        others=tuple(one.number for one in same if _stands_beside(one, submission)),
        names=_other_names(unit, submission, same),
        on_phone=_people(unit, submission, _rows.phone_index, _phone(unit, submission)),
        in_home=_people(unit, submission, _rows.home_index, _home(unit, submission)),
        holds=_holds(unit, submission),
        permit=_has_permit(unit, submission),
        eligible_on=None if waits is None else waits.eligible_on,
    )


def _has_permit(unit: Unit, submission: Submission) -> bool:
    """Whether the person has a permit already, or one in use that is asked for again."""
    permit = permits.open_of(unit, submission.person_id)
    if permit is None:
        return False
    return permit.submission_id != submission.id if submission.kind == "permit" else permit.is_in_use


def _stands_beside(one: Submission, submission: Submission) -> bool:
    """A registration of the same person that this one isn't about. One's own account may have told of a change."""
    about = submission.former_id is not None and one.holder_id == submission.holder_id
    return one.status in LIVING and one.kind in KINDS and not about


def _other_names(unit: Unit, submission: Submission, same: list[Submission]) -> tuple[str, ...]:
    number, name = (_value(submission, step) for step in ("id_number", "name"))
    if number in {None, "none"}:
        return ()
    told = [submissions.person(unit, number).get("name"), *(_value(one, "name") for one in same)]
    return tuple(dict.fromkeys(other for other in told if other and other != name))


def _people(unit: Unit, submission: Submission, column: Any, index: bytes | None) -> int:
    """How many different people there are under an index; this submission's person counts."""
    if index is None:
        return 0
    lives = and_(_rows.status.in_(LIVING), _rows.kind.in_(KINDS))
    found = select(func.count(_rows.person_id.distinct())).where(column == index, or_(lives, _rows.id == submission.id))
    return int(unit.execute(found).scalar_one())


def _phone(unit: Unit, submission: Submission) -> bytes | None:
    phone = _value(submission, "phone")
    return submissions.phone_index(unit, phone) if phone else None


def _home(unit: Unit, submission: Submission) -> bytes | None:
    address = _value(submission, "address")
    return submissions.home_index(unit, submission.area, address) if address else None


def _holds(unit: Unit, submission: Submission) -> int:
    address = _value(submission, "address")
    home = homes.at(unit, submission.area, address) if address else None
    return 0 if home is None else home.capacity or 0


def _value(submission: Submission, step: str) -> Any:
    answer = submission.answers.get(step)
    return None if answer is None else answer.value
