"""Contradictions between tenant and landlord: the collector of the area looks at both statements and settles them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from handlers.office import tenancy_notices
from handlers.office.reviewer import Reviewer
from handlers.office.tenancy_states import lead
from handlers.office.tenancy_views import CollectorSees, collector_sees
from handlers.reasons import OWN_WORDS, fits
from storage import audit, tenancies
from storage.audit import Act, Subject, Who
from storage.records import Ask
from storage.tenancies import Tenancy, Word
from storage.unit import Unit

Settled = Literal["confirmed", "ended"]
SETTLED: tuple[Settled, ...] = ("confirmed", "ended")
REASONS = ("visited", "spoke_to_both", "saw_papers", "not_reached", OWN_WORDS)


@dataclass(frozen=True, slots=True)
class Finding:
    """What the collector found out, and how: a reason of REASONS or own words."""

    to: Settled
    reason: Ask


@dataclass(frozen=True, slots=True)
class FindingUnfit:
    """The reason isn't one to settle a contradiction for."""


def waiting(unit: Unit, reviewer: Reviewer, limit: int = 100) -> tuple[Tenancy, ...]:
    """The contradictions of the reviewer's areas, the oldest first."""
    return tenancies.disputed(unit, reviewer.areas, limit)


def look(unit: Unit, reviewer: Reviewer, tenancy_id: int, now: datetime) -> CollectorSees | None:
    """Open one, which is noted in the audit log; None for one that isn't theirs to see."""
    seen = collector_sees(unit, reviewer, tenancy_id)
    if seen is not None:
        audit.append(unit, Act(Who("staff", reviewer.staff_id), "looked", Subject("tenancy", str(tenancy_id))), now)
    return seen


def settle(
    unit: Unit, reviewer: Reviewer, tenancy_id: int, version: int, found: Finding, now: datetime
) -> Tenancy | FindingUnfit | None:
    """The collector found out: they live there, or they don't; both sides are told. The tenancy as it is now.

    None for one that isn't theirs to see; what moved on meanwhile, or is settled already, stays as it is.
    """
    if collector_sees(unit, reviewer, tenancy_id) is None:
        return None
    if not fits(found.reason, REASONS):
        return FindingUnfit()
    tenancy = tenancies.lock(unit, tenancy_id)
    if tenancy is None or tenancy.version != version or tenancy.state != "disputed":
        return tenancy
    return _settled(unit, reviewer, tenancy, found, now) or tenancies.get(unit, tenancy_id)


def _settled(unit: Unit, reviewer: Reviewer, tenancy: Tenancy, found: Finding, now: datetime) -> Tenancy | None:
    words = found.reason.words.strip()
    word = Word("staff", now, found.to, reviewer.staff_id, found.reason.reason, words)
    settled = lead(unit, tenancy, found.to, word)
    if settled is None:
        return None
    act = Act(
        Who("staff", reviewer.staff_id),
        "decided",
        Subject("tenancy", str(tenancy.id)),
        words or found.reason.reason,
        {"as": found.to},
    )
    audit.append(unit, act, now)
    template = "say/settled_lives" if found.to == "confirmed" else "say/settled_not"
    tenancy_notices.tell_tenant(unit, settled, template, (), now)
    tenancy_notices.tell_landlord(unit, settled, template, (), now)
    return settled
