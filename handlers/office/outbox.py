"""What becomes of a message on its way out: begun, sent, tried again, given to another account, or ended."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers import turns
from handlers.office import ways
from handlers.office.ways import Shut, Way
from handlers.turns import Answered
from storage import announcements, attempts, claims, conversations, deliveries
from storage.deliveries import QUOTA, Terms
from storage.records import Account, Delivery, Reach
from storage.unit import Unit

ATTEMPTS = 16  # with their pauses over six hours: a platform may be gone for a morning
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)
AWAY_PAUSE = timedelta(days=7)  # what waits for somebody who is away is said as soon as they are back
ASKING_PAUSE = timedelta(seconds=3)  # the other copies have answered long before
UNTIL_WRITTEN = timedelta(days=365)  # what waits for the person is released by their next message

Message = Callable[[int, str], Answered]  # of a conversation and its language


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a message did not go out.

    after: seconds the platform asks to wait; reach: what this account turned out to be, where nothing reaches it any
    more; away: nobody listens at the moment; unknown: it may have gone out all the same; closed: the platform allows
    it only after the person has written; said: how many parts of a long message have gone out; closes: what of the
    way's limits the platform says is used up, `ways.GRANT` or a quota's name, so that another way is tried.
    """

    reason: str
    retryable: bool
    after: float | None = None
    reach: Reach | None = None
    away: bool = False
    unknown: bool = False
    closed: bool = False
    said: int = 0
    closes: str = ""


def tell(unit: Unit, key: str, holder_id: str, message: Message, now: datetime, terms: Terms) -> bool:
    """Write a message for a person: to the account they prefer, else the one used last, of those that can be reached.

    Where none can be, it goes to the first all the same, so that it fails and the office telephones. False if the
    same thing (`key`) is there already, or the person has no account at all.
    """
    accounts = conversations.of_holder(unit, holder_id) if holder_id else ()
    reachable = [account for account in accounts if account.reach == "reachable"]
    for account in (*reachable, *accounts)[:1]:
        return tell_account(unit, key, account.conversation_id, message, now, terms)
    return False


def tell_account(unit: Unit, key: str, conversation_id: int, message: Message, now: datetime, terms: Terms) -> bool:
    """Write a message for one account; False if the same thing is there already, or the account is erased."""
    language = conversations.language_of(unit, conversation_id) or "zh"
    said = turns.packed(message(conversation_id, language))
    return deliveries.enqueue(unit, key, conversation_id, said, now, terms)


def ask_copies(unit: Unit, delivery: Delivery, now: datetime) -> bool:
    """Let the copy take it that has the person's page open; False without other copies, or where all were asked."""
    if delivery.asked or not announcements.reach_others(unit):
        return False
    reason = claims.ASKED_LATE if delivery.late else claims.ASKED
    index = conversations.address_index(unit, delivery.channel, delivery.address)
    announcements.announce(unit, f"{delivery.channel}:{index.hex()}")
    return claims.again(unit, delivery, reason, now + ASKING_PAUSE)


def note_sent(unit: Unit, delivery: Delivery, platform_id: str, now: datetime) -> None:
    """The platform took it; with an id it will tell later what became of it."""
    claims.finish(unit, delivery, "accepted" if platform_id else "sent", "", now)
    if platform_id:
        claims.accept(unit, delivery, platform_id, now)
    else:
        claims.end(unit, delivery.id, delivery.claim, "sent", "", now)


def note_failure(unit: Unit, delivery: Delivery, way: Way, failure: Failure, now: datetime) -> None:
    """It did not go out, or nobody knows."""
    is_news = claims.finish(unit, delivery, "unknown" if failure.unknown else "refused", failure.reason, now)
    if failure.unknown:
        _try_again_if_allowed(unit, delivery, failure, now)
        return
    if is_news:  # a round that is broken off may say the same twice
        ways.give_back(unit, delivery.conversation_id, way, claims.begun_at(unit, delivery) or now)
    if failure.closes and delivery.attempts < ATTEMPTS:
        ways.close(unit, delivery.conversation_id, way, failure.closes, now)
        claims.again(unit, delivery, failure.reason, now, said=failure.said)
    else:
        _give_up_or_wait(unit, delivery, failure, now)


def take_back(unit: Unit, delivery: Delivery, way: Way, after: float, now: datetime) -> None:
    """It was begun and has certainly not left: no attempt after all, and due again in so many seconds."""
    begun_at = claims.begun_at(unit, delivery) or now
    if attempts.unbegin(unit, delivery, now + timedelta(seconds=after)):
        ways.give_back(unit, delivery.conversation_id, way, begun_at)


