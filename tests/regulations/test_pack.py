"""Packs: what they hold, how one lies over another, and what is refused."""

import re
from dataclasses import FrozenInstanceError
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from regulations import errors
from regulations.keys import KEYS, NUMBER_UNITS, RANGE_UNITS, UNITS
from regulations.pack import load, shipped
from regulations.rule import CERTAINTIES, SHIPPED, Rule

SHIPPED_PACKS = ["cn", "cn-ah", "cn-gd-guangzhou", "cn-yn", "cn-zj", "cn-zj-hangzhou"]

HEAD = """
mainland = true
checked_on = 2026-11-23
title = { zh = "某地", en = "Somewhere" }
[instruments.L]
zh = "某法"
en = "Some Law"
"""
RULE = """
[[rules]]
key = "registration.deadline"
value = 3
unit = "working_days"
who = "migrant"
trigger = "arrival"
cite = [{ law = "L", zh = "第一条", en = "art. 1" }]
words = { zh = "{value}个工作日", en = "{value} working days" }
certainty = "full text"
"""

RANGE = (
    RULE.replace("registration.deadline", "penalty.migrant")
    .replace("value = 3", "value = [50, 200]")
    .replace("working_days", "yuan_range")
    .replace("{value}", "{least}-{most}")
)


def write(folder: Path, **packs: str) -> Path:
    for name, text in packs.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


def everything(name: str) -> list[Rule]:
    """Every version that the files of a place state, whether it counts or not."""
    return [rule for versions in load(name, unconfirmed="pages").versions.values() for rule in versions]


def test_every_pack_that_is_shipped_is_looked_at() -> None:
    assert list(shipped()) == SHIPPED_PACKS


@pytest.mark.parametrize("name", SHIPPED_PACKS)
def test_every_shipped_rule_says_where_it_is_written_and_when_that_was_checked(name: str) -> None:
    for rule in everything(name):
        assert rule.checked_on == date(2026, 11, 23)
        assert set(rule.words) == set(rule.citation) == {"zh", "en"}
        assert rule.certainty in CERTAINTIES
        if rule.certainty in SHIPPED:
            assert re.search(r"第.+条", rule.citation["zh"]), rule.key
            assert re.search(r"arts?\. ", rule.citation["en"]), rule.key


@pytest.mark.parametrize("name", SHIPPED_PACKS)
def test_by_default_only_what_is_sure_counts_and_nothing_unverified_is_in_the_files(name: str) -> None:
    assert {rule.certainty for rule in load(name).rules.values()} <= SHIPPED
    raw = (files("regulations") / "packs" / f"{name}.toml").read_text("utf-8")
    assert set(re.findall(r'^certainty = "(.*)"', raw, re.MULTILINE)) <= CERTAINTIES
    assert not re.search(r"not verified|do not ship|not found", raw.partition("[[rules]]")[2])


@pytest.mark.parametrize("name", SHIPPED_PACKS)
def test_no_sentence_of_a_pack_holds_a_number_of_its_own(name: str) -> None:
    for rule in everything(name):
        numbers = {found for text in rule.words.values() for found in re.findall(r"\d+", text)}
        own = rule.value if rule.unit in RANGE_UNITS else (rule.value,) if rule.unit in NUMBER_UNITS else ()
        assert isinstance(own, tuple)
        assert numbers <= set(map(str, own)), rule.key


@pytest.mark.parametrize("name", SHIPPED_PACKS)
def test_every_entry_of_a_list_that_people_read_has_its_words(name: str) -> None:
    for rule in everything(name):
        if rule.items:
            assert set(rule.items) == set(rule.names)
        if rule.unit == "list" and rule.key.startswith(("services.", "points.", "permit.docs", "permit.condition")):
            assert rule.items or rule.key == "permit.docs.relative_home", rule.key


