"""What people may ask about their own data: a copy to take along, erasing, and who looked at it."""

from dataclasses import replace
from typing import Any

from handlers.messages import Choice, Reply, control
from handlers.office import links, requests
from handlers.turns import Turn
from handlers.visit import Visit
from storage import audit, conversations, own, topics
from storage.audit import Act, Entry, Subject, Who

SHOWN = 10
# What an entry of the audit log is called when it is told to the person; anything else is `other`.
TOLD = frozenset(
    {
        "looked", "searched", "unmasked", "reviewed", "decided", "changed", "issued", "revoked", "exported",
        "export_asked", "erased", "called", "asked", "answered", "helped",
    }
)  # fmt: skip
REASONED = frozenset({"looked", "unmasked", "exported"})


def export(visit: Visit) -> Reply:
    """A link to a file with everything stored about this account and what was sent from it."""
    link = links.Link("export", visit.conversation.id)
    _note(visit, "export_asked")
    hours = int(links.LASTS.total_seconds() // 3600)
    return Reply("say/export", {"token": links.token(visit.unit.vault, link, visit.now), "hours": hours})


def ask_to_erase(visit: Visit) -> Turn:
    """What would go at once, what stays and why; nothing happens without a second word."""
    holder = visit.conversation.holder_id
    others = len(conversations.of_holder(visit.unit, holder)) > 1 if holder else False
    sure = Choice("erase:yes", codes="commands", role="control")
    data = {"kept": _kept(visit), "others": others}
    otherwise = control("continue" if visit.is_talking else "my_data")
    return Turn(visit.conversation, (Reply("say/erase_sure", data, (sure, otherwise)),))


def erase(visit: Visit) -> Turn:
    """Erase the draft, the loose papers and what was said; the account is as if nothing had been agreed to."""
    kept = _kept(visit)
    own.erase(visit.unit, visit.conversation.id)
    topics.turn_off(visit.unit, visit.conversation.id, "legal")  # who agreed to nothing is sent nothing unasked
    _note(visit, "erased")
    blank = replace(
        visit.conversation, answers={}, draft="", asked="", form="", scene="", consent="", consented_at=None,
        status="ended", aside=(),
    )  # fmt: skip
    return Turn(blank, (Reply("say/erased", {"kept": kept}, (requests.TO_ERASE,) if kept else ()),))


def who_looked(visit: Visit) -> Reply:
    """The last entries of the audit log about the person's own records."""
    holder = visit.conversation.holder_id
    found = own.looks(visit.unit, holder, SHOWN) if holder else ()
    return Reply("say/who_looked", {"entries": [_told(visit, entry) for entry in found]})


def _told(visit: Visit, entry: Entry) -> dict[str, Any]:
    local, who = entry.at.astimezone(visit.office.zone), entry.act.who
    return {
        "day": local.date().isoformat(),
        "time": f"{local:%H:%M}",
        "who": who.kind,
        "code": who.id if who.kind == "staff" else "",
        "action": entry.act.action if entry.act.action in TOLD else "other",
        "reason": entry.act.reason if who.kind == "staff" and entry.act.action in REASONED else "",
    }


def _kept(visit: Visit) -> list[str]:
    holder = visit.conversation.holder_id
    return list(own.numbers(visit.unit, holder)) if holder else []


def _note(visit: Visit, action: str) -> None:
    conversation = visit.conversation
    who = Who("person", conversation.holder_id or str(conversation.id))
    audit.append(visit.unit, Act(who, action, Subject("conversation", str(conversation.id))), visit.now)
