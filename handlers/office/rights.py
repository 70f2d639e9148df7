"""Who in the office may do what, and where: one table of roles, and areas as a tree."""

from collections.abc import Iterable, Mapping
from typing import Literal, get_args

from storage.records import Area
from storage.staff import Member

Role = Literal["collector", "reviewer", "publisher", "auditor", "administrator"]
Action = Literal[
    "use_console",
    "view_queue",
    "decide",
    "see_personal_data",
    "reach_people",
    "tend_homes",
    "answer_talks",
    "answer_privacy",
    "publish",
    "see_statistics",
    "export",
    "see_audit",
    "manage_staff",
]

ROLES: tuple[Role, ...] = get_args(Role)
ACTIONS: tuple[Action, ...] = get_args(Action)
EVERYWHERE = ""

RIGHTS: Mapping[str, frozenset[Action]] = {
    "collector": frozenset({"use_console", "view_queue", "see_personal_data", "reach_people", "tend_homes"}),
    "reviewer": frozenset(
        {
            "use_console", "view_queue", "decide", "see_personal_data", "reach_people", "tend_homes",
            "answer_talks", "answer_privacy", "see_statistics", "export",
        }
    ),
    "publisher": frozenset({"use_console", "publish", "see_statistics"}),
    "auditor": frozenset({"use_console", "see_audit", "see_statistics"}),
    "administrator": frozenset({"use_console", "manage_staff", "see_audit", "see_statistics"}),
}  # fmt: skip


def can(member: Member, action: Action) -> bool:
    """Whether the role allows it at all; what it is done to has an area, which `may` looks at."""
    return not member.disabled and action in RIGHTS.get(member.role, frozenset())


def may(member: Member, action: Action, area: str, areas: Iterable[Area]) -> bool:
    """Whether a member may do that in an area: their own, or one below; '' stands for the whole office."""
    return can(member, action) and covers(member.area, area, areas)


def covers(own: str, area: str, areas: Iterable[Area]) -> bool:
    """Whether an area is `own` or lies below it; '' covers everything, also areas that are no longer in the table."""
    return own in (EVERYWHERE, area) or area in below(own, areas)


def below(own: str, areas: Iterable[Area]) -> frozenset[str]:
    """The codes of an area and of all that lies below it, at any depth."""
    known = tuple(areas)
    found = {own}
    fresh = found
    while fresh:
        fresh = {area.code for area in known if area.parent in fresh} - found
        found = found | fresh
    return frozenset(found)


def scope(member: Member, areas: Iterable[Area]) -> frozenset[str] | None:
    """The areas whose rows a member may see; None for all, so that queries leave the condition out."""
    return None if member.area == EVERYWHERE else below(member.area, areas)
