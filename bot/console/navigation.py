"""The console's menu: an entry for each page family, shown to whose role has it."""

from dataclasses import dataclass

from handlers.office.rights import EVERYWHERE, Action, can
from storage.staff import Member


@dataclass(frozen=True, slots=True)
class Link:
    """An entry of the menu: where it leads, its word, and the action that its page needs.

    whole: only for those who have all areas, since what it leads to has none.
    """

    path: str
    word: str
    needs: Action
    whole: bool = False


NAVIGATION: tuple[Link, ...] = (
    Link("/console", "nav.today", "use_console"),
    Link("/console/queue", "nav.queue", "view_queue"),
    Link("/console/homes", "nav.homes", "see_personal_data"),
    Link("/console/tenancies", "nav.tenancies", "tend_homes"),
    Link("/console/import", "nav.imports", "tend_homes"),
    Link("/console/permits", "nav.permits", "see_personal_data"),
    Link("/console/people", "nav.people", "see_personal_data"),
    Link("/console/talks", "nav.talks", "answer_talks"),
    Link("/console/calls", "nav.calls", "reach_people"),
    Link("/console/reminders", "nav.reminders", "reach_people"),
    Link("/console/privacy", "nav.privacy", "answer_privacy"),
    Link("/console/broadcasts", "nav.broadcasts", "publish"),
    Link("/console/charts", "nav.charts", "see_statistics"),
    Link("/console/export", "nav.export", "export"),
    Link("/console/audit", "nav.audit", "see_audit", whole=True),
    Link("/console/notices", "nav.notices", "publish", whole=True),
    Link("/console/law", "nav.law", "use_console"),
    Link("/console/staff", "nav.staff", "manage_staff"),
)


def links(member: Member) -> tuple[Link, ...]:
    """The entries for one member."""
    everywhere = member.area == EVERYWHERE
    return tuple(link for link in NAVIGATION if can(member, link.needs) and (everywhere or not link.whole))