EXPECTED = [
    ("cn", "registration.deadline", 3, "calendar_days", "cn"),
    ("cn-zj", "registration.deadline", 3, "calendar_days", "cn"),
    ("cn-zj-hangzhou", "registration.deadline", 3, "working_days", "cn-zj-hangzhou"),
    ("cn-zj-hangzhou", "registration.min_stay", 3, "calendar_days", "cn-zj-hangzhou"),
    ("cn-zj-hangzhou", "registration.exempt.relatives", 30, "calendar_days", "cn-zj"),
    ("cn-zj-hangzhou", "registration.proxy.minor", 16, "years", "cn-zj-hangzhou"),
    ("cn-zj-hangzhou", "change.registration", 10, "calendar_days", "cn-zj-hangzhou"),
    ("cn-zj-hangzhou", "foreigners.registration", 24, "hours", "cn"),
    ("cn-zj-hangzhou", "privacy.guardian_consent", 14, "years", "cn"),
    ("cn-zj-hangzhou", "permit.eligibility.residence", 6, "calendar_months", "cn-zj-hangzhou"),
    ("cn-zj-hangzhou", "fee.registration", 0, "yuan", "cn-zj-hangzhou"),
]


@pytest.mark.parametrize(("name", "key", "value", "unit", "place"), EXPECTED)
def test_a_place_has_its_own_rule_or_else_its_parents(name: str, key: str, value: int, unit: str, place: str) -> None:
    rule = load(name).rule(key)
    assert (rule.value, rule.unit, rule.place) == (value, unit, place)


def test_a_rule_cites_the_full_title_in_each_language() -> None:
    assert load("cn-zj-hangzhou").rule("registration.deadline").citation == {
        "zh": "杭州市流动人口服务管理规定 第九条",
        "en": "Hangzhou Provisions on Services for and Management of the Floating Population, art. 9",
    }


def test_the_national_pack_claims_nothing_that_is_known_only_for_the_province() -> None:
    pack = load("cn")
    assert not pack.has("registration.exempt.hospital")
    assert pack.find("hk_mo_tw.excluded") is None
    with pytest.raises(errors.RuleMissing, match=r"pack cn, rule registration\.exempt\.relatives"):
        pack.rule("registration.exempt.relatives")


def test_a_pack_knows_its_place_and_parents() -> None:
    pack = load("cn-zj-hangzhou")
    assert pack.title == {"zh": "杭州市区", "en": "Hangzhou, urban districts"}
    assert (pack.name, pack.mainland, pack.parents) == ("cn-zj-hangzhou", True, ("cn-zj", "cn"))


def test_a_pack_cannot_be_changed() -> None:
    pack = load("cn")
    with pytest.raises(FrozenInstanceError):
        pack.name = "other"  # type: ignore[misc]  # the refusal is what is tested
    with pytest.raises(TypeError):
        pack.rules["registration.deadline"] = pack.rule("registration.duty")  # type: ignore[index]  # likewise


def test_every_known_key_has_known_units_and_some_shipped_pack_uses_it() -> None:
    assert all(units and units <= UNITS for units in KEYS.values())
    unstated = {"registration.certificate.validity"}  # no text we read limits a certificate in time
    used = {rule.key for name in SHIPPED_PACKS for rule in everything(name)}
    assert used == set(KEYS) - unstated


def test_a_number_changed_in_the_pack_changes_its_words(tmp_path: Path) -> None:
    folder = write(tmp_path, place=HEAD + RULE.replace("value = 3", "value = 5"))
    rule = load("place", folder).rule("registration.deadline")
    assert (rule.value, rule.words["en"]) == (5, "5 working days")


def test_a_child_takes_a_rule_of_its_parent_out_of_use(tmp_path: Path) -> None:
    child = 'extends = "place"\nwithdraw = ["registration.deadline"]\n'
    folder = write(tmp_path, place=HEAD + RULE, child=child + HEAD)
    assert load("place", folder).has("registration.deadline")
    assert not load("child", folder).has("registration.deadline")


