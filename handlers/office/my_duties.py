"""What whoever answers for homes has to report and has reported: by when, in time or late."""

from datetime import date
from typing import Any

from handlers.messages import Reply, control
from handlers.office import duties, tenancy_notices
from handlers.visit import Visit
from storage import duties as kept
from storage import homes, tenancies
from storage.duties import Duty

MOST_OPEN = 10
MOST_DONE = 6


def shown(visit: Visit) -> Reply:
    """What is still to be reported, and the last reports; by the names that they gave themselves."""
    holder = visit.conversation.holder_id
    counts = kept.counts_of(visit.unit, holder) if holder else {}
    if not any(counts.values()):
        return Reply("say/no_duties", {}, (control("my_homes"), control("report_tenant")))
    data = {
        "counts": counts,
        "open": [_line(visit, one) for one in kept.open_of(visit.unit, holder, MOST_OPEN)],
        "done": [_line(visit, one) for one in kept.done_of(visit.unit, holder, MOST_DONE)],
    }
    return Reply("say/duties", data, (control("my_homes"), control("report_tenant"), control("moved_out")))


def _line(visit: Visit, one: Duty) -> dict[str, Any]:
    tenancy = tenancies.get(visit.unit, one.tenancy_id)
    home = None if tenancy is None else homes.get(visit.unit, tenancy.home)
    local = None if one.done_at is None else one.done_at.astimezone(visit.office.zone).date()
    return {
        "name": "" if tenancy is None else tenancy.name,
        "room": "" if home is None or tenancy is None else tenancy_notices.room_name(home, tenancy),
        "address": "" if home is None else home.address,
        "acts_as": "owner" if home is None else home.acts_as,
        "event": one.event,
        "event_on": one.event_on.isoformat(),
        "standing": duties.standing(one, visit.context.today),
        "by": _iso(one.due_on or one.safe_on),
        "done_on": _iso(local),
        "rule": one.rule,
    }


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
