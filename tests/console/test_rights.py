"""Who may do what, and where: the whole table, written out."""

import pytest

from handlers.office.rights import ACTIONS, RIGHTS, ROLES, below, can, covers, may, scope
from storage.records import Area
from storage.staff import Member

EXPECTED = """
                   collector reviewer publisher auditor administrator
use_console        yes       yes      yes       yes     yes
view_queue         yes       yes      no        no      no
decide             no        yes      no        no      no
see_personal_data  yes       yes      no        no      no
reach_people       yes       yes      no        no      no
tend_homes         yes       yes      no        no      no
answer_talks       no        yes      no        no      no
answer_privacy     no        yes      no        no      no
publish            no        no       yes       no      no
see_statistics     no        yes      yes       yes     yes
export             no        yes      no        no      no
see_audit          no        no       no        yes     yes
manage_staff       no        no       no        no      yes
"""

TREE = (
    Area("S01", "", {}),
    Area("S01-01", "S01", {}),
    Area("S01-01-a", "S01-01", {}),
    Area("S01-02", "S01", {}),
    Area("S02", "", {}),
    Area("x", "y", {}),
    Area("y", "x", {}),  # an operator's mistake must not hang the office
)


def member(role: str, area: str = "", *, disabled: bool = False) -> Member:
    return Member(1, "ABC234", "w", "王芳", role, area, "zh", disabled=disabled)


def test_the_table_of_rights_is_as_written_here() -> None:
    head, *rows = EXPECTED.strip().splitlines()
    roles = head.split()
    written = {role: {row.split()[0] for row in rows if row.split()[1 + roles.index(role)] == "yes"} for role in roles}
    assert written == {role: set(actions) for role, actions in RIGHTS.items()}
    assert tuple(roles) == ROLES
    assert tuple(row.split()[0] for row in rows) == ACTIONS


@pytest.mark.parametrize(
    ("own", "area", "allowed"),
    [
        ("", "", True),
        ("", "S01", True),
        ("", "no longer there", True),
        ("S01", "S01", True),
        ("S01", "S01-01", True),
        ("S01", "S01-01-a", True),
        ("S01", "S02", False),
        ("S01", "", False),
        ("S01", "no longer there", False),
        ("S01-01", "S01-01-a", True),
        ("S01-01", "S01-02", False),
        ("S01-01", "S01", False),
        ("x", "y", True),
        ("x", "S01", False),
        ("gone", "gone", True),
    ],
)
def test_one_sees_the_own_area_and_below(own: str, area: str, allowed: bool) -> None:
    assert covers(own, area, TREE) is allowed
    assert may(member("collector", own), "view_queue", area, TREE) is allowed


def test_an_area_gives_no_action_that_the_role_lacks() -> None:
    assert not may(member("collector"), "decide", "S01", TREE)
    assert not can(member("nobody"), "use_console")
    assert not can(member("administrator", disabled=True), "use_console")


def test_queries_are_limited_to_the_areas_below_or_not_at_all() -> None:
    assert scope(member("collector"), TREE) is None
    assert scope(member("collector", "S01"), TREE) == frozenset({"S01", "S01-01", "S01-01-a", "S01-02"})
    assert below("S02", TREE) == {"S02"}
