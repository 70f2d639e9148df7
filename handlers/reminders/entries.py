"""The table of reminders: everything that people are reminded of, one entry each."""

from collections.abc import Mapping
from types import MappingProxyType

from handlers.reminders import again, homes, permits, sent, talks
from handlers.reminders.entry import Entry, Subject, by_id
from storage import conversations, duties, lease_days

TALKS = by_id(conversations.under_way)
DUTIES = by_id(duties.unmet_ids)
LEASES = by_id(lease_days.ids)
REMINDERS: tuple[Entry, ...] = (
    Entry(
        "unfinished_talk", "conversation", talks.each(talks.unfinished), TALKS, (1, 3, 7), late="skip",
        controls=("continue",), yields_to="registration_due",
    ),
    Entry(
        "registration_due", "conversation", talks.each(talks.arrived), TALKS, (-7, -3, -1, 0, 1, 7, 30),
        controls=("continue",),
    ),
    Entry(
        "registration_again", "submission", sent.each(again.refused, "refused"), again.candidates,
        (-7, -3, -1, 0, 1, 7, 30), controls=("start", "person"),
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
        "landlord_duty", "duty", homes.duty(employers=False), DUTIES, (-7, -1, 0, 1, 7, 30), late="alert",
        controls=("my_homes",),
    ),
    Entry(
        "employer_duty", "duty", homes.duty(employers=True), DUTIES, (-7, -1, 0, 1, 7, 30), late="alert",
        controls=("my_homes",),
    ),
    Entry("lease_ends", "lease", homes.lease, LEASES, (-30, -7, -1, 0), late="skip", controls=("lease", "change")),
    Entry("permit_may_apply", "prospect", permits.may_apply, permits.prospects, (-30, 0, 30), controls=("apply",)),
    Entry(
        "permit_ready", "permit", permits.to_fetch,
        permits.unplanned("permit_ready", ("card", "ready"), "ready_on", "ready_on"), (3, 10, 30),
        controls=("permit",),
    ),
    Entry(
        "endorsement", "permit", permits.to_endorse,
        permits.unplanned("endorsement", ("state", "issued"), "endorse_from_on", "endorse_by_on"),
        (-30, -14, -7, -1, 0), late="alert", controls=("endorse",),
    ),
    Entry(
        "permit_suspended", "permit", permits.suspended,
        permits.unplanned("permit_suspended", ("state", "suspended"), "suspended_on", "suspended_on"), (1, 7, 30),
        late="alert", controls=("endorse",),
    ),
)  # fmt: skip
BY_NAME: Mapping[str, Entry] = MappingProxyType({entry.name: entry for entry in REMINDERS})
# The entries about talks, and what finds their causes with a talk in hand.
OF_TALKS: tuple[tuple[Entry, talks.OfTalk], ...] = (
    (BY_NAME["unfinished_talk"], talks.unfinished),
    (BY_NAME["registration_due"], talks.arrived),
)


def about(subject: Subject) -> tuple[Entry, ...]:
    """The entries about one kind of subject."""
    return tuple(entry for entry in REMINDERS if entry.subject == subject)
