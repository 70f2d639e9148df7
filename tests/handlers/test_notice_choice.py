"""Which notice somebody gets: a table of people, what they read, what the office runs."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import pytest

from bot.notices import library
from bot.vocabularies import languages
from handlers.office.notice_choice import Choice, Known, Running, choose
from handlers.office.traits import TRAITS, fits_audience, traits
from regulations import notice_fit
from regulations.errors import FitUnclear
from regulations.notice_files import Header, NoticeFile
from regulations.notice_fit import Fit, read_fits
from regulations.notices import TOPICS, Notice
from regulations.pack import load
from storage.readings import Reading
from storage.records import Submission
from tests.conftest import NOW
from tests.handlers.filed import blank

TODAY = date(2026, 11, 25)
CHECKED, FRESH, STALE = date(2026, 11, 1), date(2027, 5, 1), date(2026, 11, 24)
PACK = load("cn-zj-hangzhou")
OURS = library(PACK, languages())
HERE = OURS.here(frozenset((PACK.name, *PACK.parents)))
NOTHING: Mapping[str, Reading] = MappingProxyType({})


def notice(name: str, topic: str = "wages", audience: str = "both", until: date = FRESH) -> Notice:
    header = Header(topic, 1, audience, "cn", "full text", CHECKED, until)
    return Notice(name, header, {"zh": NoticeFile(header, name, (), name)})


def known(*theirs: str, shown: Mapping[str, Reading] = NOTHING, campaigns: Sequence[Running] = ()) -> Known:
    return Known(frozenset(theirs), shown, campaigns, TODAY, NOW)


def days_ago(number: int) -> datetime:
    return NOW - timedelta(days=number)


def chosen(choice: Choice) -> str:
    return choice.best.notice if choice.best else ""


SOME = (
    notice("a", "wages"), notice("b", "renting"), notice("c", "school"), notice("d", "landlord", "landlord"),
    notice("e", "permit", "migrant"), notice("old", "fire", until=STALE),
)  # fmt: skip
FITS = (
    Fit("renting", frozenset({"rented"}), 2), Fit("school", frozenset({"parent"}), 3, only=True),
    Fit("d", frozenset({"landlord"}), 1), Fit("e", frozenset({"permit"}), 5, only=True),
)  # fmt: skip
READ = {name: Reading(name, None, None, NOW) for name in "abcde"}
CAMPAIGN = Running(1, "x", ("b", "a"), date(2026, 11, 20))
PEOPLE: list[tuple[str, Known, str]] = [
    ("nothing known: the first that is for everybody", known(), "a"),
    ("a tenant: what fits", known("migrant", "rented"), "b"),
    ("a parent: school before renting", known("migrant", "rented", "parent"), "c"),
    ("a landlord: their duties", known("landlord"), "d"),
    ("a landlord who is a tenant elsewhere", known("landlord", "migrant", "rented"), "b"),
    ("a permit holder", known("migrant", "permit"), "e"),
    ("what was read is not told again", known("rented", shown={"b": Reading("b", None, None, days_ago(30))}), "a"),
    ("what was read a year ago is", known("rented", shown={"b": Reading("b", None, None, days_ago(366))}), "b"),
    ("what was sent lately waits", known("rented", shown={"b": Reading("b", days_ago(30))}), "a"),
    ("what was sent long ago and not read comes again, the topic of last time counting against it",
     known("rented", "parent", shown={"b": Reading("b", days_ago(91))}), "c"),
    ("a campaign comes first", known("parent", campaigns=[CAMPAIGN]), "b"),
    ("its next one, where the first was read", known(campaigns=[CAMPAIGN], shown={"b": READ["b"]}), "a"),
    ("its next one, where the first was sent",
     known(campaigns=[CAMPAIGN], shown={"b": Reading("b", days_ago(2))}), "a"),
    ("after its last the usual ones",
     known("landlord", campaigns=[CAMPAIGN], shown={"a": READ["a"], "b": READ["b"]}), "d"),
    ("a campaign tells nobody what isn't for them", known(campaigns=[Running(1, "x", ("d", "a"), TODAY)]), "a"),
    ("a campaign tells nothing past its check", known(campaigns=[Running(1, "x", ("old", "b"), TODAY)]), "b"),
    ("the older campaign first", known(campaigns=[CAMPAIGN, Running(2, "y", ("a",), TODAY)]), "b"),
    ("everything read: nothing", known(shown={n.name: Reading(n.name, None, None, NOW) for n in SOME}), ""),
]  # fmt: skip


@pytest.mark.parametrize(("who", "expected"), [case[1:] for case in PEOPLE], ids=[case[0] for case in PEOPLE])
def test_who_gets_what(who: Known, expected: str) -> None:
    assert chosen(choose(who, SOME, FITS)) == expected


def test_everything_left_out_is_explained() -> None:
    who = known("migrant", shown={"a": Reading("a", None, None, NOW), "b": Reading("b", days_ago(1))})
    assert choose(who, SOME, FITS).excluded == {
        "a": "read", "b": "sent_lately", "c": "not_for_them", "d": "not_for_them", "e": "not_for_them",
        "old": "overdue",
    }  # fmt: skip


def test_points_tell_where_they_come_from() -> None:
    who = known("rented", "parent", shown={"c2": Reading("c2", days_ago(1))})
    others = (*SOME, notice("c2", "school"))
    found = {one.notice: one.why for one in choose(who, others, FITS).candidates}
    assert found == {"a": (), "b": (("rented", 2),), "c": (("parent", 3), ("same_topic", -3))}


def test_the_same_people_get_the_same() -> None:
    who = known("migrant", "employed", "rented", "new")
    assert len({chosen(choose(who, HERE, notice_fit.shipped())) for _ in range(5)}) == 1


REAL = [
    ({"migrant", "new", "employed", "rented"}, {"contract", "wages", "registration"}),
    ({"migrant", "settled", "employed", "construction"}, {"wages"}),
    ({"migrant", "permit", "student"}, {"permit"}),
    ({"landlord"}, {"landlord"}),
    ({"migrant", "settled", "parent", "with_relatives"}, {"school", "permit"}),
]


@pytest.mark.parametrize(("theirs", "topics"), REAL)
def test_with_the_notices_that_ship(theirs: set[str], topics: set[str]) -> None:
    best = choose(known(*theirs), HERE, notice_fit.shipped()).best
    assert best is not None
    assert best.topic in topics


def test_in_half_a_year_of_weeks_nobody_is_told_a_thing_twice_or_a_topic_twice_running() -> None:
    shown: dict[str, Reading] = {}
    said: list[tuple[str, str]] = []
    for week in range(26):
        now = NOW + timedelta(weeks=week)
        who = Known(frozenset({"migrant", "new", "employed", "rented"}), shown, (), now.date(), now)
        best = choose(who, HERE, notice_fit.shipped()).best
        if best is None:
            break
        said.append((best.notice, best.topic))
        shown[best.notice] = Reading(best.notice, now, now, now)
    assert len({name for name, _ in said}) == len(said) > 20
    assert sum(one[1] == other[1] for one, other in pairwise(said)) == 0


def test_the_table_of_what_fits_knows_what_it_names() -> None:
    names = {*TOPICS, *OURS.notices}
    assert notice_fit.unknown(notice_fit.shipped(), names, TRAITS) == []
    assert notice_fit.unknown((Fit("cooking", frozenset({"cat"}), 1),), names, TRAITS) == ["cat", "cooking"]


@pytest.mark.parametrize(
    "entry", ['what = "a"', 'what = "a"\ntraits = ["b"]', 'what = "a"\ntraits = []\npoints = 1\nx = 1']
)
def test_an_unclear_entry_is_refused(entry: str) -> None:
    with pytest.raises(FitUnclear):
        read_fits(f"[[fit]]\n{entry}\n")


def test_an_audience_is_everybody_or_who_has_a_trait_of_each_group_asked_for() -> None:
    assert fits_audience((), {"new"})
    assert fits_audience(("new", "rented"), {"new", "rented", "parent"})
    assert not fits_audience(("new", "rented"), {"new"})
    assert fits_audience(("new", "settled"), {"settled"})
    assert not fits_audience(("new", "settled"), {"permit"})


def sent(**answers: Any) -> Submission:
    return blank("N1", **{"subject": "self", "reason": "work", "industry": "construction", **answers})


LIVES: list[tuple[str, list[Submission], dict[str, bool], set[str]]] = [
    ("nobody", [], {}, set()),
    ("a new worker in a rented flat", [sent(stay_kind="rented", arrived_on="2026-11-01")], {},
     {"migrant", "new", "employed", "construction", "rented"}),
    ("here for half a year", [sent(arrived_on="2026-05-01")], {},
     {"migrant", "settled", "employed", "construction", "own_home"}),
    ("with a permit", [sent(arrived_on="2026-05-01")], {"has_permit": True},
     {"migrant", "permit", "employed", "construction", "own_home"}),
    ("not insured, in a dormitory", [sent(social_insurance="no", stay_kind="dormitory")], {},
     {"migrant", "new", "employed", "construction", "uninsured", "dormitory"}),
    ("with the family", [sent(reason="family", industry=None)], {}, {"migrant", "new", "own_home"}),
    ("in business", [sent(reason="business")], {}, {"migrant", "new", "self_employed", "own_home"}),
    ("a child of seven as well", [sent(), sent(subject="child", birth_date="2019-03-01")], {},
     {"migrant", "new", "employed", "construction", "own_home", "parent"}),
    ("a child who is grown up", [sent(), sent(subject="child", birth_date="2005-03-01")], {},
     {"migrant", "new", "employed", "construction", "own_home"}),
    ("a baby", [sent(), sent(subject="child", birth_date="2026-03-01")], {},
     {"migrant", "new", "employed", "construction", "own_home"}),
    ("only for a parent of theirs", [sent(subject="elderly")], {}, {"migrant"}),
    ("a landlord", [], {"lets": True}, {"landlord"}),
    ("an industry that is no trait", [sent(industry="it")], {}, {"migrant", "new", "employed", "own_home"}),
]  # fmt: skip


@pytest.mark.parametrize(("submissions", "more", "expected"), [case[1:] for case in LIVES], ids=[c[0] for c in LIVES])
def test_what_is_known_of_somebody(submissions: list[Submission], more: dict[str, bool], expected: set[str]) -> None:
    flags = {"has_permit": False, "lets": False} | more
    assert traits(submissions, TODAY, has_permit=flags["has_permit"], lets=flags["lets"]) == expected
