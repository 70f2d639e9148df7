"""The privacy desk: what people asked about their data is looked at and answered, once, and they are told."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from handlers import turns
from handlers.messages import Reply
from handlers.office import tell
from handlers.office.lookup import Seeker
from handlers.turns import Answered
from storage import audit, conversations, deliveries, privacy_requests, submissions
from storage.audit import Act, Subject
from storage.privacy_requests import Request, State
from storage.records import Submission
from storage.unit import Unit

OUTCOMES: tuple[State, ...] = ("done", "answered", "refused")
NEED_WORDS = frozenset({"answered", "refused"})
LONGEST = 1000
SENT = 20

Settled = Literal["settled", "gone", "quicker", "outcome", "words", "long"]


@dataclass(frozen=True, slots=True)
class Opened:
    """A request with what the person has sent in the areas of whoever looks."""

    request: Request
    channel: str
    sent: tuple[Submission, ...]


def look(unit: Unit, seeker: Seeker, number: int, now: datetime) -> Opened | None:
    """One request; another area's isn't there. The person can see that it was looked at."""
    request = privacy_requests.get(unit, number, seeker.areas)
    if request is None:
        return None
    audit.append(unit, Act(seeker.who, "looked", _about(request)), now)
    account = conversations.account(unit, request.conversation_id)
    holder = conversations.holder_of(unit, request.conversation_id)
    sent = submissions.of_holder(unit, holder, SENT) if holder else ()
    mine = tuple(one for one in sent if seeker.areas is None or one.area in seeker.areas)
    return Opened(request, account.channel if account else "", mine)


def answer(unit: Unit, seeker: Seeker, number: int, outcome: str, words: str, now: datetime) -> Settled:
    """Answer a request and tell the person; a second click changes nothing, nor does whoever comes second."""
    request = privacy_requests.get(unit, number, seeker.areas)
    if request is None:
        return "gone"
    if outcome not in OUTCOMES:
        return "outcome"
    if not words and outcome in NEED_WORDS:
        return "words"
    if len(words) > LONGEST:
        return "long"
    said = replace(request, state=outcome, answer=words, answered_by=seeker.code, answered_at=now)
    if not privacy_requests.settle(unit, said):
        return _already(unit, said)
    _tell(unit, said, now)
    details = {"request": number, "as": outcome}
    audit.append(unit, Act(seeker.who, "answered", _about(request), details=details), now)
    return "settled"


def _already(unit: Unit, said: Request) -> Settled:
    """Whether the one answer there is was this one, sent twice."""
    kept = privacy_requests.get(unit, said.id, None)
    same = kept is not None and replace(kept, answered_at=said.answered_at) == said
    return "settled" if same else "quicker"


def _tell(unit: Unit, request: Request, now: datetime) -> None:
    """To the account the person prefers; who never sent anything has only the one they asked from."""
    key, account = f"privacy:{request.id}", request.conversation_id
    data = {"number": request.id, "kind": request.kind, "outcome": request.state, "words": request.answer}
    reply, holder = Reply("say/privacy_answer", data), conversations.holder_of(unit, account)
    if holder:
        tell.tell(unit, key, holder, reply, now)
        return
    language = conversations.language_of(unit, account) or "zh"
    said = turns.packed(Answered(b"", account, language, (reply,)))
    deliveries.enqueue(unit, key, account, said, now, tell.NOTICE)


def _about(request: Request) -> Subject:
    return Subject("conversation", str(request.conversation_id))
