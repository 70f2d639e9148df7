"""Notices: those that ship are whole, sure and cited; whatever else is refused by name."""

from collections.abc import Callable
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from regulations import errors
from regulations.notice_files import figures
from regulations.notices import TOPICS, Library, read_library
from regulations.pack import shipped

PLACES = frozenset(shipped())
ZH = """title: 书面合同
topic: contract
order: 10
audience: migrant
place: cn
law: 劳动合同法
article: 第十条第二款
certainty: full text
checked on: 2026-11-23
next check: 2027-05-23

一个月内签书面合同。
"""
EN = """title: A written contract
topic: contract
order: 10
audience: migrant
place: cn
law: Labour Contract Law
article: art. 10 para. 2
certainty: full text
checked on: 2026-11-23
next check: 2027-05-23

A written contract within a month.
"""


def library(folder: Path, zh: str = ZH, en: str = EN, name: str = "written") -> Library:
    for language, content in (("zh", zh), ("en", en)):
        (folder / language / "notice").mkdir(parents=True, exist_ok=True)
        if content:
            (folder / language / "notice" / f"{name}.txt").write_text(content, "utf-8")
    return read_library(folder, ("zh", "en"), PLACES)


@pytest.fixture(scope="module")
def ours() -> Library:
    return read_library(files("templates"), ("zh", "en"), PLACES)


def test_every_notice_that_ships_is_right(ours: Library) -> None:
    assert [str(fault) for fault in ours.faults] == []
    assert len(ours.notices) > 100


def test_every_topic_has_notices(ours: Library) -> None:
    assert ours.topics(PLACES) == TOPICS


def test_a_place_sees_its_own_notices_and_those_of_the_places_around_it(ours: Library) -> None:
    registration = {
        place: {notice.name for notice in ours.here(places, "registration")}
        for place, places in (
            ("ah", {"cn-ah", "cn"}),
            ("zj", {"cn-zj", "cn"}),
            ("hz", {"cn-zj-hangzhou", "cn-zj", "cn"}),
        )
    }
    assert registration == {
        "ah": set(),
        "zj": {"register-early"},
        "hz": {"register-early", "hangzhou-three-days"},
    }


def test_what_was_read_only_in_copies_or_pages_is_no_notice(ours: Library) -> None:
    laws = {source.law for notice in ours.notices.values() for source in notice.words["zh"].sources}
    assert not laws & {"住房租赁条例", "治安管理处罚法"}


def test_no_notice_says_its_source_twice(ours: Library) -> None:
    for notice in ours.notices.values():
        for words in notice.words.values():
            assert not any(source.law in words.text for source in words.sources), notice.name


def test_a_notice_is_overdue_from_the_day_after_its_next_check(tmp_path: Path) -> None:
    found = library(tmp_path)
    assert [found.overdue(date(2027, 5, day)) != () for day in (22, 23, 24)] == [False, False, True]


WRONG: list[tuple[str, type[errors.NoticeRefused], Callable[[str], str]]] = [
    ("no law", errors.Uncited, lambda file: _without(file, "law:")),
    ("no article", errors.Uncited, lambda file: _without(file, "article:")),
    ("an article without a number", errors.Uncited, lambda file: _line(file, "article", "somewhere")),
    ("no citation at all", errors.Uncited, lambda file: _without(_without(file, "law:"), "article:")),
    ("no topic", errors.HeaderIncomplete, lambda file: _without(file, "topic:")),
    ("no next check", errors.HeaderIncomplete, lambda file: _without(file, "next check:")),
    ("an unknown topic", errors.UnknownTopic, lambda file: _line(file, "topic", "cooking")),
    ("an unknown audience", errors.UnknownAudience, lambda file: _line(file, "audience", "cats")),
    ("an unknown place", errors.UnknownPlace, lambda file: _line(file, "place", "cn-atlantis")),
    ("a copy", errors.NotSure, lambda file: _line(file, "certainty", "copy")),
    ("not verified", errors.NotSure, lambda file: _line(file, "certainty", "not verified")),
    ("an order in words", errors.BadOrder, lambda file: _line(file, "order", "first")),
    ("no such day", errors.BadCheckDay, lambda file: _line(file, "next check", "2027-02-30")),
    ("checked again before", errors.BadCheckDay, lambda file: _line(file, "next check", "2026-11-23")),
    ("a misspelt line", errors.HeaderLineUnclear, lambda file: file.replace("topic:", "topics:")),
    ("a line said twice", errors.HeaderLineUnclear, lambda file: file.replace("topic:", "place: cn\ntopic:", 1)),
    ("no words", errors.NoticeEmpty, lambda file: file.partition("\n\n")[0]),
    ("too long for WeChat", errors.NoticeTooLong, lambda file: file + "长" * 500),
    ("a title too long for a button", errors.TitleTooLong, lambda file: _line(file, "title", "长" * 41)),
]


