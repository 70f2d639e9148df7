"""The other parsers, as tables: what people write, and what is understood or refused."""

from typing import Any

import pytest

from handlers.answers import address, identity, phone, text
from handlers.answers.choices import one_of, pick
from handlers.answers.identity import age
from handlers.answers.papers import papers
from handlers.messages import Attachment, Choice, Contact, Place
from handlers.steps import InvalidAnswer
from storage.records import Answer
from tests.handlers.answers.telling import NOW, context, id_number, read, reason, saying, tapping, vocabulary

MAN = id_number("341225", "19900307", "123")

NAMES = [
    ("李伟", "李伟"), (" 李 伟 ", "李伟"), ("我叫李伟", "李伟"), ("姓名：李伟", "李伟"), ("阿依古丽·买买提", "阿依古丽·买买提"),
    ("阿依古丽•买买提", "阿依古丽·买买提"), ("阿依古丽 · 买买提", "阿依古丽·买买提"), ("欧阳娜娜", "欧阳娜娜"), ("㐂田", "㐂田"),
    ("Maria Lopez", "Maria Lopez"), ("my name is Maria Lopez", "Maria Lopez"), ("I'm Seán O'Neill", "Seán O'Neill"),
    ("Nguyễn Văn An", "Nguyễn Văn An"), ("Jean-Luc Picard", "Jean-Luc Picard"), ("李伟。", "李伟"), ("Ｍａｒｉａ", "Maria"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "name"), NAMES)
def test_a_name_is_taken_as_in_the_paper(said: str, name: str) -> None:
    assert read(identity.name, said) == name


@pytest.mark.parametrize(
    ("said", "why"),
    [("李", "name_too_short"), ("李伟3", "name_digits"), ("李先生", "name_title"), ("Mr Smith", "name_title"),
     ("@@@@", "name_characters"), ("李伟wei", "name_characters"), ("", "empty"), ("x" * 60, "too_long"),
     ("-", "name_characters"), ("a b c d e f g h i j", "name_characters")],
)  # fmt: skip
def test_what_is_no_name_is_refused(said: str, why: str) -> None:
    assert reason(read(identity.name, said)) == why


@pytest.mark.parametrize(
    "said",
    [MAN, f" {MAN[:6]} {MAN[6:14]} {MAN[14:]} ", MAN.lower(), "".join(chr(ord(c) + 0xFEE0) for c in MAN),
     f"我的身份证号是{MAN}。", f"ID: {MAN}", f"{MAN[:6]}-{MAN[6:14]}-{MAN[14:]}"],
)  # fmt: skip
def test_an_id_number_is_read_however_it_is_written(said: str) -> None:
    assert read(identity.id_number, said) == MAN


def test_a_small_x_is_a_capital_one() -> None:
    assert read(identity.id_number, "11010519491231002x") == "11010519491231002X"


@pytest.mark.parametrize("said", ["没有", "我没有身份证", "none", "I don't have one", "1"])
def test_no_id_number_is_an_answer(said: str) -> None:
    assert read(identity.id_number, said) == "none"


def test_no_id_number_can_be_tapped() -> None:
    assert read(identity.id_number, tapping("none")) == "none"
    assert reason(read(identity.id_number, tapping("other"))) == "pick_one"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (MAN[:17], "id_number_length"), (MAN + "1", "id_number_length"), ("abc", "id_number_characters"),
        ("34122519900307X23", "id_number_characters"), ("341225900307123", "id_number_15"),
        ("E12345678", "id_number_passport"), ("H12345678", "id_number_residence_permit_hmt"),
        (id_number("779999"), "id_number_region"), (id_number(born="19900231"), "id_number_date"),
        (id_number(born="18990101"), "id_number_date"), (id_number(born="20270101"), "id_number_future"),
        (MAN[:-1] + str((int(MAN[-1]) + 1) % 10 if MAN[-1] != "X" else 1), "id_number_check_digit"),
    ],
)  # fmt: skip
def test_a_wrong_id_number_is_told_what_is_wrong(said: str, why: str) -> None:
    assert reason(read(identity.id_number, said)) == why


def test_a_reason_never_repeats_the_number() -> None:
    for wrong in (MAN[:17], MAN + "1", id_number("999999"), "E12345678"):
        refused = read(identity.id_number, wrong)
        assert isinstance(refused, InvalidAnswer)
        assert wrong not in str(refused)


def test_an_id_number_tells_sex_birth_and_region() -> None:
    facts = identity.facts(MAN)
    assert (facts.sex, facts.birth_date, facts.hukou_region) == ("1", "1990-03-07", "341225")
    assert identity.facts("11010519491231002X").sex == "2"


