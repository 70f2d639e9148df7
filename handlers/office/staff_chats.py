"""A member of the staff links an own chat account by a code of the console, and unlinks it there.

Whoever types a wrong code is answered as after any other words: nobody learns that there is such a thing.
"""

import secrets
from datetime import datetime, timedelta

from handlers.messages import Reply
from handlers.visit import Visit
from storage import accounts, audit, staff_chats
from storage.audit import Act, Subject, Who
from storage.staff import Member
from storage.unit import Unit

CODE_LASTS = timedelta(minutes=10)
LINK_LASTS = timedelta(days=30)
TRIES_COUNT_FOR = timedelta(hours=1)
OWN_TRIES = 5
ALL_TRIES = 200
KIND = "desk"


def new_code(unit: Unit, member: Member, now: datetime) -> str:
    """A code that nobody else holds at the moment; older ones of this member count no more."""
    while True:
        code = f"{secrets.randbelow(1_000_000):06d}"
        if staff_chats.keep_code(unit, code, member.id, now + CODE_LASTS):
            return code


def take_up(visit: Visit, code: str) -> Reply | None:
    """Link this account to the member of a code; None for a wrong one, and after too many of them."""
    unit, conversation, since = visit.unit, visit.conversation.id, visit.now - TRIES_COUNT_FOR
    own, everyone = accounts.tries_since(unit, conversation, since, KIND)
    if own >= OWN_TRIES or everyone >= ALL_TRIES:
        return None
    member = staff_chats.spend_code(unit, code, visit.now)
    if member is None:
        accounts.count_try(unit, conversation, since, visit.now, KIND)
        return None
    staff_chats.link(unit, conversation, member.id, visit.now, visit.now + LINK_LASTS)
    _note(unit, member, member, "chat_linked", visit.now, channel=visit.conversation.channel)
    return Reply("say/desk_linked", {"name": member.name, "days": LINK_LASTS.days})


def unlink(unit: Unit, member: Member, conversation_id: int, now: datetime) -> None:
    """The member takes an own account away; done twice it is done once."""
    if staff_chats.unlink(unit, member.id, conversation_id):
        _note(unit, member, member, "chat_unlinked", now)


def end_all(unit: Unit, member: Member, now: datetime) -> None:
    """The member is disabled or sets everything up anew: no account of theirs is linked any more."""
    ended = staff_chats.forget(unit, member.id)
    if ended:
        _note(unit, None, member, "chat_unlinked", now, accounts=ended)


def _note(unit: Unit, by: Member | None, member: Member, action: str, now: datetime, **details: object) -> None:
    who = audit.PROGRAM if by is None else Who("staff", by.code)
    audit.append(unit, Act(who, action, Subject("staff", str(member.id)), details=details), now)
