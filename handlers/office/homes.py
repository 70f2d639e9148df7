"""Homes: registered in the talk or at the command line, confirmed by the office once."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from handlers.forms.conditions import value
from handlers.messages import Choice, Reply, control
from handlers.office import home_codes, tenancy_notices
from handlers.office.corrections import over
from handlers.office.reviewer import Reviewer
from handlers.office.tell import tell
from handlers.reasons import fits
from handlers.turns import Turn
from handlers.visit import Visit
from storage import accounts, audit, homes, tenancies
from storage.audit import Act, Subject, Who
from storage.records import Answers, Ask, Home, HomeState
from storage.unit import Unit

REFUSALS = ("not_here", "not_the_person", "twice", "own_words")
OWNER = ("owner_name", "owner_uscc", "acting_name", "contact_phone")


@dataclass(frozen=True, slots=True)
class HomeDone:
    """The office's word was taken, by this click or (`again`) the same one before."""

    home: Home
    again: bool = False


@dataclass(frozen=True, slots=True)
class HomeDecided:
    """Somebody decided otherwise before."""

    home: Home


@dataclass(frozen=True, slots=True)
class HomeUnfit:
    """The reason isn't one to refuse a home for."""


Deciding = HomeDone | HomeDecided | HomeUnfit | None


def register(unit: Unit, area: str, address: str, now: datetime) -> str:
    """Keep a home that the office itself enters, under a new code that tells nothing about it."""
    return _keep(unit, Home("", area, address), now).code


def enter(unit: Unit, home: Home, rooms: Iterable[str], now: datetime) -> Home:
    """Keep a home of a list, with its rooms, under a new code."""
    kept = _keep(unit, home, now)
    add_rooms(unit, kept, rooms, now)
    return kept


def add_rooms(unit: Unit, home: Home, names: Iterable[str], now: datetime) -> None:
    """Rooms that are let by themselves, each with a code of its own; those that are there already stay as they are."""
    for position, name in enumerate(names, len(home.rooms)):
        room_id = homes.add_room(unit, home.code, name, position)
        if room_id is not None:
            home_codes.issue(unit, home.code, room_id, now)


def send(visit: Visit, turn: Turn) -> Turn:
    """The home as it was confirmed in the talk, once for each talk; the office looks at it before there are posters."""
    conversation, answers = turn.conversation, turn.conversation.answers
    holder = conversation.holder_id or secrets.token_hex(16)
    home = homes.by_draft(visit.unit, conversation.draft)
    if home is None:
        accounts.begin_holder(visit.unit, holder, visit.now)
        home = _keep(visit.unit, _told(visit, answers, holder, conversation.draft), visit.now)
        named = str(value(answers, "home_rooms") or "none")
        add_rooms(visit.unit, home, () if named == "none" else named.split(), visit.now)
    said = Reply("say/home_received", {"area": home.area, "address": home.address}, _next())
    return over(visit, replace(conversation, holder_id=holder), said)


def confirm(unit: Unit, reviewer: Reviewer, code: str, version: int, now: datetime) -> Deciding:
    """The office confirms a home, once; its posters can be had from then on. None: not there, or not theirs to see."""
    outcome = _decide(unit, reviewer, code, version, "confirmed", now)
    if isinstance(outcome, HomeDone) and not outcome.again:
        reply = Reply("say/home_confirmed", {"address": outcome.home.address}, _posters(outcome.home))
        tell(unit, f"home:{code}:{outcome.home.version}", outcome.home.holder_id, reply, now)
        for tenancy in tenancies.of_home(unit, code):
            if tenancy.state == "claimed":
                tenancy_notices.claimed(unit, outcome.home, tenancy, now)
    return outcome


def refuse(unit: Unit, reviewer: Reviewer, code: str, version: int, reason: Ask, now: datetime) -> Deciding:
    """The office can't take a home, for a reason of REFUSALS or in own words."""
    if not fits(reason, REFUSALS):
        return HomeUnfit()
    outcome = _decide(unit, reviewer, code, version, "refused", now)
    if isinstance(outcome, HomeDone) and not outcome.again:
        data = {"address": outcome.home.address, "reason": reason.reason, "words": reason.words}
        reply = Reply("say/home_refused", data, (control("home"), control("person")))
        tell(unit, f"home:{code}:{outcome.home.version}", outcome.home.holder_id, reply, now)
    return outcome


def replace_codes(unit: Unit, reviewer: Reviewer, code: str, seen: int, now: datetime) -> bool | None:
    """Posters were lost: new codes for the home and its rooms. `seen`: the number of the home's code that was shown.

    False where it was replaced meanwhile, so that a second click retires no fresh code; None: not theirs to see.
    """
    home = homes.lock(unit, code)
    if home is None or home.state != "confirmed" or not _sees(reviewer, home):
        return None
    if not any(one.id == seen and one.room_id is None for one in homes.codes(unit, code)):
        return False
    home_codes.renew(unit, code, now)
    audit.append(unit, Act(Who("staff", reviewer.staff_id), "codes_replaced", Subject("home", code)), now)
    reply = Reply("say/codes_replaced", {"address": home.address}, _posters(home))
    tell(unit, f"home:{code}:codes:{seen}", home.holder_id, reply, now)
    return True


def _sees(reviewer: Reviewer, home: Home) -> bool:
    return reviewer.areas is None or home.area in reviewer.areas


def _decide(unit: Unit, reviewer: Reviewer, code: str, version: int, to: HomeState, now: datetime) -> Deciding:
    home = homes.lock(unit, code)
    if home is None or not _sees(reviewer, home):
        return None
    if home.version != version or home.state != "registered":
        return HomeDone(home, again=True) if home.state == to else HomeDecided(home)
    decided = homes.decide(unit, home, to, now)
    if decided is None:
        return HomeDecided(home)
    act = Act(Who("staff", reviewer.staff_id), "decided", Subject("home", code), details={"as": to})
    audit.append(unit, act, now)
    return HomeDone(decided)


def _told(visit: Visit, answers: Answers, holder: str, draft: str) -> Home:
    owner = {step: value(answers, step) for step in OWNER if value(answers, step)}
    return Home(
        code="",
        area=str(value(answers, "area")),
        address=str(value(answers, "address")),
        kind=str(value(answers, "home_kind")),
        capacity=value(answers, "capacity"),
        state="registered",
        acts_as=str(value(answers, "acts_as")),
        owner_kind=str(value(answers, "owner_kind")),
        holder_id=holder,
        owner={**owner, "consented_at": visit.now.isoformat(), "consent": visit.office.consent_version},
        draft=draft,
    )


def _keep(unit: Unit, home: Home, now: datetime) -> Home:
    while True:
        coded = replace(home, code=home_codes.draw())
        if homes.add(unit, coded, now):
            return coded


def _posters(home: Home) -> tuple[Choice, ...]:
    poster = Choice(f"poster:{home.code}", codes="commands", role="control")
    return (poster, control("report_tenant"), control("my_homes"))


def _next() -> tuple[Choice, ...]:
    return (control("report_tenant"), control("my_homes"), control("person"))


__all__ = [
    "HomeDecided",
    "HomeDone",
    "HomeUnfit",
    "add_rooms",
    "confirm",
    "enter",
    "refuse",
    "register",
    "replace_codes",
    "send",
]
