"""A reviewer, and what can come of a step of theirs."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.queue import Areas
from storage.records import Submission

LEASE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Reviewer:
    """A member of the staff at the queue: the areas they may see (None: all), how long they keep what they take."""

    staff_id: str
    areas: Areas = None
    lease: timedelta = LEASE

    def sees(self, submission: Submission) -> bool:
        """Whether it is of their areas."""
        return self.areas is None or submission.area in self.areas


@dataclass(frozen=True, slots=True)
class Taken:
    """The reviewer has it, until the lease ends."""

    submission: Submission


@dataclass(frozen=True, slots=True)
class Done:
    """The step was taken, by this click or (`again`) the same one before."""

    submission: Submission
    again: bool = False


@dataclass(frozen=True, slots=True)
class Decided:
    """It is not up for review any more: somebody decided, or the person withdrew it or is asked."""

    submission: Submission
    by: str


@dataclass(frozen=True, slots=True)
class TakenByAnother:
    """Another reviewer has it, until then."""

    by: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class NotTaken:
    """It waits in the queue: take it first, for it may have changed."""

    submission: Submission


@dataclass(frozen=True, slots=True)
class Unfit:
    """What was asked for can't be: which steps or reasons."""

    what: tuple[str, ...]


Taking = Taken | Decided | TakenByAnother | None
Deciding = Done | Decided | TakenByAnother | NotTaken | Unfit | None
