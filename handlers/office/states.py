"""The states of a submission, and who may lead it from one to the next."""

from collections.abc import Mapping
from types import MappingProxyType

from storage import history, reminders
from storage.history import Mark
from storage.records import Actor, State, Submission
from storage.unit import Unit

STAFF: frozenset[Actor] = frozenset({"staff"})
PERSON: frozenset[Actor] = frozenset({"person"})
PROGRAM: frozenset[Actor] = frozenset({"program"})

TRANSITIONS: Mapping[tuple[State, State], frozenset[Actor]] = MappingProxyType(
    {
        ("", "received"): PERSON,
        ("received", "in_review"): STAFF,
        ("in_review", "in_review"): STAFF,  # another reviewer takes over what was left lying
        ("in_review", "received"): STAFF,
        ("in_review", "needs_answers"): STAFF,
        ("needs_answers", "received"): PERSON,
        ("in_review", "registered"): STAFF,
        ("in_review", "refused"): STAFF,
        ("in_review", "left"): STAFF,
        ("in_review", "withdrawn"): STAFF | PERSON,
        # what is asked for about a permit
        ("in_review", "accepted"): STAFF,
        ("in_review", "endorsed"): STAFF,
        ("received", "withdrawn"): PERSON,
        ("needs_answers", "withdrawn"): PERSON,
        # a later submission takes this one's place, or ends it
        ("received", "changed"): STAFF,
        ("received", "moved"): STAFF,
        ("in_review", "changed"): STAFF,
        ("in_review", "moved"): STAFF,
        ("needs_answers", "changed"): STAFF,
        ("needs_answers", "moved"): STAFF,
        ("registered", "changed"): STAFF,
        ("registered", "moved"): STAFF,
        ("received", "left"): STAFF,
        ("needs_answers", "left"): STAFF,
        ("registered", "left"): STAFF,
        ("registered", "withdrawn"): STAFF,
        # the landlord says that they moved out: a question, until the person answers
        ("registered", "moved_out"): PROGRAM,
        ("moved_out", "registered"): STAFF | PERSON,
        ("moved_out", "changed"): STAFF,
        ("moved_out", "moved"): STAFF,
        ("moved_out", "left"): STAFF,
        ("moved_out", "withdrawn"): STAFF,
        # nothing asks for it any more, and the person wants it gone
        ("refused", "erased"): STAFF,
        ("withdrawn", "erased"): STAFF,
        ("changed", "erased"): STAFF,
        ("moved", "erased"): STAFF,
        ("left", "erased"): STAFF,
    }
)
OPEN: tuple[State, ...] = ("received", "in_review", "needs_answers")
STANDING: tuple[State, ...] = (*OPEN, "registered", "moved_out")


class ForbiddenStep(Exception):
    """A submission can't be led from one state to the other by this actor."""

    def __init__(self, came_from: str, to: str, actor: str) -> None:
        super().__init__(f"{(type(self).__doc__ or '').strip()} ({came_from} to {to}, {actor})")


def allows(came_from: State, to: State, actor: Actor) -> bool:
    """Whether the table has this step for this actor."""
    return actor in TRANSITIONS.get((came_from, to), frozenset())


SETTLED: Mapping[State, str] = MappingProxyType({"needs_answers": "answers_asked", "moved_out": "moved_out"})
LIVES_THERE_NO_MORE: frozenset[State] = frozenset({"moved", "left", "withdrawn", "refused"})
PAPERS_OPEN: frozenset[State] = frozenset({"received", "in_review"})


def lead(unit: Unit, submission: Submission, to: State, mark: Mark) -> Submission | None:
    """Take an allowed step; None if the submission moved on since it was read. Raises ForbiddenStep."""
    if not allows(submission.status, to, mark.actor):
        raise ForbiddenStep(submission.status, to, mark.actor)
    moved = history.move(unit, submission, to, mark)
    if moved is not None:
        _settle(unit, submission, to, mark)
    return moved


def _settle(unit: Unit, submission: Submission, to: State, mark: Mark) -> None:
    """Nobody is reminded of what a step has settled."""
    settled = [(SETTLED[submission.status], submission.id)] if submission.status in SETTLED else []
    if to not in PAPERS_OPEN and submission.status in PAPERS_OPEN:
        settled.append(("papers_promised", submission.id))
    if to in LIVES_THERE_NO_MORE:
        settled.append(("lease_ends", submission.id))
    reminders.cancel(unit, settled, to, mark.at)