def _give_up_or_wait(unit: Unit, delivery: Delivery, failure: Failure, now: datetime) -> None:
    if failure.closed:
        _wait_for_the_person(unit, delivery, now, failure.said)
    elif failure.reach is not None:
        conversations.set_reach(unit, delivery.conversation_id, failure.reach)
        _go_elsewhere(unit, delivery, failure.reason, now)
    elif failure.away:
        _wait_until_back(unit, delivery, failure, now)
    elif not failure.retryable or delivery.attempts >= ATTEMPTS:
        _fail(unit, delivery, failure.reason, now)
    else:
        due_at = now + pause(delivery.attempts, failure.after)
        claims.again(unit, delivery, failure.reason, due_at, said=failure.said)


def is_back(unit: Unit, channel: str, address: str, now: datetime) -> None:
    """Somebody can hear things on an account again: what waited for them to write goes there."""
    found = conversations.find(unit, channel, address)
    if found is not None and found.held:
        deliveries.release(unit, found.id, now)


def leave(unit: Unit, conversation_id: int, now: datetime) -> None:
    """The person erases an account: what waits there goes to another of theirs, or has failed and is the office's."""
    holder = conversations.holder_of(unit, conversation_id)
    theirs = conversations.of_holder(unit, holder) if holder else ()
    for account in theirs:
        if account.conversation_id != conversation_id and account.reach == "reachable":
            deliveries.move(unit, conversation_id, account.conversation_id, now)
            break
    deliveries.wipe(unit, conversation_id, "unfollowed", now)


def pause(attempts: int, after: float | None) -> timedelta:
    """How long to wait: what the platform asked for, else doubling pauses with jitter, at most an hour."""
    if after is not None:
        return timedelta(seconds=after)
    doubled = min(FIRST_PAUSE.total_seconds() * 2 ** (attempts - 1), LONGEST_PAUSE.total_seconds())
    return timedelta(seconds=doubled) * random.uniform(0.75, 1.25)  # noqa: S311 -- jitter, not a secret


def _try_again_if_allowed(unit: Unit, delivery: Delivery, failure: Failure, now: datetime) -> None:
    """An attempt whose outcome nobody knows may be a second copy, so there are few of them; none for broadcasts."""
    if delivery.unknown + 1 > claims.UNKNOWN_ALLOWED[delivery.kind]:
        _fail(unit, delivery, "unknown", now)
    else:
        due_at = now + pause(delivery.attempts, failure.after)
        claims.again(unit, delivery, failure.reason, due_at, unknown=True, said=failure.said)


def _go_elsewhere(unit: Unit, delivery: Delivery, reason: str, now: datetime) -> None:
    """Another account of the person that can be reached gets it; else it has failed."""
    if not _handed_over(unit, delivery, reason, now):
        _fail(unit, delivery, reason, now)


def put_off(unit: Unit, delivery: Delivery, shut: Shut, now: datetime) -> None:
    """No way is open: the person is lost here, or a quota begins anew, or they have to write."""
    reach = _reach(unit, delivery)
    if reach != "reachable":
        _go_elsewhere(unit, delivery, reach, now)
    elif shut.until is None:
        _wait_for_the_person(unit, delivery, now)
    elif not _handed_over(unit, delivery, QUOTA, now):
        claims.again(unit, delivery, QUOTA, shut.until)
        conversations.hold(unit, delivery.conversation_id)


def _wait_for_the_person(unit: Unit, delivery: Delivery, now: datetime, said: int = 0) -> None:
    """The window is closed: another account gets it, or it waits until they write on any."""
    if not _handed_over(unit, delivery, deliveries.WAITING_FOR_THE_PERSON, now):
        claims.again(unit, delivery, deliveries.WAITING_FOR_THE_PERSON, now + UNTIL_WRITTEN, said=said)
        conversations.hold(unit, delivery.conversation_id)


def _wait_until_back(unit: Unit, delivery: Delivery, failure: Failure, now: datetime) -> None:
    """Nobody listens here now: another account gets it, an answer apart, which belongs to its talk."""
    if delivery.kind == "answer" or not _handed_over(unit, delivery, failure.reason, now):
        claims.again(unit, delivery, failure.reason, now + AWAY_PAUSE, said=failure.said)


def _handed_over(unit: Unit, delivery: Delivery, reason: str, now: datetime) -> bool:
    others = _others(unit, delivery)
    return any(deliveries.hand_over(unit, delivery, a.conversation_id, reason, now) for a in others)


def _reach(unit: Unit, delivery: Delivery) -> Reach:
    """Whether the account can be written to; who has just asked something is answered in any case."""
    account = conversations.account(unit, delivery.conversation_id)
    return "reachable" if account is None or delivery.kind == "answer" else account.reach


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


def _fail(unit: Unit, delivery: Delivery, reason: str, now: datetime) -> None:
    claims.end(unit, delivery.id, delivery.claim, "failed", reason, now)
