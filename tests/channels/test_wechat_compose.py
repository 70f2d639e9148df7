"""Messages as WeChat text: pages, links, and nobody's links but ours."""

import pytest

from bot.channels.channel import Button, Message
from bot.channels.wechat.compose import LIMIT, PUSHED, Voice, compose, push
from bot.channels.wechat.links import decode, encode
from handlers.messages import Choice, Tap, control
from regulations.codelists import codes
from tests.doubles.wechat_phone import links, shown

VOICE = Voice(choose="点选，或回复编号、名称。", more="更多", more_follows="（还有，回复“更多”）")


def options(labels: list[str]) -> tuple[Button, ...]:
    """Options of a question, numbered from 1."""
    return tuple(
        Button(label, Choice(f"{number:02}", "ethnicity", form="migrant", step="ethnicity"), number)
        for number, label in enumerate(labels, 1)
    )


def pages(*messages: Message) -> list[str]:
    """What somebody sees who says `more` as long as there is more."""
    found = [compose(messages, 0, VOICE)]
    while VOICE.more_follows in found[-1]:
        found.append(compose(messages, len(found), VOICE))
    return found


def test_a_question_is_its_text_its_numbered_options_and_its_commands() -> None:
    message = Message(
        "性别是？",
        options(["男", "女"]),
        controls=(Button("上一题", control("back")), Button("跳过", control("skip"))),
    )
    text = compose([message], 0, VOICE)
    assert shown(text) == "性别是？\n点选，或回复编号、名称。\n\n1. 男\n2. 女\n\n上一题 · 跳过"
    assert [link.id for link in links(text)] == ["migrant.ethnicity.01", "migrant.ethnicity.02", "..back", "..skip"]
    assert [link.says for link in links(text)] == ["男", "女", "上一题", "跳过"]


def test_all_replies_of_a_turn_form_one_text() -> None:
    assert compose([Message("收到。"), Message("姓名？")], 0, VOICE) == "收到。\n\n姓名？"


def test_no_replies_are_an_empty_text() -> None:
    assert compose([], 0, VOICE) == ""


def test_lines_of_a_summary_are_no_links() -> None:
    line = Button("姓名", Choice("edit:name", role="line"), 1)
    message = Message("请核对：\n1. 姓名：李伟", lines=(line,), controls=(Button("确认提交", control("send")),))
    assert [link.label for link in links(compose([message], 0, VOICE))] == ["确认提交"]


@pytest.mark.parametrize("command", ["share_contact", "share_location"])
def test_what_a_client_cannot_share_is_not_offered(command: str) -> None:
    message = Message("手机？", controls=(Button("发送", control(command)), Button("上一题", control("back"))))
    assert shown(compose([message], 0, VOICE)) == "手机？\n\n上一题"


def test_58_ethnicities_are_paged_with_every_number_shown() -> None:
    labels = [code.zh for code in codes("ethnicity")]
    back = (Button("上一题", control("back")),)
    found = pages(Message("民族是？", options(labels), controls=back, short=8))
    numbers = [line.split(".")[0] for page in found for line in shown(page).splitlines() if "." in line]
    assert numbers == [str(number) for number in range(1, len(labels) + 1)]
    assert len(labels) == 58
    assert len(found) > 2
    assert all(len(page.encode()) <= LIMIT for page in found)
    assert "上一题" in found[0]
    assert "上一题" in found[-1]


def test_the_link_for_more_is_the_last_thing_on_a_page_and_absent_from_the_last() -> None:
    found = pages(Message("民族是？", options([f"第{n}" for n in range(1, 40)]), short=5))
    assert [links(page)[-1].id for page in found[:-1]] == ["..more"] * (len(found) - 1)
    assert all(page.endswith("</a>") for page in found[:-1])
    assert "..more" not in found[-1]


def test_past_the_end_the_last_page_is_shown_again() -> None:
    messages = [Message("民族是？", options(["汉", "壮", "回"]), short=2)]
    assert compose(messages, 9, VOICE) == compose(messages, 1, VOICE)
    assert "3. 回" in shown(compose(messages, 9, VOICE))


