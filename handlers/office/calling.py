"""The call list at work: whom no message reaches, how to find them, and that they were told by telephone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from handlers.office.lookup import Seeker
from storage import audit, calls, submissions
from storage.audit import Act, Subject
from storage.calls import Call
from storage.records import Answer, Submission
from storage.unit import Unit

Told = Literal["done", "gone"]
FACTS = ("name", "phone", "address")


@dataclass(frozen=True, slots=True)
class Contact:
    """How somebody is found: what they registered last, as far as it was told."""

    name: str = ""
    phone: str = ""
    address: str = ""


def told(unit: Unit, seeker: Seeker, number: int, now: datetime) -> Told:
    """Somebody was told by telephone. A second click changes nothing; another area's row isn't there."""
    call = calls.call(unit, number, seeker.areas)
    if call is None:
        return "gone"
    if not calls.called(unit, number, now):
        return "done" if calls.was_called(unit, number) else "gone"
    audit.append(unit, Act(seeker.who, "called", _subject(call), details={"message": number}), now)
    return "done"


def contacts(unit: Unit, seeker: Seeker, listed: tuple[Call, ...], reason: str, now: datetime) -> dict[int, Contact]:
    """Name, telephone and address of those on a list, by message; each person sees that it was shown, and why."""
    found = {call.id: submissions.get(unit, call.submission_id) for call in listed if call.submission_id}
    for one in sorted({sent.id for sent in found.values() if sent is not None}):
        audit.append(unit, Act(seeker.who, "unmasked", Subject("submission", str(one)), reason), now)
    return {number: _contact(sent) for number, sent in found.items() if sent is not None}


def _contact(sent: Submission) -> Contact:
    given = {name: sent.answers.get(name, Answer("given", "")).value for name in FACTS}
    return Contact(**{name: str(value) for name, value in given.items() if value and value != "none"})


def _subject(call: Call) -> Subject:
    """What the person finds it under when they ask who looked."""
    if call.submission_id:
        return Subject("submission", str(call.submission_id))
    return Subject("conversation", str(call.conversation_id))
