"""What people ask about their data and the machine can't finish alone: kept for the office, which has to answer."""

import re
from datetime import timedelta
from typing import Any, get_args

from handlers.messages import Choice, Reply, control
from handlers.office import handing_over
from handlers.visit import Visit
from storage import audit, own, privacy_requests
from storage.audit import Act, Subject, Who
from storage.privacy_requests import Kind, Request

KINDS: tuple[Kind, ...] = get_args(Kind)
MOST_OPEN = 5  # more of one account at a time is for a talk with a person
WORDED = re.compile(r"^\s*(?P<word>[^:：]{1,30}?)\s*[:：]\s*(?P<words>.*\S)\s*$", re.DOTALL)

TO_ERASE = Choice("request:erase", codes="commands", role="control")


def explained(visit: Visit) -> Reply:
    """What one may ask, how, and what one has asked already."""
    kept = _kept(visit)
    offered = (TO_ERASE,) if kept else ()
    others = tuple(control(name) for name in ("export", "erase", "who_looked", "person"))
    asked = [_told(one) for one in privacy_requests.open_of(visit.unit, visit.conversation.id)]
    data = {"kept": kept, "asked": asked, "days": visit.office.privacy_days}
    return Reply("say/privacy", data, (*offered, *others))


def ask(visit: Visit, kind: str) -> Reply:
    """Keep a request; what needs words is told how to write them."""
    if kind not in KINDS:
        return explained(visit)
    if kind == "erase":
        return _noted(visit, kind, "") if _kept(visit) else Reply("say/privacy_nothing", {}, (control("erase"),))
    words = _words(visit)
    return _noted(visit, kind, words) if words else Reply("say/privacy_words", {"kind": kind}, (control("person"),))


def _noted(visit: Visit, kind: Kind, words: str) -> Reply:
    """Once for the same words, and a few at a time."""
    waiting = privacy_requests.open_of(visit.unit, visit.conversation.id)
    same = next((one for one in waiting if (one.kind, one.words) == (kind, words)), None)
    if same is None and len(waiting) >= MOST_OPEN:
        return Reply("say/privacy_many", {"most": MOST_OPEN}, (control("person"),))
    asked = same or _keep(visit, kind, words)
    data = {"again": same is not None, "days": visit.office.privacy_days}
    return Reply("say/privacy_asked", _told(asked) | data)


def _keep(visit: Visit, kind: Kind, words: str) -> Request:
    today_on = visit.now.astimezone(visit.office.zone).date()
    due_on, area = today_on + timedelta(days=visit.office.privacy_days), handing_over.area_of(visit)
    new = privacy_requests.add(visit.unit, Request(0, visit.conversation.id, area, kind, words, visit.now, due_on))
    who = Who("person", visit.conversation.holder_id or str(visit.conversation.id))
    about = Subject("conversation", str(visit.conversation.id))
    audit.append(visit.unit, Act(who, "asked", about, details={"request": new.id, "kind": kind}), visit.now)
    return new


def _words(visit: Visit) -> str:
    """What was written behind the command and its colon, as it was written."""
    found = WORDED.match(visit.incoming.text)
    return found["words"] if found else ""


def _kept(visit: Visit) -> list[str]:
    holder = visit.conversation.holder_id
    return list(own.numbers(visit.unit, holder)) if holder else []


def _told(request: Request) -> dict[str, Any]:
    return {"number": request.id, "kind": request.kind, "due_on": request.due_on.isoformat(), "words": request.words}
