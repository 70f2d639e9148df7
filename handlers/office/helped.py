"""What the person does with answers that somebody of the office typed for them: takes them, looks, confirms, sends."""

from dataclasses import replace

from handlers import engine
from handlers.aside import put_aside
from handlers.forms.migrant import MIGRANT
from handlers.messages import Reply
from handlers.office import home_codes, scanning, talks
from handlers.office.helping import CHANNEL
from handlers.turns import Turn
from handlers.visit import Visit
from storage import audit, conversations, helps, staff, submissions
from storage.audit import Act, Subject, Who
from storage.helps import Help


def scanned(visit: Visit) -> Turn | None:
    """The answers that a scanned code carries; None for any other message."""
    scene = visit.incoming.scene
    return take_up(visit, scene.removeprefix("home_")) if scene.startswith("home_") else None


def take_up(visit: Visit, code: str) -> Turn | None:
    """The person takes the answers, once, and is asked for consent before anything else; None for another code."""
    if len(code) != home_codes.INVITATION_LENGTH:
        return None
    found = helps.take(visit.unit, code, visit.now)
    typed = None if found is None else conversations.lock(visit.unit, CHANNEL, found.address)
    if found is None or typed is None:
        return None
    conversations.erase(visit.unit, typed.id)
    mine = replace(put_aside(visit.conversation), scene=code)
    context = replace(visit.context, home=scanning.scanned(visit.unit, code, visit.now))
    answers = {**typed.answers, **talks.consented(visit)}
    turn = engine.start(mine, MIGRANT, found.draft, answers, context)
    _note(visit, found)
    return replace(turn, replies=(_opening(visit, found), *turn.replies))


def greeted(visit: Visit, code: str) -> tuple[Reply, ...] | None:
    """What is said to a code that was given for such answers but gives none; None for another code."""
    found = helps.by_code(visit.unit, code)
    if found is None:
        return None
    return () if _has_taken(visit, found) else (Reply("say/help_over"),)


def helper_of(visit: Visit, draft: str) -> dict[str, str] | None:
    """Who helped with a talk or a registration: name and staff code; None where nobody did."""
    found = helps.by_draft(visit.unit, draft) if draft else None
    return None if found is None else _helper(visit, found)


def _has_taken(visit: Visit, found: Help) -> bool:
    """Whether it was this person who took them: the link was opened again."""
    talk = visit.conversation
    if found.draft in {talk.draft, *(one.draft for one in talk.aside)}:
        return True
    sent = submissions.by_draft(visit.unit, found.draft)
    return sent is not None and bool(talk.holder_id) and sent.holder_id == talk.holder_id


def _opening(visit: Visit, found: Help) -> Reply:
    home = scanning.home_of(visit.unit, found.home)
    where = {} if home is None else {"area": home.area, "address": home.address}
    return Reply("say/helped", {"area": "", "address": "", **where, **_helper(visit, found)})


def _helper(visit: Visit, found: Help) -> dict[str, str]:
    member = staff.by_code(visit.unit, found.staff_id)
    return {"name": "" if member is None else member.name, "code": found.staff_id}


def _note(visit: Visit, found: Help) -> None:
    """The person can see in their data that somebody typed for them."""
    act = Act(Who("staff", found.staff_id), "helped", Subject("conversation", str(visit.conversation.id)))
    audit.append(visit.unit, act, visit.now)
