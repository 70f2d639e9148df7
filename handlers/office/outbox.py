"""What becomes of a message on its way out: begun, sent, tried again, given to another account, or ended."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage import claims, conversations, deliveries
from storage.records import Account, Delivery, Reach
from storage.unit import Unit

ATTEMPTS = 8
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)
AWAY_PAUSE = timedelta(days=7)  # what waits for somebody who is away is said as soon as they are back
UNTIL_WRITTEN = timedelta(days=365)  # what waits for the person is released by their next message


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a message did not go out.

    after: seconds the platform asks to wait; reach: what this account turned out to be, where nothing reaches it any
    more; away: nobody listens at the moment; unknown: it may have gone out all the same; closed: the platform allows
    it only after the person has written; said: how many parts of a long message have gone out.
    """

    reason: str
    retryable: bool
    after: float | None = None
    reach: Reach | None = None
    away: bool = False
    unknown: bool = False
    closed: bool = False
    said: int = 0


def begin(unit: Unit, delivery: Delivery, cost: int, now: datetime) -> Delivery | None:
    """Begin an attempt; None where the claim was lost or this account can't be told anything now.

    `cost`: how many of the platform's counted messages it takes.
    """
    reach = next((a.reach for a in _accounts(unit, delivery) if a.conversation_id == delivery.conversation_id), None)
    if reach not in {None, "reachable"} and delivery.kind != "answer":
        _go_elsewhere(unit, delivery, str(reach), now)
        return None
    if cost and not conversations.spend(unit, delivery.conversation_id, cost, now):
        _wait_for_the_person(unit, delivery, now)
        return None
    return claims.begin(unit, delivery, now)


def note_sent(unit: Unit, delivery: Delivery, platform_id: str, now: datetime) -> str:
    """The platform took it; with an id it will tell later what became of it. The end that was reached, or empty."""
    claims.finish(unit, delivery, "accepted" if platform_id else "sent", "", now)
    if platform_id:
        claims.accept(unit, delivery, platform_id, now)
        return ""
    return "sent" if claims.end(unit, delivery.id, delivery.claim, "sent", "", now) else ""


def note_failure(unit: Unit, delivery: Delivery, failure: Failure, now: datetime) -> str:
    """It did not go out, or nobody knows. The end that was reached, or empty."""
    claims.finish(unit, delivery, "unknown" if failure.unknown else "refused", failure.reason, now)
    if failure.unknown:
        return _try_again_if_allowed(unit, delivery, failure, now)
    if failure.closed:
        _wait_for_the_person(unit, delivery, now, failure.said)
        return ""
    if failure.reach is not None:
        conversations.set_reach(unit, delivery.conversation_id, failure.reach)
        return _go_elsewhere(unit, delivery, failure.reason, now)
    if failure.away:
        claims.again(unit, delivery, failure.reason, now + AWAY_PAUSE, said=failure.said)
        return ""
    if not failure.retryable or delivery.attempts >= ATTEMPTS:
        return _end(unit, delivery, "failed", failure.reason, now)
    claims.again(unit, delivery, failure.reason, now + pause(delivery.attempts, failure.after), said=failure.said)
    return ""


def pause(attempts: int, after: float | None) -> timedelta:
    """How long to wait: what the platform asked for, else doubling pauses with jitter, at most an hour."""
    if after is not None:
        return timedelta(seconds=after)
    doubled = min(FIRST_PAUSE.total_seconds() * 2 ** (attempts - 1), LONGEST_PAUSE.total_seconds())
    return timedelta(seconds=doubled) * random.uniform(0.75, 1.25)  # noqa: S311 -- jitter, not a secret


def _try_again_if_allowed(unit: Unit, delivery: Delivery, failure: Failure, now: datetime) -> str:
    """An attempt whose outcome nobody knows may be a second copy, so there are few of them; none for broadcasts."""
    if delivery.unknown + 1 > claims.UNKNOWN_ALLOWED[delivery.kind]:
        return _end(unit, delivery, "failed", "unknown", now)
    due_at = now + pause(delivery.attempts, failure.after)
    claims.again(unit, delivery, failure.reason, due_at, unknown=True, said=failure.said)
    return ""


def _go_elsewhere(unit: Unit, delivery: Delivery, reason: str, now: datetime) -> str:
    """Another account of the person that can be reached gets it, the one used last first; else it has failed."""
    for account in _others(unit, delivery):
        if deliveries.hand_over(unit, delivery, account.conversation_id, reason, now):
            return "replaced"
    return _end(unit, delivery, "failed", reason, now)


def _wait_for_the_person(unit: Unit, delivery: Delivery, now: datetime, said: int = 0) -> None:
    """The window is closed: another account gets it, or it waits until they write."""
    for account in _others(unit, delivery):
        if deliveries.hand_over(unit, delivery, account.conversation_id, deliveries.WAITING_FOR_THE_PERSON, now):
            return
    claims.again(unit, delivery, deliveries.WAITING_FOR_THE_PERSON, now + UNTIL_WRITTEN, said=said)
    conversations.hold(unit, delivery.conversation_id)


def _others(unit: Unit, delivery: Delivery) -> list[Account]:
    accounts = _accounts(unit, delivery)
    return [a for a in accounts if a.conversation_id != delivery.conversation_id and a.reach == "reachable"]


def _accounts(unit: Unit, delivery: Delivery) -> tuple[Account, ...]:
    """This account and the person's others."""
    own = conversations.account(unit, delivery.conversation_id)
    if own is None:
        return ()
    holder = conversations.holder_of(unit, delivery.conversation_id)
    return conversations.of_holder(unit, holder) if holder else (own,)


def _end(unit: Unit, delivery: Delivery, state: str, reason: str, now: datetime) -> str:
    return state if claims.end(unit, delivery.id, delivery.claim, state, reason, now) else ""
