"""Quick things in the chat for the staff's own linked accounts: what waits, one lookup, today's numbers.

A telephone may be stolen: nothing personal is shown but a family name, and every link asks to sign in to the console.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from handlers.answers import phone
from handlers.messages import Incoming, Reply
from handlers.office import staff_chats as linking
from handlers.office import today
from handlers.office.broadcasts import shouting
from handlers.office.certificates import masked
from handlers.office.rights import can, scope
from handlers.office.today import Day
from handlers.steps import InvalidAnswer
from handlers.visit import Visit
from handlers.vocabulary import Vocabulary
from storage import accounts, audit, quick_search, staff_chats, waiting
from storage.audit import Act, Subject, Who
from storage.records import Submission
from storage.staff import Member

LONGEST = 80
SHOWN = 5
LOOKUPS, LOOKUPS_COUNT_FOR = 60, timedelta(hours=1)
KIND = "lookup"
NUMBER = re.compile(r"(\d{6})-?([0-9A-Z]{5})-?([0-9A-Z])")
_SAID = re.compile(r"(?P<word>/?[^\s:：]+)\s*[:：]?\s*(?P<rest>.*)")
_CODE = re.compile(r"\d{6}")
_ID_NUMBER = re.compile(r"\d{17}[0-9X]")

Word = Callable[[Visit, Member, str], Reply]


def answer(visit: Visit) -> Reply | None:
    """What a member of the staff is answered on a linked account; None for everything and everybody else."""
    if shouting.is_meant(visit):
        return shouting.short(visit)
    name, rest = asked_for(visit.incoming, visit.context.vocabulary)
    if name == "staff":
        return linking.take_up(visit, rest) if _CODE.fullmatch(rest) else None
    if name not in WORDS:
        return None
    member = staff_chats.member_of(visit.unit, visit.conversation.id, visit.now)
    return None if member is None else WORDS[name](visit, member, rest)


def asked_for(incoming: Incoming, vocabulary: Vocabulary) -> tuple[str, str]:
    """One of the words, and what stands behind it; both empty for anything else."""
    said = unicodedata.normalize("NFKC", incoming.text).strip()
    found = _SAID.fullmatch(said) if 0 < len(said) <= LONGEST else None
    name = "" if found is None else vocabulary.desk.get(found["word"].casefold(), "")
    return (name, found["rest"].strip().upper()) if found is not None and name else ("", "")


def _queue(visit: Visit, member: Member, rest: str) -> Reply:
    """What waits in the member's areas, and the oldest of it."""
    if not can(member, "view_queue"):
        return Reply("say/desk_not_yours")
    areas, today_on = scope(member, visit.context.areas), visit.context.today
    counts = waiting.counts(visit.unit, areas, today_on)
    rows = [
        {"number": one.number, "area": one.area, "status": one.status, "late": _is_past(one.due_on, today_on)}
        for one in waiting.oldest(visit.unit, areas, SHOWN)
    ]
    return Reply("say/desk_queue", {"counts": _numbers(counts), "rows": rows})


def _find(visit: Visit, member: Member, rest: str) -> Reply:
    """A receipt number, a mobile number or an ID number; the search stands in the audit log."""
    if not can(member, "see_personal_data"):
        return Reply("say/desk_not_yours")
    if not rest:
        return Reply("say/desk_find_how")
    since = visit.now - LOOKUPS_COUNT_FOR
    if accounts.tries_since(visit.unit, visit.conversation.id, since, KIND)[0] >= LOOKUPS:
        return Reply("say/desk_too_many")
    accounts.count_try(visit.unit, visit.conversation.id, since, visit.now, KIND)
    kind, found = _found(visit, member, rest)
    _note(visit, member, kind, found)
    return Reply("say/desk_found", {"rows": [_line(one) for one in found]})


def _today(visit: Visit, member: Member, rest: str) -> Reply:
    """The numbers of today's page, as far as the role sees them."""
    day = Day(visit.now, visit.context.today, timedelta(days=visit.office.call_days))
    seen = today.of(visit.unit, member, visit.context.areas, day)
    data = {
        "counts": None if seen.counts is None else _numbers(seen.counts),
        "calls": None if seen.calls is None else len(seen.calls),
        "not_set_up": None if seen.not_set_up is None else len(seen.not_set_up),
        "talks": None if seen.talks is None else seen.talks.waiting,
        "homes": seen.homes,
        "contradictions": seen.contradictions,
    }
    return Reply("say/desk_today", data)


def _found(visit: Visit, member: Member, rest: str) -> tuple[str, tuple[Submission, ...]]:
    """As what it was understood, and what there is of it in the member's areas."""
    areas, bare = scope(member, visit.context.areas), "".join(rest.split())
    number = NUMBER.fullmatch(bare)
    if number is not None:
        return "number", quick_search.by_number(visit.unit, "-".join(number.groups()), areas)
    if _ID_NUMBER.fullmatch(bare):
        return "id_number", quick_search.by_id_number(visit.unit, bare, areas, SHOWN)
    said = Incoming("", "", "", visit.now, text=rest)
    mobile = phone.mobile(said, {}, visit.context)
    if isinstance(mobile, InvalidAnswer):
        return "other", ()
    return "phone", quick_search.by_phone(visit.unit, mobile, areas, SHOWN)


def _note(visit: Visit, member: Member, kind: str, found: tuple[Submission, ...]) -> None:
    """One entry for each record that was found, so that its person sees it; one for none."""
    who, details = Who("staff", member.code), {"by": kind, "channel": visit.conversation.channel, "found": len(found)}
    subjects = [Subject("submission", str(one.id)) for one in found] or [Subject("search", "")]
    for subject in subjects:
        audit.append(visit.unit, Act(who, "searched", subject, details=details), visit.now)


def _line(one: Submission) -> dict[str, Any]:
    name = one.answers.get("name")
    return {
        "number": one.number,
        "name": masked(str(name.value)) if name is not None and name.value else "",
        "kind": one.kind,
        "status": one.status,
        "area": one.area,
    }


def _numbers(counts: Mapping[str, waiting.Count]) -> list[list[Any]]:
    """Status, how many (-1: a few), how many of them late."""
    return [[status, count.number, count.late] for status, count in counts.items()]


def _is_past(due_on: date | None, today_on: date) -> bool:
    return due_on is not None and due_on < today_on


WORDS: Mapping[str, Word] = {"queue": _queue, "find": _find, "today": _today}