@pytest.mark.parametrize("text", ["字" * 5000, "a" * 5000, "😀" * 2000, "行\n" * 3000, "x字" * 2000])
def test_long_text_is_divided_and_nothing_is_lost(text: str) -> None:
    found = pages(Message(text, controls=(Button("上一题", control("back")),)))
    assert all(len(page.encode()) <= LIMIT for page in found)
    said = "".join(page.replace(links(page)[-1].label, "") if links(page) else page for page in map(shown, found))
    assert said.replace("\n", "").replace(VOICE.more_follows, "").startswith(text.replace("\n", ""))


def test_a_text_that_just_fits_needs_no_more() -> None:
    assert compose([Message("a" * LIMIT)], 0, VOICE) == "a" * LIMIT


@pytest.mark.parametrize(
    "said",
    [
        '<a href="http://evil.example">领取补贴</a>',
        '<A HREF="weixin://bizmsgmenu?msgmenucontent=x&msgmenuid=..send">x</A>',
        "<a\nhref='http://evil.example'>x</a>",
    ],
)
def test_words_of_a_person_never_become_a_link(said: str) -> None:
    text = compose([Message(f"姓名：{said}")], 0, VOICE)
    assert "<" not in text


@pytest.mark.parametrize(
    "label", ['x"><a href="http://evil.example">y', "a&msgmenuid=..send", "</a><a>", "a'b", "1\n2"]
)
def test_a_label_cannot_leave_its_link(label: str) -> None:
    text = compose([Message("?", options([label]))], 0, VOICE)
    assert text.count("<a ") == text.count("</a>") == text.count('<a href="weixin://bizmsgmenu?') == 1
    assert [link.id for link in links(text)] == ["migrant.ethnicity.01"]
    assert links(text)[0].says == label


def test_a_label_that_no_page_can_hold_is_said_without_a_link() -> None:
    found = pages(Message("?", options(["长" * 900])))
    assert all(len(page.encode()) <= LIMIT for page in found)
    assert sum(page.count("长") for page in found) == 900


def test_characters_that_xml_cannot_hold_are_left_out() -> None:
    assert compose([Message("李\x00伟\x0b\ud800")], 0, VOICE) == "李伟"


def test_everything_is_pushed_page_by_page_without_asking_for_more() -> None:
    texts = push([Message("民族是？", options([f"第{n}" for n in range(1, 30)]), short=5)], VOICE)
    assert "29. 第29" in shown(texts[-1])
    assert not any("..more" in text for text in texts)


def test_a_push_is_five_texts_at_most_and_the_fifth_says_that_there_is_more() -> None:
    texts = push([Message("字" * 9000)], VOICE)
    assert len(texts) == PUSHED
    assert all(len(text.encode()) <= LIMIT for text in texts)
    assert ["..more" in text for text in texts] == [False, False, False, False, True]


TAPS = [
    Tap("migrant", "stay_kind", "rented"),
    Tap("migrant", "hukou_region", "330106"),
    Tap("migrant", "stay_months", "1_to_6"),
    Tap("", "", "back"),
    Tap("", "", "edit:phone"),
    Tap("", "", "language:en"),
    Tap("", "", "start_over:yes"),
    Tap("migrant", "area", 'a.b:c%d&e"f<g'),
    Tap("migrant", "area", "西湖"),
]


@pytest.mark.parametrize("tap", TAPS)
def test_a_tap_survives_the_way_through_a_link(tap: Tap) -> None:
    assert decode(encode(tap)) == tap
    assert not set(encode(tap)) & set("\"<>& '")


@pytest.mark.parametrize("menu_id", ["", "1", "101", ".", "..", "a.b", "a..b", ".a.b", "A.b.c", "a b.c.d", "x" * 300])
def test_ids_that_we_never_wrote_are_no_taps(menu_id: str) -> None:
    assert decode(menu_id) is None
