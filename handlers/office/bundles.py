"""What becomes of a message to many: taken by the platform, repeated under the same name, or left for each person."""

from datetime import datetime

from handlers.office.outbox import ATTEMPTS, UNTIL_WRITTEN, Failure, pause
from storage import bundles
from storage.bundles import Bundle
from storage.deliveries import WAITING_FOR_THE_PERSON
from storage.unit import Unit

FEWEST = 2  # WeChat's mass sending by list
MOST = 10_000


def leave_to_each(unit: Unit, bundle: Bundle, now: datetime) -> None:
    """Each hears it when they write."""
    bundles.dissolve(unit, bundle, WAITING_FOR_THE_PERSON, now, now + UNTIL_WRITTEN)


def note_failure(failure: Failure, unit: Unit, bundle: Bundle, now: datetime) -> None:
    """A repeated call has the same name, so that nobody hears it twice; where it can't pass, each waits."""
    may_pass = (failure.retryable or failure.unknown) and bundle.attempts < ATTEMPTS
    if may_pass:
        outcome = "unknown" if failure.unknown else "refused"
        bundles.again(unit, bundle, outcome, failure.reason, now, now + pause(bundle.attempts, failure.after))
    elif failure.unknown:
        bundles.end(unit, bundle, "unknown", "failed", "unknown", now)
    else:
        leave_to_each(unit, bundle, now)