@pytest.mark.parametrize(("born", "years"), [("1990-11-20", 36), ("1990-11-21", 35), ("2008-02-29", 18)])
def test_age_counts_full_years(born: str, years: int) -> None:
    from datetime import date

    assert age(date.fromisoformat(born), NOW.date()) == years


@pytest.mark.parametrize(
    ("said", "number"),
    [("13812345678", "+8613812345678"), ("138 1234 5678", "+8613812345678"), ("+86-138-1234-5678", "+8613812345678"),
     ("我的手机号是13812345678", "+8613812345678"), ("0086 13812345678", "+8613812345678"),
     ("+84 912 345 678", "+84912345678"), ("１３８１２３４５６７８", "+8613812345678")],
)  # fmt: skip
def test_a_mobile_number_becomes_e164(said: str, number: str) -> None:
    assert read(phone.mobile, said) == number


@pytest.mark.parametrize(
    ("said", "why"),
    [("0571-87654321", "phone_not_mobile"), ("12345", "phone_no_country"), ("+861381234", "phone_invalid"),
     ("hello", "phone_invalid"), ("13812345678 13912345678", "phone_no_country"), ("", "empty")],
)  # fmt: skip
def test_what_is_no_mobile_number_is_refused(said: str, why: str) -> None:
    assert reason(read(phone.mobile, said)) == why


def test_a_shared_contact_counts_only_if_it_is_ones_own() -> None:
    assert read(phone.mobile, saying(contact=Contact("8613812345678", own=True))) == "+8613812345678"
    assert reason(read(phone.mobile, saying(contact=Contact("13812345678", own=False)))) == "contact_not_own"
    assert read(phone.any_phone, saying(contact=Contact("13812345678", own=False))) == "+8613812345678"


@pytest.mark.parametrize(
    ("said", "result"),
    [("0571-87654321", "+8657187654321"), ("13812345678", "+8613812345678"), ("87654321", "phone_no_area_code"),
     ("不知道", "phone_invalid")],
)  # fmt: skip
def test_the_landlord_may_have_a_landline(said: str, result: str) -> None:
    found = read(phone.any_phone, said)
    assert (reason(found) or found) == result


@pytest.mark.parametrize(
    ("said", "result"),
    [("幸福路18号3幢502室", "幸福路18号3幢502室"), ("阳光花园", "address_too_short"), ("阳光花园三幢五楼", "阳光花园三幢五楼"),
     ("路", "address_too_short"), ("1818", "address_unclear"), ("啊啊啊啊啊啊", "address_unclear"), ("路" * 130, "too_long"),
     ("", "empty")],
)  # fmt: skip
def test_an_address_line_goes_down_to_the_room(said: str, result: str) -> None:
    found = read(address.line, said)
    assert (reason(found) or found) == result


@pytest.mark.parametrize(
    ("said", "result"),
    [("阜南县", "341225"), ("341225", "341225"), ("安徽阜南", "341225"), ("我是安徽阜南的", "341225"), ("安徽省阜南县", "341225"), ("四川省岳池县", "511621"), ("Anhui", "region_too_wide"),
     ("火星县", "region_unknown"), ("安徽省", "region_too_wide"), ("x" * 70, "region_unknown"), ("", "empty")],
)  # fmt: skip
def test_a_region_is_found_by_code_or_name(said: str, result: str) -> None:
    found = read(address.region, said)
    assert (reason(found) or found) == result


def test_of_regions_with_one_name_each_is_offered() -> None:
    found = read(address.region, "鼓楼区")
    assert isinstance(found, InvalidAnswer)
    assert found.reason == "region_ambiguous"
    assert ["320106", "江苏省南京市鼓楼区"] in found.data["options"]
    assert len(found.data["options"]) <= address.OFFERED


def test_a_line_in_own_words() -> None:
    assert read(text.line, "  幸福  餐馆 ") == "幸福 餐馆"
    assert reason(read(text.line, "5")) == "line_unclear"
    assert reason(read(text.line, "x" * 121)) == "too_long"


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ({"files": (Attachment("image", "m"),)}, "photo_not_expected"),
        ({"files": (Attachment("voice", "m"),)}, "voice_not_expected"),
        ({"files": (Attachment("sticker", "m"),)}, "sticker_not_expected"),
        ({"files": (Attachment("document", "m"),)}, "file_not_expected"),
        ({"place": Place(30, 120)}, "place_not_expected"),
        ({"contact": Contact("1", own=True)}, "contact_not_expected"),
        ({"text": "\u200b\u200d "}, "empty"),
        ({"text": "x" * 501}, "too_long"),
    ],
)
@pytest.mark.parametrize("parse", [identity.name, address.line, address.region, text.line, identity.id_number])
def test_what_has_no_words_is_told_so(parse: Any, parts: dict[str, Any], why: str) -> None:
    assert reason(read(parse, saying(**parts))) == why