def test_a_child_cites_a_law_that_its_parent_lists(tmp_path: Path) -> None:
    child = 'extends = "place"\nchecked_on = 2026-11-23\ntitle = { zh = "区", en = "District" }\n'
    pack = load("child", write(tmp_path, place=HEAD + RULE, child=child + RULE))
    assert pack.rule("registration.deadline").place == "child"
    assert pack.mainland


BROKEN = [
    (HEAD + RULE.replace("registration.deadline", "registration.deadlin"), errors.UnknownKey),
    (HEAD + RULE + RULE, errors.RepeatedKey),
    (HEAD + RULE.replace("working_days", "weeks"), errors.BadUnit),
    (HEAD + RULE.replace("working_days", "years"), errors.BadUnit),
    (HEAD + RULE.replace("value = 3", 'value = "three"'), errors.BadValue),
    (HEAD + RULE.replace("value = 3", "value = -3"), errors.BadValue),
    (HEAD + RULE.replace("value = 3", "value = true"), errors.BadValue),
    (HEAD + re.sub(r"cite = .*", "", RULE), errors.MissingCitation),
    (HEAD + re.sub(r"cite = .*", "cite = []", RULE), errors.MissingCitation),
    (HEAD + RULE.replace(', en = "art. 1"', ""), errors.MissingCitation),
    (HEAD + RULE.replace('law = "L"', 'law = "M"'), errors.UnknownInstrument),
    (HEAD + RULE.replace("full text", "not verified"), errors.CertaintyNotShipped),
    (HEAD + RULE.replace('certainty = "full text"', ""), errors.CertaintyNotShipped),
    (HEAD + RULE.replace('who = "migrant"', ""), errors.MissingPart),
    (HEAD + RULE.replace('"migrant"', '"migrants"'), errors.UnknownName),
    (HEAD + RULE.replace('"arrival"', '"arriving"'), errors.UnknownName),
    (HEAD + RULE + "in_force_from = 2020-01-01\n" + RULE + "in_force_from = 2025-01-01\n", errors.PeriodsOverlap),
    (HEAD + RANGE.replace("50, 200", "200, 50"), errors.BadValue),
    (HEAD + RANGE.replace("50, 200", "50"), errors.BadValue),
    (HEAD + RULE.replace("who =", "whom ="), errors.UnknownField),
    (HEAD + RULE + "in_force_from = 2026-01-01\nin_force_to = 2025-01-01\n", errors.PeriodReversed),
    (HEAD + RULE + 'in_force_from = "soon"\n', errors.BadValue),
    (HEAD + RULE.replace('zh = "{value}个工作日", ', ""), errors.MissingPart),
    (HEAD.replace("checked_on = 2026-11-23", "") + RULE, errors.MissingPart),
    (HEAD.replace("mainland = true", "") + RULE, errors.MissingPart),
    (HEAD.replace('en = "Somewhere"', 'en = ""'), errors.MissingPart),
    (HEAD.replace('en = "Some Law"', "") + RULE, errors.MissingPart),
    ("colour = 1\n" + HEAD, errors.UnknownField),
    ('withdraw = ["registration.deadline"]\n' + HEAD, errors.WithdrawsNothing),
    ('extends = "nowhere"\n' + HEAD, errors.UnknownParent),
    ('extends = "place"\n' + HEAD, errors.ParentCycle),
    ('extends = "other"\n' + HEAD, errors.ParentCycle),
    ("title = ", errors.UnreadablePack),
]


@pytest.mark.parametrize(("text", "error"), BROKEN, ids=lambda value: getattr(value, "__name__", ""))
def test_a_broken_pack_is_refused_by_name(tmp_path: Path, text: str, error: type[errors.PackInvalid]) -> None:
    folder = write(tmp_path, place=text, other='extends = "place"\n' + HEAD)
    with pytest.raises(error, match="pack place") as caught:
        load("place", folder)
    assert type(caught.value) is error


@pytest.mark.parametrize("name", ["nowhere", "../cn", "", "CN"])
def test_a_pack_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(errors.UnknownPack):
        load(name)