@pytest.mark.parametrize(("refusal", "spoil"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_a_wrong_file_is_refused(
    tmp_path: Path, refusal: type[errors.NoticeRefused], spoil: Callable[[str], str]
) -> None:
    found = library(tmp_path, spoil(ZH), spoil(EN))
    assert not found.notices
    assert refusal in {type(fault) for fault in found.faults}


TOGETHER = [
    ("no English", errors.LanguageMissing, ZH, ""),
    ("no Chinese", errors.LanguageMissing, "", EN),
    ("another topic", errors.HeadersDiffer, ZH, EN.replace("topic: contract", "topic: wages")),
    ("another audience", errors.HeadersDiffer, ZH, EN.replace("audience: migrant", "audience: both")),
    ("another day", errors.HeadersDiffer, ZH, EN.replace("2027-05-23", "2027-05-24")),
    ("another article", errors.SourcesDiffer, ZH, EN.replace("art. 10", "art. 11")),
    ("one more law", errors.SourcesDiffer, ZH, EN.replace("certainty", "law: Labour Law\narticle: art. 3\ncertainty")),
]


@pytest.mark.parametrize(("refusal", "zh", "en"), [case[1:] for case in TOGETHER], ids=[case[0] for case in TOGETHER])
def test_languages_must_agree(tmp_path: Path, refusal: type[errors.NoticeRefused], zh: str, en: str) -> None:
    found = library(tmp_path, zh, en)
    assert not found.notices
    assert [type(fault) for fault in found.faults] == [refusal]


def test_two_notices_have_two_titles(tmp_path: Path) -> None:
    library(tmp_path)
    found = library(tmp_path, name="written-again")
    assert [type(fault) for fault in found.faults] == [errors.TitleTwice]


def test_a_law_has_one_name(tmp_path: Path) -> None:
    library(tmp_path)
    other_zh, other_en = (file.replace("title: ", "title: 2 ") for file in (ZH, EN))
    found = library(tmp_path, other_zh, other_en.replace("Labour Contract Law", "Contract Law"), "written-again")
    assert [type(fault) for fault in found.faults] == [errors.LawTwice]


def test_a_topics_notices_stand_in_their_order(tmp_path: Path) -> None:
    for name, order in (("a", "20"), ("b", "5"), ("c", "100")):
        zh, en = (_line(_line(file, "order", order), "title", name) for file in (ZH, EN))
        found = library(tmp_path, zh, en, name)
    assert [notice.name for notice in found.here({"cn"}, "contract")] == ["b", "a", "c"]


@pytest.mark.parametrize("name", ["Written", "wages", "a_b", "a" * 41])
def test_a_file_has_a_plain_name(tmp_path: Path, name: str) -> None:
    assert errors.NameUnfit in {type(fault) for fault in library(tmp_path, name=name).faults}


def test_a_wrong_notice_leaves_the_others_alone(tmp_path: Path) -> None:
    library(tmp_path, name="fine")
    found = library(tmp_path, _without(ZH, "law:"), EN, "spoilt")
    assert list(found.notices) == ["fine"]
    assert len(found.faults) == 2


@pytest.mark.parametrize(
    ("zh", "en"),
    [
        ("第十条第二款", "art. 10 para. 2"),
        ("第二百七十六条之一第一款", "art. 276-1 para. 1"),
        ("第七百零七条", "art. 707"),
        ("第一千零三十三条第（二）项", "art. 1033 item (2)"),
        ("第二十八条、第二十九条、第三十一条第一款", "arts. 28, 29, 31 para. 1"),
    ],
)
def test_articles_are_compared_by_their_numbers(zh: str, en: str) -> None:
    assert figures(zh) == figures(en)


def _without(file: str, line: str) -> str:
    return "\n".join(each for each in file.split("\n") if not each.startswith(line))


def _line(file: str, key: str, value: str) -> str:
    return "\n".join(f"{key}: {value}" if each.startswith(f"{key}:") else each for each in file.split("\n"))
