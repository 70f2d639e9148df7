"""What people do with a broadcast that they heard: say that they have read it, or answer it."""

from datetime import timedelta

from handlers.messages import Reply, control
from handlers.office import requests, talks
from handlers.turns import Turn
from handlers.visit import Visit
from storage import broadcast_people, broadcasts
from storage.broadcast_people import Told

ANSWERS_FOR = timedelta(days=2)  # later words are taken for an answer only with `reply:` before them
LONGEST = 1000


def confirmed(visit: Visit, argument: str) -> Turn | None:
    """The button or its words; None where there is nothing to confirm."""
    told = _told(visit, int(argument) if argument.isdecimal() and len(argument) < len(str(2**31)) else 0)
    if told is None or _asks(visit, told) != "read":
        return None
    broadcast_people.confirm(visit.unit, told.row, visit.now)
    said = Reply("say/broadcast_read")
    return Turn(visit.conversation, (said,)) if visit.conversation.hand_over else _beside(visit, said)


def answered(visit: Visit) -> Turn | None:
    """`reply: …`: to the last broadcast; without words how to write them."""
    told = _told(visit)
    if told is None:
        return None
    found = requests.WORDED.match(visit.incoming.text)
    return _kept(visit, told, found["words"]) if found else _beside(visit, Reply("say/broadcast_how"))


def spoken(visit: Visit) -> Turn | None:
    """Words out of the blue, soon after a broadcast that asks for an answer and has none yet; else None."""
    if visit.is_talking or not visit.incoming.text.strip() or visit.conversation.status == "new":
        return None
    told = _told(visit)
    if told is None or told.answered_at is not None or _asks(visit, told) != "answer":
        return None
    is_fresh = told.sent_at is None or visit.now - told.sent_at < ANSWERS_FOR
    return _kept(visit, told, visit.incoming.text.strip()) if is_fresh else None


def _kept(visit: Visit, told: Told, words: str) -> Turn:
    broadcast_people.keep_answer(visit.unit, told, visit.conversation.id, words[:LONGEST], visit.now)
    return _beside(visit, Reply("say/broadcast_answered", {}, (control("start"), control("person"))))


def _beside(visit: Visit, said: Reply) -> Turn:
    return talks.present(visit, said) if visit.is_talking else Turn(visit.conversation, (said,))


def _told(visit: Visit, broadcast_id: int = 0) -> Told | None:
    return broadcast_people.heard(visit.unit, visit.conversation.id, visit.conversation.holder_id, broadcast_id)


def _asks(visit: Visit, told: Told) -> str:
    found = broadcasts.get(visit.unit, told.broadcast_id)
    return "" if found is None else found.content.ask
