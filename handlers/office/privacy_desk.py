"""The privacy desk: what people asked about their data is looked at and answered, once, and they are told."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from handlers import turns
from handlers.messages import Reply
from handlers.office import tell
from handlers.office.lookup import Seeker
from handlers.office.states import allows
from handlers.turns import Answered
from storage import audit, conversations, deliveries, erasures, privacy_requests, submissions
from storage.audit import Act, Subject
from storage.history import Mark
from storage.privacy_requests import Request, State
from storage.records import Submission
from storage.unit import Unit

OUTCOMES: tuple[State, ...] = ("done", "answered", "refused")
NEED_WORDS = frozenset({"answered", "refused"})
LONGEST = 1000
SENT = 20

Settled = Literal["settled", "gone", "quicker", "outcome", "words", "long", "nothing_chosen"]


@dataclass(frozen=True, slots=True)
class Opened:
    """A request with what the person has sent in the areas of whoever looks."""

    request: Request
    channel: str
    sent: tuple[Submission, ...]

    @property
    def erasable(self) -> tuple[Submission, ...]:
        """What nothing asks for any more: refused, withdrawn, replaced by a later one, or over since they left."""
        return tuple(one for one in self.sent if allows(one.status, "erased", "staff"))


def look(unit: Unit, seeker: Seeker, number: int, now: datetime) -> Opened | None:
    """One request; another area's isn't there. The person can see that it was looked at."""
    request = privacy_requests.get(unit, number, seeker.areas)
    if request is None:
        return None
    audit.append(unit, Act(seeker.who, "looked", _about(request)), now)
    return _opened(unit, seeker, request)


def answer(
    unit: Unit, seeker: Seeker, number: int, outcome: str, words: str, now: datetime, erase: Collection[str] = ()
) -> Settled:
    """Answer a request and tell the person; a second click changes nothing, nor does whoever comes second.

    erase: numbers of what is erased where a request to erase is done; one that can't be, stays, and isn't told.
    """
    request = privacy_requests.get(unit, number, seeker.areas)
    if request is None:
        return "gone"
    if outcome not in OUTCOMES:
        return "outcome"
    fault = _fault(outcome, words)
    if fault is not None:
        return fault
    chosen = _chosen(unit, seeker, request, erase) if (request.kind, outcome) == ("erase", "done") else ()
    if chosen is None:
        return "nothing_chosen"
    said = replace(request, state=outcome, answer=words, answered_by=seeker.code, answered_at=now)
    if not privacy_requests.settle(unit, said):
        return _already(unit, said)
    erased = [one.number for one in chosen if _erase(unit, seeker, one, now)]
    _tell(unit, said, erased, now)
    details = {"request": number, "as": outcome} | ({"erased": erased} if erased else {})
    audit.append(unit, Act(seeker.who, "answered", _about(request), details=details), now)
    return "settled"


def _fault(outcome: str, words: str) -> Settled | None:
    if not words and outcome in NEED_WORDS:
        return "words"
    return "long" if len(words) > LONGEST else None


def _opened(unit: Unit, seeker: Seeker, request: Request) -> Opened:
    account = conversations.account(unit, request.conversation_id)
    holder = conversations.holder_of(unit, request.conversation_id)
    sent = submissions.of_holder(unit, holder, SENT) if holder else ()
    mine = tuple(one for one in sent if seeker.areas is None or one.area in seeker.areas)
    return Opened(request, account.channel if account else "", mine)


def _chosen(unit: Unit, seeker: Seeker, request: Request, erase: Collection[str]) -> tuple[Submission, ...] | None:
    """What is to be erased; None where something could be and nothing was chosen: then nothing would be done."""
    erasable = _opened(unit, seeker, request).erasable
    chosen = tuple(one for one in erasable if one.number in erase)
    return None if request.state == "open" and not chosen and erasable else chosen


def _erase(unit: Unit, seeker: Seeker, submission: Submission, now: datetime) -> bool:
    mark = Mark("staff", now, seeker.code, "asked_to_erase")
    if erasures.erase(unit, submission, mark) is None:
        return False
    audit.append(unit, Act(seeker.who, "erased", Subject("submission", str(submission.id))), now)
    return True


def _already(unit: Unit, said: Request) -> Settled:
    """Whether the one answer there is was this one, sent twice."""
    kept = privacy_requests.get(unit, said.id, None)
    same = kept is not None and replace(kept, answered_at=said.answered_at) == said
    return "settled" if same else "quicker"


def _tell(unit: Unit, request: Request, erased: list[str], now: datetime) -> None:
    """To the account the person prefers; who never sent anything has only the one they asked from."""
    key, account = f"privacy:{request.id}", request.conversation_id
    said = {"number": request.id, "kind": request.kind, "outcome": request.state, "words": request.answer}
    data = said | {"erased": erased}
    reply, holder = Reply("say/privacy_answer", data), conversations.holder_of(unit, account)
    if holder:
        tell.tell(unit, key, holder, reply, now)
        return
    language = conversations.language_of(unit, account) or "zh"
    message = turns.packed(Answered(b"", account, language, (reply,)))
    deliveries.enqueue(unit, key, account, message, now, tell.NOTICE)


def _about(request: Request) -> Subject:
    return Subject("conversation", str(request.conversation_id))
