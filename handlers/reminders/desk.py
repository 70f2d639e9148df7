"""Reminders at the office's desk: who was told by telephone instead."""

from datetime import datetime
from typing import Literal

from handlers.office.lookup import Seeker
from storage import audit, reminder_lists
from storage.audit import Act, Subject
from storage.reminders import Reminder
from storage.unit import Unit

Told = Literal["called", "gone"]


def told(unit: Unit, seeker: Seeker, number: int, now: datetime) -> Told:
    """Somebody was told by telephone. A second click changes nothing; another area's reminder isn't there."""
    found = reminder_lists.one(unit, number, seeker.areas)
    if found is None:
        return "gone"
    if not reminder_lists.called(unit, number, now):
        return "called" if found.reason == reminder_lists.TOLD else "gone"
    audit.append(unit, Act(seeker.who, "called", _subject(unit, found), details={"reminder": number}), now)
    return "called"


def _subject(unit: Unit, found: Reminder) -> Subject:
    """What the person finds it under when they ask who looked."""
    submission = reminder_lists.submission_of(unit, found)
    return Subject("submission", str(submission)) if submission else Subject("conversation", str(found.conversation_id))
