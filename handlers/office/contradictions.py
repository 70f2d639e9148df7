"""Contradictions between tenant and landlord: the collector of the area looks at both statements and settles them."""

from datetime import datetime
from typing import Literal

from handlers.office import tenancy_notices
from handlers.office.review import Reviewer
from handlers.office.tenancy_states import lead
from handlers.office.tenancy_views import CollectorSees, collector_sees
from storage import audit, tenancies
from storage.audit import Act, Subject, Who
from storage.tenancies import Tenancy, Word
from storage.unit import Unit

Settled = Literal["confirmed", "ended"]


def waiting(unit: Unit, reviewer: Reviewer, limit: int = 100) -> tuple[Tenancy, ...]:
    """The contradictions of the reviewer's areas, the oldest first."""
    return tenancies.disputed(unit, reviewer.areas, limit)


def look(unit: Unit, reviewer: Reviewer, tenancy_id: int, now: datetime) -> CollectorSees | None:
    """Open one, which is noted in the audit log; None for one that isn't theirs to see."""
    seen = collector_sees(unit, reviewer, tenancy_id)
    if seen is not None:
        audit.append(unit, Act(Who("staff", reviewer.staff_id), "looked", Subject("tenancy", str(tenancy_id))), now)
    return seen


def settle(unit: Unit, reviewer: Reviewer, tenancy_id: int, version: int, to: Settled, now: datetime) -> Tenancy | None:
    """The collector found out: they live there, or they don't; both sides are told. The tenancy as it is now.

    None for one that isn't theirs to see; what moved on meanwhile, or is settled already, stays as it is.
    """
    seen = collector_sees(unit, reviewer, tenancy_id)
    if seen is None:
        return None
    found = tenancies.lock(unit, tenancy_id)
    if found is None or found.version != version or found.state != "disputed":
        return found
    settled = lead(unit, found, to, Word("staff", now, to, reviewer.staff_id))
    if settled is None:
        return tenancies.get(unit, tenancy_id)
    act = Act(Who("staff", reviewer.staff_id), "decided", Subject("tenancy", str(tenancy_id)), details={"as": to})
    audit.append(unit, act, now)
    template = "say/settled_lives" if to == "confirmed" else "say/settled_not"
    tenancy_notices.tell_tenant(unit, settled, template, (), now)
    tenancy_notices.tell_landlord(unit, settled, template, (), now)
    return settled
