"""Accounts: linking two of one person, leaving WeChat."""

import secrets
from dataclasses import replace
from datetime import date, datetime, timedelta

from handlers.messages import Reply
from handlers.office import outbox
from handlers.turns import Turn
from handlers.visit import Visit
from storage import accounts, conversations, deliveries, submissions
from storage.records import Conversation
from storage.unit import Unit

CODE_LASTS = timedelta(minutes=10)
TRIES_COUNT_FOR = timedelta(hours=1)
OWN_TRIES = 5
ALL_TRIES = 200


def give_code(visit: Visit) -> Turn:
    """A six-digit code with which another account of the same person can be linked."""
    holder = visit.conversation.holder_id
    if not holder:
        return visit.say("say/link_nothing")
    code = new_code(visit.unit, holder, visit.now)
    return visit.say("say/link_code", code=code, minutes=int(CODE_LASTS.total_seconds() // 60))


def new_code(unit: Unit, holder: str, now: datetime) -> str:
    """A code nobody else holds at the moment."""
    while True:
        code = f"{secrets.randbelow(1_000_000):06d}"
        if accounts.keep_code(unit, code, holder, now + CODE_LASTS):
            return code


def use_code(visit: Visit, code: str) -> Turn:
    """Link this account to the holder of a code; few tries, so that codes can't be guessed.

    What waited for the person to write on another account is said on this one, where they write now.
    """
    conversation = visit.conversation
    own, everyone = accounts.count_try(visit.unit, conversation.id, visit.now - TRIES_COUNT_FOR, visit.now)
    if own > OWN_TRIES or everyone > ALL_TRIES:
        return visit.say("say/link_too_many")
    holder = accounts.spend_code(visit.unit, code, visit.now)
    if holder is None:
        return visit.say("say/link_wrong")
    if conversation.holder_id and conversation.holder_id != holder:
        accounts.join(visit.unit, conversation.holder_id, holder)
    deliveries.release(visit.unit, conversation.id, visit.now, holder)
    return Turn(replace(conversation, holder_id=holder), (Reply("say/linked"),))


def unfollow(unit: Unit, conversation: Conversation | None, now: datetime, today: date) -> None:
    """WeChat demands that everything of an unfollowed account goes; what was submitted is the office's record.

    Source: WeChat event push, unsubscribe. Unfollowing twice is unfollowing once.
    """
    if conversation is None:
        return
    if conversation.holder_id:
        submissions.wechat_ended(unit, conversation.holder_id, today)
    outbox.leave(unit, conversation.id, now)
    conversations.erase(unit, conversation.id)


def code_for_receipt(unit: Unit, number: str, now: datetime) -> str | None:
    """A code for the person who shows a receipt (and an identity paper) at the counter; None for an unknown number."""
    submission = submissions.by_number(unit, number)
    return None if submission is None else new_code(unit, submission.holder_id, now)
