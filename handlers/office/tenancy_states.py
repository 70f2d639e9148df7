"""The states of a tenancy, and which side may lead it from one to the next (docs/decisions: what each side says)."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from storage import tenancies
from storage.records import Side, TenancyState
from storage.tenancies import Tenancy, Word
from storage.unit import Unit

TENANT: frozenset[Side] = frozenset({"tenant"})
LANDLORD: frozenset[Side] = frozenset({"landlord"})
STAFF: frozenset[Side] = frozenset({"staff"})
BOTH = TENANT | LANDLORD

TRANSITIONS: Mapping[tuple[TenancyState, TenancyState], frozenset[Side]] = MappingProxyType(
    {
        ("", "claimed"): TENANT,
        ("", "reported"): LANDLORD,
        ("claimed", "claimed"): LANDLORD,  # not yet: the question stays
        ("claimed", "confirmed"): LANDLORD | STAFF,
        ("claimed", "disputed"): LANDLORD,
        ("claimed", "merged"): BOTH,  # it becomes part of the one that the landlord had reported
        ("claimed", "ended"): BOTH | STAFF,
        ("reported", "confirmed"): TENANT | STAFF,
        ("reported", "disputed"): TENANT,
        ("reported", "ended"): LANDLORD | STAFF,
        ("confirmed", "disputed"): BOTH,
        ("confirmed", "leaving"): BOTH,
        ("confirmed", "ended"): STAFF,
        ("leaving", "ended"): BOTH | STAFF,  # the other side agrees
        ("leaving", "disputed"): BOTH,  # the other side says: still there
        ("leaving", "confirmed"): BOTH | STAFF,  # who said so takes it back
        ("disputed", "confirmed"): BOTH | STAFF,  # who said no thinks better of it
        ("disputed", "ended"): BOTH | STAFF,
    }
)


class ForbiddenTenancyStep(Exception):
    """A tenancy can't be led from one state to the other by this side."""

    def __init__(self, came_from: str, to: str, actor: str) -> None:
        super().__init__(f"{(type(self).__doc__ or '').strip()} ({came_from} to {to}, {actor})")


def allows(came_from: TenancyState, to: TenancyState, actor: Side) -> bool:
    """Whether the table has this step for this side."""
    return actor in TRANSITIONS.get((came_from, to), frozenset())


def lead(unit: Unit, tenancy: Tenancy, to: TenancyState, word: Word, **changes: Any) -> Tenancy | None:
    """Take an allowed step; None if the tenancy moved on since it was read. Raises ForbiddenTenancyStep."""
    if not allows(tenancy.state, to, word.actor):
        raise ForbiddenTenancyStep(tenancy.state, to, word.actor)
    return tenancies.move(unit, tenancy, replace(tenancy, state=to, **changes), word)