ETHNICITIES = tuple(Choice(code, codes="ethnicity") for code in ("01", "03", "05", "06", "15"))
MARITAL = tuple(Choice(code, codes="marital_status") for code in ("10", "20", "30", "40"))


@pytest.mark.parametrize(
    ("choices", "said", "value"),
    [
        (ETHNICITIES, "1", "01"), (ETHNICITIES, "第3个", "05"), (ETHNICITIES, "选五", "15"), (ETHNICITIES, "汉", "01"),
        (ETHNICITIES, "土家", "15"), (ETHNICITIES, "土家族", "15"), (ETHNICITIES, "我是苗族", "06"), (ETHNICITIES, "Hui", "03"),
        (ETHNICITIES, "I'm Uyghur", "05"), (ETHNICITIES, "2️⃣", "03"), (ETHNICITIES, "２", "03"),
        (MARITAL, "已婚", "20"), (MARITAL, "我已婚，有两个孩子", "20"), (MARITAL, "离婚了", "40"), (MARITAL, "married", "20"),
    ],
)  # fmt: skip
def test_an_option_is_meant_by_number_name_or_part(choices: tuple[Choice, ...], said: str, value: str) -> None:
    assert pick(choices, saying(said), vocabulary()) == value


@pytest.mark.parametrize(
    ("choices", "said", "why"),
    [
        (ETHNICITIES, "99", "number_out_of_range"), (ETHNICITIES, "火星", "pick_one"), (ETHNICITIES, "族", "ambiguous_choice"),
        (MARITAL, "婚", "ambiguous_choice"), (MARITAL, "我不是已婚", "pick_one"), (MARITAL, "已婚吗？", "pick_one"),
        (MARITAL, "已婚还是离婚", "ambiguous_choice"), (MARITAL, "", "empty"),
    ],
)  # fmt: skip
def test_what_fits_no_option_or_several_is_asked_again(choices: tuple[Choice, ...], said: str, why: str) -> None:
    assert reason(pick(choices, saying(said), vocabulary())) == why


def test_a_tap_counts_only_for_its_own_question() -> None:
    own = (Choice("a", label="A", step="step"),)
    assert pick(own, tapping("a"), vocabulary()) == "a"
    assert reason(pick(own, tapping("a", "another"), vocabulary())) == "pick_one"
    assert reason(pick(own, tapping("b"), vocabulary())) == "pick_one"


def test_options_may_depend_on_the_answers() -> None:
    parse = one_of(lambda answers, context: (Choice(str(answers["x"].value), label="X"),))
    assert read(parse, "1", x="first") == "first"


PHOTO, PDF, VOICE = Attachment("image", "f1"), Attachment("document", "f2"), Attachment("voice", "f3")


def paper(said: Any, files: list[str] | None = None) -> Any:
    answers = {"paper": Answer("given", {"files": files, "plan": "more"})} if files else {}
    message = saying(said) if isinstance(said, str) else saying(files=said)
    return papers("paper")(message, answers, context())


@pytest.mark.parametrize(
    ("said", "before", "value"),
    [
        ((PHOTO,), None, {"files": ["f1"], "plan": "more"}),
        ((PHOTO, PDF), ["f0"], {"files": ["f0", "f1", "f2"], "plan": "more"}),
        ((PHOTO,), ["f1"], {"files": ["f1"], "plan": "more"}),
        ("发完了", ["f1"], {"files": ["f1"], "plan": "sent"}),
        ("1", ["f1"], {"files": ["f1"], "plan": "sent"}),
        ("到窗口出示", None, {"files": [], "plan": "counter"}),
        ("1", None, {"files": [], "plan": "counter"}),
        ("later", None, {"files": [], "plan": "later"}),
    ],
)
def test_papers_come_one_after_another_or_are_promised(said: Any, before: list[str] | None, value: Any) -> None:
    assert paper(said, before) == value


@pytest.mark.parametrize(
    ("said", "before", "why"),
    [((VOICE,), None, "voice_not_expected"), ("发完了", None, "papers_none_yet"), ("你好吗", None, "paper_expected"),
     ("9", None, "paper_expected"), ((PHOTO,), [f"x{n}" for n in range(8)], "papers_too_many"), ("", None, "empty")],
)  # fmt: skip
def test_what_is_no_paper_is_told_so(said: Any, before: list[str] | None, why: str) -> None:
    assert reason(paper(said, before)) == why
