"""The table of reminders: everything that people are reminded of, one entry each."""

from collections.abc import Mapping
from types import MappingProxyType

from handlers.reminders import homes, sent, talks
from handlers.reminders.entry import Entry, Subject

REMINDERS: tuple[Entry, ...] = (
    Entry(
        "unfinished_talk", "conversation", talks.unfinished, talks.candidates, (1, 3, 7), late="skip",
        controls=("continue",), yields_to="registration_due",
    ),
    Entry(
        "registration_due", "conversation", talks.arrived, talks.candidates, (-7, -3, -1, 0, 1, 7, 30),
        controls=("continue",),
    ),
    Entry(
        "answers_asked", "submission", sent.each(sent.asked, "needs_answers"), sent.in_states("needs_answers"),
        (2, 5, 10, 30), controls=("answers",),
    ),
    Entry(
        "papers_promised", "submission", sent.each(sent.promised, "received", "in_review"),
        sent.in_states("received", "in_review"), (3, 7, 30), late="skip", controls=("my_data",),
    ),
    Entry(
        "moved_out", "submission", sent.each(sent.moved_out, "moved_out"), sent.in_states("moved_out"),
        (-7, -3, -1, 0, 1, 7, 30), controls=("change", "leave"),
    ),
    Entry(
        "landlord_duty", "duty", homes.duty(employers=False), homes.open_duties, (-7, -1, 0, 1, 7, 30), late="alert",
        controls=("my_homes",),
    ),
    Entry(
        "employer_duty", "duty", homes.duty(employers=True), homes.open_duties, (-7, -1, 0, 1, 7, 30), late="alert",
        controls=("my_homes",),
    ),
)  # fmt: skip
BY_NAME: Mapping[str, Entry] = MappingProxyType({entry.name: entry for entry in REMINDERS})


def about(subject: Subject) -> tuple[Entry, ...]:
    """The entries about one kind of subject."""
    return tuple(entry for entry in REMINDERS if entry.subject == subject)
