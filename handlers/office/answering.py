"""A hand-over from the staff's side: taken by one, answered through the outbox, given on, handed back to the bot.

Whoever changes one holds its conversation's row, as a message of the person does: so of two clicks at once the second
finds what the first did.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from handlers import turns
from handlers.messages import Incoming, Reply
from handlers.office import talks
from handlers.office.handing_over import went_on
from handlers.office.rights import can, covers
from handlers.turns import Answered
from handlers.visit import Office, enter
from storage import conversations, deliveries, hand_overs, staff
from storage.hand_overs import HandOver, Line, Why
from storage.records import Area, Conversation
from storage.staff import Member
from storage.unit import Unit

LONGEST = 600  # characters: in Chinese one message of WeChat's 2,048 bytes, so one of the few that its window allows
AT_ONCE = 20

Outcome = Literal["done", "gone", "over", "another", "empty", "long", "colleague"]
TELLS: dict[Why, str] = {
    "handed_back": "say/handed_back",
    "no_answer": "say/nobody_answered",
    "quiet": "say/talk_quiet",
}


@dataclass(frozen=True, slots=True)
class Clerk:
    """Who answers: their staff code, and the areas whose people they may talk to (None: all)."""

    code: str
    areas: frozenset[str] | None

    def sees(self, talk: HandOver) -> bool:
        """Whether it is theirs to answer; who belongs to no area yet is everybody's."""
        return self.areas is None or not talk.area or talk.area in self.areas


def take(unit: Unit, clerk: Clerk, number: int, expected: str, now: datetime) -> Outcome:
    """Take a talk from nobody, or from the colleague who is `expected` to have it.

    One that nobody answered stays over, so that the bot goes on serving, until the first word to the person.
    """
    found = _held(unit, clerk, number)
    if found is None:
        return "gone"
    talk, _ = found
    if talk.taken_by == clerk.code:
        return "done"
    if not talk.is_open and not talk.is_unanswered:
        return "over"
    if talk.taken_by != expected:
        return "another"
    hand_overs.save(unit, _taken(unit, clerk, talk, now))
    return "done"


def say(unit: Unit, clerk: Clerk, number: int, text: str, once: str, office: Office, now: datetime) -> Outcome:
    """Answer the person, once for each `once`; whoever answers a talk that nobody has takes it."""
    found = _held(unit, clerk, number)
    if found is None:
        return "gone"
    talk, conversation = found
    if hand_overs.has_line(unit, talk.id, _once(once)):
        return "done"
    refused = _refusal(talk, conversation, clerk, text)
    if refused is not None:
        return refused
    if not talk.is_open:
        conversations.hand_over(unit, conversation.id, talk.id)
        talk = replace(talk, ended_at=None, why="")
    if talk.taken_by != clerk.code:
        talk = _taken(unit, clerk, talk, now)
    line = hand_overs.add_line(unit, talk.id, Line("staff", "words", text, now, clerk.code), _once(once))
    words = Reply("say/staff_words", {"code": clerk.code, "text": text})
    _tell(unit, key_of(line or 0), conversation, (words,), now)
    until = now + office.silence.quiet
    hand_overs.save(unit, replace(talk, said_at=now, waits_since=None, silent_until=until))
    return "done"


def give(unit: Unit, clerk: Clerk, number: int, to: str, areas: tuple[Area, ...], now: datetime) -> Outcome:
    """Let a colleague go on who may answer there."""
    found = _held(unit, clerk, number)
    if found is None:
        return "gone"
    talk, _ = found
    if not talk.is_open:
        return "over"
    if talk.taken_by not in {"", clerk.code, to}:
        return "another"
    if to not in {member.code for member in colleagues(unit, talk, areas)}:
        return "colleague"
    if talk.taken_by != to:
        hand_overs.save(unit, replace(talk, taken_by=to, taken_at=now))
        _note(unit, clerk, talk, "given", to, now)
    return "done"