def test_a_refused_rule_is_named_by_pack_and_key(tmp_path: Path) -> None:
    folder = write(tmp_path, place=HEAD + RULE.replace("working_days", "weeks"))
    with pytest.raises(errors.BadUnit) as caught:
        load("place", folder)
    assert (caught.value.pack, caught.value.key) == ("place", "registration.deadline")


VERSIONS = (
    HEAD
    + RULE.replace("value = 3", "value = 10")
    + "in_force_from = 2016-07-01\nin_force_to = 2027-02-28\n"
    + RULE
    + "in_force_from = 2027-03-01\n"
)


@pytest.mark.parametrize(
    ("day", "value"),
    [(date(2016, 6, 30), None), (date(2016, 7, 1), 10), (date(2027, 2, 28), 10), (date(2027, 3, 1), 3), (None, 3)],
)
def test_a_rule_that_changes_is_answered_by_the_version_of_the_day(
    tmp_path: Path, day: date | None, value: int | None
) -> None:
    pack = load("place", write(tmp_path, place=VERSIONS))
    found = pack.find("registration.deadline", day)
    assert (None if found is None else found.value) == value
    if day is not None:
        assert pack.on(day).find("registration.deadline") is found
        assert pack.on(day).has("registration.deadline") is (value is not None)


def test_before_a_child_had_its_own_rule_its_parents_holds(tmp_path: Path) -> None:
    child = 'extends = "place"\n' + HEAD + RULE.replace("value = 3", "value = 7") + "in_force_from = 2026-01-01\n"
    pack = load("child", write(tmp_path, place=HEAD + RULE, child=child))
    assert [pack.rule("registration.deadline", date(year, 6, 1)).value for year in (2025, 2026)] == [3, 7]


def test_a_rule_is_in_force_once_every_law_it_is_cited_from_is() -> None:
    rule = load("cn-zj-hangzhou").rule("change.registration")
    assert (rule.place, rule.in_force_from) == ("cn-zj-hangzhou", date(2018, 7, 1))
    assert load("cn-zj-hangzhou").rule("change.registration", date(2017, 5, 1)).place == "cn-zj"


@pytest.mark.parametrize(
    ("accepted", "value", "place"), [("no", 3, "cn"), ("copies", 5, "cn-yn"), ("pages", 5, "cn-yn")]
)
def test_what_stands_in_a_copy_counts_only_where_the_operator_says_so(accepted: str, value: int, place: str) -> None:
    pack = load("cn-yn", unconfirmed=accepted)
    rule = pack.rule("registration.deadline", date(2026, 3, 2))
    assert (rule.value, rule.place) == (value, place)
    assert ("registration.deadline" in {waiting.key for waiting in pack.unconfirmed}) is (accepted == "no")


def test_what_a_page_reports_needs_more_than_copies() -> None:
    assert load("cn-yn", unconfirmed="copies").rule("permit.issue_limit").place == "cn"
    assert load("cn-yn", unconfirmed="pages").rule("permit.issue_limit").place == "cn-yn"


def test_a_range_is_in_the_words_and_each_entry_of_a_list_has_its_own(tmp_path: Path) -> None:
    rule = load("place", write(tmp_path, place=HEAD + RANGE)).rule("penalty.migrant")
    assert (rule.value, rule.words["en"]) == ((50, 200), "50-200 working days")
    services = load("cn-zj-hangzhou").rule("services.public")
    assert services.items["compulsory_education"] == {"zh": "义务教育", "en": "compulsory education"}


def test_an_offices_own_pack_builds_on_those_that_are_shipped(tmp_path: Path) -> None:
    own = 'extends = "cn-zj"\n' + HEAD.partition("[instruments.L]")[0] + RULE.replace('law = "L"', 'law = "ZJ"')
    pack = load("cn-zj-here", write(tmp_path, **{"cn-zj-here": own}))
    assert pack.parents == ("cn-zj", "cn")
    assert pack.rule("registration.deadline").citation["zh"] == "浙江省流动人口居住登记条例 第一条"
    assert pack.rule("change.registration").place == "cn-zj"
