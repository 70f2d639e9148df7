"""Somebody of the office types a person's answers on the spot; the person confirms them on their own phone.

Nothing is sent from here: the answers wait under a code that is soon over, and go once the person has taken them.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from handlers import engine
from handlers.forms.helped import HELPED
from handlers.messages import Incoming, Reply, Tap
from handlers.office import home_codes
from handlers.office.dwellings import note, theirs
from handlers.office.reviewer import Reviewer
from handlers.steps import Context, Form
from handlers.turns import Turn
from handlers.visit import Office, Visit, enter
from storage import conversations, helps, homes, submissions
from storage.helps import Help
from storage.records import Answer, Answers, Conversation, Home
from storage.unit import Unit

CHANNEL = "helped"  # the conversations in which staff type; no message leaves on it
IDLE = timedelta(hours=2)
CODE_LASTS = timedelta(minutes=30)
LONGEST = 2000

Move = Callable[[Conversation, Form, Context], Turn]
MOVES: Mapping[str, Move] = MappingProxyType(
    {"back": engine.back, "skip": engine.skip, "keep": engine.keep, "help": engine.explain, "continue": engine.again}
)


@dataclass(frozen=True, slots=True)
class Begin:
    """draft: names the form that begins it, so that a second click begins nothing more; language: of the questions."""

    draft: str
    language: str


@dataclass(frozen=True, slots=True)
class Said:
    """What came from the page: words, or a pressed button. version: of the conversation that the page showed."""

    text: str
    tap: Tap | None
    version: int


@dataclass(frozen=True, slots=True)
class Helping:
    """How it stands: what to show; once the person has sent it, the number of the registration.

    refused: whether the last words couldn't be taken.
    """

    help: Help
    home: Home
    conversation: Conversation | None
    replies: tuple[Reply, ...] = ()
    number: str = ""
    refused: bool = False


def begin(unit: Unit, reviewer: Reviewer, code: str, wish: Begin, office: Office, now: datetime) -> Help | None:
    """Begin to help somebody to register in a home; None for one that isn't theirs to see, or not confirmed yet."""
    home = theirs(unit, reviewer, code)
    if home is None or home.state != "confirmed":
        return None
    known = helps.by_draft(unit, wish.draft)
    if known is not None:
        return known if _is_own(reviewer, known) else None
    address = secrets.token_hex(16)
    blank = conversations.begin(unit, CHANNEL, address, wish.language, now)
    first = replace(blank, scene=homes.codes(unit, code)[0].code)
    context = _entered(unit, first, Incoming(CHANNEL, address, "", now), office).context
    turn = engine.start(first, HELPED, wish.draft, _lives_here(context), context)
    conversations.save(unit, turn.conversation, now)
    new = Help(code, home.area, reviewer.staff_id, address, wish.draft, now, now + IDLE)
    kept = helps.begin(unit, new)
    note(unit, reviewer, "help_begun", code, now)
    return kept


def look(unit: Unit, reviewer: Reviewer, number: int, office: Office, now: datetime) -> Helping | None:
    """How it stands; None for somebody else's."""
    found = _own(unit, reviewer, number)
    return None if found is None else _shown(unit, found, office, now)


def answer(unit: Unit, reviewer: Reviewer, number: int, said: Said, office: Office, now: datetime) -> Helping | None:
    """Take an answer; one to a page that is out of date changes nothing."""
    found = _own(unit, reviewer, number)
    if found is None:
        return None
    talk = _talk(unit, found)
    if found.state != "open" or _is_over(found, now) or talk is None or talk.version != said.version:
        return _shown(unit, found, office, now)
    visit = _entered(
        unit, talk, Incoming(CHANNEL, found.address, "", now, text=said.text[:LONGEST], choice=said.tap), office
    )
    turn = _turn(visit)
    return _taken(unit, found, visit, turn, office)


def reopen(unit: Unit, reviewer: Reviewer, number: int, office: Office, now: datetime) -> Helping | None:
    """Change something after all: the code that the person hasn't used is good no more."""
    found = _own(unit, reviewer, number)
    if found is None:
        return None
    if found.state == "offered" and _talk(unit, found) is not None:
        found = helps.go_on(unit, found, now + IDLE)
    return _shown(unit, found, office, now)


