"""Causes in a talk: one that isn't finished, and the deadline of somebody who said when they arrived."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from handlers.forms.conditions import value
from handlers.forms.correction import CORRECTION
from handlers.forms.migrant import MIGRANT
from handlers.office.timing import timing_of
from handlers.reminders.entry import Cause, Causes, told
from handlers.visit import Office
from storage import conversations
from storage.records import Answers, Conversation
from storage.unit import Unit

OfTalk = Callable[[Office, Conversation, datetime], Cause | None]
CONSENTS = ("consent", "home_consent")


def each(of_talk: OfTalk) -> Causes:
    """The causes of talks, each looked at by itself."""

    def causes(unit: Unit, office: Office, ids: Sequence[int], now: datetime) -> Mapping[int, Cause]:
        return among(of_talk, conversations.several(unit, ids), office, now)

    return causes


def among(of_talk: OfTalk, talks: Iterable[Conversation], office: Office, now: datetime) -> Mapping[int, Cause]:
    """The same of talks that were read already."""
    found = ((one.id, of_talk(office, one, now)) for one in talks)
    return {number: cause for number, cause in found if cause is not None}


def unfinished(office: Office, conversation: Conversation, now: datetime) -> Cause | None:
    """A talk that somebody began, agreed to, and left; counted from the day they last said something."""
    agreed = next((talk for talk in _talks(conversation) if _agreed(talk[2])), None)
    if agreed is None:
        return None
    last_on = (conversation.updated_at or now).astimezone(office.zone).date()
    form, _, answers = agreed
    area = value(answers, "area") or ""
    return Cause(last_on, last_on, last_on, conversation.holder_id, conversation.id, area, {"form": form})


def arrived(office: Office, conversation: Conversation, now: datetime) -> Cause | None:
    """Who said when they arrived, and hasn't sent their registration: its deadline."""
    answers = next((told for form, _, told in _talks(conversation) if form == MIGRANT.name and _agreed(told)), {})
    timing = timing_of(office, answers, now)
    if timing is None:
        return None
    data = told(timing.due, timing.rule, timing.event_on, now.astimezone(office.zone).date())
    return Cause(
        timing.due.told, timing.event_on, timing.due.rolled, conversation.holder_id, conversation.id,
        value(answers, "area") or "", data,
    )  # fmt: skip


def under_deadline(office: Office, conversation: Conversation, now: datetime) -> bool:
    """Whether a registration is being filled in that is reminded of its own deadline."""
    return arrived(office, conversation, now) is not None


def matters(conversation: Conversation) -> tuple[object, ...]:
    """What of a conversation moves its reminders: unless this changes, a turn needn't plan anything."""
    talks = ((form, draft, answers) for form, draft, answers in _talks(conversation) if _agreed(answers))
    return tuple((form, draft, value(answers, "arrived_on")) for form, draft, answers in talks)


def _talks(conversation: Conversation) -> list[tuple[str, str, Answers]]:
    """The talks under way: the one going on, then those put aside; not those in which the office asks."""
    own = [(conversation.form, conversation.draft, conversation.answers)] if conversation.draft else []
    aside = [(talk.form, talk.draft, talk.answers) for talk in reversed(conversation.aside)]
    return [talk for talk in (*own, *aside) if talk[0] != CORRECTION.name]


def _agreed(answers: Answers) -> bool:
    """Whether they agreed that what they say is kept: nobody is reminded of what they only looked at."""
    return any(value(answers, name) == "agree" for name in CONSENTS)
