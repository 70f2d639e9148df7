"""What the staff see of hand-overs: who waits, and one talk with everything that was said in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from handlers.office.answering import Clerk, colleagues, key_of
from handlers.office.papers import TAKEN
from storage import audit, conversations, deliveries, hand_overs, papers, submissions
from storage.audit import Act, Subject, Who
from storage.hand_overs import Line, Listed
from storage.records import Area, PaperFile, Submission
from storage.staff import Member
from storage.unit import Unit

ROWS = 100
SENT_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Row:
    """A talk in the list, with what the person said last (None: nothing yet)."""

    listed: Listed
    last: Line | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """The list: those that go on, who waits longest first, and those that nobody answered."""

    going_on: tuple[Row, ...]
    unanswered: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A line with what became of it: the state and reason in the outbox, of the staff's words; the file, of a photo."""

    line: Line
    state: str = ""
    reason: str = ""
    file: PaperFile | None = None


@dataclass(frozen=True, slots=True)
class Talk:
    """One talk. sent: what the person registered, as far as the member may see it; colleagues: who might go on."""

    listed: Listed
    told: tuple[Told, ...]
    sent: tuple[Submission, ...]
    colleagues: tuple[Member, ...]


def everyone(unit: Unit, clerk: Clerk) -> Waiting:
    """Whom this member may answer."""
    going_on = hand_overs.open_ones(unit, clerk.areas, ROWS)
    missed = hand_overs.unanswered(unit, clerk.areas, ROWS)
    last = hand_overs.last_words(unit, [one.hand_over.id for one in (*going_on, *missed)])

    def rows(found: tuple[Listed, ...]) -> tuple[Row, ...]:
        return tuple(Row(one, last.get(one.hand_over.id)) for one in found)

    return Waiting(rows(going_on), rows(missed))


def one(unit: Unit, clerk: Clerk, number: int, areas: tuple[Area, ...]) -> Talk | None:
    """One talk; None where it isn't there any more, or not theirs to answer."""
    listed = hand_overs.listed(unit, number)
    if listed is None or not clerk.sees(listed.hand_over):
        return None
    sent = submissions.of_holder(unit, listed.holder_id, SENT_SHOWN) if listed.holder_id else ()
    return Talk(
        listed,
        tuple(_told(unit, listed, hand_overs.lines(unit, number))),
        tuple(one for one in sent if clerk.areas is None or one.area in clerk.areas),
        colleagues(unit, listed.hand_over, areas),
    )


def opened(unit: Unit, clerk: Clerk, number: int, areas: tuple[Area, ...], now: datetime) -> Talk | None:
    """The same for somebody who opens the page: noted in the audit log, unless the talk is theirs."""
    talk = one(unit, clerk, number, areas)
    if talk is not None and talk.listed.hand_over.taken_by != clerk.code:
        about = Subject("conversation", str(talk.listed.hand_over.conversation_id))
        audit.append(unit, Act(Who("staff", clerk.code), "looked", about), now)
    return talk


def file(unit: Unit, clerk: Clerk, number: int, file_id: str) -> tuple[PaperFile, bytes] | None:
    """A photo or document that was sent in a talk; None for what isn't theirs to see, or isn't kept any more."""
    listed = hand_overs.listed(unit, number)
    if listed is None or not clerk.sees(listed.hand_over):
        return None
    if not any(line.kind in TAKEN and line.said == file_id for line in hand_overs.lines(unit, number)):
        return None
    found, content = papers.get(unit, file_id), papers.content(unit, file_id)
    return None if found is None or content is None else (found, content)


def _told(unit: Unit, listed: Listed, lines: tuple[Line, ...]) -> list[Told]:
    states = _states(unit, listed, lines)
    return [
        Told(line, *states.get(line.id, ("", "")), papers.get(unit, line.said) if line.kind in TAKEN else None)
        for line in lines
    ]


def _states(unit: Unit, listed: Listed, lines: tuple[Line, ...]) -> Mapping[int, tuple[str, str]]:
    """What became of the staff's words; what went to another account of the person counts as it fared there."""
    said = [line.id for line in lines if line.author == "staff" and line.kind == "words"]
    others = [account.conversation_id for account in conversations.of_holder(unit, listed.holder_id)] if said else []
    keys = {key: line for line in said for key in (key_of(line), *(f"{key_of(line)}>{one}" for one in others))}
    found = deliveries.states(unit, list(keys))
    return {keys[key]: state for key, state in found.items() if state[0] != "replaced"}
