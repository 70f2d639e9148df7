"""Administrative divisions, today's and former ones."""

import pytest

from regulations.regions import find, is_known, region


@pytest.mark.parametrize(
    ("code", "zh", "en", "abolished"),
    [
        ("330000", "浙江省", "Zhejiang", False),
        ("330100", "浙江省杭州市", "Zhejiang, 杭州市", False),
        ("330106", "浙江省杭州市西湖区", "Zhejiang, 杭州市西湖区", False),
        ("330113", "浙江省杭州市临平区", "Zhejiang, 杭州市临平区", False),
        ("330114", "浙江省杭州市钱塘区", "Zhejiang, 杭州市钱塘区", False),
        ("330103", "浙江省杭州市下城区", "Zhejiang, 杭州市下城区", True),
        ("110103", "北京市崇文区", "Beijing, 崇文区", True),
        ("110105", "北京市朝阳区", "Beijing, 朝阳区", False),
        ("420600", "湖北省襄阳市", "Hubei, 襄阳市", False),
        ("429004", "湖北省仙桃市", "Hubei, 仙桃市", False),
        ("332423", "浙江省金华地区武义县", "Zhejiang, 金华地区武义县", True),
        ("232761", "黑龙江省大兴安岭地区加格达奇区", "Heilongjiang, 大兴安岭地区加格达奇区", False),
        ("810000", "香港特别行政区", "Hong Kong", False),
    ],
)
def test_a_code_gives_the_full_name(code: str, zh: str, en: str, abolished: bool) -> None:
    found = region(code)
    assert found is not None
    assert dict(found.names) == {"zh": zh, "en": en}
    assert (found.code, found.province, found.abolished) == (code, f"{code[:2]}0000", abolished)


@pytest.mark.parametrize("code", ["", "33", "000000", "999999", "330199", "3301066", "33010x", "３３０１０６"])
def test_a_code_that_never_was_is_unknown(code: str) -> None:
    assert region(code) is None
    assert not is_known(code)


@pytest.mark.parametrize("code", ["330106", "330103", "110221", "330101", "820000"])
def test_every_code_ever_given_out_is_known(code: str) -> None:
    assert is_known(code)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("330106", "330106"),
        ("３３０１０６", "330106"),
        (" 西湖区 ", "330106"),
        ("西湖", "330106"),
        ("南昌西湖", "360103"),
        ("南昌市西湖区", "360103"),
        ("江西 西湖", "360103"),
        ("浙江省杭州市西湖区", "330106"),
        ("临平", "330113"),
        ("zhejiang", "330000"),
        ("浙江", "330000"),
        ("襄樊", "420600"),
        ("崇文", "110103"),
        ("香港", "810000"),
    ],
)
def test_a_region_is_found_by_code_or_any_part_of_its_name(text: str, first: str) -> None:
    assert find(text)[0].code == first


def test_divisions_of_today_come_before_former_ones_of_the_same_name() -> None:
    assert [(found.name, found.abolished) for found in find("余杭")] == [
        ("余杭区", False), ("余杭县", True), ("余杭市", True),
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "  ", "没有这个地方", "123", "市"])
def test_what_names_no_place_finds_nothing_that_only_gathers_others(text: str) -> None:
    assert all(found.name not in ("市", "市辖区", "县") for found in find(text))
    assert text == "市" or find(text) == ()


def test_no_more_is_found_than_asked_for() -> None:
    assert len(find("浙江")) == 8
    assert len(find("浙江", limit=3)) == 3
