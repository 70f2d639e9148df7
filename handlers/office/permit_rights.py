"""What a permit holder may use, what is open to whoever is only registered, how points work: all by the pack."""

from typing import Any

from handlers.messages import Reply, control
from handlers.visit import Visit
from regulations.pack import Pack
from storage import permits

HOLDER = ("services.rights", "services.public", "services.convenience", "services.more")
POINTS = ("points.settlement", "points.indicators", "points.indicators.base", "points.indicators.plus_minus")
EVERYBODY = ("registration.certificate", "fee.registration", "privacy.confidential")


def shown(visit: Visit) -> Reply:
    """The lists by their articles; whether this person has a permit that works, is told first."""
    pack, holder = visit.context.pack, visit.conversation.holder_id
    mine = permits.of_holder(visit.unit, holder)
    data = {
        "has_permit": any(one.state == "issued" for one in mine),
        "suspended": any(one.state == "suspended" for one in mine),
        "holder": _lists(pack, HOLDER),
        "points": _lists(pack, POINTS),
        "registered": [key for key in EVERYBODY if pack.has(key)],
    }
    return Reply("say/rights", data, tuple(control(name) for name in ("permit", "matters", "law", "person")))


def _lists(pack: Pack, keys: tuple[str, ...]) -> list[dict[str, Any]]:
    """Each rule there is here, with the names that its list has words for."""
    found = [(key, pack.find(key)) for key in keys]
    return [
        {"rule": key, "names": [name for name in rule.names if name in rule.items]}
        for key, rule in found
        if rule is not None
    ]