def hand_back(unit: Unit, clerk: Clerk, number: int, office: Office, now: datetime) -> Outcome:
    """The bot goes on, and the person is told so; a talk that ended unanswered is settled by this."""
    found = _held(unit, clerk, number)
    if found is None:
        return "gone"
    talk, conversation = found
    if talk.is_unanswered:
        hand_overs.save(unit, replace(talk, why="settled"))
        _note(unit, clerk, talk, "settled", "", now)
        return "done"
    if not talk.is_open:
        return "done" if talk.why == "handed_back" else "over"
    if talk.taken_by not in {"", clerk.code}:
        return "another"
    _note(unit, clerk, talk, "ended", "", now)
    _end(unit, office, talk, conversation, "handed_back", now)
    return "done"


def end_silence(unit: Unit, office: Office, number: int, now: datetime) -> bool:
    """The silence has lasted long enough: the bot speaks, and says why; False if somebody was quicker."""
    found = _held(unit, Clerk("", None), number)
    if found is None or not found[0].is_open or found[0].silent_until > now:
        return False
    talk, conversation = found
    _end(unit, office, talk, conversation, "quiet" if talk.waits_since is None else "no_answer", now)
    return True


def colleagues(unit: Unit, talk: HandOver, areas: Iterable[Area]) -> tuple[Member, ...]:
    """Everybody who may answer in its area."""
    known = tuple(areas)
    able = (member for member in staff.everybody(unit) if can(member, "answer_talks"))
    return tuple(m for m in able if m.has_totp and (not talk.area or covers(m.area, talk.area, known)))


def key_of(line: int) -> str:
    """Under which key a line of the staff stands in the outbox."""
    return f"talk:{line}"


def _held(unit: Unit, clerk: Clerk, number: int) -> tuple[HandOver, Conversation] | None:
    """A talk that is theirs to answer, its conversation locked until this transaction ends."""
    known = hand_overs.get(unit, number)
    address = conversations.address_of(unit, known.conversation_id) if known is not None else None
    conversation = conversations.lock(unit, *address) if address is not None else None
    talk = hand_overs.get(unit, number)
    if conversation is None or talk is None or not clerk.sees(talk):
        return None
    return talk, conversation


def _may_reopen(talk: HandOver, conversation: Conversation) -> bool:
    return talk.is_unanswered and conversation.hand_over is None


def _refusal(talk: HandOver, conversation: Conversation, clerk: Clerk, text: str) -> Outcome | None:
    if not talk.is_open and not _may_reopen(talk, conversation):
        return "over"
    if talk.taken_by not in {"", clerk.code}:
        return "another"
    if not text.strip():
        return "empty"
    return "long" if len(text) > LONGEST else None


def _taken(unit: Unit, clerk: Clerk, talk: HandOver, now: datetime) -> HandOver:
    """The talk in this member's hands, which stands among its lines."""
    _note(unit, clerk, talk, "taken", talk.taken_by, now)
    return replace(talk, taken_by=clerk.code, taken_at=now)


def _end(unit: Unit, office: Office, talk: HandOver, conversation: Conversation, why: Why, now: datetime) -> None:
    """The person gets a sentence, and the open question again, where one is open."""
    hand_overs.save(unit, replace(talk, ended_at=now, why=why))
    nothing = Incoming(conversation.channel, conversation.address, "", now)
    back = enter(nothing, unit, office, replace(conversation, hand_over=None))
    turn = talks.present(back, went_on(back, TELLS[why]))
    conversations.save(unit, turn.conversation, conversation.updated_at or now)
    _tell(unit, f"talk_end:{talk.id}:{now.timestamp():.0f}", conversation, turn.replies, now)


def _tell(unit: Unit, key: str, conversation: Conversation, replies: tuple[Reply, ...], now: datetime) -> None:
    said = turns.packed(Answered(b"", conversation.id, conversation.language, replies))
    deliveries.enqueue(unit, key, conversation.id, said, now)


def _note(unit: Unit, clerk: Clerk, talk: HandOver, kind: str, about: str, now: datetime) -> None:
    key = f"{kind}:{clerk.code}:{now.timestamp()}"
    hand_overs.add_line(unit, talk.id, Line("staff", kind, about, now, clerk.code), key)


def _once(once: str) -> str:
    return f"once:{once}"
