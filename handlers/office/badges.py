"""“Is this collector real?”: anybody may check a staff code; few wrong ones, so that codes can't be guessed."""

from datetime import timedelta

from handlers.messages import Reply, control
from handlers.visit import Visit
from storage import accounts, staff

TRIES_COUNT_FOR = timedelta(hours=1)
OWN_TRIES = 5
ALL_TRIES = 500
KIND = "staff"


def explained(visit: Visit) -> Reply:
    """How to check a code."""
    return Reply("say/check_how")


def checked(visit: Visit, code: str) -> Reply:
    """Who has a staff code: name, role, area; only wrong ones count as tries."""
    unit, conversation, since = visit.unit, visit.conversation.id, visit.now - TRIES_COUNT_FOR
    own, everyone = accounts.tries_since(unit, conversation, since, KIND)
    if own >= OWN_TRIES or everyone >= ALL_TRIES:
        return Reply("say/check_too_many", {}, (control("person"),))
    member = staff.by_code(unit, code)
    if member is None:
        accounts.count_try(unit, conversation, since, visit.now, KIND)
        return Reply("say/check_unknown", {"code": code.upper()}, (control("person"),))
    return Reply(
        "say/check_known", {"code": member.code, "name": member.name, "role": member.role, "area": member.area}
    )
