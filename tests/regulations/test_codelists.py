"""The standard code lists."""

import re
from importlib.resources import files

import pytest

from regulations.codelists import code, code_list, codes
from regulations.errors import UnknownCodeList

STANDARDS = {
    "sex": "GB/T 2261.1-2003",
    "ethnicity": "GB/T 3304-1991",
    "education": "GB/T 4658-2006",
    "marital_status": "GB/T 2261.2-2003",
    "political_status": "GB/T 4762-1984",
    "industry": "",
    "province": "GB/T 2260-2007",
}


@pytest.mark.parametrize(("name", "standard"), STANDARDS.items())
def test_a_list_names_its_standard_and_has_each_code_once(name: str, standard: str) -> None:
    found = codes(name)
    assert code_list(name).standard == standard
    assert len({entry.code for entry in found}) == len(found)
    assert all(entry.zh and entry.en for entry in found)


@pytest.mark.parametrize("name", STANDARDS)
def test_no_word_of_a_list_means_two_of_its_codes(name: str) -> None:
    for language in ("zh", "en"):
        said = [word.casefold() for entry in codes(name) for word in {entry.name(language), *entry.aliases[language]}]
        assert sorted(said) == sorted(set(said))


def test_every_list_has_a_test() -> None:
    shipped = {file.name.removesuffix(".toml") for file in (files("regulations") / "codes").iterdir()}
    assert {name for name in shipped if not name.startswith("_")} == {*STANDARDS, "region_supplement"}


def test_the_ethnic_groups_are_all_there_commonest_first() -> None:
    found = [entry.code for entry in codes("ethnicity")]
    assert sorted(found) == [f"{number:02}" for number in range(1, 57)] + ["97", "98"]
    assert [code.zh for code in codes("ethnicity")[:10]] == [
        "汉族", "壮族", "维吾尔族", "回族", "苗族", "满族", "彝族", "土家族", "藏族", "蒙古族",
    ]  # fmt: skip
    assert found[-2:] == ["97", "98"]


@pytest.mark.parametrize(
    ("name", "value", "zh", "en", "also"),
    [
        ("ethnicity", "01", "汉族", "Han", "汉"),
        ("ethnicity", "56", "基诺族", "Jino", "基诺"),
        ("ethnicity", "98", "外国血统中国籍人士", "Chinese citizen of foreign descent", "入籍"),
        ("sex", "2", "女", "Female", "女士"),
        ("education", "30", "大学专科教育", "Junior college", "大专"),
        ("marital_status", "40", "离婚", "Divorced", "离异"),
        ("political_status", "13", "群众", "None of these (the general public)", "普通群众"),
        ("industry", "delivery", "快递、外卖", "Delivery and courier", "骑手"),
    ],
)
def test_a_code_has_its_names_and_what_people_say(name: str, value: str, zh: str, en: str, also: str) -> None:
    entry = code(name, value)
    assert entry is not None
    assert (entry.name("zh"), entry.name("en")) == (zh, en)
    assert also in entry.aliases["zh"]


def test_the_thirteen_political_codes_are_all_there() -> None:
    assert [entry.code for entry in codes("political_status")] == [f"{number:02}" for number in range(1, 14)]


def test_english_names_have_no_chinese_in_them() -> None:
    said = [word for name in STANDARDS for entry in codes(name) for word in (entry.en, *entry.aliases["en"])]
    assert [word for word in said if re.search(r"[\u4e00-\u9fff]", word)] == []


def test_what_is_not_in_a_list_is_none_and_a_list_that_is_not_there_is_refused() -> None:
    assert code("ethnicity", "57") is None
    for name in ("colours", "../packs/cn", ""):
        with pytest.raises(UnknownCodeList):
            codes(name)


def test_a_list_is_read_once() -> None:
    assert codes("ethnicity") is codes("ethnicity")
