"""Who may apply for a permit, who belongs to the floating population, what a breach may cost."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulations.deadlines import add_months
from regulations.eligibility import conditions_met, eligibility, facts_asked, is_waived, residence_from, waiting
from regulations.errors import NotANumber, NotThisName
from regulations.fines import Fine, fine
from regulations.pack import load
from regulations.scope import is_floating, may_have_permit

HANGZHOU, PROVINCE, NATIONAL = load("cn-zj-hangzhou"), load("cn-zj"), load("cn")
GUANGZHOU = load("cn-gd-guangzhou", unconfirmed="pages")

any_day = st.dates(date(2004, 1, 1), date(2100, 12, 31))


@given(any_day, st.integers(0, 400))
def test_nobody_may_apply_before_the_safe_day(start: date, after: int) -> None:
    found = eligibility(HANGZHOU, start, start + timedelta(days=after), {"renting"})
    assert found.waiting is not None
    assert found.may_apply == (start + timedelta(days=after) >= found.waiting.safe_from)
    assert found.waiting.last == add_months(start, 6)


@given(any_day, st.integers(0, 60))
def test_who_registers_later_never_waits_until_an_earlier_day(start: date, later: int) -> None:
    for pack in (HANGZHOU, GUANGZHOU):
        rule = pack.rule("permit.eligibility.residence")
        assert waiting(rule, start).safe_from <= waiting(rule, start + timedelta(days=later)).safe_from


@pytest.mark.parametrize(
    ("facts", "met"),
    [
        (set(), ()),
        ({"employed"}, ()),
        ({"employed", "social_insurance"}, ("employment",)),
        ({"lodging"}, ("dwelling",)),
        ({"student_status"}, ()),
        ({"student_status", "full_time_study", "renting"}, ("dwelling", "study")),
    ],
)
def test_a_condition_needs_all_facts_of_one_of_its_ways(facts: set[str], met: tuple[str, ...]) -> None:
    assert conditions_met(HANGZHOU, facts) == met


def test_where_the_pack_has_no_details_the_condition_itself_is_asked() -> None:
    assert facts_asked(PROVINCE) == ("employment", "dwelling", "study")
    assert conditions_met(PROVINCE, {"study"}) == ("study",)
    assert "social_insurance" in facts_asked(HANGZHOU)


def test_a_waiver_frees_from_the_half_year_and_not_from_the_conditions() -> None:
    assert is_waived(HANGZHOU, {"talent"})
    assert not is_waived(NATIONAL, {"talent"})
    assert not eligibility(HANGZHOU, date(2026, 3, 2), date(2026, 3, 2), set(), {"talent"}).may_apply
    assert eligibility(HANGZHOU, date(2026, 3, 2), date(2026, 3, 2), {"renting"}, {"talent"}).may_apply


def test_residence_counts_from_the_registration() -> None:
    arrived, registered = date(2025, 1, 5), date(2025, 6, 10)
    assert all(residence_from(pack, arrived, registered) == registered for pack in (HANGZHOU, NATIONAL, GUANGZHOU))


@pytest.mark.parametrize(
    ("name", "hukou", "here", "floats"),
    [
        ("cn-zj-hangzhou", "330106", "330110", False),
        ("cn-zj-hangzhou", "330122", "330106", True),
        ("cn-zj-hangzhou", "340100", "330106", True),
        ("cn-zj", "330182", "330106", True),
        ("cn-zj", "330106", "330182", True),
        ("cn-zj", "500101", "500115", False),
        ("cn-ah", "340102", "340104", False),
        ("cn-ah", "340121", "340104", True),
        ("cn-yn", "530602", "530626", True),
        ("cn-yn", "530626", "530626", False),
        ("cn-gd-guangzhou", "440600", "440106", True),
        ("cn-gd-guangzhou", "440118", "440106", False),
    ],
)
def test_who_belongs_to_the_floating_population_is_the_places_rule(
    name: str, hukou: str, here: str, floats: bool
) -> None:
    rule = load(name, unconfirmed="pages").rule("scope.floating_population")
    assert is_floating(rule, hukou, here) is floats


@pytest.mark.parametrize(
    ("hukou", "answer"), [("340100", "yes"), ("330122", "ask_police"), ("330106", "no"), ("330283", "yes")]
)
def test_nothing_is_promised_to_who_moved_inside_the_hukou_city(hukou: str, answer: str) -> None:
    assert may_have_permit(HANGZHOU, hukou, "330110") == answer


def test_a_scope_the_program_does_not_know_is_refused() -> None:
    with pytest.raises(NotThisName, match="scope"):
        is_floating(HANGZHOU.rule("scope.permit"), "330106", "330110")


@pytest.mark.parametrize(
    ("name", "key", "people", "expected"),
    [
        ("cn-zj", "penalty.migrant", 1, Fine(50, 200, after_order=True)),
        ("cn-zj", "penalty.reporter", 4, Fine(0, 400, after_order=False)),
        ("cn-zj", "penalty.host_institution", 7, Fine(700, 700, after_order=True)),
        ("cn", "penalty.permit.major", 3, Fine(200, 1000, after_order=False)),
        ("cn-ah", "penalty.migrant", 1, None),
        ("cn-yn", "penalty.migrant", 1, None),
    ],
)
def test_a_fine_is_by_head_only_where_the_law_says_so(name: str, key: str, people: int, expected: Fine | None) -> None:
    assert fine(load(name, unconfirmed="pages").rule(key), people) == expected


def test_what_is_no_fine_gives_none() -> None:
    with pytest.raises(NotANumber, match=r"fee\.first"):
        fine(HANGZHOU.rule("fee.first"))