def end(unit: Unit, reviewer: Reviewer, number: int, now: datetime) -> Help | None:
    """Nothing comes of it: what was typed is erased. None for somebody else's."""
    found = _own(unit, reviewer, number)
    if found is None or found.state not in {"open", "offered"}:
        return found
    return erase(unit, found)


def erase(unit: Unit, found: Help) -> Help:
    """Forget what was typed."""
    talk = _talk(unit, found)
    if talk is not None:
        conversations.erase(unit, talk.id)
    return helps.end(unit, found)


def expire(unit: Unit, now: datetime, limit: int) -> int:
    """Erase what nobody went on with, some at a time; how many."""
    over = helps.over(unit, now, limit)
    for one in over:
        locked = helps.lock(unit, one.id)
        if locked is not None and locked.state in {"open", "offered"} and _is_over(locked, now):
            erase(unit, locked)
    return len(over)


def _taken(unit: Unit, found: Help, visit: Visit, turn: Turn, office: Office) -> Helping | None:
    if turn.finished:
        typed = replace(turn.conversation, status="active", asked=engine.CONFIRM)
        conversations.save(unit, typed, visit.now)
        offered = helps.offer(unit, found, home_codes.draw(home_codes.INVITATION_LENGTH), visit.now + CODE_LASTS)
        return _shown(unit, offered, office, visit.now)
    if not turn.conversation.draft:
        ended = erase(unit, found)
        return Helping(ended, _home(unit, ended), None, turn.replies)
    conversations.save(unit, turn.conversation, visit.now)
    kept = helps.go_on(unit, found, visit.now + IDLE)
    moved = replace(turn.conversation, version=turn.conversation.version + 1)
    refused = any(reply.template.startswith("invalid/") for reply in turn.replies)
    return Helping(kept, _home(unit, kept), moved, turn.replies, refused=refused)


def _turn(visit: Visit) -> Turn:
    """A move, or an answer to the question; no other word of the talk means anything here."""
    name, _, argument = _command(visit).partition(":")
    conversation, form, context = visit.conversation, visit.form, visit.context
    if name == "edit":
        return engine.edit(conversation, form, argument, context)
    if name in MOVES:
        return MOVES[name](conversation, form, context)
    return engine.advance(conversation, form, visit.incoming, context)


def _command(visit: Visit) -> str:
    tap = visit.incoming.choice
    if tap is not None:
        return "" if tap.step else tap.value
    return visit.context.vocabulary.commands.get(visit.incoming.text.strip().casefold(), "")


def _shown(unit: Unit, found: Help, office: Office, now: datetime) -> Helping:
    """The open question once more, or that it was taken."""
    home = _home(unit, found)
    if found.state == "taken":
        sent = submissions.by_draft(unit, found.draft)
        return Helping(found, home, None, number="" if sent is None else sent.number)
    talk = _talk(unit, found)
    if found.state == "ended" or talk is None or _is_over(found, now):
        return Helping(replace(found, state="ended", code=""), home, None)
    visit = _entered(unit, talk, Incoming(CHANNEL, found.address, "", now), office)
    return Helping(found, home, talk, engine.again(talk, HELPED, visit.context).replies)


def _entered(unit: Unit, talk: Conversation, incoming: Incoming, office: Office) -> Visit:
    return enter(incoming, unit, office, talk)


def _lives_here(context: Context) -> Answers:
    """The home is known: where it is needn't be asked."""
    step = HELPED.step("home")
    told = {} if step is None else step.derives("yes", {}, context)
    derived = {name: Answer("derived", value, "home") for name, value in told.items()}
    return {"home": Answer("given", "yes"), **derived}


def _own(unit: Unit, reviewer: Reviewer, number: int) -> Help | None:
    """One that the reviewer began, in an area that is still theirs."""
    found = helps.lock(unit, number)
    return found if found is not None and _is_own(reviewer, found) else None


def _is_own(reviewer: Reviewer, found: Help) -> bool:
    return found.staff_id == reviewer.staff_id and (reviewer.areas is None or found.area in reviewer.areas)


def _is_over(found: Help, now: datetime) -> bool:
    return found.state in {"open", "offered"} and found.expires_at <= now


def _talk(unit: Unit, found: Help) -> Conversation | None:
    return conversations.lock(unit, CHANNEL, found.address)


def _home(unit: Unit, found: Help) -> Home:
    home = homes.get(unit, found.home)
    if home is None:
        raise LookupError("a home is not there")
    return home
